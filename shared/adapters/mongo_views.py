"""Views in MongoDB: a row carries the position it stands at, in the same write as its effect."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from pymongo import ASCENDING, InsertOne, ReplaceOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from shared.adapters.trouble import as_unavailable
from shared.event_log import Recorded
from shared.rejection import Unavailable
from shared.verify_views import Stored
from shared.views import Row, View

R = TypeVar("R", bound=Row)
Document = dict[str, Any]

DUPLICATE_KEY = 11000
RECALLED_SECONDS = 1.0

HERE = {"gone": {"$ne": True}}


class ViewStore(Generic[R]):
    """One view's collection (`<name>_v<version>`), written by folding and read by filters.

    A document is `{_id: key, at_position, row fields…}`; a dropped row stays as `{gone: true}`, so
    that a late duplicate of an earlier fact cannot bring it back.
    """

    def __init__(self, database: Database[Document], view: View[R]) -> None:
        self.view = view
        self._fields = frozenset(view.row.model_fields)
        self._recalled: dict[str, R] | None = None
        self._recalled_at = 0.0
        self._rows: Collection[Document] = database.get_collection(
            view.collection, read_concern=ReadConcern("local")
        )

    def create_indexes(self) -> None:
        for fields in self.view.indexes:
            self._rows.create_index([(field, ASCENDING) for field in fields])

    def fold(self, facts: Sequence[Recorded]) -> None:
        """Apply facts in log order; facts a row has seen already change nothing.

        What it has returned from is durable. The reader goes on from there without looking back, so
        a row lost in a crash would take its next fact on top of a state that lacks one.
        Raises Unavailable when the database cannot be reached; folding again is always safe.
        """
        by_key: dict[str, list[Recorded]] = defaultdict(list)
        for fact in facts:
            key = self.view.key(fact)
            if key is not None:
                by_key[key].append(fact)
        with as_unavailable():
            while by_key:
                by_key = self._fold_once(by_key)

    def _fold_once(self, by_key: dict[str, list[Recorded]]) -> dict[str, list[Recorded]]:
        """Write every row once; what another instance wrote meanwhile comes back to be folded."""
        stored = {found["_id"]: found for found in self._rows.find({"_id": {"$in": [*by_key]}})}
        written: list[str] = []
        writes: list[InsertOne[Document] | ReplaceOne[Document]] = []
        for key, facts in by_key.items():
            before = stored.get(key)
            after = self._after(key, before, facts)
            if after is not None:
                written.append(key)
                writes.append(_write(before, after))
        if not writes:
            return {}
        try:
            self._rows.bulk_write(writes, ordered=False)
        except BulkWriteError as partly:
            return {key: by_key[key] for key in (written[at] for at in _overtaken(partly))}
        return {}

    def _after(
        self, key: str, before: Document | None, facts: Sequence[Recorded]
    ) -> Document | None:
        """The document after the facts it has not seen; None when there is nothing new."""
        stands_at = before["at_position"] if before else 0
        unseen = [fact for fact in facts if fact.position > stands_at]
        if not unseen:
            return None
        row = self._typed(before)
        for fact in unseen:
            row = self.view.project(row, fact)
        place = {"_id": key, "at_position": unseen[-1].position}
        return {**place, "gone": True} if row is None else {**place, **row.model_dump()}

    def _typed(self, found: Mapping[str, Any] | None) -> R | None:
        if found is None or found.get("gone"):
            return None
        fields = {name: value for name, value in found.items() if name in self._fields}
        # BSON has no tuples, and messages inside a row are strict
        return self.view.row.model_validate(fields, strict=False)

    def get(self, key: str) -> R | None:
        """The row of one key, or None. Raises Unavailable."""
        with as_unavailable():
            return self._typed(self._rows.find_one({"_id": key}))

    def wait_for(self, key: str, position: int, seconds: float) -> bool:
        """Wait until the row has seen this position (one's own write); False when it is late."""
        until = time.monotonic() + seconds
        while True:
            with as_unavailable():
                found = self._rows.find_one({"_id": key}, {"at_position": 1})
            if found and found["at_position"] >= position:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.01)

    def find(
        self,
        where: Mapping[str, Any],
        sort: Sequence[tuple[str, int]] = (("_id", ASCENDING),),
        skip: int = 0,
        limit: int = 0,
    ) -> list[R]:
        """Rows that match a MongoDB filter. Callers build filters from typed values only."""
        with as_unavailable():
            found = self._rows.find({**HERE, **where}, sort=list(sort), skip=skip, limit=limit)
            return [row for row in map(self._typed, found) if row is not None]

    def count(self, where: Mapping[str, Any]) -> int:
        with as_unavailable():
            return self._rows.count_documents({**HERE, **where})

    def count_by(self, field: str, where: Mapping[str, Any]) -> dict[str, int]:
        """How many matching rows each value of `field` has (rows without a value are left out)."""
        steps = [
            {"$match": {**HERE, **where, field: {"$ne": None}}},
            {"$group": {"_id": f"${field}", "count": {"$sum": 1}}},
        ]
        with as_unavailable():
            return {group["_id"]: group["count"] for group in self._rows.aggregate(steps)}

    def elements(
        self,
        field: str,
        where: Mapping[str, Any],
        *,
        newest_by: str,
        limit: int,
        keep: Sequence[str] = (),
    ) -> list[Document]:
        """Elements of a tuple field, over all rows, that match; the highest `newest_by` first.

        Each comes as `{_id: key, <field>: the element, and the row's fields in keep}`.
        """
        last: list[Document] = [{"$sort": {f"{field}.{newest_by}": -1}}, {"$limit": limit}]
        kept = [{"$project": dict.fromkeys((field, *keep), 1)}]
        with as_unavailable():
            return list(self._rows.aggregate([*_matching(field, where), *last, *kept]))

    def count_elements(self, field: str, where: Mapping[str, Any], most: int) -> int:
        """How many elements of a tuple field match; counting stops at `most`."""
        counting: list[Document] = [{"$limit": most}, {"$count": "count"}]
        with as_unavailable():
            found = list(self._rows.aggregate([*_matching(field, where), *counting]))
        return found[0]["count"] if found else 0

    def all(self) -> dict[str, R]:
        """Every row by key; for small views."""
        kept = self.everything().items()
        return {key: stored.row for key, stored in kept if stored.row is not None}

    def recall(self) -> dict[str, R]:
        """Every row by key, about a second old: for what changes rarely and is asked often.

        One caller looks again when it is time; the others go on with what was known.
        """
        now = time.monotonic()
        if self._recalled is None:
            self._recalled = self.all()
        elif now - self._recalled_at > RECALLED_SECONDS:
            self._recalled_at = now
            self._recalled = self.all()
        return self._recalled

    def moved(self, after: int, limit: int) -> list[tuple[str, Stored[R]]]:
        """Rows that have seen something after a position, dropped ones too, oldest change first.

        Needs an index on `at_position`. A row that changes meanwhile moves to the end.
        """
        with as_unavailable():
            behind = {"at_position": {"$gt": after}}
            found = self._rows.find(behind, sort=[("at_position", ASCENDING)], limit=limit)
            return [(one["_id"], Stored(one["at_position"], self._typed(one))) for one in found]

    def everything(self) -> dict[str, Stored[R]]:
        """Every row with its position, the dropped ones too: what `verify` compares."""
        with as_unavailable():
            return {
                found["_id"]: Stored(found["at_position"], self._typed(found))
                for found in self._rows.find()
            }


def _matching(field: str, where: Mapping[str, Any]) -> list[Document]:
    """Rows with such an element, then each such element as a row of its own."""
    return [
        {"$match": {**HERE, field: {"$elemMatch": dict(where)}}},
        {"$unwind": f"${field}"},
        {"$match": {f"{field}.{name}": value for name, value in where.items()}},
    ]


def _write(before: Document | None, after: Document) -> InsertOne[Document] | ReplaceOne[Document]:
    """Fails with a duplicate key when another instance has written the row meanwhile.

    MongoDB stores the new rows of one write together, which upserts are not.
    """
    if before is None:
        return InsertOne(after)
    same = {"_id": before["_id"], "at_position": before["at_position"]}
    return ReplaceOne(same, after, upsert=True)


def _overtaken(partly: BulkWriteError) -> list[int]:
    """Which writes another instance was faster with; anything else is re-raised."""
    problems = partly.details["writeErrors"]
    if not problems:
        raise Unavailable("数据库还没有确认写入，将自动重试") from partly
    if strange := [problem for problem in problems if problem["code"] != DUPLICATE_KEY]:
        raise RuntimeError(f"view write refused: code {strange[0]['code']}") from partly
    return [problem["index"] for problem in problems]
