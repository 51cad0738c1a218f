"""A lease as one MongoDB document, with times of the server."""

import os
import secrets
import socket
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from shared.adapters.trouble import as_unavailable
from shared.settings import Settings

Document = dict[str, Any]


def owner_of(settings: Settings) -> str:
    """Who takes a lease. With an instance name (INSTANCE), a process that was killed and started
    again is the same owner and goes on at once; without one it waits for the old term to end.

    No two processes of a service on one host may share an instance name.
    """
    if settings.instance:
        return f"{socket.gethostname()}/{settings.instance}"
    return f"{socket.gethostname()}/{os.getpid()}-{secrets.token_hex(4)}"


LIGHTLY = WriteConcern(w=1, j=False)
"""For renewals: one that a crash forgets only lets the lease run out earlier. Taking is durable."""


class MongoLease:
    """Implements shared.lease.Lease: `{_id: name, owner, token, expires_at}` in `leases`."""

    def __init__(self, database: Database[Document], name: str) -> None:
        self._leases = database["leases"]
        self._renewals = self._leases.with_options(write_concern=LIGHTLY)
        self._name = name

    def take(self, owner: str, seconds: float) -> int | None:
        """One update decides on the server; a query with `$expr` could not make the first one."""
        is_ours = {"$eq": ["$owner", owner]}
        is_free = {"$lte": [{"$ifNull": ["$expires_at", "$$NOW"]}, "$$NOW"]}
        fresh = {
            "owner": owner,
            "token": {"$add": [{"$ifNull": ["$token", 0]}, 1]},
            "expires_at": _from_now(seconds),
        }
        may = {"$or": [is_ours, is_free]}
        changes = {name: {"$cond": [may, new, f"${name}"]} for name, new in fresh.items()}
        with as_unavailable():
            try:
                found = self._leases.find_one_and_update(
                    {"_id": self._name},
                    [{"$set": changes}],
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                return None  # two came to a lease that did not exist yet; the other has it
        return int(found["token"]) if found and found["owner"] == owner else None

    def renew(self, token: int, seconds: float) -> bool:
        with as_unavailable():
            renewed = self._renewals.update_one(
                {"_id": self._name, "token": token},
                [{"$set": {"expires_at": _from_now(seconds)}}],
            )
        return renewed.matched_count == 1

    def release(self, token: int) -> None:
        with as_unavailable():
            self._leases.update_one(
                {"_id": self._name, "token": token}, [{"$set": {"expires_at": "$$NOW"}}]
            )


def _from_now(seconds: float) -> Document:
    return {"$add": ["$$NOW", int(seconds * 1000)]}
