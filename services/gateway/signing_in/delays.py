"""Delays instead of lock-outs: who fails often waits, nobody is ever shut out.

Counted in the database for all processes, by three keys: the account from this address, the account
from anywhere, and the address. A try is counted before it is made, so that many at once are all
seen; one that has to wait is not made and does not count, so knocking keeps nobody out.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.gateway.problems import TooManyAttempts
from shared.adapters.mongo_attempts import Attempts, Begun

DOUBLINGS = 10
"""Two seconds doubled so often are longer than any delay."""


@dataclass(frozen=True)
class Counted:
    """Failed tries under one key: the first `free` of a day cost nothing. `longest`: seconds.

    A key that others share is not wiped clean because one of them got in.
    """

    key: str
    free: int
    longest: int = 60
    is_shared: bool = False

    @property
    def most(self) -> int:
        """More tries than these change nothing any more."""
        return self.free + DOUBLINGS


def signing_in(name: str, address: str) -> tuple[Counted, ...]:
    """An office, or a whole county, may share one address: it may fail more, and waits less."""
    return (
        Counted(f"sign-in|{name}|{address}", 5),
        Counted(f"sign-in|{name}", 20, longest=30),
        Counted(f"sign-in-from|{address}", 100, longest=5, is_shared=True),
    )


def showing_a_code(name: str, address: str) -> tuple[Counted, ...]:
    """Six digits are few: whoever has the password gets a hundred guesses a day, of a million."""
    return (Counted(f"code|{name}", 5, longest=900), *signing_in(name, address))


def at_own_desk(account_id: str) -> tuple[Counted, ...]:
    """Old passwords and codes asked of somebody who is signed in already."""
    return (Counted(f"own|{account_id}", 5),)


def wait_of(tries: Sequence[datetime], counted: Counted, at: datetime) -> timedelta:
    """How long the next try has to wait, after these failed ones (the newest first)."""
    beyond = len(tries) - counted.free
    if beyond < 0 or not tries:
        return timedelta(0)
    delay = timedelta(seconds=min(counted.longest, 2 ** (beyond + 1)))
    return max(timedelta(0), tries[0] + delay - at)


@dataclass(frozen=True)
class Try:
    """One try that was let through; it counts as failed unless it is said to be good."""

    attempts: Attempts
    counted: tuple[Counted, ...]
    begun: tuple[Begun, ...]

    async def does_not_count(self) -> None:
        """Neither good nor bad: the next step will tell."""
        await asyncio.gather(*map(self.attempts.forgive, self.begun))

    async def was_good(self) -> None:
        """Its account starts afresh; its address only gets this one try back."""
        await asyncio.gather(
            *map(self.attempts.forgive, self.begun),
            *(self.attempts.forget(one.key) for one in self.counted if not one.is_shared),
        )


async def begin(attempts: Attempts, counted: tuple[Counted, ...], at: datetime) -> Try:
    """Raises TooManyAttempts, with the seconds to wait, or Unavailable."""
    begun = tuple(await asyncio.gather(*(attempts.begin(one.key) for one in counted)))
    others = await asyncio.gather(
        *(
            attempts.others(one.key, mine, one.most)
            for one, mine in zip(counted, begun, strict=True)
        )
    )
    waits = (wait_of(tries, one, at) for one, tries in zip(counted, others, strict=True))
    if wait := max(waits):
        await asyncio.gather(*map(attempts.forgive, begun))
        raise TooManyAttempts(int(wait.total_seconds()) + 1)
    return Try(attempts, counted, begun)
