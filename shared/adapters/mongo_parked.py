"""What subscriptions have set aside, in the collection `parked` of each service's database."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.adapters.mongo import connect
from shared.adapters.trouble import as_unavailable
from shared.parking import ParkedFact, Unreadable
from shared.settings import Settings

Document = dict[str, Any]

FIELDS = ("lane_key", "stream", "type", "state", "error", "attempts", "blocked_by")

MAX_DIGITS = 15
"""Of a position, as a person types it."""


class MongoParked:
    """Implements shared.parking.Parked, and what a person may do about it.

    A fact: `{_id: {subscription, position}, kind: "fact", lane_key, stream, type, state, error,
    attempts, blocked_by, parked_at}`; a message that is none: `{_id: {subscription, digest}, kind:
    "malformed", reason, routing_key, content_type, body (base64), state, parked_at}`.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._parked = database["parked"]

    def park(self, entry: ParkedFact) -> None:
        fields = {"kind": "fact", **{name: getattr(entry, name) for name in FIELDS}}
        with as_unavailable():
            try:
                self._parked.update_one(
                    {"_id": _id(entry.subscription, entry.position), "state": {"$ne": "discarded"}},
                    [{"$set": {**_literal(fields), "parked_at": _KEEP_TIME}}],
                    upsert=True,
                )
            except DuplicateKeyError:
                return  # it was discarded meanwhile
            if entry.state == "parked":
                self._parked.update_many(
                    {**_lane(entry), "state": "waiting", "_id.position": {"$gt": entry.position}},
                    {"$set": {"blocked_by": entry.position}},
                )

    def set_aside(self, message: Unreadable) -> None:
        digest = "m" + hashlib.sha256(message.body).hexdigest()[:15]
        fields = {
            "kind": "malformed",
            "state": "parked",
            "reason": message.reason,
            "routing_key": message.routing_key,
            "content_type": message.content_type,
            "body": base64.b64encode(message.body).decode(),
        }
        with as_unavailable():
            self._parked.update_one(
                {"_id": {"subscription": message.subscription, "digest": digest}},
                {"$setOnInsert": fields, "$currentDate": {"parked_at": True}},
                upsert=True,
            )

    def entries(self, subscription: str, lane_key: str | None = None) -> list[ParkedFact]:
        where: Document = {"kind": "fact", "_id.subscription": subscription}
        if lane_key is not None:
            where["lane_key"] = lane_key
        with as_unavailable():
            found = self._parked.find(where, sort=[("_id.position", ASCENDING)])
            return [_typed(document) for document in found]

    def remove(self, subscription: str, position: int) -> None:
        with as_unavailable():
            self._parked.delete_one({"_id": _id(subscription, position)})

    def everything(self, with_discarded: bool = False) -> list[Document]:
        """All documents, for a person to look at."""
        where = {} if with_discarded else {"state": {"$ne": "discarded"}}
        with as_unavailable():
            return list(self._parked.find(where, sort=[("parked_at", ASCENDING)]))

    def find(self, subscription: str, mark: str) -> Document | None:
        """One document by its position, or by the digest of a message that nobody could read."""
        with as_unavailable():
            return self._parked.find_one({"_id": _named(subscription, mark)})

    def request_retry(self, subscription: str, position: int) -> bool:
        """Ask the running subscription to try this fact again; False when it is not parked."""
        with as_unavailable():
            return bool(
                self._parked.update_one(
                    {"_id": _id(subscription, position), "state": "parked"},
                    {
                        "$set": {"state": "retry_requested"},
                        "$currentDate": {"retry_requested_at": True},
                    },
                ).matched_count
            )

    def discard(self, subscription: str, mark: str, by: str, why: str) -> bool:
        """Give it up for good, keeping who and why; what waits behind it goes on."""
        with as_unavailable():
            return bool(
                self._parked.update_one(
                    {"_id": _named(subscription, mark), "state": {"$ne": "discarded"}},
                    {
                        "$set": {"state": "discarded", "discarded_by": by, "discarded_why": why},
                        "$currentDate": {"discarded_at": True},
                    },
                ).matched_count
            )


@contextmanager
def parking_lots(settings: Settings) -> Iterator[dict[str, MongoParked]]:
    """The parking lot of every database of a county that has one, by the database's purpose."""
    prefix = settings.database("")
    with connect(settings.mongodb_uri, "parked") as client, as_unavailable():
        names = [name for name in client.list_database_names() if name.startswith(prefix)]
        yield {
            name.removeprefix(prefix): MongoParked(client[name])
            for name in sorted(names)
            if "parked" in client[name].list_collection_names()
        }


_KEEP_TIME = {"$ifNull": ["$parked_at", "$$NOW"]}


def _id(subscription: str, position: int) -> Document:
    return {"subscription": subscription, "position": position}


def _named(subscription: str, mark: str) -> Document:
    if mark.isascii() and mark.isdigit() and len(mark) <= MAX_DIGITS:
        return _id(subscription, int(mark))
    return {"subscription": subscription, "digest": mark}


def _lane(entry: ParkedFact) -> Document:
    return {"kind": "fact", "_id.subscription": entry.subscription, "lane_key": entry.lane_key}


def _literal(fields: Mapping[str, Any]) -> Document:
    """Values as they are: a text that starts with `$` is no field name."""
    return {name: {"$literal": value} for name, value in fields.items()}


def _typed(document: Document) -> ParkedFact:
    at = document["_id"]
    return ParkedFact(
        subscription=at["subscription"],
        position=int(at["position"]),
        **{name: document[name] for name in FIELDS},
    )
