"""A rating link: for one round of one request, for a time, and for nobody who may not see it."""

from datetime import timedelta

import pytest

from services.notices.domain.cases import CaseRow, cases, tracked
from services.notices.domain.rating import RatingLink, link_by, link_for, standing
from shared.contracts import requests
from shared.contracts.actor import Actor
from shared.contracts.message import Event
from shared.rejection import NotAllowedNow, NotFound, NotYours
from shared.testing.facts import NOON
from shared.views import rebuild
from tests.unit.notices import story

ASKER = Actor(account_id="worker-3", role="grid_worker", area_ids=("grid-03",))


def case(*events: Event) -> CaseRow:
    return rebuild(cases, story.facts(story.placed, *events))["R1"]


COMPLETED = case(story.completed)


def test_a_link_lasts_as_long_as_the_case_can_be_reopened():
    assert link_for(COMPLETED, NOON) == RatingLink("R1", 1, COMPLETED.reopen_until)


def test_an_old_completion_gets_fifteen_days():
    old = case(requests.RequestCompleted(request_id="R1", work_order_id="R1.1.1"))
    assert link_for(old, NOON).expires_at == NOON + timedelta(days=15)


@pytest.mark.parametrize(
    "events", [(), (story.completed, story.closed), (story.completed, story.rated)]
)
def test_there_is_none_before_completion_or_after_the_rating(events: tuple[Event, ...]):
    with pytest.raises(NotAllowedNow):
        link_for(case(*events), NOON)


def test_who_may_rate_for_the_resident_may_make_one():
    assert link_by(ASKER, COMPLETED, NOON) == link_for(COMPLETED, NOON)


@pytest.mark.parametrize(
    ("stranger", "refusal"),
    [
        (ASKER.model_copy(update={"area_ids": ("grid-99",)}), NotFound),
        (Actor(account_id="leader-1", role="leader"), NotYours),
        (Actor(account_id="union-1", role="organization_dispatcher"), NotFound),
        (Actor(account_id="resident", role="resident", request_id="R1"), NotFound),
    ],
)
def test_nobody_else_may(stranger: Actor, refusal: type[Exception]):
    with pytest.raises(refusal):
        link_by(stranger, COMPLETED, NOON)


LINK = link_for(COMPLETED, NOON)


def test_a_link_is_open_until_it_expires():
    assert standing(LINK, COMPLETED, NOON) == "open"
    assert standing(LINK, COMPLETED, LINK.expires_at) == "expired"


def test_a_link_is_over_with_its_round():
    assert standing(LINK, case(story.completed, story.closed), NOON) == "over"
    assert standing(LINK, case(story.completed, story.rated), NOON) == "over"
    assert standing(LINK, case(story.completed, story.reopened), NOON) == "over"
    again = case(story.completed, story.reopened, story.completed)
    assert standing(LINK, again, NOON) == "over"


def test_tracking_shows_where_the_case_stands_and_no_account():
    shown = tracked(COMPLETED)
    assert shown["status"] == "completed"
    assert "worker-3" not in str(shown)
