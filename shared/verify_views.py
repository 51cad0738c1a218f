"""Compare stored rows with a rebuild from the log, row by row, while the system goes on working."""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from shared.event_log import Recorded
from shared.views import AnyView, Row

R = TypeVar("R", bound=Row)


class Stored(NamedTuple, Generic[R]):
    """A row as the database has it, and the position it says it stands at; None: dropped."""

    at_position: int
    row: R | None


class Difference(NamedTuple):
    """One row that is not what the log makes of it."""

    view: str
    key: str
    detail: str


class Comparison:
    """One view against the log, fact by fact, so that a single walk serves all views.

    `checkpoint` has to be read before `stored`, and the walk has to reach it: up to there nothing
    may be missing. Later facts may or may not be in a row yet.
    """

    def __init__(self, view: AnyView, stored: Mapping[str, Stored[Any]], checkpoint: int) -> None:
        self._view = view
        self._stored = stored
        self._checkpoint = checkpoint
        self._rows: dict[str, Any] = {}
        self._due: dict[str, int] = {}
        self._met: set[str] = set()
        self._found: list[Difference] = []

    def see(self, fact: Recorded) -> None:
        """The next fact of the log; a row is compared when the fold stands where the row stands."""
        key = self._view.key(fact) if type(fact.event) in self._view.handles else None
        if key is None:
            return
        self._rows[key] = self._view.project(self._rows.get(key), fact)
        if fact.position <= self._checkpoint:
            self._due[key] = fact.position
        kept = self._stored.get(key)
        if kept and kept.at_position == fact.position:
            self._met.add(key)
            if kept.row != self._rows[key]:
                self._differs(key, f"differs at position {fact.position}")

    def differences(self) -> list[Difference]:
        """What does not hold, after the whole walk."""
        for key, position in self._due.items():
            kept = self._stored.get(key)
            if kept is None or kept.at_position < position:
                self._differs(key, f"has not seen position {position}")
        known = {difference.key for difference in self._found}
        for key in sorted(self._stored.keys() - self._met - known):
            self._differs(key, "stands at a position where the log has nothing for it")
        return self._found

    def _differs(self, key: str, detail: str) -> None:
        self._found.append(Difference(self._view.collection, key, detail))


def differences(
    view: AnyView, facts: Iterable[Recorded], stored: Mapping[str, Stored[Any]], checkpoint: int
) -> list[Difference]:
    """Every stored row that is not the fold of its facts up to the position it stands at."""
    comparison = Comparison(view, stored, checkpoint)
    for fact in facts:
        comparison.see(fact)
    return comparison.differences()
