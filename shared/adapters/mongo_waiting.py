"""An append on its way into the log, and the caller who waits for it."""

import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from shared.adapters.mongo import Document
from shared.event_codec import appended, repeat_of
from shared.event_log import Appended, NewCommit
from shared.rejection import CommandIdReused, Unavailable

Outcome = Appended | BaseException


@dataclass(eq=False)
class Waiting:
    """One append and the caller who waits for it. `hashes`: under which it has been sent."""

    new: NewCommit
    body: bytes
    deadline: float
    hashes: set[str] = field(default_factory=set)
    is_in_doubt: bool = False
    outcome: Outcome | None = None
    _until_done: threading.Lock = field(default_factory=threading.Lock)
    _line: deque["Waiting"] = field(default_factory=deque)
    _has_left: bool = False

    def __post_init__(self) -> None:
        self._until_done.acquire()

    @property
    def key(self) -> tuple[str, int]:
        return self.new.stream, self.new.expected_version

    @property
    def is_wanted(self) -> bool:
        return self.outcome is None and time.monotonic() < self.deadline

    def settle(self, outcome: Outcome) -> None:
        settle_in_line([(self, outcome)])

    def settle_from(self, stored: Document) -> None:
        """The command id is in the log: by this very append, or by an earlier one."""
        try:
            is_own = stored["hash"] in self.hashes
            self.settle(appended(stored) if is_own else repeat_of(stored, self.new.digest))
        except CommandIdReused as reused:
            self.settle(reused)

    def result(self) -> Appended:
        """What became of it, at the deadline at the latest. Afterwards `leave`."""
        self._until_done.acquire(timeout=max(0.0, self.deadline - time.monotonic()))
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        if self.outcome is None:
            raise Unavailable("系统暂时无法确认是否已保存,请稍后用同一操作编号重试")
        return self.outcome

    def leave(self) -> None:
        """Whoever goes, with or without an answer, hands on what the next one waits for."""
        self._has_left = True
        _wake_next(self._line)


def settle_in_line(outcomes: Iterable[tuple[Waiting, Outcome]]) -> None:
    """Answer these callers and wake the first of them; each wakes the next when he runs.

    Woken all at once, they would only queue up again for the interpreter's lock, and take the
    processor from it: that was a fifth of what an append costs.
    """
    line: deque[Waiting] = deque()
    for waiting, outcome in outcomes:
        waiting.outcome, waiting._line = outcome, line
        line.append(waiting)
    _wake_next(line)


def _wake_next(line: deque[Waiting]) -> None:
    """Wake the next one who is still there.

    Nobody is overlooked: who leaves says so before he looks at his line, and here it is the other
    way round. So at least one of the two sees the other.
    """
    with suppress(IndexError):  # the end of the line
        while True:
            waiting = line.popleft()
            waiting._until_done.release()
            if not waiting._has_left:
                return
