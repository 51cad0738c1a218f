"""Waiting for something to become true, with an end."""

import time
from collections.abc import Callable


class NotInTimeError(Exception):
    """What was waited for did not happen."""


def wait_until(holds: Callable[[], bool], what: str, seconds: float, pause: float = 0.1) -> None:
    """Ask every `pause` seconds until `holds()`; raise `NotInTimeError` naming `what`."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise NotInTimeError(f"{what}: not within {seconds:.0f} s")
        time.sleep(pause)
