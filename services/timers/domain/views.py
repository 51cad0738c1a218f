"""Deadlines are rows: what has to happen when nobody does anything until then."""

from datetime import datetime, timedelta
from typing import Literal

from shared.contracts import requests
from shared.event_log import Recorded
from shared.lifecycle import is_about_a_request
from shared.views import Row, View

TIME_TO_RATE = timedelta(days=15)
"""Natural time after completion in which the asker may rate and reopen (domain.md, Reopen)."""

TimerRule = Literal["close_unrated"]


class Deadline(Row):
    """One request and what is due for it at `due_at`."""

    request_id: str
    rule: TimerRule
    due_at: datetime


def _key(fact: Recorded) -> str | None:
    return fact.event.request_id if is_about_a_request(fact.event) else None


def _deadline(row: Deadline | None, fact: Recorded) -> Deadline | None:
    """Completion starts the time to rate; a rating, another round or closing ends it."""
    match fact.event:
        case requests.RequestCompleted(request_id=id):
            due_at = fact.commit.at + TIME_TO_RATE
            return Deadline(request_id=id, rule="close_unrated", due_at=due_at)
        case requests.ServiceRated() | requests.RequestReopened() | requests.RequestClosed():
            return None
        case _:
            return row


deadlines = View(
    name="deadlines",
    version=1,
    row=Deadline,
    handles=(
        requests.RequestCompleted,
        requests.ServiceRated,
        requests.RequestReopened,
        requests.RequestClosed,
    ),
    key=_key,
    project=_deadline,
    indexes=(("due_at",),),
)
"""Key: request_id."""
