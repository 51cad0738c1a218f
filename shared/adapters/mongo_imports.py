"""Imports and their rows: what is still to be placed, what became of each, and who works on it.

Rows hold ids and codes; what a file says about people is in the vault only. Whether a row was
imported before is known by its fingerprint, whose key the vault keeps.
"""

import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypedDict

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.adapters.trouble import as_unavailable
from shared.rejection import Unavailable
from shared.settings import Settings

Document = dict[str, Any]
Status = Literal["preparing", "running", "done", "undoing", "undone", "stopped"]
Outcome = Literal["waiting", "placed", "unchanged", "refused", "withdrawn", "kept"]

KEPT_FOR = timedelta(days=90)
"""How long an import can be looked at and undone, and its rows are known as imported before."""

PREPARED_WITHIN = 600.0
"""Seconds after which an import that was never made ready is taken for abandoned."""

UNDER_WAY = ("preparing", "running", "undoing")
DUPLICATE_KEY = 11000


class Settled(TypedDict):
    """What became of one row, and why."""

    id: str
    outcome: Outcome
    reason: str


class ImportStore:
    """`imports` and `import_rows` in the gateway's own database."""

    def __init__(
        self,
        client: AsyncMongoClient[Document],
        settings: Settings,
        key: Callable[[], Awaitable[bytes]],
    ) -> None:
        database = client[settings.database("gateway")]
        self._imports = database["imports"]
        self._rows = database["import_rows"]
        self._ask_for_key = key
        self._key = b""

    async def create_indexes(self) -> None:
        await self._imports.create_index([("file", ASCENDING), ("attempt", DESCENDING)])
        await self._imports.create_index([("status", ASCENDING), ("held_until", ASCENDING)])
        await self._imports.create_index([("account_id", ASCENDING), ("begun_at", DESCENDING)])
        await self._rows.create_index(
            [("import_id", ASCENDING), ("outcome", ASCENDING), ("order", ASCENDING)]
        )
        await self._rows.create_index("fingerprint", sparse=True)
        for collection in (self._imports, self._rows):
            await collection.create_index("expires_at", expireAfterSeconds=0)

    async def begin(self, made: Mapping[str, Any]) -> None:
        """Note an import before anything of it is stored; the same one again changes nothing."""
        now = datetime.now(UTC)
        times = {"begun_at": now, "expires_at": now + KEPT_FOR, "held_until": _in(PREPARED_WITHIN)}
        with as_unavailable():
            try:
                await self._imports.insert_one({**made, **times, "status": "preparing"})
            except DuplicateKeyError:
                return

    async def add_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows to be placed; those that are there already stay as they are."""
        expires_at = datetime.now(UTC) + KEPT_FOR
        made = [
            {**row, "outcome": "waiting", "reason": "", "expires_at": expires_at} for row in rows
        ]
        with as_unavailable():
            try:
                await self._rows.insert_many(made, ordered=False)
            except BulkWriteError as partly:
                problems = partly.details["writeErrors"]
                if not problems:
                    raise Unavailable("数据库还没有确认写入，请重新提交同一文件") from partly
                if any(problem["code"] != DUPLICATE_KEY for problem in problems):
                    raise

    async def set_status(self, import_id: str, before: Sequence[Status], after: Status) -> bool:
        """Move on, free for whoever works next; False when it stands elsewhere by now."""
        change = {"$set": {"status": after, "held_until": _in(0)}}
        with as_unavailable():
            done = await self._imports.update_one(
                {"_id": import_id, "status": {"$in": list(before)}}, change
            )
        return done.matched_count > 0

    async def claim(self, owner: str, seconds: float) -> Document | None:
        """An import under way that nobody works on, ours for some seconds; the oldest first."""
        free = {"status": {"$in": list(UNDER_WAY)}, "held_until": {"$lt": datetime.now(UTC)}}
        with as_unavailable():
            found: Document | None = await self._imports.find_one_and_update(
                free,
                {"$set": {"held_by": owner, "held_until": _in(seconds)}},
                sort=[("begun_at", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
        return found

    async def hold(self, import_id: str, owner: str, seconds: float) -> bool:
        """Go on working on it; False when somebody else has taken over."""
        change = {"$set": {"held_until": _in(seconds)}}
        with as_unavailable():
            done = await self._imports.update_one({"_id": import_id, "held_by": owner}, change)
        return done.matched_count > 0

    async def rows(
        self, import_id: str, outcomes: Sequence[Outcome], limit: int, last_first: bool = False
    ) -> list[Document]:
        order = DESCENDING if last_first else ASCENDING
        where = {"import_id": import_id, "outcome": {"$in": list(outcomes)}}
        with as_unavailable():
            return await self._rows.find(where, sort=[("order", order)], limit=limit).to_list()

    async def settle(self, settled: Iterable[Settled]) -> None:
        writes = [
            UpdateOne(
                {"_id": row["id"]}, {"$set": {"outcome": row["outcome"], "reason": row["reason"]}}
            )
            for row in settled
        ]
        if writes:
            with as_unavailable():
                await self._rows.bulk_write(writes, ordered=False)

    async def try_again(self, import_id: str, before: Outcome, after: Outcome) -> None:
        """Every row with one outcome gets another."""
        change = {"$set": {"outcome": after, "reason": ""}}
        with as_unavailable():
            await self._rows.update_many({"import_id": import_id, "outcome": before}, change)

    async def of_file(self, file: str) -> Document | None:
        """The latest import of a file (its fingerprint)."""
        with as_unavailable():
            found: Document | None = await self._imports.find_one(
                {"file": file}, sort=[("attempt", DESCENDING)]
            )
        return found

    async def get(self, import_id: str) -> Document | None:
        with as_unavailable():
            found: Document | None = await self._imports.find_one({"_id": import_id})
        return found

    async def latest_of(self, account_id: str, limit: int) -> list[Document]:
        where = {"account_id": account_id}
        with as_unavailable():
            return await self._imports.find(
                where, sort=[("begun_at", DESCENDING)], limit=limit
            ).to_list()

    async def counts(self, import_id: str) -> dict[str, int]:
        """How many rows have each outcome."""
        steps: list[Mapping[str, Any]] = [
            {"$match": {"import_id": import_id}},
            {"$group": {"_id": "$outcome", "count": {"$sum": 1}}},
        ]
        with as_unavailable():
            found = await (await self._rows.aggregate(steps)).to_list()
        return {group["_id"]: group["count"] for group in found}

    async def imported_before(
        self, fingerprints: Iterable[str], except_of: str
    ) -> dict[str, Document]:
        """The rows of other imports with these fingerprints that were placed or wait to be."""
        where = {
            "fingerprint": {"$in": [mark for mark in fingerprints if mark]},
            "outcome": {"$in": ["waiting", "placed", "kept"]},
            "import_id": {"$ne": except_of},
        }
        with as_unavailable():
            return {found["fingerprint"]: found async for found in self._rows.find(where)}

    async def fingerprint_key(self) -> bytes:
        """The county's own key, asked for once."""
        if not self._key:
            self._key = await self._ask_for_key()
        return self._key


def fingerprint(key: bytes, content: bytes) -> str:
    """Tells the same row again, and nothing about it to who has no key."""
    return hmac.digest(key, content, "sha256").hex()


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
