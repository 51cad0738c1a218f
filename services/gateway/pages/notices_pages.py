"""The inbox as a page, the bell with its count, and marking as read."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api import bodies
from services.gateway.api.notices import inbox, mark_read, unread
from services.gateway.edge import SignedIn, TheEdge
from services.gateway.pages.forms import asking_of, typed_into
from services.gateway.pages.register_pages import KNOWN_POSITION, NOTHING_NEW
from services.gateway.pages.rendering import is_partial, render

router = APIRouter(include_in_schema=False)

Position = Annotated[int, Query(ge=0, le=2**53)]
Before = Annotated[int | None, Query(ge=0, le=2**53)]


@router.get("/notices")
async def get_notices(
    edge: TheEdge, actor: SignedIn, request: Request, before: Before = None, at_least: Position = 0
) -> Response:
    found = await inbox(edge, actor, before, at_least=at_least)
    newest = found["rows"][0]["position"] if found["rows"] else 0
    mark = f"{newest}:{found['unread']}"
    if request.headers.get(KNOWN_POSITION) == mark:
        return Response(status_code=NOTHING_NEW)
    shown = {
        "found": found,
        "mark": mark,
        "before": before,
        "names": await request.app.state.directory.names(edge, actor),
    }
    return render(request, _template(request), actor, **shown)


@router.get("/notices/bell")
async def get_bell(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    return render(request, "_bell.html", actor, unread=await unread(edge, actor))


@router.post("/notices/read")
async def post_read(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    """All that is on the page, or the one notice that is opened: then on to its case."""
    typed = await typed_into(request)
    asked = asking_of(edge, actor, typed)
    up_to, position = _number(typed.get("up_to")), _number(typed.get("position"))
    positions = (position,) if position else ()
    done = await mark_read(asked, bodies.MarkRead(up_to=up_to, positions=positions))
    return RedirectResponse(f"/notices?at_least={done.position}", 303)


def _template(request: Request) -> str:
    return "_notices.html" if is_partial(request) else "notices.html"


def _number(typed: str | None) -> int:
    is_number = typed is not None and typed.isascii() and typed.isdigit() and len(typed) < 16  # noqa: PLR2004 - fits a position
    return int(typed) if typed and is_number else 0
