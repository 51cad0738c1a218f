"""Signing in and out, and where else one is signed in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from services.gateway.api.bodies import SignIn
from services.gateway.edge import Edge, FinishedSession, TheEdge, TheSession, token_of
from services.gateway.signing_in.steps import Visitor, with_password_and_code
from services.gateway.signing_in.visitors import hand_out, take_back, visitor_of
from services.gateway.strict import StrictRoute
from shared.adapters.mongo_sessions import Session as Known
from shared.contracts.access_log import SignedOut, SignOutCause
from shared.contracts.message import Id
from shared.rejection import NotFound

router = APIRouter(route_class=StrictRoute, prefix="/api/v1/session", tags=["session"])


class Session(BaseModel):
    """Who is signed in. `owes`: what has to be done before anything else is open."""

    account_id: str
    role: str
    organization_id: str | None
    area_ids: tuple[str, ...]
    owes: str | None

    @classmethod
    def of(cls, known: Known) -> "Session":
        return cls(owes=known.owes, **known.actor.model_dump(exclude={"request_id"}))


class Elsewhere(BaseModel):
    """One browser or program that is signed in with this account."""

    session_id: str
    device: str
    opened_at: datetime
    seen_at: datetime
    is_this_one: bool


async def sessions_of(edge: Edge, session: Known) -> list[Elsewhere]:
    found = await edge.sessions.of_account(session.actor.account_id)
    return [
        Elsewhere(
            session_id=one.session_id,
            device=one.device,
            opened_at=one.opened_at,
            seen_at=one.seen_at,
            is_this_one=one.session_id == session.session_id,
        )
        for one in found
    ]


async def leave(edge: Edge, request: Request, response: Response) -> None:
    """Sign out here; without a session there is nothing to do."""
    token = token_of(request)
    session = await edge.sessions.find(token, surely=True) if token else None
    if token and session:
        await _note(edge, visitor_of(request), session, "asked", session.session_id)
        await edge.sessions.end(token)
    take_back(response)


async def leave_everywhere(edge: Edge, visitor: Visitor, session: Known) -> None:
    """This browser too: whoever fears a stranger signs in anew."""
    await _note(edge, visitor, session, "everywhere", None)
    await edge.sessions.end_all_of(session.actor.account_id)


async def end_one(edge: Edge, visitor: Visitor, session: Known, session_id: str) -> None:
    """Raises NotFound."""
    if not await edge.sessions.end_one(session.actor.account_id, session_id):
        raise NotFound("没有找到这处登录，它可能已经退出")
    await _note(edge, visitor, session, "one_session", session_id)


async def _note(
    edge: Edge, visitor: Visitor, session: Known, cause: SignOutCause, session_id: str | None
) -> None:
    entry = SignedOut(
        account_id=session.actor.account_id,
        session_id=session_id,
        cause=cause,
        address=visitor.address,
    )
    await edge.access_log.record(entry, session.actor.role)


@router.post("", summary="登录")
async def sign_in(edge: TheEdge, request: Request, response: Response, body: SignIn) -> Session:
    """With a second factor, `code` goes along; without it the answer is 401 `code_needed`."""
    visitor = visitor_of(request)
    opened = await with_password_and_code(edge, visitor, body.name, body.password, body.code)
    hand_out(request, response, opened)
    return Session.of(opened.session)


@router.get("", summary="我是谁")
async def who_am_i(session: TheSession) -> Session:
    return Session.of(session)


@router.delete("", status_code=204, summary="退出登录")
async def sign_out(edge: TheEdge, request: Request, response: Response) -> None:
    await leave(edge, request, response)


@router.get("/all", summary="我在哪些设备上登录")
async def get_sessions(edge: TheEdge, session: FinishedSession) -> list[Elsewhere]:
    return await sessions_of(edge, session)


@router.delete("/all", status_code=204, summary="退出所有设备")
async def delete_sessions(
    edge: TheEdge, session: FinishedSession, request: Request, response: Response
) -> None:
    await leave_everywhere(edge, visitor_of(request), session)
    take_back(response)


@router.delete("/all/{session_id}", status_code=204, summary="结束一处登录")
async def delete_session(
    edge: TheEdge, session: FinishedSession, request: Request, session_id: Annotated[Id, Path()]
) -> None:
    await end_one(edge, visitor_of(request), session, session_id)
