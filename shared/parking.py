"""Facts set aside: what could not be handled, why, and what waits behind it.

Order matters inside a lane key, so what follows a parked fact waits, visibly. A person looks,
mends, and asks for a retry, or discards the fact and lets the others go on (`deploy.parked`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from shared.event_log import Recorded

State = Literal["parked", "waiting", "retry_requested", "discarded"]
"""Tried in vain; behind another; to be tried again; given up by a person (kept as a record)."""

MAX_BYTES = 64 * 1024
"""How much of a message that nobody could read is kept."""


@dataclass(frozen=True)
class ParkedFact:
    """One fact of one subscription. `error` says type and place of the trouble, never content."""

    subscription: str
    position: int
    lane_key: str
    stream: str
    type: str
    state: State
    error: str = ""
    attempts: int = 0
    blocked_by: int | None = None


@dataclass(frozen=True)
class Unreadable:
    """A message that is no event of ours."""

    subscription: str
    reason: str
    routing_key: str
    content_type: str
    body: bytes


class Parked(Protocol):
    """Where they are kept. Every method raises Unavailable when that place is not there."""

    def park(self, entry: ParkedFact) -> None:
        """Keep or overwrite; a discarded entry stays discarded.

        When the entry is itself `parked`, whatever waits in its lane now waits behind it.
        """
        ...

    def set_aside(self, message: Unreadable) -> None:
        """Keep once, however often it comes."""
        ...

    def entries(self, subscription: str, lane_key: str | None = None) -> list[ParkedFact]:
        """In order of position, discarded ones included."""
        ...

    def remove(self, subscription: str, position: int) -> None:
        """It has been handled after all."""
        ...


class ParkingLot:
    """What one subscription has set aside, known in memory so that the good days cost nothing.

    Only the lane of a key changes what belongs to that key.
    """

    def __init__(self, parked: Parked, subscription: str) -> None:
        self._parked = parked
        self._subscription = subscription
        entries = parked.entries(subscription)
        self._known = {entry.position for entry in entries}
        self._heads = heads(entries)

    def has(self, position: int) -> bool:
        """Whether this fact is parked, waiting or discarded already."""
        return position in self._known

    def blocks(self, lane_key: str) -> bool:
        return lane_key in self._heads

    def park(self, fact: Recorded, lane_key: str, error: str, attempts: int) -> None:
        entry = self._entry(fact, lane_key, "parked")
        self._parked.park(replace(entry, error=error, attempts=attempts))
        self._heads[lane_key] = replace(entry, error=error, attempts=attempts)
        self._known.add(fact.position)

    def wait(self, fact: Recorded, lane_key: str) -> None:
        """Put it behind what blocks its lane key."""
        entry = self._entry(fact, lane_key, "waiting")
        self._parked.park(replace(entry, blocked_by=self._heads[lane_key].position))
        self._known.add(fact.position)

    def next_of(self, lane_key: str) -> ParkedFact | None:
        """The first of this key to be tried, asked anew; None when the key is free."""
        head = heads(self._parked.entries(self._subscription, lane_key)).get(lane_key)
        if head is None:
            self._heads.pop(lane_key, None)
        else:
            self._heads[lane_key] = head
        return head

    def leave(self, position: int) -> None:
        """A retry went well."""
        self._parked.remove(self._subscription, position)
        self._known.discard(position)

    def to_try(self) -> list[str]:
        """Lane keys that a person has released, by a retry or by discarding what blocked them."""
        now = heads(self._parked.entries(self._subscription))
        return [
            key
            for key in {**self._heads, **now}
            if (head := now.get(key)) is None or head.state != "parked"
        ]

    def _entry(self, fact: Recorded, lane_key: str, state: State) -> ParkedFact:
        return ParkedFact(
            subscription=self._subscription,
            position=fact.position,
            lane_key=lane_key,
            stream=fact.commit.stream,
            type=type(fact.event).__name__,
            state=state,
        )


def heads(entries: list[ParkedFact]) -> dict[str, ParkedFact]:
    """The first entry of every lane key that is not discarded: what the others wait for."""
    first: dict[str, ParkedFact] = {}
    for entry in entries:
        if entry.state != "discarded":
            first.setdefault(entry.lane_key, entry)
    return first


LaneOf = Callable[[Recorded], str]
"""The key inside which order matters: the stream, or the row of a view."""
