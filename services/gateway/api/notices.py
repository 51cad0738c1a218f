"""通知: one's own inbox, and what of it one has read."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.gateway.api import bodies
from services.gateway.edge import Asking, Edge, SignedIn, TheAsking, TheEdge, now
from services.gateway.strict import StrictRoute
from shared.contracts.actor import Actor
from shared.contracts.notices import MarkNoticesRead

router = APIRouter(route_class=StrictRoute, prefix="/api/v1", tags=["notices"])

KEPT = timedelta(days=90)
"""How far back the inbox goes; what is older is in the cases."""

Position = Annotated[int, Query(ge=0, le=2**53)]
Before = Annotated[int | None, Query(ge=0, le=2**53, description="只要这个位置之前的")]
Size = Annotated[int, Query(ge=1, le=100)]


class Read(BaseModel):
    """`position`: where it is in the log; 0 when everything had been read before."""

    position: int
    is_repeat: bool


async def inbox(
    edge: Edge, actor: Actor, before: int | None = None, size: int = 20, at_least: int = 0
) -> dict[str, Any]:
    asked: dict[str, Any] = {"size": size, "before": before, "at_least": at_least}
    found: dict[str, Any] = await edge.ask("notices", "inbox", actor, since=_since(), **asked)
    return found


async def unread(edge: Edge, actor: Actor, at_least: int = 0) -> int:
    answer = await edge.ask("notices", "unread", actor, since=_since(), at_least=at_least)
    return int(answer["unread"])


async def mark_read(asked: Asking, body: bodies.MarkRead) -> Read:
    command = MarkNoticesRead(at=now(), by=asked.actor, **body.model_dump())
    answer = await asked.edge.give(command, asked.command_id)
    return Read(position=answer["position"], is_repeat=answer["is_repeat"])


def _since() -> str:
    return (now() - KEPT).isoformat()


@router.get("/notices", summary="通知")
async def get_notices(
    edge: TheEdge, actor: SignedIn, before: Before = None, size: Size = 20, at_least: Position = 0
) -> dict[str, Any]:
    """The newest first; `next_before` leads to the next page; `unread` counts all (at most 100)."""
    return await inbox(edge, actor, before, size, at_least)


@router.post("/notices/read", summary="标记已读")
async def post_read(asked: TheAsking, body: bodies.MarkRead) -> Read:
    """Everything up to a position, or single notices by theirs; for oneself alone."""
    return await mark_read(asked, body)
