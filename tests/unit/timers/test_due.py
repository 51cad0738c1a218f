"""Rows and a time in, commands out: late after a downtime, in order, each under its own id."""

from datetime import timedelta

from services.timers.domain.closings import Closing
from services.timers.domain.due import Due, due_for_closing, due_for_order, ripe
from services.timers.domain.order_clocks import order_clocks
from shared.contracts.actor import SYSTEM
from shared.contracts.dispatch import OrderSupervision, RaiseAlarm, ResumeWork
from shared.contracts.requests import CloseRequest
from tests.unit.timers.story import (
    accepted,
    contacted,
    dispatched,
    held,
    hours,
    raised,
    row_after,
)

waiting = row_after(order_clocks, dispatched)
overdue = row_after(
    order_clocks,
    *(dispatched, accepted, contacted),
    *(raised("report", "red", 12), raised("complete", "red", 20)),
)
on_hold = row_after(order_clocks, dispatched, accepted, held)
THIS_ORDER = {"by": SYSTEM, "request_id": "R1", "work_order_id": "R1.1.1"}


def rules(found: list[Due]) -> list[str]:
    return [due.command_id.partition(":")[0] for due in found]


def test_nothing_is_due_before_its_time():
    assert due_for_order(waiting, hours(1) - timedelta(milliseconds=1)) == []


def test_a_warning_is_due_at_its_time_under_an_id_of_rule_order_and_time():
    alarm = RaiseAlarm(at=hours(1), **THIS_ORDER, limit="accept", level="yellow", due_at=hours(3))
    id = "accept_yellow:R1.1.1:2026-05-01T05:00:00.000+00:00"
    assert due_for_order(waiting, hours(1)) == [Due(hours(1), id, alarm)]


def test_asking_later_gives_the_same_id():
    [once] = due_for_order(waiting, hours(1))
    [again] = due_for_order(waiting, hours(1.9))
    assert once.command_id == again.command_id


def test_after_a_downtime_everything_missed_is_due_in_its_order():
    assert rules(due_for_order(waiting, hours(5.5))) == [
        *("accept_yellow", "accept_orange", "accept_red"),
        *("contact_yellow", "contact_orange"),
    ]


def test_overdue_orders_are_supervised_by_higher_and_higher_levels():
    head = OrderSupervision(at=hours(30), **THIS_ORDER, level="organization_head", cause="ladder")
    assert [due.command for due in due_for_order(overdue, hours(30))] == [head]
    assert rules(due_for_order(overdue, hours(71))) == [
        *("supervision_organization_head", "supervision_center"),
        "supervision_committee_secretary",
    ]


def test_on_hold_nothing_is_due_but_the_review():
    assert due_for_order(on_hold, hours(99)) == []
    [review] = due_for_order(on_hold, hours(100))
    assert review.command == ResumeWork(at=hours(100), **THIS_ORDER, reason="review_due")
    assert rules([review]) == ["hold_review"]


def test_a_request_is_closed_when_the_time_to_reopen_is_over():
    row = Closing(request_id="R1", next_at=hours(360))
    assert due_for_closing(row, hours(359)) == []
    [closing] = due_for_closing(row, hours(361))
    assert closing.command == CloseRequest(at=hours(361), by=SYSTEM, request_id="R1")
    assert closing.command_id == "close:R1:2026-05-16T04:00:00.000+00:00"


def test_one_page_goes_on_behind_the_other_even_within_the_same_instant():
    assert ripe(hours(2), "request_id", (hours(1), "R7")) == {
        "next_at": {"$gte": hours(1), "$lte": hours(2)},
        "$or": [
            {"next_at": {"$gt": hours(1)}},
            {"next_at": hours(1), "request_id": {"$gt": "R7"}},
        ],
    }
