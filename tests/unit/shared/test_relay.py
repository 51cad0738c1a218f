"""The relay on the in-memory log: order, repeats after trouble, and who may publish."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest

from shared.cloud_events import RECENT, mark
from shared.contracts.requests import RequestClosed, RequestDispatched
from shared.event_log import NewCommit
from shared.lease import Tenure
from shared.relay import LeaseLost, Relay, Trail, prepare
from shared.testing.memory_log import MemoryLog
from shared.testing.memory_messaging import MemoryBroker, MemoryLease, MemoryTrails


class Post:
    def __init__(self) -> None:
        self.log, self.broker = MemoryLog(), MemoryBroker()
        self.trails, self.lease = MemoryTrails(), MemoryLease()
        self.runs: list[tuple[threading.Event, threading.Thread]] = []

    def happen(self, request: str) -> None:
        stream = f"service_request-{request}"
        version = len(self.log.read_stream(stream))
        self.log.append(
            NewCommit(
                stream=stream,
                expected_version=version,
                events=[
                    RequestDispatched(request_id=request, work_order_id="W1", organization_id="o1"),
                    RequestClosed(request_id=request),
                ],
                command_id=f"{request}-{version}",
                command="Test",
                digest="d",
                at=datetime.now(UTC),
                by="a1",
                role="system",
            )
        )

    def start(self, owner: str) -> Relay:
        tenure = Tenure(self.lease, owner, 0.4)
        relay = Relay(self.log, self.broker, self.trails, tenure, "county")
        stop = threading.Event()
        thread = threading.Thread(target=relay.run, args=(stop,))
        thread.start()
        self.runs.append((stop, thread))
        return relay

    def stop(self) -> None:
        while self.runs:
            stop, thread = self.runs.pop()
            stop.set()
            thread.join(10)

    def positions(self) -> list[int]:
        return [orjson.loads(message.body)["position"] for message in self.broker.published]


@pytest.fixture
def post() -> Iterator[Post]:
    post = Post()
    yield post
    post.stop()


def wait_for(post: Post, position: int) -> None:
    deadline = time.monotonic() + 30
    while position not in post.positions():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_everything_is_published_in_order_with_what_came_before(post: Post) -> None:
    for number in range(3):
        post.happen(f"R{number}")
    post.start("a")
    wait_for(post, 6)
    messages = [orjson.loads(message.body) for message in post.broker.published]
    assert [message["position"] for message in messages] == [1, 2, 3, 4, 5, 6]
    assert [message["previous"] for message in messages] == [0, 0, 1, 2, 3, 4]
    assert messages[2]["recent"] == mark("RequestDispatched") + mark("RequestClosed")


def test_after_an_outage_it_goes_on_by_itself_and_leaves_nothing_out(post: Post) -> None:
    post.broker.is_away = True
    post.happen("R1")
    post.start("a")
    time.sleep(0.2)
    post.broker.is_away = False
    wait_for(post, 2)
    assert sorted(set(post.positions())) == [1, 2]


def test_only_one_publishes_and_another_takes_over(post: Post) -> None:
    post.start("a")
    post.happen("R1")
    wait_for(post, 2)
    post.start("b")
    post.happen("R2")
    wait_for(post, 4)
    stop, thread = post.runs.pop(0)
    stop.set()
    thread.join()
    post.happen("R3")
    wait_for(post, 6)
    assert post.positions() == [1, 2, 3, 4, 5, 6]


def test_a_relay_that_was_overtaken_cannot_move_the_checkpoint() -> None:
    trails = MemoryTrails()
    trails.store(Trail(5), token=2)
    with pytest.raises(LeaseLost):
        trails.store(Trail(3), token=1)


def test_a_repeat_after_a_crash_says_the_same(post: Post) -> None:
    for number in range(40):
        post.happen(f"R{number}")
    facts = post.log.read_after(0).facts
    middle, first = prepare(Trail(), facts[:50], "county")
    _, rest = prepare(middle, facts[50:], "county")
    _, at_once = prepare(Trail(), facts, "county")
    assert [*first, *rest] == at_once
    assert len(middle.recent) == RECENT


def test_a_sleeper_finds_itself_without_the_lease() -> None:
    now = [0.0]
    lease = MemoryLease(lambda: now[0])
    sleeper = Tenure(lease, "a", 3.0, lambda: now[0])
    other = Tenure(lease, "b", 3.0, lambda: now[0])
    first = sleeper.hold()
    assert first is not None
    assert other.hold() is None
    now[0] = 4.0
    assert not sleeper.is_running()
    assert other.hold() == first + 1
    assert sleeper.hold() is None


def test_the_same_owner_started_again_takes_over_at_once() -> None:
    lease = MemoryLease()
    before, after = Tenure(lease, "a", 60.0), Tenure(lease, "a", 60.0)
    first = before.hold()
    second = after.hold()
    assert first is not None
    assert second == first + 1
    assert not lease.renew(first, 60.0)
