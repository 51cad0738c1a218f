"""Rings when a log grows: a change stream that is only a doorbell, so losing it loses nothing."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from shared.adapters.mongo import Document
from shared.rejection import Unavailable

RINGS: Final[list[dict[str, Any]]] = [
    {"$match": {"operationType": "insert"}},
    {"$project": {"documentKey._id": 1, "fullDocument.n": 1}},
]
"""The change stream, cut down to what a doorbell says: where, and how many."""

POLL_EVERY: Final = 0.5
"""Seconds between looks at the head, for the times when nobody rings."""

QUIET: Final = 1000
"""Milliseconds that MongoDB holds a question for changes open; far below the socket's timeout."""


def rung_to(change: Any) -> int:
    """Position of the last event that a change tells about."""
    return int(change["documentKey"]["_id"] + change["fullDocument"]["n"] - 1)


class Doorbell:
    """One change stream per process, shared by any number of waiting threads."""

    def __init__(self, commits: Collection[Document], head: Callable[[], int]) -> None:
        self._commits = commits
        self._head = head
        self._reached = 0
        self._rang = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def wait(self, position: int, timeout: float) -> bool:
        """See EventLog.wait_for_more."""
        until = time.monotonic() + timeout
        self._listen_from_now_on()
        while not self._is_closed:
            if self._heard(position, min(POLL_EVERY, until - time.monotonic())):
                return True
            if self._looked(position):
                return True
            if time.monotonic() >= until:
                return False
        return False

    def close(self) -> None:
        self._is_closed = True
        self._ring(0)
        if self._thread is not None:
            self._thread.join()

    def _heard(self, position: int, timeout: float) -> bool:
        with self._rang:
            return self._rang.wait_for(
                lambda: self._reached > position or self._is_closed, max(0.0, timeout)
            )

    def _looked(self, position: int) -> bool:
        try:
            return self._head() > position
        except Unavailable:
            return False

    def _listen_from_now_on(self) -> None:
        with self._rang:
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="doorbell", daemon=True)
                self._thread.start()

    def _listen(self) -> None:
        while not self._is_closed:
            try:
                self._pass_on()
            except PyMongoError:  # the waiting threads look for themselves meanwhile
                time.sleep(POLL_EVERY)

    def _pass_on(self) -> None:
        with self._commits.watch(RINGS, max_await_time_ms=QUIET) as changes:
            while not self._is_closed:
                if change := changes.try_next():
                    self._ring(rung_to(change))

    def _ring(self, position: int) -> None:
        with self._rang:
            self._reached = max(self._reached, position)
            self._rang.notify_all()
