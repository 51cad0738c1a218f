"""How often somebody has tried lately: counted in the database, for all gateway processes."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import AsyncMongoClient

from shared.adapters.trouble import as_unavailable
from shared.settings import Settings

LONGEST = timedelta(days=1)
Document = dict[str, Any]


@dataclass(frozen=True)
class Allowance:
    """At most so many tries in so long a time."""

    tries: int
    within: timedelta


class Attempts:
    """Documents `{_id, key, at}` in the gateway's database; a key is kept as its hash."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._attempts = client[settings.database("gateway")]["attempts"]

    async def create_indexes(self) -> None:
        await self._attempts.create_index("at", expireAfterSeconds=int(LONGEST.total_seconds()))
        await self._attempts.create_index([("key", 1), ("at", 1)])

    async def begin(self, key: str) -> ObjectId:
        """Count a try before it is made, so that many at once are all seen. Raises Unavailable."""
        attempt = {"key": _hash(key), "at": datetime.now(UTC)}
        with as_unavailable():
            begun = await self._attempts.insert_one(attempt)
        return ObjectId(begun.inserted_id)

    async def forgive(self, attempt: ObjectId) -> None:
        """It was a good one: it does not count."""
        with as_unavailable():
            await self._attempts.delete_one({"_id": attempt})

    async def is_too_many(self, key: str, allowed: Allowance) -> bool:
        """Whether more tries were begun than allowed."""
        lately = {"key": _hash(key), "at": {"$gt": datetime.now(UTC) - allowed.within}}
        with as_unavailable():
            begun = await self._attempts.count_documents(lately, limit=allowed.tries + 1)
        return begun > allowed.tries


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
