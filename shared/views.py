"""A view is a fold over the log: one row per key, and the same fact twice changes nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.contracts.message import Event
from shared.event_log import Recorded


class Row(BaseModel):
    """One row of a read model; stored as native BSON, with `_id` = its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class View(Generic[R]):
    """Name + version = own collection and checkpoint; raise `version` when `project` changes.

    `handles`: the event types it folds. `key(fact)`: the one row a fact belongs to (None: no row);
    `project(row, fact)`: the row after the fact (None before its first; returning None drops it).
    `indexes`: field tuples to index, e.g. `(("status", "placed_at"),)`.
    Rows of one key are folded in log order, whatever streams the facts came from.
    """

    name: str
    version: int
    row: type[R]
    handles: tuple[type[Event], ...]
    key: Callable[[Recorded], str | None]
    project: Callable[[R | None, Recorded], R | None]
    indexes: tuple[tuple[str, ...], ...] = ()

    @property
    def collection(self) -> str:
        return f"{self.name}_v{self.version}"

    @property
    def types(self) -> frozenset[str]:
        return frozenset(kind.__name__ for kind in self.handles)


def rebuild(view: View[R], facts: Iterable[Recorded]) -> dict[str, R]:
    """The whole view in memory, from the log alone: what `verify` compares the database with."""
    rows: dict[str, R] = {}
    for fact in facts:
        fold_in(view, rows, fact)
    return rows


def fold_in(view: View[R], rows: dict[str, R], fact: Recorded) -> str | None:
    """One more fact into the rows; the key of the row it concerned, if it concerned one."""
    key = view.key(fact) if type(fact.event) in view.handles else None
    if key is None:
        return None
    row = view.project(rows.get(key), fact)
    if row is None:
        rows.pop(key, None)
    else:
        rows[key] = row
    return key


AnyView = View[Any]
