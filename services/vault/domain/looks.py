"""Nobody sees clear text without an event in the log that says who, which case and what for."""

from datetime import datetime, timedelta

from shared.contracts.requests import ContactRevealed
from shared.event_log import Recorded
from shared.rejection import NotYours

FRESH = timedelta(minutes=5)
"""A look is for the moment it was recorded at; later it has to be recorded again."""

NOT_RECORDED = "没有找到这次查看的登记，或登记已过 5 分钟，请重新查看"


def refuse_unrecorded(fact: Recorded | None, case: str, now: datetime) -> None:
    """Unless `fact` records a look at this case, just now. Raises NotYours."""
    match fact:
        case Recorded(event=ContactRevealed(request_id=request_id)) if (
            request_id == case and now - fact.commit.at <= FRESH
        ):
            return
        case _:
            raise NotYours(NOT_RECORDED)


def refuse_unrelated(fact: Recorded | None, case: str) -> None:
    """Unless `fact` is about this case: a text is sent about something. Raises NotYours."""
    if fact is None or getattr(fact.event, "request_id", None) != case:
        raise NotYours(NOT_RECORDED)
