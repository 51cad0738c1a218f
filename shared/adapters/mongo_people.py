"""The erasable collection of personal records, written before a command is sent."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.write_concern import WriteConcern

from shared.adapters.trouble import as_unavailable
from shared.personal import Note, Particulars, PersonalRecord
from shared.rejection import CommandIdReused, Unavailable
from shared.settings import Settings

KINDS: dict[str, type[PersonalRecord]] = {"particulars": Particulars, "note": Note}
Document = dict[str, Any]

DUPLICATE_KEY = 11000
MOST_AT_ONCE = 200


class PeopleStore:
    """Documents `{_id, kind, kept_at, record: {…}}` in the county's `people` database."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        durable = WriteConcern(w="majority", j=True)
        database = client[settings.database("people")]
        self._records = database.get_collection("records", write_concern=durable)
        self._waiting: list[tuple[Document, asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, record_id: str, record: PersonalRecord) -> bool:
        """Store a record durably; True when it is new, False when the same was there before.

        Raises CommandIdReused when the id holds something else, Unavailable without a database.
        """
        document = {
            "_id": record_id,
            "kind": type(record).__name__.lower(),
            "kept_at": datetime.now(UTC),
            "record": record.model_dump(),
        }
        if await self._inserted(document):
            return True
        return await self._is_same(record_id, record)

    async def _inserted(self, document: Document) -> bool:
        """Whether the record is new. Records that wait at the same time are stored in one write."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def _write(self) -> None:
        """One write after the other, each with everything that came during the one before."""
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                known = await self._insert([document for document, _ in batch])
            except Exception as trouble:  # whatever it is, it is each waiting caller's answer
                for _, stored in batch:
                    _answer(stored, trouble)
            else:
                for number, (_, stored) in enumerate(batch):
                    _answer(stored, number not in known)

    async def _insert(self, documents: list[Document]) -> set[int]:
        """Numbers of those whose id was known before."""
        with as_unavailable():
            try:
                await self._records.insert_many(documents, ordered=False)
            except BulkWriteError as partly:
                problems = partly.details["writeErrors"]
                if not problems:
                    raise Unavailable("数据库还没有确认写入，请稍后用同一操作重试") from partly
                if any(problem["code"] != DUPLICATE_KEY for problem in problems):
                    raise
                return {problem["index"] for problem in problems}
        return set()

    async def _is_same(self, record_id: str, record: PersonalRecord) -> bool:
        found = await self.read([record_id])
        if found.get(record_id) != record:
            raise CommandIdReused("这个操作编号已用于另一项内容，请刷新页面后重新提交")
        return False

    async def read(self, record_ids: Iterable[str]) -> dict[str, PersonalRecord]:
        """The records that exist, by id, in clear: the caller masks them for the reader."""
        with as_unavailable():
            found = self._records.find({"_id": {"$in": list(record_ids)}})
            return {
                document["_id"]: KINDS[document["kind"]].model_validate(document["record"])
                async for document in found
            }

    async def forget(self, record_id: str) -> None:
        """Take back a record whose command was refused."""
        with as_unavailable():
            await self._records.delete_one({"_id": record_id})


class PeopleReader:
    """One record at a time, in clear, for a process without asyncio that is about to use it."""

    def __init__(self, database: Database[Document]) -> None:
        self._records = database["records"]

    def read(self, record_id: str) -> PersonalRecord | None:
        """None when it has been erased. Raises Unavailable."""
        with as_unavailable():
            found = self._records.find_one({"_id": record_id})
        return KINDS[found["kind"]].model_validate(found["record"]) if found else None


def _answer(stored: asyncio.Future[bool], outcome: bool | Exception) -> None:
    """The caller may have gone away meanwhile."""
    if stored.done():
        return
    if isinstance(outcome, Exception):
        stored.set_exception(outcome)
    else:
        stored.set_result(outcome)
