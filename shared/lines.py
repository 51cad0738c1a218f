"""Log lines leave together: a fiftieth of a second's worth in one piece, and bad news at once.

A line by itself is a system call for who writes it and a wake-up for who collects it; under load
both together cost a twelfth of the whole path of a request.
"""

import atexit
import threading
import time
from collections import deque
from typing import Final, Protocol

GATHERED: Final = 0.02
"""Seconds that a line may wait for others. A kill -9 in that moment loses it; nothing else does."""

MOST_WAITING: Final = 10_000
"""Lines kept while nobody takes any; the oldest give way."""


class Stream(Protocol):
    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...


class Lines:
    """What structlog hands finished lines to, by their level; safe for threads, plain or green."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._waiting: deque[str] = deque(maxlen=MOST_WAITING)
        self._came = threading.Event()
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None

    def info(self, line: str) -> None:
        """Written within GATHERED seconds, and before the process ends."""
        self._waiting.append(line)
        if not self._came.is_set():
            self._came.set()
            self._start()

    debug = info

    def warning(self, line: str) -> None:
        """Written when this returns, with everything that waited before it."""
        self._waiting.append(line)
        self.flush()

    error = critical = warning

    def flush(self) -> None:
        """All that has been said so far is written when this returns."""
        with self._turn:
            if lines := [self._waiting.popleft() for _ in range(len(self._waiting))]:
                self._stream.write("\n".join((*lines, "")))
                self._stream.flush()

    def _start(self) -> None:
        with self._turn:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log lines", daemon=True)
                self._thread.start()
                atexit.register(self.flush)

    def _run(self) -> None:
        while self._came.wait():
            time.sleep(GATHERED)
            self._came.clear()  # before looking: a line that comes from now on rings again
            self.flush()
