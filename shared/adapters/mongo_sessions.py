"""Server-side sessions: an opaque token in a cookie, its hash and the actor in the database."""

import hashlib
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import AsyncMongoClient

from shared.adapters.trouble import as_unavailable
from shared.contracts.actor import Actor
from shared.settings import Settings

LIFETIME = timedelta(hours=12)
REMEMBERED_SECONDS = 2.0
"""How long a process may trust a session without asking again (see docs/decisions)."""

MAX_REMEMBERED = 10_000
Document = dict[str, Any]


class Sessions:
    """Open, look up and end sessions. A stolen database holds no usable token."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._sessions = client[settings.database("gateway")]["sessions"]
        self._remembered: dict[str, tuple[Actor, float]] = {}

    async def create_indexes(self) -> None:
        await self._sessions.create_index("expires_at", expireAfterSeconds=0)
        await self._sessions.create_index("account_id")

    async def open(self, actor: Actor) -> str:
        """A new session's token. Raises Unavailable."""
        token = secrets.token_urlsafe(32)
        with as_unavailable():
            await self._sessions.insert_one(
                {
                    "_id": _hash(token),
                    "account_id": actor.account_id,
                    "actor": actor.model_dump(),
                    "expires_at": datetime.now(UTC) + LIFETIME,
                }
            )
        return token

    async def actor(self, token: str) -> Actor | None:
        """Whose session this is; None when it is unknown, ended or expired."""
        hashed = _hash(token)
        remembered = self._remembered.get(hashed)
        if remembered and remembered[1] > time.monotonic():
            return remembered[0]
        self._remembered.pop(hashed, None)
        with as_unavailable():
            found = await self._sessions.find_one({"_id": hashed})
        if found is None or found["expires_at"] < datetime.now(UTC):
            return None
        return self._remember(hashed, Actor.model_validate(found["actor"]))

    def _remember(self, hashed: str, actor: Actor) -> Actor:
        if len(self._remembered) >= MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[hashed] = (actor, time.monotonic() + REMEMBERED_SECONDS)
        return actor

    async def end(self, token: str) -> None:
        """Sign out. Raises Unavailable."""
        self._remembered.pop(_hash(token), None)
        with as_unavailable():
            await self._sessions.delete_one({"_id": _hash(token)})

    async def end_all_of(self, account_id: str) -> None:
        """After an account was disabled or changed, nobody stays signed in with the old role."""
        self._remembered = {
            hashed: (actor, until)
            for hashed, (actor, until) in self._remembered.items()
            if actor.account_id != account_id
        }
        with as_unavailable():
            await self._sessions.delete_many({"account_id": account_id})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
