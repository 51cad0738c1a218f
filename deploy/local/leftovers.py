"""One run at a time, and nothing left of a run that was killed.

The lock is one that the system drops when its holder dies, so it is never stale. Processes of a
stack carry the stack's folder in their environment; whoever holds the lock may end all of them.
"""

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from deploy.local.program import MARK
from deploy.local.waiting import NotInTimeError, wait_until

PATIENCE = 30
STALE = ("supervisor.sock", "supervisord.pid", "stack.json")


class AlreadyRunningError(Exception):
    """Another process runs the stack of this folder."""


@contextlib.contextmanager
def sole_user(folder: Path) -> Iterator[None]:
    """Be the only one who runs (or resets) the stack of this folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(str(folder)) from None
        yield


def end_leftovers(folder: Path) -> int:
    """End every process of this folder's stack, politely first; returns how many there were."""
    leftovers = list(_members(folder))
    for pid in leftovers:
        _signal(pid, signal.SIGTERM)
    try:
        wait_until(lambda: not any(_members(folder)), "processes ending", PATIENCE)
    except NotInTimeError:
        for pid in _members(folder):
            _signal(pid, signal.SIGKILL)
    for name in STALE:
        (folder / name).unlink(missing_ok=True)
    return len(leftovers)


def _members(folder: Path) -> Iterator[int]:
    mark = f"{MARK}={folder}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):  # gone, or somebody else's
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
