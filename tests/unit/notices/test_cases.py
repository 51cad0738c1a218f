"""What notices knows of a case, folded from the log."""

from services.notices.domain.cases import MOST_NOTICES, CaseRow, cases
from shared.contracts.message import Event
from shared.views import rebuild
from tests.unit.notices import story


def case(*events: Event) -> CaseRow:
    return rebuild(cases, story.facts(*events))["R1"]


def test_a_case_has_the_number_that_people_quote():
    assert case(story.placed).case_number == "20260501-000001"


def test_it_knows_where_it_stands_and_since_when():
    steps = case(story.placed, story.accepted, story.request_dispatched, story.taken_up).steps
    assert [step.status for step in steps] == ["placed", "accepted", "dispatched", "taken_up"]


def test_the_lead_is_the_one_who_does_it():
    assert case(story.placed, story.request_dispatched).organization_id == "union"


def test_a_round_begins_anew_with_reopening():
    before = case(story.placed, story.completed)
    after = case(story.placed, story.completed, story.reopened)
    assert (before.round, before.reopen_until is None) == (1, False)
    assert (after.round, after.reopen_until) == (2, None)


def test_old_notices_of_a_case_make_room():
    alarms = [story.alarm("yellow") for _ in range(MOST_NOTICES + 5)]
    row = case(story.placed, story.dispatched, *alarms)
    assert len(row.notices) == MOST_NOTICES
    assert row.notices[-1].position == len(alarms) + 2


def test_an_event_of_an_unknown_case_makes_no_row():
    assert rebuild(cases, story.facts(story.completed)) == {}
