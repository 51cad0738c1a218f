"""Completed requests close themselves when the time to reopen (重办) is over."""

from datetime import datetime, timedelta
from typing import get_args

from shared.contracts import requests
from shared.event_log import Recorded
from shared.views import Row, View

TIME_TO_REOPEN = timedelta(days=15)
"""Natural time, for completions from before their event said until when (domain.md, Reopen)."""


class Closing(Row):
    """One completed request that is neither closed nor reopened yet."""

    request_id: str
    next_at: datetime


Told = requests.RequestCompleted | requests.RequestReopened | requests.RequestClosed


def _key(fact: Recorded) -> str | None:
    return fact.event.request_id if isinstance(fact.event, Told) else None


def _project(row: Closing | None, fact: Recorded) -> Closing | None:
    """A rating alone does not end it: a visit may be pending that never takes place."""
    match fact.event:
        case requests.RequestCompleted(request_id=request_id, reopen_until=until):
            next_at = until or fact.commit.at + TIME_TO_REOPEN
            return Closing(request_id=request_id, next_at=next_at)
        case requests.RequestReopened() | requests.RequestClosed():
            return None
        case _:
            return row


closings = View(
    name="closings",
    version=1,
    row=Closing,
    handles=get_args(Told),
    key=_key,
    project=_project,
    indexes=(("next_at", "request_id"),),
)
"""Key: request_id."""
