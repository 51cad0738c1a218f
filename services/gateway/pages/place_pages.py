"""Placing a request (点单) by form: sent twice it happens once, refused it stays filled in."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api import bodies, commands
from services.gateway.edge import Asking, Edge, SignedIn, TheEdge, derived_id
from services.gateway.pages.forms import as_phone, asking_of, filled_in, typed_into
from services.gateway.pages.rendering import is_partial, render
from services.gateway.problems import STATUS
from shared.access import MAY
from shared.contracts.actor import Actor
from shared.contracts.text import MAX_NOTE_LENGTH
from shared.personal import Particulars
from shared.rejection import CommandIdReused, InvalidInput, NotYours, Rejected, Unavailable

router = APIRouter(include_in_schema=False)


@router.get("/requests/new")
async def get_new(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    if actor.role not in MAY["PlaceRequest"]:
        raise NotYours("您的岗位不点单；如需代群众点单，请联系网格员或受理员")
    return await _form(edge, actor, request, {}, None)


@router.post("/requests")
async def post_request(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    typed = await typed_into(request)
    try:
        asked = asking_of(edge, actor, typed)
        done = await commands.place(asked, _body(typed))
    except Unavailable:
        raise
    except CommandIdReused as refusal:
        # the first sending arrived after all, with what stood in the form then
        earlier = _earlier(asking_of(edge, actor, typed))
        return await _form(edge, actor, request, typed, refusal, earlier)
    except Rejected as refusal:
        return await _form(edge, actor, request, typed, refusal)
    to = f"/requests/{done.request_id}?at_least={done.position}&done=PlaceRequest"
    if is_partial(request):
        return Response(status_code=204, headers={"HX-Redirect": to})
    return RedirectResponse(to, 303)


def _body(typed: Mapping[str, str]) -> bodies.Place:
    """Remedies of all fields at once, wherever they are nested."""
    who = {**typed, "phone": as_phone(typed.get("phone", ""))}
    particulars, wrong = None, {}
    try:
        particulars = filled_in(Particulars, who)
    except InvalidInput as refusal:
        wrong = refusal.fields
    try:
        return filled_in(bodies.Place, {**typed, "particulars": particulars})
    except InvalidInput as refusal:
        fields = {name: said for name, said in refusal.fields.items() if name != "particulars"}
        raise InvalidInput(refusal.message, **fields, **wrong) from None


def _earlier(asked: Asking) -> str:
    return f"/requests/{derived_id('R', asked.command_id)}"


async def _form(  # noqa: PLR0913, PLR0917 - what a form shows
    edge: Edge,
    actor: Actor,
    request: Request,
    typed: Mapping[str, str],
    refusal: Rejected | None,
    earlier: str | None = None,
) -> Response:
    names = await request.app.state.directory.names(edge, actor)
    shown: dict[str, Any] = {
        "typed": defaultdict(str, typed),
        "problem": refusal,
        "earlier": earlier,
        "grids": names.grids_of(actor),
        "services": names.service_choices(),
        "longest": MAX_NOTE_LENGTH,
    }
    template = "_place.html" if is_partial(request) else "place.html"
    return render(request, template, actor, STATUS[refusal.code] if refusal else 200, **shown)
