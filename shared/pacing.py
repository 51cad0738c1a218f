"""How long a reader of the log rests while events keep coming: many in one read cost what one does.

While few come, whoever waits for them should not notice; when many come, the machine has more to
do than to look again, and the next portion may be larger and a moment later.
"""

BUSY = 6
"""Events in one read, from which on the rest is the longer one."""

PACE, BUSY_PACE = 0.008, 0.025
"""Seconds."""


def pause_after(count: int) -> float:
    """Seconds to rest after a read of so many events."""
    return PACE if count < BUSY else BUSY_PACE
