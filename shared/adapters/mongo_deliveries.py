"""The book of deliveries in MongoDB: how far each endpoint is, and how each letter fared."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

from shared.adapters.trouble import as_unavailable
from shared.deliveries import Endpoint, Tried, delivery_id

Document = dict[str, Any]

KEPT_SECONDS = 90 * 86400
"""How long a delivered letter stays in the book; what failed stays until somebody acts."""

FIELDS = {field.name for field in fields(Tried)}


class MongoBook:
    """Implements shared.deliveries.Book, and what a person may do about it.

    `delivery_cursors`: `{_id: endpoint_id, position, kind}`; `deliveries`: `{_id: delivery id,
    fields of Tried, delivered_at}`.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._cursors = database["delivery_cursors"]
        self._deliveries = database["deliveries"]

    def create_indexes(self) -> None:
        with as_unavailable():
            self._deliveries.create_index([("endpoint_id", ASCENDING), ("state", ASCENDING)])
            self._deliveries.create_index("delivered_at", expireAfterSeconds=KEPT_SECONDS)

    def cursor(self, endpoint_id: str) -> int | None:
        with as_unavailable():
            found = self._cursors.find_one({"_id": endpoint_id})
        return int(found["position"]) if found else None

    def begin(self, endpoint: Endpoint, position: int) -> None:
        new = {"position": position, "kind": endpoint.kind}
        with as_unavailable():
            self._cursors.update_one(
                {"_id": endpoint.endpoint_id}, {"$setOnInsert": new}, upsert=True
            )

    def move(self, endpoint_id: str, before: int, after: int) -> bool:
        with as_unavailable():
            moved = self._cursors.update_one(
                {"_id": endpoint_id, "position": before}, {"$set": {"position": after}}
            )
        return bool(moved.matched_count)

    def find(self, endpoint_id: str, position: int) -> Tried | None:
        with as_unavailable():
            found = self._deliveries.find_one({"_id": delivery_id(endpoint_id, position)})
        return _typed(found) if found else None

    def record(self, tried: Tried) -> None:
        done_at = tried.last_tried_at if tried.state == "delivered" else None
        document = {**asdict(tried), "delivered_at": done_at}
        with as_unavailable():
            self._deliveries.replace_one({"_id": tried.delivery_id}, document, upsert=True)

    def requested(self, endpoint_id: str) -> Sequence[Tried]:
        wanted = {"endpoint_id": endpoint_id, "state": "retry_requested"}
        with as_unavailable():
            found = self._deliveries.find(wanted, sort=[("position", ASCENDING)])
            return [_typed(document) for document in found]

    def cursors(self) -> list[Document]:
        with as_unavailable():
            return list(self._cursors.find(sort=[("_id", ASCENDING)]))

    def everything(self, with_delivered: bool = False) -> list[Tried]:
        """By endpoint, in order."""
        where = {} if with_delivered else {"state": {"$ne": "delivered"}}
        order = [("endpoint_id", ASCENDING), ("position", ASCENDING)]
        with as_unavailable():
            return [_typed(document) for document in self._deliveries.find(where, sort=order)]

    def request_retry(self, endpoint_id: str, position: int) -> bool:
        """Ask for one more attempt at a letter that was given up; False when it was not."""
        wanted = {"_id": delivery_id(endpoint_id, position), "state": "given_up"}
        with as_unavailable():
            asked = self._deliveries.update_one(wanted, {"$set": {"state": "retry_requested"}})
        return bool(asked.matched_count)

    def replay_from(self, endpoint_id: str, position: int) -> bool:
        """Deliver again what happened from a position on; False for an unknown endpoint."""
        again = {"endpoint_id": endpoint_id, "position": {"$gte": position}}
        with as_unavailable():
            self._deliveries.delete_many(again)
            moved = self._cursors.update_one(
                {"_id": endpoint_id, "position": {"$gte": position}},
                {"$set": {"position": position - 1}},
            )
        return bool(moved.matched_count)


def _typed(document: Document) -> Tried:
    return Tried(**{name: document[name] for name in FIELDS})
