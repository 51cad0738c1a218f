"""How far a subscription has come, and whether a message is the next one."""

import threading
from collections import deque
from collections.abc import Sequence

from shared.cloud_events import MARK, Received


class Progress:
    """Which positions are taken, which are settled, and up to where all are. Thread-safe."""

    def __init__(self, start: int) -> None:
        self._lock = threading.Lock()
        self._taken: deque[int] = deque()
        self._done: set[int] = set()
        self.reached = start
        """Everything of ours up to here has been taken."""

    def take(self, positions: Sequence[int], reached: int) -> None:
        """Ascending positions, all after `reached` so far."""
        with self._lock:
            self._taken.extend(positions)
            self.reached = reached

    def settle(self, positions: Sequence[int]) -> None:
        with self._lock:
            self._done.update(positions)
            while self._taken and self._taken[0] in self._done:
                self._done.remove(self._taken.popleft())

    def low(self) -> int:
        """Everything up to here is settled."""
        with self._lock:
            return self._taken[0] - 1 if self._taken else self.reached

    def is_settled(self, position: int) -> bool:
        with self._lock:
            low = self._taken[0] - 1 if self._taken else self.reached
            return position <= low or position in self._done

    @property
    def in_flight(self) -> int:
        return len(self._taken) - len(self._done)


def follows(received: Received, reached: int, marks: frozenset[str]) -> bool:
    """Whether the message itself proves that nothing of ours lies between `reached` and it.

    It is the very next event; or every event in between has a mark, and none of the marks is ours.
    `previous` beyond `reached` is a hole on its own route.
    """
    between = received.position - reached - 1
    if between == 0:
        return True
    if received.previous > reached or between * MARK > len(received.recent):
        return False
    said = received.recent[len(received.recent) - between * MARK :]
    return marks.isdisjoint(said[at : at + MARK] for at in range(0, len(said), MARK))
