"""A courier: in order, at least once, and one letter at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from shared.contracts.requests import RequestClosed, RequestExpedited
from shared.courier import Courier
from shared.deliveries import Endpoint, Letter, Persistence, Unwritable
from shared.event_log import NewCommit, Recorded
from shared.lease import Tenure
from shared.rejection import Unavailable
from shared.testing.facts import NOON
from shared.testing.memory_deliveries import BROKEN, MemoryBook, MemoryDelivery
from shared.testing.memory_log import MemoryLog
from shared.testing.memory_messaging import MemoryLease

HOOK = Endpoint.model_validate(
    {
        "endpoint_id": "platform",
        "url": "https://hooks.example.org/",
        "secret": "x" * 32,
        "types": ("RequestClosed",),
    }
)


@dataclass
class World:
    """A log, one endpoint, and a clock that is handed on."""

    log: MemoryLog = field(default_factory=MemoryLog)
    book: MemoryBook = field(default_factory=lambda: MemoryBook({"platform": 0}))
    delivery: MemoryDelivery = field(default_factory=MemoryDelivery)
    now: datetime = NOON
    trouble: list[Exception] = field(default_factory=list)
    skipped: set[int] = field(default_factory=set)
    meanwhile: Callable[[], None] = lambda: None

    def write(self, fact: Recorded) -> Letter | None:
        self.meanwhile()
        if self.trouble:
            raise self.trouble.pop(0)
        if fact.position in self.skipped:
            return None
        return Letter("text/plain", str(fact.position).encode())

    def courier(self) -> Courier:
        """A new one, as after a restart."""
        return Courier(
            HOOK,
            self.log,
            self.book,
            self.delivery,
            self.write,
            Tenure(MemoryLease(), "me"),
            Persistence(),
            clock=lambda: self.now,
            chance=lambda: 0.5,
        )

    def happens(self, count: int = 1) -> None:
        for _ in range(count):
            number = len(self.log.commits)
            self._append(f"R{number}", RequestClosed(request_id=f"R{number}"))

    def happens_elsewhere(self) -> None:
        number = len(self.log.commits)
        told = RequestExpedited(request_id=f"R{number}", times=1, expedited_at=NOON)
        self._append(f"R{number}", told)

    def _append(self, stream: str, event: RequestClosed | RequestExpedited) -> None:
        self.log.append(
            NewCommit(stream, 0, [event], stream, "CloseRequest", "", NOON, "me", "system")
        )

    def later(self, **time: float) -> "World":
        self.now += timedelta(**time)
        return self

    @property
    def posted(self) -> list[str]:
        return [delivery_id for delivery_id, _ in self.delivery.posted]


@pytest.fixture
def world() -> World:
    return World()


def test_letters_go_out_in_order_and_what_concerns_nobody_is_passed_over(world: World):
    world.happens(2)
    world.happens_elsewhere()
    world.happens()
    world.courier().round()
    assert world.posted == ["platform:1", "platform:2", "platform:4"]
    assert world.book.cursors == {"platform": 4}


def test_a_new_endpoint_gets_what_happens_from_then_on(world: World):
    world.book.cursors.clear()
    world.happens(3)
    world.courier().round()
    world.happens()
    world.courier().round()
    assert world.posted == ["platform:4"]


def test_a_letter_that_is_not_taken_holds_up_those_behind_it(world: World):
    world.happens(2)
    world.delivery.will_answer([BROKEN, BROKEN])
    assert world.courier().round() == 5.0
    assert world.later(seconds=4).courier().round() == 1.0
    assert world.later(seconds=1).courier().round() == 10.0
    assert world.posted == ["platform:1"] * 2
    world.later(seconds=10).courier().round()
    assert world.posted == [*["platform:1"] * 3, "platform:2"]


def test_after_a_day_the_next_ones_turn_comes(world: World):
    world.happens(2)
    world.delivery.will_answer([BROKEN, BROKEN])
    world.courier().round()
    world.later(days=1).courier().round()
    given_up = world.book.letters["platform:1"]
    assert (given_up.state, given_up.attempts, given_up.last_answer) == ("given_up", 2, "500")
    assert world.posted[-1] == "platform:2"
    assert world.book.letters["platform:2"].state == "delivered"


def test_what_was_given_up_can_be_retried_and_is_done_then(world: World):
    test_after_a_day_the_next_ones_turn_comes(world)
    world.book.record(replace(world.book.letters["platform:1"], state="retry_requested"))
    world.courier().round()
    assert world.posted[-1] == "platform:1"
    assert world.book.letters["platform:1"].state == "delivered"


def test_a_cursor_set_back_sends_again_under_the_same_id(world: World):
    world.happens(3)
    world.courier().round()
    world.book.letters.clear()
    world.book.cursors["platform"] = 1
    world.courier().round()
    assert world.posted == ["platform:1", "platform:2", "platform:3", "platform:2", "platform:3"]


def test_a_cursor_set_back_meanwhile_is_noticed(world: World):
    world.happens(2)
    courier = world.courier()
    world.meanwhile = lambda: world.book.cursors.update(platform=-1)
    courier.round()
    assert world.posted == ["platform:1"]
    assert world.book.cursors == {"platform": -1}


def test_a_crash_after_sending_skips_nothing_and_remembers_what_was_taken(world: World):
    world.happens(2)
    world.courier().round()
    world.book.cursors["platform"] = 0  # the cursor's last moves were lost
    world.courier().round()
    assert world.posted == ["platform:1", "platform:2"]


def test_nothing_to_send_is_no_letter(world: World):
    world.happens(2)
    world.skipped = {1}
    world.courier().round()
    assert world.posted == ["platform:2"]
    assert set(world.book.letters) == {"platform:2"}


def test_what_is_unavailable_is_waited_for_and_is_no_attempt(world: World):
    world.happens()
    world.trouble = [Unavailable("稍后")]
    with pytest.raises(Unavailable):
        world.courier().round()
    assert world.book.letters == {}
    world.courier().round()
    assert world.posted == ["platform:1"]


def test_a_letter_that_cannot_be_written_is_an_attempt_that_failed(world: World):
    world.happens()
    world.trouble = [Unwritable("KeyError")]
    world.courier().round()
    assert world.book.letters["platform:1"].last_answer == "KeyError"
    world.later(seconds=5).courier().round()
    assert world.book.letters["platform:1"].state == "delivered"
