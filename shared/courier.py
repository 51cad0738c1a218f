"""Carries letters to one endpoint: in order, at least once, and whatever dies in between.

The log is the queue. A courier reads it behind its cursor, has a letter written for each fact that
concerns its endpoint, and moves on when the letter has been taken or given up. So a restart loses
nothing, a slow endpoint holds up nobody else, and replaying is setting the cursor back.
"""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter

from shared import telemetry
from shared.deliveries import (
    SETTLED,
    Answer,
    Book,
    Delivery,
    Endpoint,
    Letter,
    Persistence,
    Tried,
    Unwritable,
    after_attempt,
    headers_of,
)
from shared.event_log import EventLog, Recorded
from shared.lease import Tenure
from shared.rejection import Unavailable

DELIVERIES = Counter(
    "county_deliveries", "Letters sent to endpoints, by how it went", ("endpoint", "outcome")
)
PAGE = 50
REST = 1.0
"""Seconds between looks at the log, and at what a person asks for meanwhile."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Courier:
    """One endpoint's. `write(fact)` makes the letter (None: none is due); it may raise Unavailable,
    which is waited out, or Unwritable, which counts as a failed attempt."""

    endpoint: Endpoint
    log: EventLog
    book: Book
    delivery: Delivery
    write: Callable[[Recorded], Letter | None]
    tenure: Tenure
    persistence: Persistence = field(default_factory=Persistence)
    clock: Callable[[], datetime] = _now
    chance: Callable[[], float] = random.random

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop, while the lease is ours."""
        while not stop.is_set():
            try:
                pause = self.round() if self.tenure.hold() is not None else REST
            except Unavailable as trouble:
                pause = REST
                self._say("delivery_waits", reason=trouble.code)
            stop.wait(min(pause, REST))

    def round(self) -> float:
        """What is due now; how many seconds may pass until the next round."""
        for tried in self.book.requested(self.endpoint.endpoint_id):
            self._retry(tried)
        position = self._cursor()
        page = self.log.read_after(position, PAGE, self.endpoint.wanted)
        for fact in page.facts:
            if (pause := self._deliver(fact)) is not None:
                return pause
            if not self._move(position, fact.position):
                return 0.0
            position = fact.position
        if page.reached > position:
            self._move(position, page.reached)
        return 0.0 if page.facts else REST

    def _cursor(self) -> int:
        id = self.endpoint.endpoint_id
        position = self.book.cursor(id)
        if position is None:
            position = self.log.head()
            self.book.begin(self.endpoint, position)
        return position

    def _move(self, before: int, after: int) -> bool:
        return self.book.move(self.endpoint.endpoint_id, before, after)

    def _deliver(self, fact: Recorded) -> float | None:
        """None when this letter is settled, otherwise seconds until it may be tried again."""
        tried = self.book.find(self.endpoint.endpoint_id, fact.position) or self._new(fact)
        if tried.state in SETTLED:
            return None
        if wait := self._wait(tried):
            return wait
        after = self._attempt(tried, fact)
        return None if after is None or after.state in SETTLED else self._wait(after)

    def _wait(self, tried: Tried) -> float:
        if tried.next_try_at is None:
            return 0.0
        return max(0.0, (tried.next_try_at - self.clock()).total_seconds())

    def _retry(self, tried: Tried) -> None:
        facts = self.log.read_after(tried.position - 1, 1, self.endpoint.wanted).facts
        fact = next((fact for fact in facts if fact.position == tried.position), None)
        if fact is None or self._attempt(tried, fact) is None:
            self.book.record(replace(tried, state="given_up", last_answer="nothing_to_send"))

    def _attempt(self, tried: Tried, fact: Recorded) -> Tried | None:
        """None when there is nothing to send any more."""
        try:
            letter = self.write(fact)
        except Unwritable as bug:
            answer = Answer(False, str(bug))
        else:
            if letter is None:
                return None
            headers = headers_of(self.endpoint, tried.delivery_id, letter, self.clock())
            answer = self.delivery.post(self.endpoint, headers, letter.body)
        kind, now = self.endpoint.kind, self.clock()
        tried = after_attempt(tried, answer, kind, now, self.persistence, self.chance())
        self.book.record(tried)
        self._tell(tried)
        return tried

    def _new(self, fact: Recorded) -> Tried:
        type_ = type(fact.event).__name__
        return Tried(self.endpoint.endpoint_id, fact.position, type_, self.clock())

    def _tell(self, tried: Tried) -> None:
        outcome = "failed" if tried.state == "waiting" else tried.state
        DELIVERIES.labels(self.endpoint.endpoint_id, outcome).inc()
        said = {"outcome": outcome, "code": tried.last_answer, "attempt": tried.attempts}
        self._say("delivery", position=tried.position, type=tried.type, **said)

    def _say(self, event: str, **said: Any) -> None:
        failed = said.get("outcome") == "given_up"
        say = telemetry.get_logger().error if failed else telemetry.get_logger().info
        say(event, endpoint=self.endpoint.endpoint_id, **said)
