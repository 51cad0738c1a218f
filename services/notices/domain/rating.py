"""The one-time link by which a resident rates: bound to a request and a round, for a time."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from services.notices.domain.cases import CaseRow
from shared.access import require
from shared.contracts.actor import Actor
from shared.rejection import NotAllowedNow

TIME_TO_RATE = timedelta(days=15)
"""Natural time, where a completion from before there were clocks does not say until when."""

Standing = Literal["open", "over", "expired"]
"""A link can be used, its round has been rated or closed, or its time is over."""


class RatingLink(NamedTuple):
    """What a token stands for; the token itself is kept nowhere."""

    request_id: str
    round: int
    expires_at: datetime


def link_for(case: CaseRow, now: datetime) -> RatingLink:
    """A link to rate this round. Raises NotAllowedNow unless the case waits for its rating."""
    if case.status != "completed" or case.is_rated:
        raise NotAllowedNow("只有已办结、待评价的事项才能生成评价链接，请刷新后查看最新进展")
    return RatingLink(case.request_id, case.round, case.reopen_until or now + TIME_TO_RATE)


def link_by(actor: Actor, case: CaseRow, now: datetime) -> RatingLink:
    """The same for somebody who might rate for the resident. Raises NotFound, NotYours."""
    require(actor, "RateService", tuple(f"area:{area}" for area in case.known.area_ids))
    return link_for(case, now)


def standing(link: RatingLink, case: CaseRow, now: datetime) -> Standing:
    if case.round != link.round or case.status != "completed" or case.is_rated:
        return "over"
    return "open" if now < link.expires_at else "expired"
