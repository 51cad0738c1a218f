"""Clients of MongoDB that never forget: writes at majority and journal, reads at majority, UTC."""

from typing import Any, Final

import pymongo
from pymongo import ASCENDING, AsyncMongoClient, MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError, WTimeoutError

Document = dict[str, Any]
Client = MongoClient[Document]

OPTIONS: Final[dict[str, Any]] = {
    "tz_aware": True,
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "retryWrites": True,
    "retryReads": True,
    "serverSelectionTimeoutMS": 2000,
    "connectTimeoutMS": 2000,
    "socketTimeoutMS": 5000,
    "heartbeatFrequencyMS": 2000,
}
"""What durability and quick failover need; an operation that may take longer than five seconds
runs inside `pymongo.timeout(seconds)`."""

INDEX_PATIENCE = 600.0
"""Seconds that building an index may take."""

_PASSING_CODES: Final = frozenset(
    {
        *(6, 7, 89, 9001),  # host unreachable, not found, network timeout, socket exception
        *(91, 11600, 11601, 11602),  # shutting down, interrupted
        *(189, 10107, 13435, 13436),  # not the primary (any more), recovering
        *(43, 175, 237),  # the cursor went away with the node
        *(50, 64, 134, 202, 262),  # not in time: operation, write concern, majority snapshot
    }
)


def connect(uri: str, name: str = "") -> MongoClient[Document]:
    """A client for plain or green threads; it connects by itself, now or when it first can.

    `name` shows up in MongoDB's own logs and statistics.
    """
    return MongoClient(uri, appname=name or None, **OPTIONS)


def connect_async(uri: str, name: str = "") -> AsyncMongoClient[Document]:
    """The same for asyncio; create it inside the running loop."""
    return AsyncMongoClient(uri, appname=name or None, **OPTIONS)


def is_passing(error: PyMongoError) -> bool:
    """Whether trying again later may help: nobody answered, or another node is taking over."""
    return (
        isinstance(error, ConnectionFailure | WTimeoutError)
        or error.timeout
        or error.has_error_label("RetryableWriteError")
        or getattr(error, "code", None) in _PASSING_CODES
    )


LOG_INDEXES: Final = {
    "command": [("command_id", ASCENDING)],
    "stream": [("stream", ASCENDING), ("version", ASCENDING)],
}


def create_log_indexes(database: Database[Document]) -> None:
    """The two promises about `commits` that MongoDB keeps for us.

    One commit per command id, for ever; one commit per stream and first version. Safe to repeat,
    also for a service, whose role may look at indexes but not make them.
    """
    with pymongo.timeout(INDEX_PATIENCE):
        known = database.commits.index_information()
        for name, keys in LOG_INDEXES.items():
            if name not in known:
                database.commits.create_index(keys, unique=True, name=name)
