"""A completed request that nobody rates is closed after fifteen days."""

from datetime import timedelta

from services.timers.domain.due import Due, due
from services.timers.domain.views import Deadline, deadlines
from shared.contracts import requests
from shared.contracts.actor import SYSTEM
from shared.testing.facts import NOON, recorded
from shared.views import rebuild

FIFTEEN_DAYS_LATER = NOON + timedelta(days=15)

completed = requests.RequestCompleted(request_id="R1", work_order_id="R1.1.1")
rated = requests.ServiceRated(request_id="R1", score=1)
reopened = requests.RequestReopened(request_id="R1", organization_id="org-red", round=2)
closed = requests.RequestClosed(request_id="R1")
waiting = Deadline(request_id="R1", rule="close_unrated", due_at=FIFTEEN_DAYS_LATER)


def rows_after(*events):
    return rebuild(deadlines, [recorded(event, n) for n, event in enumerate(events, start=1)])


def test_completion_starts_the_time_to_rate():
    assert rows_after(completed) == {"R1": waiting}


def test_a_rating_another_round_or_closing_ends_it():
    for end in (rated, reopened, closed):
        assert rows_after(completed, end) == {}


def test_another_completion_starts_it_anew():
    next_day = recorded(completed, 4, NOON + timedelta(days=1))
    log = [recorded(completed), recorded(rated, 2), recorded(reopened, 3), next_day]
    assert rebuild(deadlines, log)["R1"].due_at == FIFTEEN_DAYS_LATER + timedelta(days=1)


def test_nothing_is_due_before_its_time():
    assert due([waiting], FIFTEEN_DAYS_LATER - timedelta(seconds=1)) == []


def test_what_is_due_is_closed_under_an_id_made_of_rule_request_and_time():
    assert due([waiting], FIFTEEN_DAYS_LATER) == [
        Due(
            "close_unrated:R1:2026-05-16T04:00:00.000+00:00",
            requests.CloseRequest(at=FIFTEEN_DAYS_LATER, by=SYSTEM, request_id="R1"),
        )
    ]


def test_asking_again_gives_the_same_id():
    [once] = due([waiting], FIFTEEN_DAYS_LATER)
    [again] = due([waiting], FIFTEEN_DAYS_LATER + timedelta(hours=3))
    assert once.command_id == again.command_id


def test_the_longest_overdue_comes_first():
    older = Deadline(request_id="R2", rule="close_unrated", due_at=NOON)
    ids = [one.command.request_id for one in due([waiting, older], FIFTEEN_DAYS_LATER)]
    assert ids == ["R2", "R1"]
