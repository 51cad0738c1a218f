"""Links that are their own key: a hash of the token, what it stands for, until when."""

import hashlib
from datetime import datetime
from typing import Any

from pymongo.database import Database

from shared.adapters.trouble import as_unavailable

Document = dict[str, Any]


def hash_of(token: str) -> str:
    """What is kept of a token, and what may travel: a stolen database holds no usable link."""
    return hashlib.sha256(token.encode()).hexdigest()


class SecretLinks:
    """Documents `{_id: hash, stands_for: {…}, expires_at}`, gone some time after they expire."""

    def __init__(self, database: Database[Document]) -> None:
        self._links = database["rating_links"]
        with as_unavailable():
            self._links.create_index("expires_at", expireAfterSeconds=30 * 86400)

    def keep(self, token_hash: str, stands_for: Document, expires_at: datetime) -> None:
        link = {"stands_for": stands_for, "expires_at": expires_at}
        with as_unavailable():
            self._links.update_one({"_id": token_hash}, {"$setOnInsert": link}, upsert=True)

    def find(self, token_hash: str) -> Document | None:
        """What was kept, with its `expires_at`; None when unknown. Raises Unavailable."""
        with as_unavailable():
            found = self._links.find_one({"_id": token_hash})
        return {**found["stands_for"], "expires_at": found["expires_at"]} if found else None
