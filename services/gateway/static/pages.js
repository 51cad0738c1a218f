// What keeps a page alive: refreshes after events, forms that try again, letters counted.
// Everything works without it; nothing here decides anything.
(() => {
  'use strict'
  const REST = 1500 // ms between two refreshes at least
  const AFTER_EVENT = 150 // ms that the register gets to take in an event
  const LATEST = 5000 // ms between two looks for what has not come yet
  const RETRY = 3000
  const RETRIES = 20
  const HIDDEN_FOR = 60000 // ms after which a page nobody looks at lets go of its stream
  const BUSY_FOR = 4000 // ms after a touch or a pointer's move

  const says = () => document.getElementById('says').dataset
  const live = () => document.querySelector('[data-live]')

  // --- refreshes: soon after an event, never more often than REST, never a wish forgotten ---
  let timer = 0
  let last = 0
  let isWished = false // until a request for it has left
  let wanted = 0 // the position that the page should show
  let late = 0

  const positionIn = (html) => Number((/data-position="(\d+)"/.exec(html) || [0, 0])[1])
  function shown() {
    const part = document.querySelector('[data-position]')
    return part ? Number(part.dataset.position) : 0
  }

  function refreshIn(ms) {
    isWished = true
    if (timer) return
    timer = setTimeout(() => {
      timer = 0
      if (!live() || document.hidden) return
      last = Date.now()
      htmx.trigger(live(), 'refresh')
      if (isWished) refreshIn(AFTER_EVENT) // another request is still on its way
    }, ms)
  }

  function soon() {
    refreshIn(Math.max(AFTER_EVENT, REST - (Date.now() - last)))
  }

  function isRefresh(event) {
    const cause = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent
    return Boolean(cause) && cause.type === 'refresh'
  }

  document.addEventListener('htmx:beforeSend', (event) => {
    if (isRefresh(event)) isWished = false
  })

  // a session that has ended leads to the sign-in page, but not from under what is being typed
  document.addEventListener('htmx:beforeOnLoad', (event) => {
    const hasEnded = isRefresh(event) && event.detail.xhr.status === 401
    if (hasEnded && document.querySelector('[data-typed]')) event.preventDefault()
  })

  // after any answer: does the page show what it should?
  document.addEventListener('htmx:afterRequest', (event) => {
    if (isRefresh(event) && !event.detail.successful) return refreshIn(RETRY)
    if (shown() >= wanted) late = 0
    else refreshIn(Math.min(200 * 2 ** late++, LATEST))
  })

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
    if (elt.id === 'case') parameters.at_least = Math.max(wanted, shown())
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
    const isBusy = Date.now() - touched < BUSY_FOR && list.matches(':hover')
    return isBusy || list.contains(document.activeElement) || list.getBoundingClientRect().top < 0
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
    list.dataset.position = positionIn(event.detail.serverResponse)
    list.querySelector('[data-news]').hidden = false
  }

  let changed = []
  function markChanged(list, fresh) {
    const before = new Map(rowsOf(list).map((row) => [row.id, row.dataset.at]))
    changed = rowsOf(fresh).filter((row) => before.get(row.id) !== row.dataset.at).map((row) => row.id)
  }

  let answered = null // whose answer is being shown
  document.addEventListener('htmx:beforeSwap', (event) => {
    answered = event.detail.requestConfig.elt
    const position = positionIn(event.detail.serverResponse)
    wanted = Math.max(wanted, position)
    if (!isRefresh(event) || event.detail.xhr.status !== 200) return
    const list = document.getElementById('register')
    if (position < shown()) event.detail.shouldSwap = false // a later answer was faster
    else if (list) keepPlace(event, list)
  })

  // a case comes in parts, and what is under somebody's hand is not even moved: that would end typing
  const BUSY = 'form[data-typed], form[data-tries], form.htmx-request'
  const has = (step, what) => step.matches(what) || step.querySelector(what) !== null

  document.addEventListener('htmx:oobBeforeSwap', (event) => {
    const { target, fragment } = event.detail
    const fresh = fragment.firstElementChild
    const isAnswer = target.contains(answered)
    const isHeld = target.hasAttribute('data-held') && !isAnswer
    // a part that says by a mark what it shows is left alone while that is the same
    const isSame = 'mark' in target.dataset && target.dataset.mark === fresh.dataset.mark && !isAnswer
    if (isHeld || isSame || renewAroundBusy(target, fresh, isAnswer)) event.detail.shouldSwap = false
    else standAlone(target)
    if (isHeld && target.dataset.fits !== fresh.dataset.fits) target.querySelector('[data-stale]').hidden = false
  })

  // a step that is busy or has the focus stays where it is, and what is new comes around it
  function renewAroundBusy(part, fresh, isAnswer) {
    const offered = [...fresh.children].map((step) => step.id)
    const kept = [...part.children].filter((step) => step.id && !step.contains(answered) &&
      (has(step, BUSY) ? isAnswer || offered.includes(step.id) : has(step, ':focus')))
    if (!kept.length) return false
    for (const step of [...part.children]) if (!kept.includes(step)) step.remove()
    let next = part.firstChild
    for (const step of [...fresh.children]) {
      const same = kept.find((one) => one.id === step.id)
      if (same) next = same.nextSibling
      else htmx.process(part.insertBefore(step, next))
    }
    part.querySelector('[data-stale]').hidden = kept.every((step) => offered.includes(step.id))
    part.dataset.fits = fresh.dataset.fits
    part.toggleAttribute('data-held', has(part, BUSY))
    return true
  }

  // for a moment old and new stand side by side, and of one name only one step may be open
  function standAlone(part) {
    for (const step of part.querySelectorAll('details[name]')) step.removeAttribute('name')
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
  for (const kind of ['htmx:sendError', 'htmx:timeout']) {
    document.addEventListener(kind, (event) => {
      const form = event.detail.elt.closest('form[data-keeps]')
      if (form) again(form, says().offline)
    })
  }

  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-news] button')) {
      const list = document.getElementById('register')
      event.target.blur()
      touched = 0
      list.scrollIntoView()
      htmx.trigger('#filters', 'htmx:abort') // a refresh under way would be in its way
      htmx.trigger(list, 'renew')
    }
    if (event.target.closest('[data-stale] button')) {
      document.getElementById('panel').removeAttribute('data-held')
      soon()
    }
  })

  // a part that somebody has touched is held: only the answer to one of its own forms renews it
  for (const kind of ['input', 'click', 'submit']) {
    document.addEventListener(kind, (event) => {
      const part = event.target.closest('#panel, #contact')
      if (part && !event.target.closest('[data-stale]')) part.setAttribute('data-held', '')
    })
  }
  document.addEventListener('input', (event) => {
    const form = event.target.closest('form[data-keeps]')
    if (form) form.setAttribute('data-typed', '')
  })

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
