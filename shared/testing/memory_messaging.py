"""What relay and subscriptions stand on, without MongoDB and RabbitMQ: same promises, in memory."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.parking import ParkedFact, Unreadable
from shared.rejection import Unavailable
from shared.relay import LeaseLost, Outgoing, Trail
from shared.subscriptions import Delivery


class MemoryLease:
    """A Lease whose time is handed in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._owner, self._token, self._until = "", 0, 0.0
        self._lock = threading.Lock()

    def take(self, owner: str, seconds: float) -> int | None:
        with self._lock:
            if owner != self._owner and self._clock() < self._until:
                return None
            self._owner, self._token = owner, self._token + 1
            self._until = self._clock() + seconds
            return self._token

    def renew(self, token: int, seconds: float) -> bool:
        with self._lock:
            if token != self._token:
                return False
            self._until = self._clock() + seconds
            return True

    def release(self, token: int) -> None:
        with self._lock:
            if token == self._token:
                self._until = self._clock()


class MemoryCheckpoints:
    def __init__(self) -> None:
        self.positions: dict[str, int] = {}

    def load(self, subscription: str) -> int:
        return self.positions.get(subscription, 0)

    def store(self, subscription: str, position: int) -> None:
        self.positions[subscription] = max(position, self.load(subscription))


class MemoryTrails:
    def __init__(self) -> None:
        self.trail, self.token = Trail(), 0

    def load(self) -> Trail:
        return self.trail

    def store(self, trail: Trail, token: int) -> None:
        if token < self.token:
            raise LeaseLost
        self.trail, self.token = trail, token


class MemoryParked:
    """A parking lot, and what a person may do there."""

    def __init__(self) -> None:
        self.facts: dict[tuple[str, int], ParkedFact] = {}
        self.unreadable: list[Unreadable] = []
        self._lock = threading.Lock()

    def park(self, entry: ParkedFact) -> None:
        with self._lock:
            key = (entry.subscription, entry.position)
            if key in self.facts and self.facts[key].state == "discarded":
                return
            self.facts[key] = entry
            if entry.state == "parked":
                for at, other in self.facts.items():
                    if other.lane_key == entry.lane_key and other.state == "waiting":
                        self.facts[at] = replace(other, blocked_by=entry.position)

    def set_aside(self, message: Unreadable) -> None:
        if message not in self.unreadable:
            self.unreadable.append(message)

    def entries(self, subscription: str, lane_key: str | None = None) -> list[ParkedFact]:
        with self._lock:
            return [
                entry
                for (name, _), entry in sorted(self.facts.items())
                if name == subscription and lane_key in {None, entry.lane_key}
            ]

    def remove(self, subscription: str, position: int) -> None:
        with self._lock:
            self.facts.pop((subscription, position), None)

    def request_retry(self, subscription: str, position: int) -> None:
        self._change(subscription, position, retry=True)

    def discard(self, subscription: str, position: int) -> None:
        self._change(subscription, position, retry=False)

    def _change(self, subscription: str, position: int, retry: bool) -> None:
        with self._lock:
            at = (subscription, position)
            state = "retry_requested" if retry else "discarded"
            self.facts[at] = replace(self.facts[at], state=state)  # type: ignore[arg-type] # one of State


class MemoryBroker:
    """A topic exchange with one queue: a Publisher, and an Inbox. `is_away` cuts both off."""

    def __init__(self) -> None:
        self.is_away = False
        self.published: list[Outgoing] = []
        self.queue: list[Delivery] = []
        self.acknowledged: list[int] = []
        self._tag = 0
        self._arrived = threading.Condition()

    def connect(self) -> None:
        self._require()

    def publish(self, messages: Sequence[Outgoing]) -> None:
        self._require()
        for message in messages:
            self.published.append(message)
            self.deliver(message.body, message.routing_key)

    def deliver(
        self,
        body: bytes,
        routing_key: str,
        content_type: str | None = "application/cloudevents+json",
    ) -> int:
        """Put one message into the queue; returns its tag."""
        with self._arrived:
            self._tag += 1
            self.queue.append(Delivery(self._tag, routing_key, content_type, body))
            self._arrived.notify_all()
            return self._tag

    def purge(self) -> None:
        with self._arrived:
            self.queue.clear()

    def receive(self, timeout: float) -> list[Delivery]:
        self._require()
        with self._arrived:
            self._arrived.wait_for(lambda: self.queue, timeout)
            arrived, self.queue = self.queue, []
            return arrived

    def acknowledge(self, tags: Sequence[int]) -> None:
        self._require()
        self.acknowledged += tags

    def close(self) -> None:
        """Nothing to give back."""

    def _require(self) -> None:
        if self.is_away:
            raise Unavailable("消息服务暂时不可用,恢复后会自动继续")
