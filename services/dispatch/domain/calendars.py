"""Which provisional deadlines can be computed anew, because the calendar they wait for is known.

It is looked for, not heard of: a new release of the calendar library is no event, and an order may
be sent under the old rules in the moment in which new ones are adopted.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.dispatch.domain.views import ProvisionalRow
from shared.calendar import beijing_date
from shared.contracts.actor import SYSTEM
from shared.contracts.dispatch import RecomputeDeadlines
from shared.working_calendar import Calendar


class Recomputing(NamedTuple):
    command: RecomputeDeadlines
    command_id: str


def to_recompute(
    rows: Iterable[ProvisionalRow], calendar: Calendar, now: datetime
) -> list[Recomputing]:
    """One command for each order that waits no longer. Its id names the order and the date that was
    provisional, so that asking again, and by several processes, comes to the same."""
    return [
        Recomputing(
            RecomputeDeadlines(at=now, by=SYSTEM, request_id=row.request_id),
            f"calendar:{row.work_order_id}:{row.complete_by.isoformat(timespec='milliseconds')}",
        )
        for row in rows
        if calendar.is_certain(beijing_date(row.started_at), beijing_date(row.complete_by))
    ]
