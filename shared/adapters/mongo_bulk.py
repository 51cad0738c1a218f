"""Filling a county's log in one go, while no service writes to it.

Same documents, same chain, same durability as shared.adapters.mongo_commits, without its care for
others: whoever else appends meanwhile makes the next insert fail with a duplicate position.
"""

from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from shared.adapters.mongo import Document, create_log_indexes
from shared.event_codec import CODEC, last_position
from shared.event_log import NewCommit
from shared.hash_chain import GENESIS, seal

BATCH = 1000


class BulkLog:
    """Takes commits in order, behind what is there; `close` writes the last ones.

    `position`: of the last event; 0 while the log is empty.
    """

    def __init__(self, database: Database[Document]) -> None:
        create_log_indexes(database)
        self._commits = database.commits
        self._sealed: list[RawBSONDocument] = []
        newest = self._commits.find_one({}, sort=[("_id", -1)])
        self._prev = newest["hash"] if newest else GENESIS
        self.position = last_position(newest) if newest else 0

    def write(self, commit: NewCommit) -> None:
        """Raises pymongo's BulkWriteError when somebody else has written to the log."""
        self.write_body(CODEC.body(commit), len(commit.events))

    def write_body(self, body: bytes, events: int) -> None:
        """A commit as the codec encodes it: BSON of everything but its place and its seal."""
        document, self._prev = seal(self.position + 1, body, self._prev)
        self._sealed.append(RawBSONDocument(document))
        self.position += events
        if len(self._sealed) >= BATCH:
            self.close()

    def close(self) -> None:
        """Write what waits, at majority and journal."""
        if self._sealed:
            self._commits.insert_many(self._sealed, ordered=True)
            self._sealed = []
