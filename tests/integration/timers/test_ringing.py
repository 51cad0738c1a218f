"""What a timer does with the answers: it goes on, comes back, and neither floods nor gives up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from services.timers.domain.due import due_for_order
from services.timers.domain.order_clocks import OrderClocks
from services.timers.ringing import AT_ONCE, Ringing
from shared.adapters.mongo_views import ViewStore
from shared.adapters.rpc_wire import ServiceFailed
from shared.lease import Tenure
from shared.rejection import NotAllowedNow, Unavailable
from shared.testing.facts import recorded
from shared.testing.memory_messaging import MemoryLease
from tests.unit.timers.story import accepted, dispatched

AGREED, NO_NEWS = {"position": 7}, {"position": 0}
PER_ORDER = 10
"""Three of first contact, three of completion, a report, and the three steps of the ladder."""


class Dispatch:
    """The service that is asked; `answers` by work order, and what else it says to all others."""

    def __init__(self, otherwise: Any = AGREED, **answers: Any) -> None:
        self.asked: list[tuple[str, str]] = []
        self._answers, self._otherwise = answers, otherwise

    def call_all(
        self, _service: str, _method: str, calls: Sequence[Mapping[str, Any]]
    ) -> list[Any]:
        ids = [tuple(call["command_id"].split(":")[:2]) for call in calls]
        self.asked += [(order, rule) for rule, order in ids]
        return [self._answers.get(order, self._otherwise) for _, order in ids]

    @property
    def times(self) -> Counter[str]:
        return Counter(order for order, _ in self.asked)


@pytest.fixture
def ringing() -> Ringing[OrderClocks]:
    return Ringing("dispatch", "work_order_id", due_for_order)


@pytest.fixture
def tenure() -> Tenure:
    return Tenure(MemoryLease(), "timers-1", 60.0)


def sent(rows: ViewStore[OrderClocks], *orders: str) -> None:
    """Accepted orders whose every time is long past."""
    told = [
        event.model_copy(update={"work_order_id": order})
        for order in orders
        for event in (dispatched, accepted)
    ]
    rows.fold([recorded(event, number) for number, event in enumerate(told, start=1)])


def test_everything_missed_is_asked_for_once_and_in_order(
    rows: ViewStore[OrderClocks], ringing: Ringing[OrderClocks], tenure: Tenure
):
    sent(rows, "W1", "W2")
    dispatch = Dispatch()
    ringing.look(tenure, rows, dispatch)
    ringing.look(tenure, rows, dispatch)
    assert dispatch.times == {"W1": PER_ORDER, "W2": PER_ORDER}
    assert [rule for order, rule in dispatch.asked if order == "W1"][:4] == [
        *("contact_yellow", "contact_orange", "contact_red", "complete_yellow"),
    ]


@pytest.mark.parametrize(
    "answer", [NO_NEWS, NotAllowedNow("不用了"), ServiceFailed("dispatch", "handle", "KeyError")]
)
def test_many_that_lead_to_nothing_hold_up_no_other_and_are_not_asked_again_at_once(
    rows: ViewStore[OrderClocks], ringing: Ringing[OrderClocks], tenure: Tenure, answer: Any
):
    idle = [f"A{number:03}" for number in range(AT_ONCE + 1)]
    sent(rows, *idle, "Z1")
    dispatch = Dispatch(otherwise=answer, Z1=AGREED)
    for _ in range(3):
        ringing.look(tenure, rows, dispatch)
    assert dispatch.times == dict.fromkeys([*idle, "Z1"], PER_ORDER)


def test_an_order_without_an_answer_waits_and_the_others_go_on(
    rows: ViewStore[OrderClocks], ringing: Ringing[OrderClocks], tenure: Tenure
):
    sent(rows, "W1", "W2")
    ringing.look(tenure, rows, half := Dispatch(W1=Unavailable("正忙")))
    assert half.times == {"W1": 1, "W2": PER_ORDER}
    ringing.look(tenure, rows, again := Dispatch())
    assert again.times == {"W1": PER_ORDER}


def test_when_nobody_answers_no_more_is_asked_until_the_next_look(
    rows: ViewStore[OrderClocks], ringing: Ringing[OrderClocks], tenure: Tenure
):
    sent(rows, *(f"W{number:03}" for number in range(AT_ONCE + 1)))
    ringing.look(tenure, rows, nobody := Dispatch(otherwise=Unavailable("没有启动")))
    assert len(nobody.asked) == AT_ONCE
    ringing.look(tenure, rows, back := Dispatch())
    assert len(back.asked) == (AT_ONCE + 1) * PER_ORDER


def test_only_one_of_two_timers_asks(rows: ViewStore[OrderClocks], ringing: Ringing[OrderClocks]):
    sent(rows, "W1")
    lease = MemoryLease()
    Tenure(lease, "timers-1", 60.0).hold()
    ringing.look(Tenure(lease, "timers-2", 60.0), rows, standby := Dispatch())
    assert standby.asked == []


def test_nothing_rings_while_the_rows_still_tell_of_the_past(ringing: Ringing[OrderClocks]):
    reached, head = iter([0, 400, 500]), iter([500])
    asked = [ringing.may_begin(head.__next__, reached.__next__) for _ in range(4)]
    assert asked == [False, False, True, True]
