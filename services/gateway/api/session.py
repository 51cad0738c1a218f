"""Signing in and out; delays instead of lock-outs."""

import time
from collections import defaultdict

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.gateway.api.bodies import SignIn
from services.gateway.edge import (
    COOKIE,
    QUERY_SECONDS,
    SECURE_COOKIE,
    Edge,
    SignedIn,
    TheEdge,
    token_of,
)
from services.gateway.problems import SignInNeeded, TooManyAttempts
from services.gateway.strict import StrictRoute
from shared.contracts.actor import Actor
from shared.rejection import NotFound

router = APIRouter(route_class=StrictRoute, prefix="/api/v1/session", tags=["session"])

FREE_ATTEMPTS = 5
LONGEST_DELAY = 60
MAX_NAMES = 10_000


class Attempts:
    """Failed sign-ins by name and address: from the sixth on, each doubles the wait."""

    def __init__(self) -> None:
        self._failed: dict[str, int] = defaultdict(int)
        self._not_before: dict[str, float] = {}

    def refuse_if_too_many(self, key: str) -> None:
        wait = self._not_before.get(key, 0.0) - time.monotonic()
        if wait > 0:
            raise TooManyAttempts(int(wait) + 1)

    def failed(self, key: str) -> None:
        if len(self._failed) >= MAX_NAMES:
            self._failed.clear()
            self._not_before.clear()
        self._failed[key] += 1
        extra = self._failed[key] - FREE_ATTEMPTS
        if extra > 0:
            self._not_before[key] = time.monotonic() + min(LONGEST_DELAY, 2 ** min(extra, 6))

    def succeeded(self, key: str) -> None:
        self._failed.pop(key, None)
        self._not_before.pop(key, None)


attempts = Attempts()


class Session(BaseModel):
    """Who is signed in."""

    account_id: str
    role: str
    organization_id: str | None
    area_ids: tuple[str, ...]


async def open_session(edge: Edge, request: Request, response: Response, body: SignIn) -> Actor:
    """Check name and password in the accounts service and set the cookie. Raises SignInNeeded."""
    key = f"{body.name}|{request.client.host if request.client else ''}"
    attempts.refuse_if_too_many(key)
    actor = await _actor_of(edge, body)
    if actor is None:
        attempts.failed(key)
        raise SignInNeeded("用户名或密码不正确，请检查后重试")
    attempts.succeeded(key)
    token = await edge.sessions.open(actor)
    is_secure = request.url.scheme == "https"
    response.set_cookie(
        SECURE_COOKIE if is_secure else COOKIE,
        token,
        httponly=True,
        secure=is_secure,
        samesite="lax",
        path="/",
    )
    return actor


async def _actor_of(edge: Edge, body: SignIn) -> Actor | None:
    """The password is checked here, the account's state by its service; both must agree."""
    if not await edge.credentials.is_right(body.name, body.password):
        return None
    try:
        asked = {"account_id": body.name}
        found = await edge.rpc.call("accounts", "actor", asked, deadline=QUERY_SECONDS)
    except NotFound:
        return None
    return Actor.model_validate(found)


async def close_session(edge: Edge, request: Request, response: Response) -> None:
    if token := token_of(request):
        await edge.sessions.end(token)
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(name, path="/", secure=name == SECURE_COOKIE)


@router.post("", summary="登录")
async def sign_in(edge: TheEdge, request: Request, response: Response, body: SignIn) -> Session:
    actor = await open_session(edge, request, response, body)
    return Session.model_validate(actor.model_dump())


@router.get("", summary="我是谁")
async def who_am_i(actor: SignedIn) -> Session:
    return Session.model_validate(actor.model_dump())


@router.delete("", status_code=204, summary="退出登录")
async def sign_out(edge: TheEdge, request: Request, response: Response) -> None:
    await close_session(edge, request, response)
