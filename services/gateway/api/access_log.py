"""What the auditor reads: the access log, and what the county's log says of rights and looks."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.edge import Edge, SignedIn, TheEdge
from services.gateway.strict import StrictRoute
from shared.access import READS_THE_ACCESS_LOG
from shared.access_log import Entry, Wanted
from shared.calendar import BEIJING
from shared.contracts import accounts, county, grid
from shared.contracts.access_log import ACCESS_EVENTS
from shared.contracts.actor import Actor
from shared.contracts.message import Id
from shared.contracts.working_time import Day
from shared.rejection import InvalidInput, NotYours

router = APIRouter(route_class=StrictRoute, prefix="/api/v1", tags=["audit"])

LogName = Literal["access", "configuration"]
MOST = 200

CONFIGURATION: frozenset[str] = frozenset(
    {
        *(kind.__name__ for kind in get_args(accounts.AccountEvent)),
        *(kind.__name__ for kind in get_args(county.CountyEvent) or (county.CountyEvent,)),
        *(kind.__name__ for kind in get_args(grid.GridEvent)),
        *("OrganizationRegistered", "OrganizationRenamed", "ServiceMenuSet", "ContactRevealed"),
    }
)
"""Of the county's log the auditor sees who set what up, who got which rights, and who looked at
somebody's contact; never a case's story."""


class Question(BaseModel):
    """All of these; days are Beijing's, both included. `before`: the position to go on from."""

    model_config = ConfigDict(extra="forbid")

    log: LogName = "access"
    by: Id | None = None
    account_id: Id | None = None
    type: Id | None = None
    since: Day | None = None
    until: Day | None = None
    before: Annotated[int | None, Field(ge=0, le=2**53)] = None
    size: Annotated[int, Field(ge=1, le=MOST)] = 50


class Said(BaseModel):
    """One entry; `event` holds its fields."""

    position: int
    at: datetime
    by: str
    role: str
    type: str
    event: dict[str, Any]


class AuditPage(BaseModel):
    """The newest first; `before` is where the next page begins, None when this was the last."""

    entries: list[Said]
    before: int | None


async def read(edge: Edge, actor: Actor, question: Question) -> AuditPage:
    """Raises NotYours, InvalidInput."""
    if actor.role not in READS_THE_ACCESS_LOG:
        raise NotYours("只有审计员可以查看访问日志")
    wanted = _wanted(question)
    if question.log == "access":
        found = await edge.access_log.entries(wanted)
    else:
        found = await edge.county_log.of(wanted)
    entries = [_said(entry) for entry in found]
    is_full = len(entries) >= question.size
    return AuditPage(entries=entries, before=entries[-1].position if is_full else None)


def types_of(log: LogName) -> frozenset[str]:
    return frozenset(ACCESS_EVENTS) if log == "access" else CONFIGURATION


def _wanted(question: Question) -> Wanted:
    known = types_of(question.log)
    if question.type is not None and question.type not in known:
        raise InvalidInput("没有这种记录", type="请从列表中选择")
    return Wanted(
        by=question.by,
        about=question.account_id,
        types=known if question.type is None else frozenset({question.type}),
        since=_midnight(question.since),
        until=_midnight(question.until, days=1),
        before=question.before,
        limit=question.size,
    )


def _midnight(day: str | None, days: int = 0) -> datetime | None:
    if day is None:
        return None
    return datetime.combine(date.fromisoformat(day), time(), BEIJING) + timedelta(days=days)


def _said(entry: Entry) -> Said:
    return Said(
        position=entry.position,
        at=entry.at,
        by=entry.by,
        role=entry.role,
        type=type(entry.event).__name__,
        event=entry.event.model_dump(mode="json"),
    )


@router.get("/access-log", summary="访问日志")
async def get_access_log(
    edge: TheEdge, actor: SignedIn, question: Annotated[Question, Query()]
) -> AuditPage:
    """`log=access`: sign-ins, refusals, credentials, tokens, exports. `log=configuration`: rights,
    rules, areas, organisations, and looks at contacts, from the county's own log."""
    return await read(edge, actor, question)
