"""What a pure function makes of every row of a view, kept in memory and never far behind it."""

import threading
from collections.abc import Callable, Collection, Hashable
from typing import Final, Generic, NamedTuple, TypeVar

from shared.adapters.mongo_views import ViewStore
from shared.views import Row

R = TypeVar("R", bound=Row)
T = TypeVar("T")

PAGE: Final = 500
"""Rows read at once: between pages others get their turn, and memory stays small."""


class Seen(NamedTuple, Generic[T]):
    """What has been made of all rows, and the position up to which they contain everything."""

    made: Collection[T]
    position: int


class Remembered(Generic[R, T]):
    """For questions about all rows that are asked often: only rows that have changed are read.

    `reached`: the view's checkpoint. The view needs an index on `at_position`. Share one per
    process between all threads.
    """

    def __init__(self, rows: ViewStore[R], reached: Callable[[], int]) -> None:
        self._rows = rows
        self._reached = reached
        self._basis: Hashable = None
        self._made: dict[str, T] = {}
        self._position = 0
        self._looking = threading.Lock()

    def look(self, basis: Hashable, make: Callable[[R], T]) -> Seen[T]:
        """Everything made of the rows as they are. Raises Unavailable.

        `basis` names what `make` depends on beside the row; another one means making all anew.
        """
        with self._looking:
            if basis != self._basis:
                self._basis, self._made, self._position = basis, {}, 0
            reached = self._reached()
            if reached > self._position:
                self._read_on(make)
                self._position = reached
            return Seen([*self._made.values()], self._position)

    def _read_on(self, make: Callable[[R], T]) -> None:
        """Read what lies behind the checkpoint of the last look: up to there all was in the rows.

        A row that changes meanwhile moves back to the end, and is read there once more.
        """
        position, page = self._position, PAGE
        while page == PAGE:
            moved = self._rows.moved(position, PAGE)
            for key, stored in moved:
                position = stored.at_position
                self._made.pop(key, None)
                if stored.row is not None:
                    self._made[key] = make(stored.row)
            page = len(moved)
