// The bell asks anew how many notices wait: soon after events, and never more often than REST.
// Opening a notice is reading it; without this there is a button for that.
(() => {
  'use strict'
  const REST = 4000 // ms between two looks at least
  const AFTER_EVENT = 400 // ms that the inbox gets to take in an event
  const LATE_TRIES = 6
  let timer = 0
  let last = 0
  let wanted = 0 // the position of the newest event
  let late = 0

  function lookIn(ms) {
    if (timer) return
    timer = setTimeout(() => {
      timer = 0
      last = Date.now()
      const bell = document.getElementById('bell')
      if (bell && !document.hidden) htmx.trigger(bell, 'refresh')
    }, ms)
  }

  document.addEventListener('htmx:sseBeforeMessage', (event) => {
    wanted = Math.max(wanted, JSON.parse(event.detail.data).position)
    late = 0
    lookIn(Math.max(AFTER_EVENT, REST - (Date.now() - last)))
  })

  // what the inbox had not taken in yet is asked for again
  document.addEventListener('htmx:afterSettle', () => {
    const bell = document.getElementById('bell')
    if (!bell || !(Number(bell.dataset.position) < wanted) || late >= LATE_TRIES) return
    lookIn(AFTER_EVENT * 2 ** late++)
  })

  document.addEventListener('click', (event) => {
    const opened = event.target.closest('.inbox .fresh a')
    if (!opened) return
    const form = opened.closest('li').querySelector('form')
    const body = new URLSearchParams(new FormData(form))
    fetch(form.action, { method: 'POST', body, keepalive: true, redirect: 'manual' })
  })
})()
