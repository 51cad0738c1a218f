"""试算 over the county's log, page by page, so that a service goes on with its work meanwhile."""

import time
from collections.abc import Callable
from datetime import datetime

from services.dispatch.domain.rehearsal import HANDLES, Rehearsal, Rehearsed
from shared.contracts.county import Rules
from shared.event_log import EventLog

PAGE = 200
"""Facts between two moments in which others get their turn: some 10 ms."""

_TYPES = frozenset(kind.__name__ for kind in HANDLES)


def rehearsed(
    log: EventLog,
    before: Rules,
    after: Rules,
    since: datetime | None = None,
    tell: Callable[[int, int], None] = lambda _position, _head: None,
) -> Rehearsed:
    """Read the log as it is now from its beginning; `tell` hears the position and the head."""
    rehearsal, position, head = Rehearsal(before, after, since), 0, log.head()
    while position < head:
        page = log.read_after(position, PAGE, _TYPES)
        for fact in page.facts:
            rehearsal.see(fact)
        position = page.reached
        tell(min(position, head), head)
        time.sleep(0)
    return rehearsal.result()
