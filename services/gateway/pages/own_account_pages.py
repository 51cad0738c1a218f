"""My account: password, second factor, and where I am signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api import bodies
from services.gateway.api.own_account import refuse_half, refuse_password_owed
from services.gateway.api.session import end_one, leave_everywhere, sessions_of
from services.gateway.edge import Edge, FinishedSession, TheEdge, TheSession
from services.gateway.pages.forms import filled_in, typed_into
from services.gateway.pages.rendering import render
from services.gateway.problems import STATUS
from services.gateway.signing_in import passwords, second_factor
from services.gateway.signing_in.visitors import hand_out, take_back, visitor_of
from shared.access import NEEDS_SECOND_FACTOR
from shared.adapters.mongo_sessions import Session
from shared.contracts.message import Id
from shared.rejection import NotAllowedNow, Rejected, Unavailable

router = APIRouter(include_in_schema=False)

DONE = {
    "password": "密码已修改，其他设备已全部退出。",
    "session": "那处登录已经结束。",
}


@router.get("/account")
async def get_account(
    edge: TheEdge, session: FinishedSession, request: Request, done: str = ""
) -> Response:
    left = await edge.second_factors.recovery_codes_left(session.actor.account_id)
    shown: dict[str, Any] = {
        "sessions": await sessions_of(edge, session),
        "recovery_codes_left": left,
        "done": DONE.get(done),
    }
    return render(request, "account.html", session.actor, **shown)


@router.get("/account/password")
async def get_password(session: TheSession, request: Request) -> Response:
    refuse_half(session)
    return _page(request, session, "account_password.html", None)


@router.post("/account/password")
async def post_password(edge: TheEdge, session: TheSession, request: Request) -> Response:
    refuse_half(session)
    typed = await typed_into(request)
    try:
        body = filled_in(bodies.ChangePassword, typed)
        if typed.get("again") != body.new_password:
            raise NotAllowedNow("两次填写的新密码不一样", again="请再填写一遍新密码")
        opened = await passwords.change(
            edge, visitor_of(request), session, body.old_password, body.new_password
        )
    except Unavailable:
        raise
    except Rejected as refusal:
        return _page(request, session, "account_password.html", refusal)
    response = RedirectResponse("/account?done=password" if session.is_finished else "/", 303)
    hand_out(request, response, opened)
    return response


@router.get("/account/second-factor")
async def get_second_factor(edge: TheEdge, session: TheSession, request: Request) -> Response:
    """Whoever has just signed in gets the picture at once; others show a key first."""
    refuse_password_owed(session)
    if session.owes == "second_factor":
        offer = await second_factor.offered(edge, session)
        offer = offer or await second_factor.offer(edge, visitor_of(request), session, "")
        return _offered(request, session, offer, None)
    return await _key(edge, request, session, None)


@router.post("/account/second-factor")
async def post_second_factor(edge: TheEdge, session: TheSession, request: Request) -> Response:
    refuse_password_owed(session)
    shown = (await typed_into(request)).get("shown", "")
    try:
        offer = await second_factor.offer(edge, visitor_of(request), session, shown[:200])
    except Unavailable:
        raise
    except Rejected as refusal:
        return await _key(edge, request, session, refusal)
    return _offered(request, session, offer, None)


@router.post("/account/second-factor/confirmation")
async def post_confirmation(edge: TheEdge, session: TheSession, request: Request) -> Response:
    refuse_password_owed(session)
    try:
        code = filled_in(bodies.Code, await typed_into(request)).code
        bound = await second_factor.accept(edge, visitor_of(request), session, code)
    except Unavailable:
        raise
    except Rejected as refusal:
        if offer := await second_factor.offered(edge, session):
            return _offered(request, session, offer, refusal)
        return await _key(edge, request, session, refusal)
    response = _recovery_codes(request, session, bound.recovery_codes)
    hand_out(request, response, bound.opened)
    return response


@router.post("/account/second-factor/recovery-codes")
async def post_recovery_codes(
    edge: TheEdge, session: FinishedSession, request: Request
) -> Response:
    try:
        code = filled_in(bodies.Code, await typed_into(request)).code
        codes = await second_factor.renew(edge, visitor_of(request), session, code)
    except Unavailable:
        raise
    except Rejected as refusal:
        return await _key(edge, request, session, refusal)
    return _recovery_codes(request, session, codes)


@router.post("/account/sessions/{session_id}/end")
async def post_end(
    edge: TheEdge, session: FinishedSession, request: Request, session_id: Annotated[Id, Path()]
) -> Response:
    await end_one(edge, visitor_of(request), session, session_id)
    return RedirectResponse("/account?done=session", 303)


@router.post("/account/sign-out-everywhere")
async def post_everywhere(edge: TheEdge, session: FinishedSession, request: Request) -> Response:
    await leave_everywhere(edge, visitor_of(request), session)
    response = RedirectResponse("/sign-in", 303)
    take_back(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def _key(
    edge: Edge, request: Request, session: Session, refusal: Rejected | None
) -> Response:
    """What to show before the lock is changed: the password, or a code."""
    left = await edge.second_factors.recovery_codes_left(session.actor.account_id)
    return _page(request, session, "account_second_factor.html", refusal, codes_left=left)


def _offered(
    request: Request, session: Session, offer: second_factor.Offer, refusal: Rejected | None
) -> Response:
    needed = session.actor.role in NEEDS_SECOND_FACTOR
    shown: dict[str, Any] = {"offer": offer, "is_needed": needed}
    return _page(request, session, "account_second_factor_offer.html", refusal, **shown)


def _recovery_codes(request: Request, session: Session, codes: tuple[str, ...]) -> Response:
    return render(request, "account_recovery_codes.html", session.actor, codes=codes)


def _page(
    request: Request, session: Session, template: str, refusal: Rejected | None, **shown: Any
) -> Response:
    """As long as something is owed there is nothing else to go to, so no navigation."""
    actor = session.actor if session.is_finished else None
    status = STATUS[refusal.code] if refusal else 200
    return render(request, template, actor, status, session=session, problem=refusal, **shown)
