"""Tokens of machines: hashes, each with the account it acts as, its scopes and its end."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient

from shared.adapters.trouble import as_unavailable
from shared.contracts.accounts import TokenScope
from shared.contracts.actor import Actor
from shared.settings import Settings

PREFIX = "county_"
"""So that a token is recognised where it does not belong: in a repository, a chat, a log."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Token:
    """What the bearer of one token may do, and as whom. `used_at`: its last use, to the hour."""

    token_id: str
    actor: Actor
    scopes: frozenset[TokenScope]
    used_at: datetime | None


class Tokens:
    """`{_id: hash, token_id, account_id, actor, scopes, expires_at, used_at}`."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._tokens = client[settings.database("gateway")]["tokens"]

    async def create_indexes(self) -> None:
        await self._tokens.create_index("expires_at", expireAfterSeconds=0)
        await self._tokens.create_index("token_id", unique=True)
        await self._tokens.create_index("account_id")

    async def make(
        self, token_id: str, actor: Actor, scopes: tuple[TokenScope, ...], expires_at: datetime
    ) -> str | None:
        """The token, to be shown once; None when this id has one already, which nobody can read."""
        token = PREFIX + secrets.token_urlsafe(32)
        kept = {
            "_id": _hash(token),
            "account_id": actor.account_id,
            "actor": actor.model_dump(),
            "scopes": list(scopes),
            "expires_at": expires_at,
            "used_at": None,
        }
        with as_unavailable():
            done = await self._tokens.update_one(
                {"token_id": token_id}, {"$setOnInsert": kept}, upsert=True
            )
        return token if done.upserted_id is not None else None

    async def find(self, token: str) -> Token | None:
        """None when it is unknown, revoked or past its end."""
        with as_unavailable():
            found = await self._tokens.find_one({"_id": _hash(token)})
        if found is None or found["expires_at"] < datetime.now(UTC):
            return None
        return Token(
            found["token_id"],
            Actor.model_validate(found["actor"]),
            frozenset(found["scopes"]),
            found["used_at"],
        )

    async def note_use(self, token_id: str, hour: datetime) -> None:
        """So that the rest of the hour needs no further entry in the access log."""
        with as_unavailable():
            await self._tokens.update_one({"token_id": token_id}, {"$set": {"used_at": hour}})

    async def last_uses(self, account_id: str) -> dict[str, datetime | None]:
        """Token id → the hour of its last use."""
        with as_unavailable():
            found = await self._tokens.find({"account_id": account_id}).to_list()
        return {one["token_id"]: one["used_at"] for one in found}

    async def end(self, token_id: str) -> None:
        """Revoked."""
        with as_unavailable():
            await self._tokens.delete_one({"token_id": token_id})

    async def end_all_of(self, account_id: str) -> None:
        """The account's rights changed, and tokens stood on them."""
        with as_unavailable():
            await self._tokens.delete_many({"account_id": account_id})


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
