"""Signing in and out by form; then on to where one wanted to go."""

from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api.bodies import SignIn
from services.gateway.api.session import close_session, open_session
from services.gateway.edge import SignedIn, TheEdge, token_of
from services.gateway.pages.forms import filled_in, typed_into
from services.gateway.pages.rendering import render
from services.gateway.problems import STATUS
from shared.contracts.actor import Actor
from shared.rejection import Rejected, Unavailable

router = APIRouter(include_in_schema=False)

LOOKS_FROM_ABOVE = {"leader", "center_dispatcher"}


def first_page(actor: Actor) -> str:
    return "/board" if actor.role in LOOKS_FROM_ABOVE else "/requests"


def local_path(wanted: str) -> str:
    """Where to go after signing in: a path of ours, or the start; never another site."""
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not parts.scheme and not parts.netloc
    is_plain = wanted.isprintable() and "\\" not in wanted
    return wanted if is_ours and is_plain and parts.path != "/sign-in" else "/"


@router.get("/")
async def get_start(actor: SignedIn) -> Response:
    return RedirectResponse(first_page(actor), 303)


@router.get("/sign-in")
async def get_sign_in(edge: TheEdge, request: Request, next: str = "/") -> Response:
    token = token_of(request)
    if token and await edge.sessions.actor(token):
        return RedirectResponse(local_path(next), 303)
    return render(request, "sign_in.html", next=local_path(next), name="", problem=None)


@router.post("/sign-in")
async def post_sign_in(edge: TheEdge, request: Request) -> Response:
    typed = await typed_into(request)
    wanted = local_path(typed.get("next", "/"))
    response = RedirectResponse(wanted, 303)
    try:
        await open_session(edge, request, response, filled_in(SignIn, typed))
    except Unavailable:
        raise
    except Rejected as refusal:
        shown = {"next": wanted, "name": typed.get("name", ""), "problem": refusal}
        return render(request, "sign_in.html", None, STATUS[refusal.code], **shown)
    return response


@router.post("/sign-out")
async def post_sign_out(edge: TheEdge, request: Request) -> Response:
    response = RedirectResponse(f"/sign-in?{urlencode({'next': '/'})}", 303)
    await close_session(edge, request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
