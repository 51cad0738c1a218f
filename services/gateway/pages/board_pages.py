"""The county board: numbers that open to exactly the rows behind them."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter, ValidationError

from services.gateway.api.queries import Day, board
from services.gateway.edge import SignedIn, TheEdge, now
from services.gateway.pages.register_pages import KNOWN_POSITION, NOTHING_NEW
from services.gateway.pages.rendering import clock_time, is_partial, render
from shared.calendar import beijing_day

router = APIRouter(include_in_schema=False)

HEADLINE = {
    "placed_today": "今日点单",
    "completed_today": "今日办结",
    "closed_today": "今日归档",
    "open_now": "正在办理",
    "needs_ruling": "待人工派单",
}
_DAY: TypeAdapter[str] = TypeAdapter(Day)


@router.get("/board")
async def get_board(
    edge: TheEdge, actor: SignedIn, request: Request, day: Annotated[str, Query()] = ""
) -> Response:
    asked = _day(day)
    counted = await board(edge, actor, asked)
    mark = f"{counted['day']}:{counted['position']}"
    if request.headers.get(KNOWN_POSITION) == mark:
        return Response(status_code=NOTHING_NEW)
    at = now()
    shown = {
        "board": counted,
        "mark": mark,
        "headline": HEADLINE,
        "names": await request.app.state.directory.names(edge, actor),
        "rows": rows_behind,
        "asked": asked,
        "is_today": counted["day"] == beijing_day(at),
        "counted_at": clock_time(at),
    }
    template = "_board.html" if is_partial(request) else "board.html"
    return render(request, template, actor, **shown)


def rows_behind(figure: dict[str, Any]) -> str:
    """The register's address whose rows are the cases a figure counts."""
    asked = {name: value for name, value in figure["wanted"].items() if value is not None}
    said = {n: str(v).lower() if isinstance(v, bool) else v for n, v in asked.items()}
    return f"/requests?{urlencode(said)}"


def _day(typed: str) -> str | None:
    try:
        return _DAY.validate_python(typed) if typed else None
    except ValidationError:
        return None
