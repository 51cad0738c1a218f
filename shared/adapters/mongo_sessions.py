"""Server-side sessions: an opaque token in a cookie, its hash and the actor in the database.

Every process follows the collection's change stream, so a session that one process ends is
forgotten by all of them as soon as its end is durable. A process that does not hear the stream
trusts nothing it remembers.
"""

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from shared.adapters.mongo import is_passing
from shared.adapters.trouble import as_unavailable
from shared.contracts.access_log import SignInMeans
from shared.contracts.actor import Actor
from shared.settings import Settings

UNFINISHED_FOR: Final = timedelta(minutes=10)
"""How long somebody may take from the password to the code."""

REMEMBERED_SECONDS: Final = 60.0
MAX_REMEMBERED: Final = 10_000
LISTENS_FOR_MS: Final = 1000
ENDS: Final = [{"$match": {"operationType": {"$in": ["delete", "drop", "invalidate"]}}}]

Document = dict[str, Any]
Owes = Literal["code", "new_password", "second_factor"]
"""What is missing before a session may do anything else."""


@dataclass(frozen=True)
class Session:
    """One browser, signed in. `session_id` names it to its owner; the token is known to nobody."""

    session_id: str
    actor: Actor
    means: tuple[SignInMeans, ...]
    owes: Owes | None
    device: str
    opened_at: datetime
    seen_at: datetime
    ends_at: datetime

    @property
    def is_finished(self) -> bool:
        return self.owes is None


class _Remembered(NamedTuple):
    session: Session
    until: float


class Sessions:
    """Open, look up and end sessions. A stolen database holds no usable token."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._sessions = client[settings.database("gateway")]["sessions"]
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._longest = timedelta(hours=settings.session_hours)
        self._remembered: dict[str, _Remembered] = {}
        self._ended: dict[str, None] = {}
        self._hearing: object | None = None
        """One object for each time that the stream stands; None while it does not."""

    async def create_indexes(self) -> None:
        await self._sessions.create_index("expires_at", expireAfterSeconds=0)
        await self._sessions.create_index("account_id")

    async def run(self) -> None:
        """Forget what ends anywhere, for ever; without the stream nothing is remembered."""
        while True:
            try:
                await self._listen()
            except PyMongoError as error:
                if not is_passing(error):
                    raise
            finally:
                self._hearing = None
                self._remembered.clear()
            await asyncio.sleep(0.5)

    async def _listen(self) -> None:
        async with await self._sessions.watch(ENDS, max_await_time_ms=LISTENS_FOR_MS) as ends:
            await ends.try_next()  # it stands when this returns
            self._hearing = object()
            while ends.alive:
                if (ended := await ends.try_next()) is not None:
                    self._note_the_end(ended.get("documentKey", {}).get("_id", ""))

    def _note_the_end(self, hashed: str) -> None:
        """Also for a look that is on its way, and would remember what it saw before the end."""
        self._remembered.pop(hashed, None)
        self._ended[hashed] = None
        if len(self._ended) > MAX_REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def new(
        self, actor: Actor, means: tuple[SignInMeans, ...], owes: Owes | None, device: str
    ) -> Session:
        """A session that is not kept yet."""
        at = _now()
        longest = UNFINISHED_FOR if owes == "code" else self._longest
        return Session(secrets.token_hex(8), actor, means, owes, device, at, at, at + longest)

    async def keep(self, session: Session) -> str:
        """The token of a new session. Raises Unavailable."""
        token = secrets.token_urlsafe(32)
        kept = {
            "_id": _hash(token),
            "account_id": session.actor.account_id,
            "session_id": session.session_id,
            "actor": session.actor.model_dump(),
            "means": list(session.means),
            "owes": session.owes,
            "device": session.device,
            "opened_at": session.opened_at,
            "seen_at": session.seen_at,
            "ends_at": session.ends_at,
            "expires_at": self._expiry(session),
        }
        with as_unavailable():
            await self._sessions.insert_one(kept)
        return token

    async def find(
        self, token: str, *, surely: bool = False, is_used: bool = True
    ) -> Session | None:
        """Whose session this is; None when it is unknown, ended, idle too long or too old.

        `surely` asks the database even when the answer is remembered; without `is_used` the look
        does not count as being there. Raises Unavailable.
        """
        hashed = _hash(token)
        remembered = self._remembered.get(hashed)
        if remembered and not surely and remembered.until > time.monotonic():
            return remembered.session
        self._remembered.pop(hashed, None)
        hearing = self._hearing
        with as_unavailable():
            found = await self._sessions.find_one({"_id": hashed})
        if found is None or found["expires_at"] < _now():
            return None
        session = _session(found)
        if not is_used:
            return session
        seen = await self._touched(hashed, session)
        self._remember(hashed, seen, hearing)
        return seen

    async def actor(self, token: str) -> Actor | None:
        """Who may work with this token; a look that does not keep the session awake."""
        session = await self.find(token, is_used=False)
        return session.actor if session and session.is_finished else None

    async def _touched(self, hashed: str, session: Session) -> Session:
        """Note once a minute that somebody is there."""
        at = _now()
        if at - session.seen_at < timedelta(seconds=REMEMBERED_SECONDS):
            return session
        seen = replace(session, seen_at=at)
        moved = {"$set": {"seen_at": at, "expires_at": self._expiry(seen)}}
        with as_unavailable():
            await self._sessions.update_one({"_id": hashed}, moved)
        return seen

    def _remember(self, hashed: str, session: Session, hearing: object | None) -> None:
        """Only if its end would have been heard since before the look."""
        if hearing is None or hearing is not self._hearing or hashed in self._ended:
            return
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        until = time.monotonic() + min(REMEMBERED_SECONDS, self._idle.total_seconds())
        self._remembered[hashed] = _Remembered(session, until)

    def _expiry(self, session: Session) -> datetime:
        return min(session.ends_at, session.seen_at + self._idle)

    async def of_account(self, account_id: str) -> list[Session]:
        """Where somebody is signed in now, the latest first."""
        wanted = {"account_id": account_id, "owes": {"$ne": "code"}, "expires_at": {"$gt": _now()}}
        with as_unavailable():
            found = await self._sessions.find(wanted, sort=[("seen_at", -1)]).to_list()
        return [_session(one) for one in found]

    async def end(self, token: str) -> None:
        """Sign out. Raises Unavailable."""
        self._remembered.pop(_hash(token), None)
        with as_unavailable():
            await self._sessions.delete_one({"_id": _hash(token)})

    async def end_one(self, account_id: str, session_id: str) -> bool:
        """Sign out one other browser of the same account; whether there was one."""
        self._forget(account_id)
        with as_unavailable():
            ended = await self._sessions.delete_one(
                {"account_id": account_id, "session_id": session_id}
            )
        return bool(ended.deleted_count)

    async def end_all_of(self, account_id: str) -> None:
        """Nobody stays signed in with an old password, an old role, or when it was disabled."""
        self._forget(account_id)
        with as_unavailable():
            await self._sessions.delete_many({"account_id": account_id})

    def _forget(self, account_id: str) -> None:
        self._remembered = {
            hashed: kept
            for hashed, kept in self._remembered.items()
            if kept.session.actor.account_id != account_id
        }


def _session(kept: Document) -> Session:
    return Session(
        session_id=kept["session_id"],
        actor=Actor.model_validate(kept["actor"]),
        means=tuple(kept["means"]),
        owes=kept["owes"],
        device=kept["device"],
        opened_at=kept["opened_at"],
        seen_at=kept["seen_at"],
        ends_at=kept["ends_at"],
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
