"""Who may do what only one may do at a time: a lease that runs out unless it is renewed."""

import time
from collections.abc import Callable
from typing import Protocol

RENEWALS = 3
"""How often a holder renews within one term: two renewals may fail before the lease is lost."""


class Lease(Protocol):
    """One named right. Time is the server's, so the clocks of holders do not matter."""

    def take(self, owner: str, seconds: float) -> int | None:
        """Take it if it is free, has run out, or was this owner's: a new, higher token.

        None when somebody else holds it. Raises Unavailable. An owner that starts again takes
        its lease back at once, and the token of its former life is worth nothing any more.
        """
        ...

    def renew(self, token: int, seconds: float) -> bool:
        """Hold it for another term; False when it has passed to somebody else."""
        ...

    def release(self, token: int) -> None:
        """Give it back, if it is still ours."""
        ...


class Tenure:
    """One process's side of a lease: takes it, renews it in time, and knows when it has lost it.

    It trusts the lease only up to its term, counted from *before* it asked, by its own monotonic
    clock: a process that was asleep finds itself without the lease before it does anything.
    """

    def __init__(
        self,
        lease: Lease,
        owner: str,
        seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds = seconds
        self._lease = lease
        self._owner = owner
        self._clock = clock
        self._token: int | None = None
        self._until = 0.0

    def hold(self) -> int | None:
        """The token while this process may act, None while it may not. Raises Unavailable.

        Cheap when called often: it asks the server once in a third of a term.
        """
        now = self._clock()
        if self._token is not None and self._until - now > self.seconds * (1 - 1 / RENEWALS):
            return self._token
        if self._token is not None and now < self._until:
            renewed = self._lease.renew(self._token, self.seconds)
            token = self._token if renewed else None
        else:
            token = self._lease.take(self._owner, self.seconds)
        self._token, self._until = token, now + self.seconds
        return token

    def is_running(self) -> bool:
        """Whether the lease is still ours without asking: what to check just before acting."""
        return self._token is not None and self._clock() < self._until

    def release(self) -> None:
        """Let the next one begin at once. Raises Unavailable; then it begins when the term ends."""
        token, self._token = self._token, None
        if token is not None:
            self._lease.release(token)
