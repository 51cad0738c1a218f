"""Signing in and out by form, in one step or two; then on to where one wanted to go."""

from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api.bodies import Code, SignIn
from services.gateway.api.residents import base_url
from services.gateway.api.session import leave
from services.gateway.edge import Edge, SignedIn, TheEdge, token_of
from services.gateway.pages.forms import filled_in, typed_into
from services.gateway.pages.rendering import render
from services.gateway.problems import STATUS, SignInNeeded
from services.gateway.signing_in import single_sign_on
from services.gateway.signing_in.provider import SingleSignOn
from services.gateway.signing_in.steps import Opened, with_code, with_password
from services.gateway.signing_in.visitors import (
    hand_out,
    leaving_cookie,
    mark_leaving,
    visitor_of,
)
from shared.adapters.mongo_sessions import Session
from shared.contracts.actor import Actor
from shared.rejection import NotFound, Rejected, Unavailable

router = APIRouter(include_in_schema=False)

START_OF = {
    "auditor": "/access-log",
    "security_administrator": "/accounts",
    "administrator": "/imports",
}
LOOKS_FROM_ABOVE = {"leader", "center_dispatcher"}
ARRIVAL = "/sign-in/arrival"
LATE = "登录时间过长，请重新填写密码"


def first_page(actor: Actor) -> str:
    if actor.role in START_OF:
        return START_OF[actor.role]
    return "/board" if actor.role in LOOKS_FROM_ABOVE else "/requests"


def local_path(wanted: str) -> str:
    """Where to go after signing in: a path of ours, or the start; never another site."""
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not parts.scheme and not parts.netloc
    is_plain = wanted.isprintable() and "\\" not in wanted
    is_elsewhere = parts.path.split("/")[1:2] != ["sign-in"]
    return wanted if is_ours and is_plain and is_elsewhere else "/"


@router.get("/")
async def get_start(actor: SignedIn) -> Response:
    return RedirectResponse(first_page(actor), 303)


@router.get("/sign-in")
async def get_sign_in(edge: TheEdge, request: Request, next: str = "/") -> Response:
    session = await _session(edge, request)
    if session and session.is_finished:
        return RedirectResponse(local_path(next), 303)
    return _form(edge, request, local_path(next))


@router.post("/sign-in")
async def post_sign_in(edge: TheEdge, request: Request) -> Response:
    typed = await typed_into(request)
    wanted = local_path(typed.get("next", "/"))
    try:
        body = filled_in(SignIn, typed)
        opened = await with_password(edge, visitor_of(request), body.name, body.password)
    except Unavailable:
        raise
    except Rejected as refusal:
        return _form(edge, request, wanted, typed.get("name", ""), refusal)
    return _onwards(request, opened, wanted)


@router.get("/sign-in/code")
async def get_code(edge: TheEdge, request: Request, next: str = "/") -> Response:
    session = await _session(edge, request)
    if session is None or session.owes != "code":
        return RedirectResponse(f"/sign-in?{urlencode({'next': local_path(next)})}", 303)
    return render(request, "sign_in_code.html", None, next=local_path(next), problem=None)


@router.post("/sign-in/code")
async def post_code(edge: TheEdge, request: Request) -> Response:
    typed = await typed_into(request)
    wanted = local_path(typed.get("next", "/"))
    token, session = token_of(request), await _session(edge, request)
    if token is None or session is None or session.owes != "code":
        return _form(edge, request, wanted, problem=SignInNeeded(LATE))
    try:
        code = filled_in(Code, typed).code
        opened = await with_code(edge, visitor_of(request), Opened(token, session), code)
    except Unavailable:
        raise
    except Rejected as refusal:
        status = STATUS[refusal.code]
        return render(request, "sign_in_code.html", None, status, next=wanted, problem=refusal)
    return _onwards(request, opened, wanted)


@router.get("/sign-in/away")
async def get_away(edge: TheEdge, request: Request, next: str = "/") -> Response:
    """Off to the county's identity provider."""
    sso = _provider(edge)
    redirect_uri = f"{base_url(edge, request)}{ARRIVAL}"
    try:
        departure = await sso.depart(redirect_uri, local_path(next))
    except SignInNeeded as refusal:
        return _form(edge, request, local_path(next), problem=refusal)
    response = RedirectResponse(departure.url, 303)
    mark_leaving(request, response, departure.state)
    return response


@router.get(ARRIVAL)
async def get_arrival(edge: TheEdge, request: Request) -> Response:
    """Back from there: the account by the claim, then the code if one is bound."""
    sso = _provider(edge)
    state = request.cookies.get(leaving_cookie(request))
    try:
        opened, wanted = await single_sign_on.arrive(
            edge, sso, visitor_of(request), dict(request.query_params), state
        )
    except SignInNeeded as refusal:
        return _form(edge, request, "/", problem=refusal)
    response = _onwards(request, opened, local_path(wanted))
    response.delete_cookie(leaving_cookie(request), path="/")
    return response


@router.post("/sign-out")
async def post_sign_out(edge: TheEdge, request: Request) -> Response:
    response = RedirectResponse(f"/sign-in?{urlencode({'next': '/'})}", 303)
    await leave(edge, request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def _session(edge: Edge, request: Request) -> Session | None:
    token = token_of(request)
    return await edge.sessions.find(token, surely=True, is_used=False) if token else None


def _onwards(request: Request, opened: Opened, wanted: str) -> Response:
    """To the code if one is owed, else to where one wanted; pages ask for what else is owed."""
    is_half = opened.session.owes == "code"
    target = f"/sign-in/code?{urlencode({'next': wanted})}" if is_half else wanted
    response = RedirectResponse(target, 303)
    hand_out(request, response, opened)
    return response


def _form(
    edge: Edge, request: Request, wanted: str, name: str = "", problem: Rejected | None = None
) -> Response:
    status = STATUS[problem.code] if problem else 200
    sso = edge.single_sign_on
    shown = {"next": wanted, "name": name, "problem": problem, "sso": sso and sso.provider.name}
    return render(request, "sign_in.html", None, status, **shown)


def _provider(edge: Edge) -> SingleSignOn:
    if edge.single_sign_on is None:
        raise NotFound("本县没有启用统一身份认证")
    return edge.single_sign_on
