"""Letters from a real log to a real receiver: whatever fails, each arrives, and in order."""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from pymongo import MongoClient

from deploy.deliveries import main as deliveries
from shared.adapters.http_delivery import HttpDelivery
from shared.adapters.mongo import Document, create_log_indexes
from shared.adapters.mongo_deliveries import MongoBook
from shared.adapters.mongo_lease import MongoLease
from shared.adapters.mongo_log import MongoLog
from shared.contracts.requests import RequestClosed
from shared.courier import Courier
from shared.deliveries import Endpoint, Letter, Persistence
from shared.event_log import NewCommit, Recorded
from shared.lease import Tenure
from shared.testing.facts import NOON
from tests.integration.deliveries.receiver import Receiver, receiver

SECRET = "a secret of more than thirty-two characters"
PATIENCE = 20.0
SOON = Persistence(timedelta(milliseconds=10), timedelta(milliseconds=50))
LETTERS = 12


class World:
    """A county's log with closed cases in it, and couriers that can be started and stopped."""

    def __init__(self, client: MongoClient[Document], county: str) -> None:
        self.log = MongoLog(client, f"{county}_log")
        self.book = MongoBook(client[f"{county}_notices"])
        self.book.create_indexes()
        self._database = client[f"{county}_notices"]
        self._number = 0

    def happens(self, count: int) -> list[int]:
        return [self._happens() for _ in range(count)]

    def _happens(self) -> int:
        self._number += 1
        id = f"R{self._number}"
        event = RequestClosed(request_id=id)
        commit = NewCommit(id, 0, [event], id, "CloseRequest", "", NOON, "me", "system")
        return self.log.append(commit).position

    @contextmanager
    def running(self, endpoint: Endpoint, persistence: Persistence = SOON) -> Iterator[None]:
        """A courier in a thread of its own, as a process would run it."""
        delivery, stop = HttpDelivery(allows_loopback=True), threading.Event()
        lease = MongoLease(self._database, f"delivery {endpoint.endpoint_id}")
        tenure = Tenure(lease, "me", 2.0)
        courier = Courier(
            endpoint, self.log, self.book, delivery, write, tenure, persistence=persistence
        )
        thread = threading.Thread(target=courier.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            delivery.close()


def write(fact: Recorded) -> Letter:
    return Letter("text/plain", f"{fact.position}".encode())


def endpoint(there: Receiver, id: str = "platform", path: str = "/") -> Endpoint:
    return Endpoint(
        endpoint_id=id,
        url=there.url(path),
        secret=SECRET,
        types=("RequestClosed",),
        ports=(there.port,),
    )


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.01)


@pytest.fixture
def world(
    mongodb: MongoClient[Document],
    mongodb_uri: str,
    county: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    monkeypatch.setenv("COUNTY", county)
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    create_log_indexes(mongodb[f"{county}_log"])
    made = World(mongodb, county)
    yield made
    made.log.close()


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def ids(positions: list[int], endpoint_id: str = "platform") -> list[str]:
    return [f"{endpoint_id}:{position}" for position in positions]


def has_settled(world: World, position: int, endpoint_id: str = "platform") -> bool:
    return (world.book.cursor(endpoint_id) or 0) >= position


def test_every_letter_arrives_signed_and_in_order(world: World, there: Receiver):
    to = endpoint(there)
    world.book.begin(to, 0)
    positions = world.happens(LETTERS)
    with world.running(to):
        until(lambda: has_settled(world, positions[-1]))
    assert there.ids == ids(positions)
    for got in there.got:
        signed = got.headers["X-County-Timestamp"].encode() + b"." + got.body
        expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert got.headers["X-County-Signature"] == f"v1={expected}"
        assert abs(time.time() - int(got.headers["X-County-Timestamp"])) < PATIENCE


def test_an_endpoint_in_trouble_gets_each_letter_until_it_has_taken_it(
    world: World, there: Receiver
):
    to = endpoint(there)
    world.book.begin(to, 0)
    positions = world.happens(LETTERS)
    there.answers = [500, 503, 204, 500, 204, 204, 429, 302, 204]
    with world.running(to):
        until(lambda: has_settled(world, positions[-1]))
    assert list(dict.fromkeys(there.ids)) == ids(positions)
    assert len(there.got) == LETTERS + 5
    first = world.book.find("platform", positions[0])
    assert first is not None
    assert (first.state, first.attempts, first.last_answer) == ("delivered", 3, "204")


def test_a_restart_in_the_middle_loses_nothing(world: World, there: Receiver):
    to = endpoint(there)
    world.book.begin(to, 0)
    positions = world.happens(LETTERS)
    there.answers = [204, 204, 500]
    with world.running(to):
        until(lambda: len(there.got) >= 3)
    with world.running(to):
        until(lambda: has_settled(world, positions[-1]))
    assert list(dict.fromkeys(there.ids)) == ids(positions)


def test_a_slow_endpoint_holds_up_nobody_else(world: World, there: Receiver):
    slow, quick = endpoint(there, "slow", "/slow"), endpoint(there, "quick")
    there.delay = 1.0
    for each in (slow, quick):
        world.book.begin(each, 0)
    positions = world.happens(LETTERS)
    with ExitStack() as both:
        both.enter_context(world.running(slow))
        both.enter_context(world.running(quick))
        until(lambda: has_settled(world, positions[-1], "quick"))
        assert not has_settled(world, positions[-1], "slow")


def test_two_couriers_of_one_endpoint_do_not_overtake_each_other(world: World, there: Receiver):
    to = endpoint(there)
    world.book.begin(to, 0)
    positions = world.happens(LETTERS)
    with ExitStack() as both:
        for _ in range(2):
            both.enter_context(world.running(to))
        until(lambda: has_settled(world, positions[-1]))
    assert list(dict.fromkeys(there.ids)) == ids(positions)


def test_what_is_given_up_is_listed_and_can_be_retried(
    world: World, there: Receiver, capsys: pytest.CaptureFixture[str]
):
    to = endpoint(there)
    world.book.begin(to, 0)
    (position,) = world.happens(1)
    there.answers = [500]
    hasty = Persistence(give_up_after=timedelta())
    with world.running(to, hasty):
        until(lambda: has_settled(world, position))
        assert deliveries(["list"]) == 0
        listed = capsys.readouterr().out
        assert f"platform (webhook): up to {position} of {position}" in listed
        assert "given_up" in listed
        assert " 500 " in listed
        assert deliveries(["retry", "platform", str(position)]) == 0
        until(lambda: len(there.got) == 2)
        until(lambda: deliveries(["retry", "platform", str(position)]) == 1)  # it was taken
    capsys.readouterr()
    assert deliveries(["list"]) == 0
    assert "every letter has been taken" in capsys.readouterr().out


def test_everything_from_a_position_on_can_be_had_again(world: World, there: Receiver):
    to = endpoint(there)
    world.book.begin(to, 0)
    positions = world.happens(LETTERS)
    with world.running(to):
        until(lambda: has_settled(world, positions[-1]))
        assert deliveries(["replay", "platform", "--from", str(positions[8])]) == 0
        until(lambda: len(there.got) == LETTERS + 4)
        until(lambda: has_settled(world, positions[-1]))
    assert there.ids == [*ids(positions), *ids(positions[8:])]


def test_a_replay_of_what_is_not_there_is_refused(world: World, there: Receiver):
    world.book.begin(endpoint(there), 3)
    text_gateway = Endpoint(
        endpoint_id="texts", kind="sms", url="https://sms.example.org/", secret=SECRET
    )
    world.book.begin(text_gateway, 3)
    assert deliveries(["replay", "platform", "--from", "9"]) == 1
    assert deliveries(["replay", "nobody", "--from", "1"]) == 1
    assert deliveries(["replay", "texts", "--from", "1"]) == 1
