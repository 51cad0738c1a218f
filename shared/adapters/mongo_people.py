"""The erasable collection of personal records, written before a command is sent."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from shared.adapters.trouble import as_unavailable
from shared.personal import Note, Particulars, PersonalRecord
from shared.rejection import CommandIdReused
from shared.settings import Settings

KINDS: dict[str, type[PersonalRecord]] = {"particulars": Particulars, "note": Note}
P = TypeVar("P", bound=PersonalRecord)
Document = dict[str, Any]


class PeopleStore:
    """Documents `{_id, kind, kept_at, record: {…}}` in the county's `people` database."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        durable = WriteConcern(w="majority", j=True)
        database = client[settings.database("people")]
        self._records = database.get_collection("records", write_concern=durable)

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
        with as_unavailable():
            try:
                await self._records.insert_one(document)
            except DuplicateKeyError:
                return await self._is_same(record_id, record)
        return True

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
