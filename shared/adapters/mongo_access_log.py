"""The access log in MongoDB (`<county>_access`): chained and appended to like the county's log."""

import asyncio
import hmac
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

from pymongo import AsyncMongoClient, MongoClient

from shared.access_log import ACCESS_CODEC, NOBODY, Entry, Wanted
from shared.adapters.mongo import Document, create_log_indexes
from shared.adapters.mongo_log import MongoLog
from shared.adapters.trouble import as_unavailable
from shared.contracts.access_log import AccessEvent
from shared.event_codec import CODEC, EventCodec
from shared.event_log import NewCommit
from shared.settings import Settings

DATABASE = "access"


def open_access_log(client: MongoClient[Document], settings: Settings) -> MongoLog:
    """The log itself, for whoever writes or verifies it."""
    name = settings.database(DATABASE)
    return MongoLog(client, name, settings.command_deadline, ACCESS_CODEC)


def create_access_log_indexes(client: MongoClient[Document], settings: Settings) -> None:
    """Those of every log, and one for what somebody did. None of them lets an entry expire."""
    database = client[settings.database(DATABASE)]
    create_log_indexes(database)
    if "by" not in database.commits.index_information():
        database.commits.create_index([("by", 1), ("_id", -1)], name="by")


class MongoAccessLog:
    """An AccessLog (see there). Every entry is a stream of its own, so writers never conflict."""

    def __init__(
        self,
        writing: MongoClient[Document],
        reading: AsyncMongoClient[Document],
        settings: Settings,
    ) -> None:
        self._writing, self._settings = writing, settings
        self._log = open_access_log(writing, settings)
        self._entries = Entries(reading, settings.database(DATABASE), ACCESS_CODEC)

    async def create_indexes(self) -> None:
        """Raises Unavailable."""
        with as_unavailable():
            await asyncio.to_thread(create_access_log_indexes, self._writing, self._settings)

    async def record(self, event: AccessEvent, role: str = "") -> None:
        await asyncio.to_thread(self._log.append, _commit(event, role))

    async def entries(self, wanted: Wanted) -> list[Entry]:
        return await self._entries.of(wanted)

    def close(self) -> None:
        """Write what waits; the clients stay open."""
        self._log.close()


class Entries:
    """Reads a log backwards, for the auditor: the access log or the county's own."""

    def __init__(
        self, client: AsyncMongoClient[Document], database: str, codec: EventCodec = CODEC
    ) -> None:
        self._commits = client[database].commits
        self._codec = codec

    async def of(self, wanted: Wanted) -> list[Entry]:
        """The newest first. Raises Unavailable."""
        with as_unavailable():
            found = self._commits.find(_query(wanted), sort=[("_id", -1)], limit=wanted.limit)
            commits = await found.to_list()
        return [entry for commit in commits for entry in self._told(commit, wanted)]

    def _told(self, commit: Document, wanted: Wanted) -> list[Entry]:
        facts = self._codec.facts(commit, types=wanted.types or None)
        return [
            Entry(said.position, said.at, said.by, said.role, fact.event)
            for fact in reversed(facts)
            for said in (fact.commit,)
        ]


class NameMarks:
    """Hashes of names that are no account: whoever tries one twice is seen, what it was is not.

    Somebody may have typed a password there, so the hash has a key, kept in the gateway's database.
    """

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._keys = client[settings.database("gateway")]["keys"]
        self._key = b""

    async def mark(self, name: str) -> str:
        """Sixteen hex digits. Raises Unavailable."""
        key = self._key or await self._load()
        return hmac.digest(key, name.encode(), "sha256").hex()[:16]

    async def _load(self) -> bytes:
        fresh = {"$setOnInsert": {"key": secrets.token_bytes(32)}}
        with as_unavailable():
            await self._keys.update_one({"_id": "names"}, fresh, upsert=True)
            kept = await self._keys.find_one({"_id": "names"})
        self._key = bytes(kept["key"]) if kept else b""
        return self._key


def _commit(event: AccessEvent, role: str) -> NewCommit:
    entry = uuid.uuid4().hex
    return NewCommit(
        stream=f"access-{entry}",
        expected_version=0,
        events=(event,),
        command_id=entry,
        command="Record",
        digest="",
        at=datetime.now(UTC),
        by=event.account_id or NOBODY,
        role=role,
    )


def _query(wanted: Wanted) -> dict[str, Any]:
    conditions = {
        "by": wanted.by,
        "events.d.account_id": wanted.about,
        "events.t": {"$in": sorted(wanted.types)} if wanted.types else None,
        "at": _span(wanted.since, wanted.until),
        "_id": {"$lt": wanted.before} if wanted.before is not None else None,
    }
    return {name: value for name, value in conditions.items() if value is not None}


def _span(since: datetime | None, until: datetime | None) -> dict[str, datetime] | None:
    ends = {"$gte": since, "$lt": until}
    return {name: at for name, at in ends.items() if at is not None} or None
