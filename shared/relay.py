"""From the log to the broker: every event once more, in order, never skipped.

Read after the checkpoint, publish, wait for every confirm, only then move the checkpoint. Whatever
dies in between, the same messages are sent again from the checkpoint: at least once, in order.
A subscriber sees a repeat by its position.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Signal
from typing import NamedTuple, Protocol

from prometheus_client import Counter, Gauge

from shared.cloud_events import RECENT, encode, mark
from shared.contracts.registry import routing_key
from shared.event_log import EventLog, Recorded
from shared.lease import Tenure
from shared.pacing import pause_after
from shared.rejection import Unavailable
from shared.telemetry import get_logger

BATCH = 500
"""Events published before their confirms are waited for."""

STORE_EVERY = 0.1
"""Seconds between two writes of the checkpoint: what is published again after a crash."""

PUBLISHED = Counter("county_relay_published", "Events that the broker has confirmed")
POSITION = Gauge("county_relay_position", "Position up to which everything is published")
LEADING = Gauge("county_relay_leading", "1 while this relay holds the lease")


class LeaseLost(Exception):  # noqa: N818 - not an error: another relay has taken over
    """A newer token has written the checkpoint: this relay must stop at once."""


class Trail(NamedTuple):
    """How far the relay has come, and what it has to say about what came before.

    `previous`: last position per event type, which is one routing key; `recent`: marks of the last
    RECENT events.
    """

    position: int = 0
    previous: Mapping[str, int] = {}
    recent: tuple[str, ...] = ()


class Outgoing(NamedTuple):
    routing_key: str
    body: bytes


class Publisher(Protocol):
    def connect(self) -> None:
        """Be ready to publish at once. Raises Unavailable."""
        ...

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Send in order and return when the broker has confirmed all. Raises Unavailable."""
        ...

    def close(self) -> None: ...


class Trails(Protocol):
    def load(self) -> Trail:
        """The stored trail, or an empty one. Raises Unavailable."""
        ...

    def store(self, trail: Trail, token: int) -> None:
        """Replace it, unless a higher token has written. Raises LeaseLost, Unavailable."""
        ...


def prepare(trail: Trail, facts: Sequence[Recorded], county: str) -> tuple[Trail, list[Outgoing]]:
    """The messages for facts that follow the trail, and the trail after them."""
    previous, recent = dict(trail.previous), list(trail.recent)
    messages = []
    for fact in facts:
        kind = type(fact.event).__name__
        said = "".join(recent[-RECENT:])
        body = encode(fact, county, previous.get(kind, 0), said)
        messages.append(Outgoing(routing_key(kind), body))
        previous[kind] = fact.position
        recent.append(mark(kind))
    return Trail(facts[-1].position, previous, tuple(recent[-RECENT:])), messages


@dataclass
class Relay:
    """One candidate for relaying one county's log. `run` returns only when told to stop."""

    log: EventLog
    publisher: Publisher
    trails: Trails
    tenure: Tenure
    county: str
    clock: Callable[[], float] = time.monotonic
    is_well: bool = field(default=False, init=False)
    """Whether the last round reached everything it needs (leading or standing by)."""

    def run(self, stop: Signal) -> None:
        """Lead while the lease is ours, stand by while it is not, back off while something is away.

        Nothing that MongoDB or RabbitMQ do ends it.
        """
        pause = 0.1
        while not stop.is_set():
            try:
                if self._lead_if_elected(stop):
                    pause = 0.1
            except Unavailable as trouble:
                self.is_well = False
                get_logger().warning("relay_waits", reason=trouble.code, retry_in=pause)
                stop.wait(pause)
                pause = min(pause * 2, 5.0)
            except LeaseLost:
                get_logger().warning("relay_overtaken")
        LEADING.set(0)
        self._resign()

    def _lead_if_elected(self, stop: Signal) -> bool:
        token = self.tenure.hold()
        if token is None:
            self.is_well = True
            LEADING.set(0)
            stop.wait(self.tenure.seconds / 5)
            return False
        get_logger().info("relay_leads", count=token)
        LEADING.set(1)
        self._lead(token, stop)
        return True

    def _lead(self, token: int, stop: Signal) -> None:
        """Publish what is there, then wait for more, as long as the lease is ours."""
        stored = trail = self.trails.load()
        stored_at = self.clock()
        while not stop.is_set() and self.tenure.hold() == token:
            facts = self.log.read_after(trail.position, BATCH).facts
            if facts:
                self.publisher.connect()  # may take a while, and the lease does not wait
            if facts and self.tenure.is_running():
                trail, messages = prepare(trail, facts, self.county)
                self.publisher.publish(messages)
                PUBLISHED.inc(len(messages))
                POSITION.set(trail.position)
            self.is_well = True
            is_ahead = trail is not stored
            if is_ahead and self.clock() - stored_at > STORE_EVERY:
                self.trails.store(trail, token)
                stored, stored_at = trail, self.clock()
            elif facts:
                stop.wait(pause_after(len(facts)))
            else:
                self.log.wait_for_more(
                    trail.position, STORE_EVERY if is_ahead else self.tenure.seconds / 5
                )
        if trail is not stored:
            self.trails.store(trail, token)

    def _resign(self) -> None:
        self.publisher.close()
        try:
            self.tenure.release()
        except Unavailable:
            get_logger().warning("lease_not_returned", reason="unavailable")
