"""A subscription: every fact of some types, handled at least once, in order inside its lane.

It starts from its checkpoint, catches up from the log, and goes on by messages as long as they
prove that nothing is missing; otherwise it reads the log. So the broker may lose everything, and
be away, and nothing is lost or handled out of order: messages only make it quick and cheap.

The checkpoint is the low watermark: everything up to it is handled or parked. It is written a few
times a second, after the effects, not with each of them. That is enough because effects are
idempotent: a view guards each row with the row's own position, in the same write as the change
(shared.adapters.mongo_views); a policy gives commands whose ids are made from the fact's position,
and the log keeps command ids for ever. After a crash some facts are handled again and nothing
changes.

One instance works at a time (a lease); another one stands by. Plain threads, so it runs natively
and, after `eventlet.monkey_patch()`, in green threads alike.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from prometheus_client import Gauge

from shared import telemetry
from shared.cloud_events import Malformed, decode, mark
from shared.contracts.registry import routing_key
from shared.event_codec import UnknownEvent
from shared.event_log import EventLog, Recorded
from shared.lanes import FACTS, Desk, HandleBatch, Lanes, Patience
from shared.lease import Tenure
from shared.parking import MAX_BYTES, LaneOf, Parked, ParkingLot, Unreadable
from shared.progress import Progress, follows
from shared.rejection import Unavailable

LAG = Gauge(
    "county_subscription_lag_positions",
    "How many positions of the log are not yet handled",
    ("subscription",),
)

PAGE = 1000
STORE_EVERY = 0.2
IDLE = 0.25
"""Seconds of waiting for a message before looking around."""

BUSY = 0.02
"""The same while something is under way, so that it is acknowledged soon."""


class Delivery(NamedTuple):
    """One message as the broker handed it over; `tag` is for acknowledging it."""

    tag: int
    routing_key: str
    content_type: str | None
    body: bytes


class Inbox(Protocol):
    """The subscription's queue. Both methods raise Unavailable while the broker is away.

    A lost connection makes tags worthless: what was not acknowledged comes again with new ones.
    """

    def receive(self, timeout: float) -> list[Delivery]:
        """What has come, after waiting at most `timeout` seconds for the first."""
        ...

    def acknowledge(self, tags: Sequence[int]) -> None: ...

    def close(self) -> None: ...


class Checkpoints(Protocol):
    def load(self, subscription: str) -> int:
        """0 when there is none. Raises Unavailable."""
        ...

    def store(self, subscription: str, position: int) -> None:
        """Only ever forwards. Raises Unavailable."""
        ...


@dataclass
class Subscription:
    """`name` is that of the checkpoint and the parked facts in the service's database.

    `handle_batch(facts)` gets facts in log order, of one or more lane keys. It may raise
    Unavailable, which is waited out; what else it raises makes the facts come one by one, and after
    some tries the guilty one is parked, with later ones of its lane key behind it.
    `is_talkative`: one log line per fact instead of one (at debug level) per batch.
    """

    county: str
    service: str
    name: str
    types: frozenset[str]
    log: EventLog
    inbox: Inbox
    checkpoints: Checkpoints
    parked: Parked
    tenure: Tenure
    lane_of: LaneOf
    handle_batch: HandleBatch
    patience: Patience = field(default_factory=Patience)
    is_talkative: bool = True
    is_live: bool = field(default=False, init=False)
    """Whether it has caught up with the log at least once in this tenure."""

    @property
    def title(self) -> str:
        """`<service>.<name>`: the queue, and what logs and metrics call it."""
        return f"{self.service}.{self.name}"

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop. MongoDB and RabbitMQ going away do not end it; a bug does."""
        pause = 0.1
        while not stop.is_set():
            try:
                if self.tenure.hold() is None:
                    stop.wait(self.tenure.seconds / 5)
                else:
                    self._serve(stop)
                pause = 0.1
            except (Unavailable, UnknownEvent) as trouble:
                telemetry.get_logger().warning(
                    "waits", subscription=self.title, retry_in=pause, **telemetry.blame(trouble)
                )
                stop.wait(pause)
                pause = min(pause * 2, self.patience.longest_outage_pause)
        try:
            self.tenure.release()
        except Unavailable:
            telemetry.get_logger().warning("lease not returned", subscription=self.title)

    def _serve(self, stop: threading.Event) -> None:
        session = _Session(self, self.checkpoints.load(self.name))
        try:
            while not stop.is_set() and self.tenure.hold() is not None:
                session.round(stop)
        finally:
            self.is_live = False
            session.close()


class _Session:
    """One tenure: begins at the checkpoint, ends when told to stop, overtaken, or out of reach."""

    def __init__(self, subscription: Subscription, checkpoint: int) -> None:
        self._s = subscription
        self._marks = frozenset(map(mark, subscription.types))
        self._progress = Progress(checkpoint)
        self._stored = checkpoint
        self._unacknowledged: dict[int, tuple[int, Delivery]] = {}
        self._is_behind = True
        self._store_at = self._poll_at = self._heard_at = time.monotonic()
        self._broker_at, self._broker_pause = 0.0, 0.1
        lot = ParkingLot(subscription.parked, subscription.name)
        self._lot = lot
        desk = Desk(
            subscription.title,
            subscription.log,
            lot,
            subscription.handle_batch,
            self._progress.settle,
            subscription.patience,
            subscription.is_talkative,
            threading.Event(),
        )
        self._lanes = Lanes(desk, subscription.lane_of)

    def round(self, stop: threading.Event) -> None:
        """Once around: messages, log, acknowledgements, checkpoint, parking lot."""
        for delivery in self._receive(stop):
            self._take(delivery)
        if self._is_behind and self._has_room():
            self._read_log()
        self._lanes.check()
        self._acknowledge()
        now = time.monotonic()
        if now >= self._store_at:
            self._store_at = now + STORE_EVERY
            self._store()
        if now >= self._poll_at:
            self._poll_at = now + self._s.patience.poll
            self._lanes.replay(self._lot.to_try())
            LAG.labels(self._s.title).set(max(0, self._s.log.head() - self._progress.low()))
        if now - self._heard_at >= self._s.patience.poll:
            self._heard_at = now
            self._is_behind = True

    def close(self) -> None:
        self._lanes.close()
        try:
            self._acknowledge()
            self._store()
        except Unavailable:
            telemetry.get_logger().warning("checkpoint not stored", subscription=self._s.title)
        self._s.inbox.close()

    def _receive(self, stop: threading.Event) -> list[Delivery]:
        """What the broker has for us; while it is away the log is polled instead."""
        timeout = IDLE
        if self._unacknowledged or self._progress.in_flight:
            timeout = BUSY
        if self._is_behind and self._has_room():
            timeout = 0
        now = time.monotonic()
        if now < self._broker_at:
            stop.wait(min(timeout, self._broker_at - now))
            return []
        try:
            deliveries = self._s.inbox.receive(timeout)
        except Unavailable as trouble:
            self._broker_left(trouble)
            return []
        self._broker_pause = 0.1
        return deliveries

    def _broker_left(self, trouble: Unavailable) -> None:
        self._unacknowledged.clear()
        self._broker_at = time.monotonic() + self._broker_pause
        self._is_behind = True
        telemetry.get_logger().warning(
            "broker away",
            subscription=self._s.title,
            retry_in=self._broker_pause,
            **telemetry.blame(trouble),
        )
        self._broker_pause = min(self._broker_pause * 2, self._s.patience.longest_outage_pause)

    def _take(self, delivery: Delivery) -> None:
        """Hand the fact to its lane if it comes next; otherwise the log will supply it."""
        try:
            received = decode(delivery.body, delivery.content_type)
        except Malformed as reason:
            self._set_aside(delivery, str(reason))
            return
        if received.county != self._s.county:
            # counties may share a broker; their positions mean nothing here
            self._unacknowledged[delivery.tag] = (0, delivery)
            return
        self._unacknowledged[delivery.tag] = (received.position, delivery)
        if received.position <= self._progress.reached or self._is_behind:
            return
        fact, is_ours = received.fact, received.event_type in self._s.types
        if (
            fact is not None
            and is_ours
            and delivery.routing_key == routing_key(received.event_type)
            and self._has_room()
            and follows(received, self._progress.reached, self._marks)
        ):
            self._heard_at = time.monotonic()
            self._pass_on([fact], fact.position)
        else:
            self._is_behind = True

    def _read_log(self) -> None:
        before = self._progress.reached
        page = self._s.log.read_after(before, PAGE, self._s.types)
        self._pass_on(page.facts, page.reached)
        self._heard_at = time.monotonic()
        beyond = [
            delivery
            for position, delivery in self._unacknowledged.values()
            if position > page.reached
        ]
        if len(page.facts) >= PAGE or (beyond and page.reached > before):
            return
        self._is_behind, self._s.is_live = False, True
        for delivery in beyond:
            self._set_aside(delivery, "its position is not in the log")

    def _pass_on(self, facts: Sequence[Recorded], reached: int) -> None:
        self._progress.take([fact.position for fact in facts], reached)
        self._lanes.put(facts)

    def _set_aside(self, delivery: Delivery, reason: str) -> None:
        self._s.parked.set_aside(
            Unreadable(
                self._s.name,
                reason,
                delivery.routing_key,
                delivery.content_type or "",
                delivery.body[:MAX_BYTES],
            )
        )
        FACTS.labels(self._s.title, "malformed").inc()
        telemetry.get_logger().error("malformed", subscription=self._s.title, reason=reason)
        self._unacknowledged[delivery.tag] = (0, delivery)

    def _acknowledge(self) -> None:
        settled = [
            tag
            for tag, (position, _) in self._unacknowledged.items()
            if self._progress.is_settled(position)
        ]
        if not settled:
            return
        for tag in settled:
            del self._unacknowledged[tag]
        try:
            self._s.inbox.acknowledge(settled)
        except Unavailable as trouble:
            self._broker_left(trouble)

    def _store(self) -> None:
        low = self._progress.low()
        if low > self._stored:
            self._s.checkpoints.store(self._s.name, low)
            self._stored = low

    def _has_room(self) -> bool:
        return self._progress.in_flight < self._s.patience.in_flight
