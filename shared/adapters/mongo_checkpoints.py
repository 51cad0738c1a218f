"""How far readers have come, in MongoDB: of subscriptions and of the relay.

Written without waiting for a majority: a checkpoint that is lost in a failover only means that
some facts are taken again.
"""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from shared.adapters.trouble import as_unavailable
from shared.relay import LeaseLost, Trail

Document = dict[str, Any]

LIGHTLY = WriteConcern(w=1, j=False)


class MongoCheckpoints:
    """Implements shared.subscriptions.Checkpoints: `{_id: subscription, position}`."""

    def __init__(self, database: Database[Document]) -> None:
        self._checkpoints = database.get_collection("checkpoints", write_concern=LIGHTLY)

    def load(self, subscription: str) -> int:
        with as_unavailable():
            found = self._checkpoints.find_one({"_id": subscription})
        return int(found["position"]) if found else 0

    def store(self, subscription: str, position: int) -> None:
        with as_unavailable():
            self._checkpoints.update_one(
                {"_id": subscription}, {"$max": {"position": position}}, upsert=True
            )

    def all(self) -> dict[str, int]:
        """Every subscription of this database and its position."""
        with as_unavailable():
            found = self._checkpoints.find(sort=[("_id", ASCENDING)])
            return {row["_id"]: int(row["position"]) for row in found}


class MongoTrails:
    """Implements shared.relay.Trails: the relay's checkpoint, fenced by the lease's token."""

    def __init__(self, database: Database[Document], name: str = "relay") -> None:
        self._checkpoints = database.get_collection("checkpoints", write_concern=LIGHTLY)
        self._name = name

    def load(self) -> Trail:
        with as_unavailable():
            found = self._checkpoints.find_one({"_id": self._name})
        if found is None:
            return Trail()
        return Trail(found["position"], found["previous"], tuple(found["recent"]))

    def store(self, trail: Trail, token: int) -> None:
        row = {
            "position": trail.position,
            "previous": dict(trail.previous),
            "recent": list(trail.recent),
            "token": token,
        }
        with as_unavailable():
            try:
                self._checkpoints.replace_one(
                    {"_id": self._name, "token": {"$lte": token}}, row, upsert=True
                )
            except DuplicateKeyError as taken:
                raise LeaseLost from taken
