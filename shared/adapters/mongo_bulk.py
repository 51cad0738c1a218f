"""Filling a county's log in one go, before any service writes to it.

Same documents, same chain, same durability as shared.adapters.mongo_commits, without its care for
others: whoever else appends meanwhile makes the next insert fail with a duplicate position.
"""

from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from shared.adapters.mongo import Document, create_log_indexes
from shared.event_codec import CODEC
from shared.event_log import NewCommit
from shared.hash_chain import GENESIS, seal

BATCH = 1000


class BulkLog:
    """Takes commits in order; `close` writes the last ones. `position`: of the last event."""

    def __init__(self, database: Database[Document]) -> None:
        create_log_indexes(database)
        self._commits = database.commits
        self._sealed: list[RawBSONDocument] = []
        self._prev = GENESIS
        self.position = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been written to this log yet."""
        return self._commits.find_one({}, {"_id": 1}) is None

    def write(self, commit: NewCommit) -> None:
        """Raises pymongo's BulkWriteError when somebody else has written to the log."""
        document, self._prev = seal(self.position + 1, CODEC.body(commit), self._prev)
        self._sealed.append(RawBSONDocument(document))
        self.position += len(commit.events)
        if len(self._sealed) >= BATCH:
            self.close()

    def close(self) -> None:
        """Write what waits, at majority and journal."""
        if self._sealed:
            self._commits.insert_many(self._sealed, ordered=True)
            self._sealed = []
