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
Begun = ObjectId
"""One try that was counted."""


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

    async def begin(self, key: str) -> Begun:
        """Count a try before it is made, so that many at once are all seen. Raises Unavailable."""
        attempt = {"key": _hash(key), "at": datetime.now(UTC)}
        with as_unavailable():
            begun = await self._attempts.insert_one(attempt)
        return ObjectId(begun.inserted_id)

    async def forgive(self, attempt: Begun) -> None:
        """It was a good one: it does not count."""
        with as_unavailable():
            await self._attempts.delete_one({"_id": attempt})

    async def others(self, key: str, mine: Begun, most: int) -> list[datetime]:
        """When the latest tries but this one were begun, at most so many; the newest first."""
        lately = {"$gt": datetime.now(UTC) - LONGEST}
        wanted = {"key": _hash(key), "_id": {"$ne": mine}, "at": lately}
        with as_unavailable():
            found = await self._attempts.find(wanted, sort=[("at", -1)], limit=most).to_list()
        return [one["at"] for one in found]

    async def forget(self, key: str) -> None:
        """Whoever got in has shown who it is: earlier tries do not count any more."""
        with as_unavailable():
            await self._attempts.delete_many({"key": _hash(key)})

    async def is_too_many(self, key: str, allowed: Allowance) -> bool:
        """Whether more tries were begun than allowed."""
        lately = {"key": _hash(key), "at": {"$gt": datetime.now(UTC) - allowed.within}}
        with as_unavailable():
            begun = await self._attempts.count_documents(lately, limit=allowed.tries + 1)
        return begun > allowed.tries


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
