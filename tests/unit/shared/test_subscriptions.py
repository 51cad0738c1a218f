"""A subscription on the in-memory log and broker: order, repair, parking, retry, discard."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from shared.cloud_events import encode
from shared.contracts.message import Event
from shared.contracts.registry import routing_key
from shared.contracts.requests import RequestAccepted, RequestClosed, RequestDispatched
from shared.event_log import EventLog, NewCommit, Recorded
from shared.lanes import Patience
from shared.lease import Tenure
from shared.rejection import Unavailable
from shared.relay import Trail, prepare
from shared.subscriptions import Subscription
from shared.testing.memory_log import MemoryLog
from shared.testing.memory_messaging import (
    MemoryBroker,
    MemoryCheckpoints,
    MemoryLease,
    MemoryParked,
)

HURRIED = Patience(
    tries=2, first_pause=0.005, longest_pause=0.01, longest_outage_pause=0.02, poll=0.1
)
TYPES = frozenset({"RequestDispatched", "RequestClosed"})


class Town:
    """A log, a relay by hand, and one subscription that remembers what it was given."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.broker = MemoryBroker()
        self.checkpoints = MemoryCheckpoints()
        self.parked = MemoryParked()
        self.lease = MemoryLease()
        self.seen: list[int] = []
        self.refused: set[int] = set()
        self.is_database_away = False
        self.trail = Trail()
        self._runs: list[tuple[threading.Event, threading.Thread]] = []

    def happen(self, request: str, *events: Event) -> int:
        """One commit; returns the position of its last event."""
        version = len(self.log.read_stream(f"service_request-{request}"))
        return self.log.append(
            NewCommit(
                stream=f"service_request-{request}",
                expected_version=version,
                events=events,
                command_id=f"{request}-{version}",
                command="Test",
                digest="d",
                at=datetime.now(UTC),
                by="a1",
                role="system",
            )
        ).position

    def relay(self) -> None:
        facts = self.log.read_after(self.trail.position).facts
        if facts:
            self.trail, messages = prepare(self.trail, facts, "county")
            self.broker.publish(messages)

    def subscribe(self, patience: Patience = HURRIED) -> Subscription:
        subscription = Subscription(
            county="county",
            service="requests",
            name="policy",
            types=TYPES,
            log=self.log,
            inbox=self.broker,
            checkpoints=self.checkpoints,
            parked=self.parked,
            tenure=Tenure(self.lease, f"owner-{len(self._runs)}", 0.5),
            lane_of=lambda fact: fact.commit.stream,
            handle_batch=self.handle,
            patience=patience,
        )
        stop = threading.Event()
        thread = threading.Thread(target=subscription.run, args=(stop,))
        thread.start()
        self._runs.append((stop, thread))
        return subscription

    def handle(self, facts: list[Recorded]) -> None:
        if self.is_database_away:
            raise Unavailable("away")
        if self.refused.intersection(fact.position for fact in facts):
            raise KeyError("SECRET")
        self.seen += [fact.position for fact in facts]

    def stop(self) -> None:
        while self._runs:
            stop, thread = self._runs.pop()
            stop.set()
            thread.join(10)
            assert not thread.is_alive()

    def states(self) -> dict[int, str]:
        return {entry.position: entry.state for entry in self.parked.entries("policy")}


def eventually(is_so: Callable[[], bool], within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.005)


def dispatched(request: str, number: int = 1) -> RequestDispatched:
    return RequestDispatched(request_id=request, work_order_id=f"W{number}", organization_id="o1")


def closed(request: str) -> RequestClosed:
    return RequestClosed(request_id=request)


def accepted(request: str) -> RequestAccepted:
    return RequestAccepted(
        request_id=request,
        grid_id="g1",
        area_ids=("county",),
        service_code="s1",
        urgency="normal",
        beneficiary_category="resident",
    )


@pytest.fixture
def town() -> Iterator[Town]:
    town = Town()
    yield town
    town.stop()


def test_it_catches_up_from_the_log_without_any_message(town: Town) -> None:
    happened = [town.happen("R1", dispatched("R1")) for _ in range(3)]
    town.subscribe()
    eventually(lambda: town.seen == happened)


def test_it_goes_live_and_takes_facts_from_messages(town: Town) -> None:
    subscription = town.subscribe(Patience(poll=60))
    eventually(lambda: subscription.is_live)
    happened = [town.happen("R1", dispatched("R1")) for _ in range(5)]
    town.relay()
    eventually(lambda: town.seen == happened)
    eventually(lambda: len(town.broker.acknowledged) == 5)


def test_types_that_are_not_its_own_are_skipped(town: Town) -> None:
    town.happen("R1", accepted("R1"))
    own = town.happen("R1", dispatched("R1"))
    town.subscribe()
    eventually(lambda: town.seen == [own])


def test_a_lost_message_on_another_route_is_noticed_before_the_next_is_handled(town: Town) -> None:
    """`previous` of the second message is on its own route and says nothing about the first."""
    subscription = town.subscribe(Patience(poll=60))
    eventually(lambda: subscription.is_live)
    lost = town.happen("R1", dispatched("R1"))
    town.trail, _ = prepare(town.trail, town.log.read_after(0).facts, "county")
    arriving = town.happen("R1", closed("R1"))
    town.relay()
    eventually(lambda: town.seen == [lost, arriving])


def test_a_purged_queue_is_repaired_without_any_later_message(town: Town) -> None:
    subscription = town.subscribe()
    eventually(lambda: subscription.is_live)
    happened = town.happen("R1", dispatched("R1"))
    eventually(lambda: town.seen == [happened])


def test_messages_that_come_twice_are_handled_once(town: Town) -> None:
    subscription = town.subscribe(Patience(poll=60))
    eventually(lambda: subscription.is_live)
    happened = town.happen("R1", dispatched("R1"))
    town.relay()
    town.trail = Trail()
    town.relay()
    eventually(lambda: len(town.broker.acknowledged) == 2)
    assert town.seen == [happened]


def test_a_fact_that_fails_is_parked_with_later_ones_of_its_stream_and_others_go_on(
    town: Town,
) -> None:
    poison = town.happen("R1", dispatched("R1"))
    town.refused.add(poison)
    behind = town.happen("R1", dispatched("R1", 2))
    other = town.happen("R2", dispatched("R2"))
    town.subscribe()
    eventually(lambda: town.states() == {poison: "parked", behind: "waiting"})
    eventually(lambda: town.seen == [other])
    entry = town.parked.entries("policy")[0]
    assert entry.error.startswith("KeyError at test_subscriptions.py")
    assert "SECRET" not in entry.error
    assert town.parked.entries("policy")[1].blocked_by == poison


def test_a_retry_replays_the_lane_in_order(town: Town) -> None:
    poison = town.happen("R1", dispatched("R1"))
    town.refused.add(poison)
    behind = town.happen("R1", dispatched("R1", 2))
    town.subscribe()
    eventually(lambda: len(town.states()) == 2)
    town.refused.clear()
    town.parked.request_retry("policy", poison)
    eventually(lambda: town.seen == [poison, behind])
    later = town.happen("R1", dispatched("R1", 3))
    eventually(lambda: town.seen == [poison, behind, later])
    eventually(lambda: town.states() == {})


def test_a_retry_in_vain_parks_again_and_counts_on(town: Town) -> None:
    poison = town.happen("R1", dispatched("R1"))
    town.refused.add(poison)
    town.subscribe()
    eventually(lambda: town.states() == {poison: "parked"})
    town.parked.request_retry("policy", poison)
    eventually(lambda: town.parked.entries("policy")[0].attempts == 4)
    assert town.states() == {poison: "parked"}


def test_discarding_releases_what_waits_behind(town: Town) -> None:
    poison = town.happen("R1", dispatched("R1"))
    town.refused.add(poison)
    behind = town.happen("R1", dispatched("R1", 2))
    town.subscribe()
    eventually(lambda: len(town.states()) == 2)
    town.parked.discard("policy", poison)
    eventually(lambda: town.seen == [behind])
    eventually(lambda: town.states() == {poison: "discarded"})


def test_what_is_parked_stays_parked_over_a_restart(town: Town) -> None:
    poison = town.happen("R1", dispatched("R1"))
    town.refused.add(poison)
    town.subscribe()
    eventually(lambda: town.states() == {poison: "parked"})
    town.stop()
    town.refused.clear()
    town.checkpoints.positions.clear()  # as if it had crashed before storing
    behind = town.happen("R1", dispatched("R1", 2))
    town.subscribe()
    eventually(lambda: town.states() == {poison: "parked", behind: "waiting"})
    assert town.seen == []


def test_a_database_that_is_away_parks_nothing(town: Town) -> None:
    town.is_database_away = True
    happened = town.happen("R1", dispatched("R1"))
    town.subscribe()
    time.sleep(0.2)
    assert town.states() == {}
    town.is_database_away = False
    eventually(lambda: town.seen == [happened])


def test_without_the_broker_it_works_from_the_log(town: Town) -> None:
    town.broker.is_away = True
    town.subscribe()
    happened = [town.happen("R1", dispatched("R1")) for _ in range(3)]
    eventually(lambda: town.seen == happened)
    town.broker.is_away = False
    town.relay()
    eventually(lambda: len(town.broker.acknowledged) == 3)
    assert town.seen == happened


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"not json", "application/cloudevents+json"),
        (b"[]", "application/cloudevents+json"),
        (b"{}", "application/cloudevents+json"),
        (b"{}", "application/json"),
        (b"{}", None),
        (b'{"a":' * 5000, "application/cloudevents+json"),
        (b"\xff\xfe", "application/cloudevents+json"),
    ],
)
def test_a_malformed_message_is_set_aside_and_acknowledged(
    town: Town, body: bytes, content_type: str | None
) -> None:
    town.subscribe()
    tag = town.broker.deliver(body, "requests.RequestDispatched", content_type)
    eventually(lambda: town.broker.acknowledged == [tag])
    assert town.parked.unreadable[0].body == body[: 64 * 1024]


def test_a_message_whose_position_is_not_in_the_log_is_set_aside(town: Town) -> None:
    known = town.happen("R1", dispatched("R1"))
    town.subscribe()
    eventually(lambda: town.seen == [known])
    fact = town.log.read_after(0).facts[0]
    ahead = fact._replace(position=99, commit=fact.commit._replace(position=99))
    tag = town.broker.deliver(encode(ahead, "county", 1, ""), routing_key("RequestDispatched"))
    eventually(lambda: town.broker.acknowledged == [tag])
    assert town.parked.unreadable[0].reason == "its position is not in the log"
    assert town.seen == [known]


def test_a_message_under_a_wrong_route_is_looked_up_in_the_log(town: Town) -> None:
    subscription = town.subscribe(Patience(poll=60))
    eventually(lambda: subscription.is_live)
    happened = town.happen("R1", dispatched("R1"))
    fact = town.log.read_after(0).facts[0]
    lying = fact._replace(event=closed("R9"))
    tag = town.broker.deliver(encode(lying, "county", 0, ""), routing_key("RequestDispatched"))
    eventually(lambda: town.broker.acknowledged == [tag])
    assert town.seen == [happened]


def test_the_message_of_another_county_is_none_of_ours(town: Town) -> None:
    subscription = town.subscribe(Patience(poll=60))
    eventually(lambda: subscription.is_live)
    town.happen("R1", dispatched("R1"))
    foreign = encode(town.log.read_after(0).facts[0], "elsewhere", 0, "")
    tag = town.broker.deliver(foreign, routing_key("RequestDispatched"))
    eventually(lambda: town.broker.acknowledged == [tag])
    assert town.seen == []


def test_a_second_instance_stands_by_and_takes_over(town: Town) -> None:
    town.subscribe()
    first = town.happen("R1", dispatched("R1"))
    eventually(lambda: town.seen == [first])
    standby = town.subscribe()
    time.sleep(0.2)
    assert not standby.is_live
    stop, thread = town._runs.pop(0)
    stop.set()
    thread.join()
    second = town.happen("R1", dispatched("R1"))
    eventually(lambda: town.seen == [first, second])


def test_the_checkpoint_is_the_low_watermark(town: Town) -> None:
    for number in range(20):
        town.happen(f"R{number % 7}", dispatched(f"R{number % 7}"))
    town.subscribe()
    eventually(lambda: town.checkpoints.load("policy") == town.log.head())
    assert sorted(town.seen) == list(range(1, 21))


def test_a_lane_keeps_the_order_of_the_log(town: Town) -> None:
    order: dict[str, list[int]] = {}
    for number in range(300):
        town.happen(f"R{number % 7}", dispatched(f"R{number % 7}"))
    by_position = {fact.position: fact.commit.stream for fact in _all(town.log)}
    town.subscribe()
    eventually(lambda: len(town.seen) == 300)
    for position in town.seen:
        order.setdefault(by_position[position], []).append(position)
    assert all(positions == sorted(positions) for positions in order.values())


def _all(log: EventLog) -> list[Recorded]:
    return log.read_after(0, 10_000).facts
