// What keeps a page alive: refreshes after events, forms that try again, letters counted.
// Everything works without it; nothing here decides anything.
(() => {
  'use strict'
  const REST = 1500 // ms between two refreshes at least
  const AFTER_EVENT = 150 // ms that the register gets to take in an event
  const LATE_TRIES = 6
  const RETRY = 3000
  const RETRIES = 20
  const HIDDEN_FOR = 60000 // ms after which a page nobody looks at lets go of its stream
  const IN_HAND = 4000 // ms after a touch or a pointer's move

  const says = () => document.getElementById('says').dataset
  const live = () => document.querySelector('[data-live]')

  // --- refreshes: soon after an event, never more often than REST, never an event forgotten ---
  let timer = 0
  let last = 0
  let wanted = 0
  let late = 0

  function refreshIn(ms) {
    if (timer) return
    timer = setTimeout(() => {
      timer = 0
      if (isSending()) return refreshIn(AFTER_EVENT)
      last = Date.now()
      if (live() && !document.hidden) htmx.trigger(live(), 'refresh')
    }, ms)
  }

  // an answer to a form replaces the part that a refresh would have replaced: never both at once
  const sent = new Set()
  document.addEventListener('htmx:beforeRequest', (event) => {
    if (event.detail.elt.matches('form[data-keeps]')) sent.add(event.detail.xhr)
  })
  function isSending() {
    for (const xhr of sent) if (xhr.readyState === 4 || xhr.readyState === 0) sent.delete(xhr)
    return sent.size > 0
  }

  function soon() {
    refreshIn(Math.max(AFTER_EVENT, REST - (Date.now() - last)))
  }

  function concerns(fact) {
    const mine = live() && live().dataset.request
    return !mine || (fact.event && fact.event.request_id === mine)
  }

  document.addEventListener('htmx:sseBeforeMessage', (event) => {
    event.preventDefault() // events are told, not shown
    const fact = JSON.parse(event.detail.data)
    if (!concerns(fact)) return
    wanted = Math.max(wanted, fact.position)
    late = 0
    soon()
  })

  // after (re)connecting, whatever happened in between may have gone unseen
  document.addEventListener('htmx:sseOpen', () => { sign(true); soon() })
  document.addEventListener('htmx:sseError', () => sign(false))

  let isLive = false
  function sign(on) {
    isLive = on
    for (const shown of document.querySelectorAll('[data-live-sign]')) {
      shown.hidden = false
      shown.textContent = on ? says().live : says().lost
      shown.classList.toggle('lost', !on)
    }
  }

  // a browser opens six connections to one address: pages in the background give theirs back
  let source = null
  let reconnect = null
  let sleep = 0
  htmx.createEventSource = (url) => (source = new EventSource(url))
  document.addEventListener('visibilitychange', () => {
    clearTimeout(sleep)
    if (document.hidden) {
      sleep = setTimeout(() => {
        if (!source) return
        reconnect = source.onerror
        source.onerror = null
        source.close()
      }, HIDDEN_FOR)
    } else {
      if (reconnect) reconnect() // the extension opens a closed stream again
      reconnect = null
      soon()
    }
  })

  document.addEventListener('htmx:configRequest', (event) => {
    const { elt, parameters } = event.detail
    if (elt.id === 'case' && wanted) parameters.at_least = wanted
    if (elt.id === 'filters') {
      for (const name of [...parameters.keys()]) if (!parameters[name]) parameters.delete(name)
    }
  })

  // --- without jumping under the hand ---
  let touched = 0
  for (const kind of ['pointermove', 'pointerdown', 'touchmove', 'wheel', 'keydown']) {
    document.addEventListener(kind, () => (touched = Date.now()), { passive: true })
  }
  const rowsOf = (root) => [...root.querySelectorAll('tr[id]')]
  const idsOf = (root) => rowsOf(root).map((row) => row.id).join()

  function isInHand(list) {
    const isBusy = Date.now() - touched < IN_HAND && list.matches(':hover')
    return isBusy || list.contains(document.activeElement) || list.getBoundingClientRect().top < 0
  }

  function isRefresh(event) {
    const cause = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent
    return cause && cause.type === 'refresh'
  }

  function keepPlace(event, list) {
    const fresh = document.createRange().createContextualFragment(event.detail.serverResponse)
    markChanged(list, fresh)
    if (idsOf(fresh) === idsOf(list) || !isInHand(list)) return
    event.detail.shouldSwap = false
    for (const row of rowsOf(fresh)) {
      const old = document.getElementById(row.id)
      if (old && old.dataset.at !== row.dataset.at && !old.contains(document.activeElement)) {
        row.classList.add('changed')
        old.replaceWith(row)
      }
    }
    list.querySelector('[data-news]').hidden = false
  }

  let changed = []
  function markChanged(list, fresh) {
    const before = new Map(rowsOf(list).map((row) => [row.id, row.dataset.at]))
    changed = rowsOf(fresh).filter((row) => before.get(row.id) !== row.dataset.at).map((row) => row.id)
  }

  document.addEventListener('htmx:beforeSwap', (event) => {
    if (!isRefresh(event) || event.detail.xhr.status !== 200) return
    if (isSending()) {
      event.detail.shouldSwap = false
      return soon()
    }
    const list = document.getElementById('register')
    if (list) return keepPlace(event, list)
    const panel = document.getElementById('panel')
    if (panel && panel.dataset.touched) keepPanel(event, panel)
  })

  // somebody is filling in a form of this case: it stays as it is, with a word that things moved
  function keepPanel(event, panel) {
    const answer = event.detail.serverResponse
    const fits = /id="panel" data-fits="([^"]*)"/.exec(answer)
    panel.querySelector('[data-stale]').hidden = Boolean(fits) && fits[1] === panel.dataset.fits
    event.detail.serverResponse = answer.replace('<div id="panel"', '<div id="panel" hx-preserve="true"')
  }

  document.addEventListener('htmx:afterSettle', () => {
    if (isLive) sign(true)
    for (const id of changed) {
      const row = document.getElementById(id)
      if (row) row.classList.add('changed')
    }
    changed = []
    countAll()
  })

  document.addEventListener('htmx:afterRequest', (event) => {
    if (!isRefresh(event)) return
    const shown = live() ? Number(live().dataset.position) : 0
    if (event.detail.failed) refreshIn(RETRY)
    else if (shown < wanted && late < LATE_TRIES) { late += 1; refreshIn(200 * late) }
  })

  // --- forms: nothing typed is lost, and sending again with the same id is harmless ---
  function trouble(form, text) {
    const line = form.querySelector('[data-trouble]')
    if (!line) return
    line.textContent = text
    line.hidden = !text
  }

  function again(form, text) {
    const tries = Number(form.dataset.tries || 0) + 1
    form.dataset.tries = tries
    if (tries > RETRIES) { delete form.dataset.tries; return trouble(form, says().givenUp) }
    trouble(form, text)
    setTimeout(() => { if (form.isConnected) form.requestSubmit() }, RETRY)
  }

  document.addEventListener('htmx:responseError', (event) => {
    const form = event.detail.elt.closest('form[data-keeps]')
    if (!form) return
    switch (event.detail.xhr.status) {
      case 401: return trouble(form, says().signedOut)
      case 429: return trouble(form, says().tooOften)
      case 502: case 503: case 504: return again(form, says().recovering)
      case 500: return trouble(form, says().givenUp)
    }
  })
  document.addEventListener('htmx:sendError', (event) => {
    const form = event.detail.elt.closest('form[data-keeps]')
    if (form) again(form, says().offline)
  })

  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-news] button')) {
      const list = document.getElementById('register')
      list.removeAttribute('hx-headers')
      event.target.blur()
      touched = 0
      list.scrollIntoView()
      htmx.ajax('GET', list.getAttribute('hx-get'), { target: '#register', swap: 'outerHTML' })
    }
    if (event.target.closest('[data-stale] button')) {
      delete document.getElementById('panel').dataset.touched
      htmx.trigger(live(), 'refresh')
    }
  })

  for (const kind of ['input', 'click']) {
    document.addEventListener(kind, (event) => {
      const panel = event.target.closest('#panel')
      if (panel && !event.target.closest('[data-stale]')) panel.dataset.touched = 'yes'
    })
  }

  // --- letters counted as the service counts them ---
  function count(area) {
    const shown = document.getElementById(area.dataset.count)
    const length = [...area.value.trim()].length
    shown.hidden = length === 0
    shown.textContent = `，已写 ${length} 字`
    shown.classList.toggle('over', length > Number(area.dataset.longest))
  }
  const countAll = () => document.querySelectorAll('textarea[data-count]').forEach(count)
  document.addEventListener('input', (event) => {
    if (event.target.matches('textarea[data-count]')) count(event.target)
  })
  countAll()

  // --- the page of a service that is coming back ---
  if (document.querySelector('[data-again]')) {
    const look = () => fetch(location.href, { headers: { accept: 'text/html' } })
      .then((answer) => { if (answer.status < 500) location.reload() })
      .catch(() => {})
    setInterval(look, 2500)
  }
})()
