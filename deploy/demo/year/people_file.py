"""Whom the year's requests are about, and what was noted: apart from the log, as always."""

from datetime import UTC, datetime
from typing import Any

from deploy.demo.year.arrivals import Wish
from shared.adapters.mongo import Document
from shared.personal import Note, Particulars, PersonalRecord

BATCH = 1000


class PeopleFile:
    """Writes personal records as shared.adapters.mongo_people stores them, many at a time."""

    def __init__(self, database: Any) -> None:
        self._records = database.records
        self._waiting: list[Document] = []

    def keep_particulars(self, record_id: str, wish: Wish) -> None:
        self._keep(record_id, Particulars.model_validate(wish["particulars"]))

    def keep_note(self, record_id: str, text: str) -> None:
        self._keep(record_id, Note(text=text))

    def close(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._records.insert_many(self._waiting, ordered=False)
            self._waiting = []

    def _keep(self, record_id: str, record: PersonalRecord) -> None:
        self._waiting.append(
            {
                "_id": record_id,
                "kind": type(record).__name__.lower(),
                "kept_at": datetime.now(UTC),
                "record": record.model_dump(),
            }
        )
        if len(self._waiting) >= BATCH:
            self.close()
