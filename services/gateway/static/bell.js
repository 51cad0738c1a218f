// The bell asks anew how many notices wait: soon after events, and never more often than REST.
// Opening a notice is reading it; without this there is a button for that.
(() => {
  'use strict'
  const REST = 4000 // ms between two looks at least
  const AFTER_EVENT = 400 // ms that the inbox gets to take in an event
  let timer = 0
  let last = 0

  document.addEventListener('htmx:sseBeforeMessage', () => {
    if (timer) return
    timer = setTimeout(() => {
      timer = 0
      last = Date.now()
      const bell = document.getElementById('bell')
      if (bell && !document.hidden) htmx.trigger(bell, 'refresh')
    }, Math.max(AFTER_EVENT, REST - (Date.now() - last)))
  })

  document.addEventListener('click', (event) => {
    const opened = event.target.closest('.inbox .fresh a')
    if (!opened) return
    const form = opened.closest('li').querySelector('form')
    const body = new URLSearchParams(new FormData(form))
    fetch(form.action, { method: 'POST', body, keepalive: true, redirect: 'manual' })
  })
})()
