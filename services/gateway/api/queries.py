"""What can be looked at: the register, one case, its story, the board, organisations and grids."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.edge import Edge, SignedIn, TheEdge, now
from services.gateway.strict import StrictRoute
from shared.calendar import beijing_day
from shared.contracts.actor import Actor
from shared.contracts.message import Id
from shared.contracts.requests import Urgency
from shared.lifecycle import RequestStatus
from shared.personal import Note, Particulars

router = APIRouter(route_class=StrictRoute, prefix="/api/v1")

Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="北京日期，如 2026-11-22")]
Position = Annotated[int, Field(ge=0, le=2**53)]
Sort = Annotated[str, Field(pattern=r"^-?(placed_at|updated_at)$")]


class RegisterQuestion(BaseModel):
    """Filters of the register; what is left out does not matter. Newest first unless sorted."""

    model_config = ConfigDict(extra="forbid")

    status: RequestStatus | None = None
    is_open: bool | None = None
    needs_ruling: bool | None = None
    area_id: Id | None = None
    organization_id: Id | None = None
    service_code: Id | None = None
    urgency: Urgency | None = None
    placed_on: Day | None = None
    completed_on: Day | None = None
    closed_on: Day | None = None
    case_number: Annotated[str, Field(max_length=24)] | None = None
    sort: Sort = "-placed_at"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    size: Annotated[int, Field(ge=1, le=100)] = 20


async def register(edge: Edge, actor: Actor, question: RegisterQuestion) -> dict[str, Any]:
    asked = question.model_dump(exclude_none=True, exclude={"sort", "page", "size"})
    found: dict[str, Any] = await edge.ask(
        "ledger",
        "register",
        actor,
        wanted=asked,
        sort=question.sort,
        page=question.page,
        size=question.size,
    )
    return found


async def case(edge: Edge, actor: Actor, request_id: str, at_least: int = 0) -> dict[str, Any]:
    """The register's row with the particulars, masked."""
    row: dict[str, Any] = await edge.ask(
        "ledger", "case", actor, request_id=request_id, at_least=at_least
    )
    return await with_particulars(edge, row)


async def with_particulars(edge: Edge, row: dict[str, Any]) -> dict[str, Any]:
    """A row of the register, and whom it is about, masked; that may have been erased meanwhile."""
    records = await edge.vault.masked([row["particulars_id"]])
    particulars = records.get(row["particulars_id"])
    shown = particulars.model_dump() if isinstance(particulars, Particulars) else None
    return {**row, "particulars": shown}


async def story(edge: Edge, actor: Actor, request_id: str, at_least: int = 0) -> dict[str, Any]:
    """Every event of the case as a sentence, with the remark that belongs to it, masked.

    `case` is the register's row, and `position` where that row stands: it may be behind the log.
    """
    told: dict[str, Any] = await edge.ask(
        "ledger", "story", actor, request_id=request_id, at_least=at_least
    )
    notes = await edge.vault.masked([e["note_id"] for e in told["entries"] if e["note_id"]])
    for entry in told["entries"]:
        note = notes.get(entry["note_id"])
        entry["note"] = note.text if isinstance(note, Note) else None
    return told


async def board(edge: Edge, actor: Actor, day: str | None) -> dict[str, Any]:
    """The board of a Beijing day; today's without one."""
    counted: dict[str, Any] = await edge.ask(
        "ledger", "board", actor, day=day or beijing_day(now())
    )
    return counted


@router.get("/requests", summary="台账", tags=["requests"])
async def get_requests(
    edge: TheEdge, actor: SignedIn, question: Annotated[RegisterQuestion, Query()]
) -> dict[str, Any]:
    return await register(edge, actor, question)


@router.get("/requests/{request_id}", summary="一件诉求", tags=["requests"])
async def get_request(
    edge: TheEdge, actor: SignedIn, request_id: Annotated[Id, Path()], at_least: Position = 0
) -> dict[str, Any]:
    """`at_least`: wait briefly until the register has reached this position (your own write)."""
    return await case(edge, actor, request_id, at_least)


@router.get("/requests/{request_id}/story", summary="全过程", tags=["requests"])
async def get_story(
    edge: TheEdge, actor: SignedIn, request_id: Annotated[Id, Path()], at_least: Position = 0
) -> dict[str, Any]:
    return await story(edge, actor, request_id, at_least)


@router.get("/board", summary="县级看板", tags=["board"])
async def get_board(
    edge: TheEdge, actor: SignedIn, day: Annotated[Day | None, Query()] = None
) -> dict[str, Any]:
    """Today's counts (or another day's), limited to what the viewer sees."""
    return await board(edge, actor, day)


@router.get("/directory", summary="名称对照", tags=["county"])
async def get_directory(edge: TheEdge, actor: SignedIn) -> dict[str, Any]:
    directory: dict[str, Any] = await edge.ask("ledger", "directory", actor)
    return directory


@router.get("/organizations", summary="群团组织", tags=["county"])
async def get_organizations(edge: TheEdge, actor: SignedIn) -> list[dict[str, Any]]:
    """Every organisation with its service menu and the work it has open."""
    organizations: list[dict[str, Any]] = await edge.ask("dispatch", "organizations", actor)
    return organizations


@router.get("/grids", summary="1+4+N 网格", tags=["county"])
async def get_grids(edge: TheEdge, actor: SignedIn) -> list[dict[str, Any]]:
    """The areas of the viewer: a grid worker's grids with what leads to them, or the county."""
    grids: list[dict[str, Any]] = await edge.ask("grid", "areas", actor)
    return grids


@router.get("/grids/{grid_id}/requests", summary="网格内的诉求", tags=["county"])
async def get_grid_requests(
    edge: TheEdge, actor: SignedIn, grid_id: Annotated[Id, Path()]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await edge.ask("grid", "tracking", actor, grid_id=grid_id)
    return found
