"""Lanes: facts of one key in order, different keys side by side, trouble kept to its own key."""

import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from prometheus_client import Counter

from shared import telemetry
from shared.event_log import EventLog, Recorded
from shared.parking import LaneOf, ParkingLot
from shared.rejection import Rejected, Unavailable

FACTS = Counter(
    "county_subscription_facts",
    "Facts by what became of them: handled, retried (tries in vain), parked, waiting, malformed",
    ("subscription", "outcome"),
)

HandleBatch = Callable[[list[Recorded]], None]


@dataclass(frozen=True)
class Patience:
    """How much is taken at once and how long trouble is borne. Times are seconds.

    `gather`: how long a batch waits for company after its first fact. A view's batch costs two
    trips to the database whatever its size, so a short wait makes it cheap under load.
    """

    lanes: int = 4
    batch: int = 200
    gather: float = 0.0
    tries: int = 5
    first_pause: float = 0.05
    longest_pause: float = 1.0
    longest_outage_pause: float = 5.0
    poll: float = 5.0
    in_flight: int = 2000


class Keyed(NamedTuple):
    key: str
    fact: Recorded


class Abandoned(Exception):  # noqa: N818 - the lane is closing: what is unfinished is taken again
    """Stop, or another instance has taken over."""


@dataclass(frozen=True)
class Desk:
    """What every lane of a subscription works with."""

    subscription: str
    log: EventLog
    lot: ParkingLot
    handle_batch: HandleBatch
    settled: Callable[[Sequence[int]], None]
    patience: Patience
    is_talkative: bool
    closing: threading.Event


class Lanes:
    """N lanes, each a thread. `put` and `replay` are called by one thread only."""

    def __init__(self, desk: Desk, lane_of: LaneOf) -> None:
        self._lane_of = lane_of
        self._closing = desk.closing
        self._lanes = [Lane(desk) for _ in range(desk.patience.lanes)]

    def put(self, facts: Sequence[Recorded]) -> None:
        shares: dict[Lane, list[Keyed]] = {}
        for fact in facts:
            key = self._key_of(fact)
            shares.setdefault(self._of(key), []).append(Keyed(key, fact))
        for lane, share in shares.items():
            lane.put(share)

    def replay(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._of(key).put([key])

    def check(self) -> None:
        """Raise what ended a lane: that is a bug of ours and must not pass unseen."""
        for lane in self._lanes:
            if lane.failure is not None:
                raise lane.failure

    def close(self) -> None:
        """Finish what is being handled, forget the rest."""
        self._closing.set()
        for lane in self._lanes:
            lane.close()

    def _key_of(self, fact: Recorded) -> str:
        try:
            return self._lane_of(fact)
        except Exception:  # a fact that nobody can place will fail in its handler and be parked
            return fact.commit.stream

    def _of(self, key: str) -> "Lane":
        return self._lanes[zlib.crc32(key.encode()) % len(self._lanes)]


class Lane:
    """One thread that takes what is waiting as a batch; a text among it is a key to replay."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: deque[Keyed | str] = deque()
        self._arrived = threading.Condition(threading.Lock())
        self.failure: BaseException | None = None
        self._thread = threading.Thread(
            target=self._run, name=f"lane-{desk.subscription}", daemon=True
        )
        self._thread.start()

    def put(self, items: Sequence[Keyed | str]) -> None:
        with self._arrived:
            self._waiting.extend(items)
            self._arrived.notify()

    def close(self) -> None:
        with self._arrived:
            self._arrived.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._desk.closing.is_set():
                self._work(self._next())
        except Abandoned:
            return
        except BaseException as failure:  # the last edge of a thread: Lanes.check raises it again
            self.failure = failure

    def _next(self) -> list[Keyed] | str:
        """All facts that are waiting, up to a batch and up to the next replay."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._waiting or self._desk.closing.is_set())
        if self._desk.patience.gather:
            self._desk.closing.wait(self._desk.patience.gather)
        with self._arrived:
            batch: list[Keyed] = []
            while self._waiting and len(batch) < self._desk.patience.batch:
                item = self._waiting[0]
                if isinstance(item, str):
                    if batch:
                        break
                    self._waiting.popleft()
                    return item
                self._waiting.popleft()
                batch.append(item)
            return batch

    def _work(self, work: list[Keyed] | str) -> None:
        if isinstance(work, str):
            self._replay(work)
            return
        lot = self._desk.lot
        for key, fact in work:
            if lot.blocks(key) and not lot.has(fact.position):
                self._wait_behind(key, fact)
        ready = [keyed for keyed in work if not lot.has(keyed.fact.position)]
        if ready:
            self._handle(ready)
        self._desk.settled([keyed.fact.position for keyed in work])

    def _handle(self, ready: list[Keyed]) -> None:
        started = time.perf_counter()
        facts = [keyed.fact for keyed in ready]
        try:
            self._insist(lambda: self._desk.handle_batch(facts))
        except Abandoned:
            raise
        except Exception as error:  # whatever a handler raises concerns one fact; find out which
            self._one_by_one(ready, error)
        else:
            self._tell(facts, time.perf_counter() - started)

    def _one_by_one(self, ready: list[Keyed], error: Exception) -> None:
        _log_trouble(self._desk.subscription, error, len(ready))
        for key, fact in ready:
            if self._desk.lot.blocks(key):
                self._wait_behind(key, fact)
            elif failed := self._try(fact):
                self._park(key, fact, failed, self._desk.patience.tries)

    def _replay(self, key: str) -> None:
        """Try what is parked under a key, in order, until something fails or nothing is left."""
        lot, closing = self._desk.lot, self._desk.closing
        while not closing.is_set():
            head = self._insist(partial(lot.next_of, key))
            if head is None or head.state == "parked":
                return
            position = head.position
            fact = self._insist(partial(self._read, position))
            if failed := self._try(fact):
                self._park(key, fact, failed, head.attempts + self._desk.patience.tries)
                return
            self._insist(partial(lot.leave, position))

    def _read(self, position: int) -> Recorded:
        page = self._desk.log.read_after(position - 1, 1)
        return next(fact for fact in page.facts if fact.position == position)

    def _try(self, fact: Recorded) -> Exception | None:
        """Handle one fact, some times over; the last error when all was in vain."""
        patience, pause = self._desk.patience, self._desk.patience.first_pause
        failed: Exception | None = None
        for attempt in range(1, patience.tries + 1):
            started = time.perf_counter()
            try:
                self._insist(lambda: self._desk.handle_batch([fact]))
            except Abandoned:
                raise
            except Exception as error:  # parked with its type and place: one fact stops no other
                failed = error
                FACTS.labels(self._desk.subscription, "retried").inc()
                if attempt < patience.tries:
                    self._pause(pause)
                    pause = min(pause * 2, patience.longest_pause)
            else:
                self._tell([fact], time.perf_counter() - started)
                return None
        return failed

    def _insist(self, action: Callable[[], Any]) -> Any:
        """Do it; while something is away, wait and do it again, for ever."""
        pause = self._desk.patience.first_pause
        while True:
            try:
                return action()
            except Unavailable as trouble:
                _log_trouble(self._desk.subscription, trouble, 0)
                self._pause(pause)
                pause = min(pause * 2, self._desk.patience.longest_outage_pause)

    def _pause(self, seconds: float) -> None:
        if self._desk.closing.wait(seconds):
            raise Abandoned

    def _wait_behind(self, key: str, fact: Recorded) -> None:
        self._insist(lambda: self._desk.lot.wait(fact, key))
        FACTS.labels(self._desk.subscription, "waiting").inc()

    def _park(self, key: str, fact: Recorded, error: Exception, attempts: int) -> None:
        self._insist(lambda: self._desk.lot.park(fact, key, describe(error), attempts))
        FACTS.labels(self._desk.subscription, "parked").inc()
        telemetry.get_logger().error(
            "parked",
            subscription=self._desk.subscription,
            type=type(fact.event).__name__,
            stream=fact.commit.stream,
            position=fact.position,
            correlation_id=fact.commit.correlation_id,
            attempt=attempts,
            **telemetry.blame(error),
        )

    def _tell(self, facts: Sequence[Recorded], seconds: float) -> None:
        subscription = self._desk.subscription
        FACTS.labels(subscription, "handled").inc(len(facts))
        if not self._desk.is_talkative:
            telemetry.get_logger().debug(
                "folded",
                subscription=subscription,
                count=len(facts),
                position=facts[-1].position,
                ms=round(seconds * 1000, 1),
            )
            return
        for fact in facts:
            telemetry.handled(
                "fact",
                type(fact.event).__name__,
                "ok",
                seconds / len(facts),
                subscription=subscription,
                stream=fact.commit.stream,
                position=fact.position,
                correlation_id=fact.commit.correlation_id,
            )


def describe(error: Exception) -> str:
    """Type and place of an error; its text only when it is a refusal of ours, written for people.

    Texts of other errors may repeat what was in the fact.
    """
    blamed = telemetry.blame(error)
    place = blamed["traceback"][-1] if blamed["traceback"] else "unknown place"
    said = f": {error.message}" if isinstance(error, Rejected) else ""
    return f"{blamed['error_type']} at {place}{said}"


def _log_trouble(subscription: str, error: Exception, count: int) -> None:
    telemetry.get_logger().warning(
        "in trouble", subscription=subscription, count=count, **telemetry.blame(error)
    )
