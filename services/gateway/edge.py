"""What the gateway holds while it runs, and how it hands a command to the service that decides."""

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from services.gateway.problems import SignInNeeded, SignInUnfinished
from services.gateway.signing_in.machines import admitted, is_from_a_machine, token_in
from services.gateway.signing_in.provider import SingleSignOn
from services.gateway.tail import Tail
from shared.access_log import AccessLog
from shared.adapters.credentials import Credentials
from shared.adapters.mongo_access_log import Entries, NameMarks
from shared.adapters.mongo_attempts import Attempts
from shared.adapters.mongo_imports import ImportStore
from shared.adapters.mongo_second_factors import SecondFactors
from shared.adapters.mongo_sessions import Session, Sessions
from shared.adapters.mongo_tokens import Tokens
from shared.adapters.rpc_client import RpcClient
from shared.adapters.vault_client import Vault
from shared.contracts.actor import Actor
from shared.contracts.message import Command
from shared.contracts.registry import context_of
from shared.handling import Instruction, to_wire
from shared.personal import PersonalRecord
from shared.rejection import CommandIdReused, InvalidInput, Rejected, Unavailable
from shared.settings import Settings

NAMESPACE = uuid.UUID("6f0f2a5e-52a2-4d2c-9a55-0c8b5a3f6c11")
"""Ids that follow from a command id are made in this namespace, so a repeat makes the same ones."""

COOKIE = "session"
SECURE_COOKIE = "__Host-session"
QUERY_SECONDS = 8.0
LOOKING = frozenset({"GET", "HEAD"})
BY_ITSELF = "known-position"
"""The header of what an open page asks by itself; it does not mean that somebody is there."""

SIGN_IN_FIRST = "请先登录，或重新登录（登录已过期）"


@dataclass(frozen=True)
class Edge:
    """The gateway's connections, made once at start.

    `importer_news` wakes this process's import worker, which would look by itself a little later.
    """

    settings: Settings
    rpc: RpcClient
    vault: Vault
    sessions: Sessions
    credentials: Credentials
    second_factors: SecondFactors
    tokens: Tokens
    access_log: AccessLog
    county_log: Entries
    name_marks: NameMarks
    single_sign_on: SingleSignOn | None
    attempts: Attempts
    tail: Tail
    imports: ImportStore
    importer_news: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(
        self,
        service: str,
        method: str,
        by: Actor,
        *,
        deadline: float = QUERY_SECONDS,
        **question: Any,
    ) -> Any:
        """A query; the service limits the answer to what `by` may see."""
        asked = {"by": by.model_dump(mode="json"), **question}
        return await self.rpc.call(service, method, asked, deadline=deadline)

    async def refuse(self, command: Command, command_id: str) -> None:
        """Raises what the command would be refused with just now, before work goes into it."""
        said = to_wire(Instruction(command, command_id, command_id))
        await self.rpc.call(
            context_of(type(command).__name__), "refuse", said, deadline=QUERY_SECONDS
        )

    async def give(
        self,
        command: Command,
        command_id: str,
        records: dict[str, PersonalRecord] | None = None,
        expected_version: int | None = None,
    ) -> dict[str, Any]:
        """A command, with the personal records it refers to stored before it is sent.

        When the command is refused, records that were new are taken back; when its outcome is
        unknown they stay, because a repeat with the same id will need them.
        """
        kept, case = (records or {}).items(), getattr(command, "request_id", "")
        new = [key for key, record in kept if await self.vault.keep(key, record, case)]
        asked = Instruction(command, command_id, command_id, expected_version)
        try:
            return await self._send(asked)
        except (Unavailable, CommandIdReused):
            raise
        except Rejected:
            if new:
                await self.vault.forget(new)
            raise

    async def _send(self, asked: Instruction) -> dict[str, Any]:
        answer: dict[str, Any] = await self.rpc.call(
            context_of(asked.name),
            "handle",
            to_wire(asked),
            deadline=self.settings.command_deadline,
        )
        return answer


def edge_of(request: Request) -> Edge:
    edge: Edge = request.app.state.edge
    return edge


def token_of(request: Request) -> str | None:
    return request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)


async def session_of(request: Request) -> Session:
    """The session of the cookie, also one that still owes something. Raises SignInNeeded.

    Before a write the database is asked, so that an ended session writes nothing, in no process.
    """
    token = token_of(request)
    found = token and await edge_of(request).sessions.find(
        token,
        surely=request.method not in LOOKING,
        is_used=BY_ITSELF not in request.headers,
    )
    if not found:
        raise SignInNeeded(SIGN_IN_FIRST)
    request.state.by = found.actor.account_id
    return found


async def finished_session(request: Request) -> Session:
    """A session that owes nothing any more. Raises SignInNeeded, SignInUnfinished."""
    session = await session_of(request)
    if session.owes is not None:
        raise SignInUnfinished(session.owes)
    return session


async def signed_in(request: Request) -> Actor:
    """The actor of the session cookie, or of a machine's token where it may go. See machines."""
    edge = edge_of(request)
    if is_from_a_machine(request):
        actor = await admitted(request, edge.tokens, edge.access_log, now())
        request.state.by = actor.account_id
        return actor
    return (await finished_session(request)).actor


SignedIn = Annotated[Actor, Depends(signed_in)]


async def still_there(request: Request) -> Actor | None:
    """Whose session or token this is by now, without counting as being there: for open streams."""
    edge = edge_of(request)
    if is_from_a_machine(request):
        token = await edge.tokens.find(token_in(request))
        return token.actor if token else None
    return await edge.sessions.actor(token_of(request) or "")


TheSession = Annotated[Session, Depends(session_of)]
FinishedSession = Annotated[Session, Depends(finished_session)]


async def current_edge(request: Request) -> Edge:
    """A coroutine, because FastAPI sends plain functions to a thread, which costs a millisecond."""
    return edge_of(request)


TheEdge = Annotated[Edge, Depends(current_edge)]


@dataclass(frozen=True)
class Asking:
    """One write: through which edge, by whom, under which id, and against which version."""

    edge: Edge
    actor: Actor
    command_id: str
    expected_version: int | None = None


async def asking(
    request: Request,
    idempotency_key: Annotated[
        str,
        Header(
            pattern=r"^[A-Za-z0-9_-]{8,64}$",
            description="由客户端生成的操作编号；网络不好时用同一编号重发，只会生效一次",
        ),
    ],
    if_match: Annotated[str | None, Header(description="看到的版本号；期间有人改过就拒绝")] = None,
) -> Asking:
    """One dependency, not one per header: FastAPI takes its time for each.

    Keys belong to the account, so nobody can meet or probe another's.
    """
    actor = await signed_in(request)
    command_id = f"{actor.account_id}:{idempotency_key}"
    request.state.correlation_id = command_id
    return Asking(edge_of(request), actor, command_id, version_in(if_match))


def version_in(if_match: str | None) -> int | None:
    """`"7"` → 7, nothing → None. Raises InvalidInput."""
    if if_match is None:
        return None
    digits = if_match.strip().strip('"')
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:  # noqa: PLR2004 - streams are short
        raise InvalidInput("If-Match 应为看到的版本号", **{"If-Match": '例如 "7"'})
    return int(digits)


TheAsking = Annotated[Asking, Depends(asking)]


def derived_id(prefix: str, command_id: str) -> str:
    """An id that a repeat of the same command makes again."""
    return f"{prefix}{uuid.uuid5(NAMESPACE, f'{prefix}|{command_id}').hex}"


def now() -> datetime:
    """The edge's clock, in the log's resolution of a millisecond."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
