"""Turning the epoch: every key is wrapped anew, then the old epoch's key is destroyed.

What was erased stays in backups and in MongoDB's oplog as it was sealed; with the epoch's key gone,
nothing opens it. The state is the folder itself: while it holds more than one epoch, a turning is
on its way, and whoever lives goes on where one died. Two at once do each other no harm.
"""

import time
from typing import Final, NamedTuple

from shared.adapters.mongo_vault import VaultStore
from shared.telemetry import get_logger

GRACE_SECONDS: Final = 30.0
"""Longer than any write that had read the old epoch as the one in use can still be under way."""

log = get_logger()


class Progress(NamedTuple):
    """`epoch` is in use. `done` and `left`: keys wrapped under it, and under those before it."""

    epoch: int
    done: int
    left: int
    is_turning: bool


class Turning:
    """`grace`: seconds from the beginning of an epoch to the destruction of the one before."""

    def __init__(self, store: VaultStore, grace: float = GRACE_SECONDS) -> None:
        self._store = store
        self._grace = grace

    def begin(self) -> Progress:
        """A new epoch is in use from now on; `go_on` does the rest."""
        self._store.keys.current()  # so that there is one to turn from
        log.info("epoch begun", count=self._store.keys.begin())
        return self.progress()

    def go_on(self) -> bool:
        """One step; False when there is nothing (more) to do now. Raises Unavailable."""
        *old, epoch = self._store.keys.epochs() or [0]
        if not old:
            return False
        if self._store.rewrap():
            return True
        if time.time() - self._store.keys.begun_at(epoch) < self._grace:
            return False
        for one in old:
            self._store.keys.destroy(one)
            log.info("epoch destroyed", count=one)
        return False

    def progress(self) -> Progress:
        epochs = self._store.keys.epochs() or [self._store.keys.current()]
        done, left = self._store.turned(epochs[-1])
        return Progress(epochs[-1], done, left, len(epochs) > 1)
