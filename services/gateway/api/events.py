"""The event stream: every event the viewer may see, from any position on, as it happens."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from services.gateway.edge import SignedIn, TheEdge, still_there
from services.gateway.strict import StrictRoute
from services.gateway.tail import Filter
from shared.contracts.registry import EVENTS
from shared.rejection import InvalidInput

router = APIRouter(route_class=StrictRoute, prefix="/api/v1")

MAX_DIGITS = 15
Names = Annotated[list[str], Query(max_length=50)]


def position_of(last_event_id: str | None, head: int) -> int | None:
    """The position a client has seen last. Raises InvalidInput unless it exists in the log."""
    if not last_event_id:
        return None
    is_number = last_event_id.isascii() and last_event_id.isdigit()
    if not is_number or len(last_event_id) > MAX_DIGITS or int(last_event_id) > head:
        raise InvalidInput(
            "Last-Event-ID 不是事件流中的位置",
            **{"Last-Event-ID": f"请填 0 到 {head} 之间的整数，或不填"},
        )
    return int(last_event_id)


@router.get("/events", summary="事件流", tags=["events"], response_class=StreamingResponse)
async def get_events(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies are its arguments
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    category: Annotated[list[str], Query(max_length=20, description="流的类别")] = [],  # noqa: B006 - FastAPI copies it
    type: Annotated[list[str], Query(max_length=60, description="事件类型")] = [],  # noqa: B006 - FastAPI copies it
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-sent events: `id:` is the position; reconnect with `Last-Event-ID` to miss nothing."""
    if unknown := [name for name in type if name not in EVENTS]:
        raise InvalidInput("没有这种事件", type=f"未知的事件类型：{len(unknown)} 个")
    after = position_of(last_event_id, await edge.tail.head())
    wanted = Filter(actor, frozenset(category), frozenset(type))

    async def is_welcome() -> bool:
        return await still_there(request) == actor

    return StreamingResponse(
        edge.tail.stream(wanted, after, is_welcome),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
