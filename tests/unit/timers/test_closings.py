"""A completed request closes itself when nobody reopens it in time."""

from datetime import timedelta

from services.timers.domain.closings import Closing, closings
from shared.contracts import requests
from shared.testing.facts import NOON
from tests.unit.timers.story import hours, row_after

completed = requests.RequestCompleted(
    request_id="R1", work_order_id="R1.1.1", reopen_until=hours(360)
)
rated = requests.ServiceRated(request_id="R1", score=5)
reopened = requests.RequestReopened(request_id="R1", organization_id="org-red", round=2)
closed = requests.RequestClosed(request_id="R1")


def closing(*events):
    return row_after(closings, *events)


def test_completion_says_until_when_it_may_be_reopened():
    assert closing(completed) == Closing(request_id="R1", next_at=hours(360))


def test_an_old_completion_may_be_reopened_for_fifteen_days():
    old = completed.model_copy(update={"reopen_until": None})
    assert closing(old).next_at == NOON + timedelta(days=15)


def test_a_rating_that_waits_for_a_visit_does_not_keep_a_request_open_for_ever():
    assert closing(completed, rated) == closing(completed)


def test_closing_or_another_round_ends_it():
    assert closing(completed, closed) is None
    assert closing(completed, reopened) is None


def test_another_completion_starts_it_anew():
    again = completed.model_copy(update={"reopen_until": hours(720)})
    assert closing(completed, reopened, again).next_at == hours(720)


def test_a_request_that_was_reopened_after_closing_closes_again():
    assert closing(completed, closed, reopened, completed) == closing(completed)
