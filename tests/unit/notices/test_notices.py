"""Who is told what, in the order of the story."""

from typing import get_args

import pytest

from services.notices.domain.cases import cases
from services.notices.domain.inbox import entry
from services.notices.domain.notices import Notice, addresses_of
from services.notices.domain.reader import ReadMark
from services.notices.domain.sentences import sentence
from shared.contracts import dispatch, requests
from shared.contracts.actor import Actor, Role
from shared.contracts.message import Event
from shared.contracts.notices import NoticeKind
from shared.testing.facts import NOON
from shared.views import rebuild
from tests.unit.notices import story


def notices(*events: Event, by: str = "system") -> list[Notice]:
    row = rebuild(cases, story.facts(*events, by=by))["R1"]
    return list(row.notices)


def last(*events: Event, by: str = "system") -> tuple[str, set[str]]:
    notice = notices(*events, by=by)[-1]
    return notice.kind, set(notice.to)


WITH_ORDERS = (story.placed, story.accepted, story.dispatched, story.helping)


def test_every_desk_above_the_grid_hears_of_a_new_request():
    kind, to = last(story.placed)
    assert (kind, to) == ("new_request", {f"desk:{area}" for area in story.PATH})


def test_the_asker_hears_what_the_desk_decided():
    assert last(story.placed, story.sent_back) == ("sent_back", {"account:worker-3"})
    declined = requests.RequestDeclined(request_id="R1", reason="out_of_scope")
    assert last(story.placed, declined) == ("declined", {"account:worker-3"})


def test_each_organisation_hears_of_its_own_order():
    assert [set(notice.to) for notice in notices(*WITH_ORDERS)[1:]] == [
        {"org:union"},
        {"org:red-cross"},
    ]


def test_whoever_is_assigned_hears_of_it():
    assert last(*WITH_ORDERS, story.assigned) == ("assigned", {"account:staff-1"})


@pytest.mark.parametrize(
    ("level", "above"), [("yellow", set()), ("orange", set()), ("red", {"center"})]
)
def test_an_alarm_reaches_the_organisation_and_its_staff_and_red_the_centre(
    level: str, above: set[str]
):
    to = {"org:union", "account:staff-1"} | above
    assert last(*WITH_ORDERS, story.assigned, story.alarm(level)) == ("alarm", to)


def test_an_alarm_of_another_organisation_is_not_for_this_ones_staff():
    alarm = story.alarm("yellow", story.HELPING)
    assert last(*WITH_ORDERS, story.assigned, alarm) == ("alarm", {"org:red-cross"})


def test_an_expedited_request_hurries_everybody_who_has_an_open_order():
    expedited = requests.RequestExpedited(request_id="R1", times=1, expedited_at=NOON)
    assert last(*WITH_ORDERS, expedited) == ("expedited", {"org:union", "org:red-cross"})
    assert last(*WITH_ORDERS, story.returned, expedited) == ("expedited", {"org:red-cross"})
    assert last(story.placed, expedited)[1] == {f"desk:{area}" for area in story.PATH}


def test_the_centre_hears_what_it_has_to_decide():
    asked = dispatch.ExtensionAsked(
        **story.ORDER, extra={"amount": 2, "unit": "working_day"}, note_id="N1"
    )
    hold = dispatch.HoldAsked(
        **story.ORDER, reason="resident_away", review_at=story.DUE, note_id="N1"
    )
    for event in (story.returned, asked, hold):
        assert last(*WITH_ORDERS, event)[1] == {"center"}


def test_a_ruling_is_told_to_whoever_returned_the_order():
    ruled = dispatch.ReturnRuled(
        request_id="R1", work_order_id="R1.1.1", organization_id="red-cross"
    )
    assert last(*WITH_ORDERS, story.returned, ruled) == ("ruled", {"org:union"})


@pytest.mark.parametrize(
    ("level", "above"),
    [
        ("organization_head", set()),
        ("center", {"center"}),
        ("committee_secretary", {"center", "leaders"}),
    ],
)
def test_supervision_rises(level: str, above: set[str]):
    kind, to = last(*WITH_ORDERS, story.supervised(level))
    assert (kind, to) == ("supervised", {"org:union"} | above)


def test_the_asker_is_asked_to_rate():
    assert last(*WITH_ORDERS, story.completed) == ("please_rate", {"account:worker-3"})


def test_a_return_visit_is_for_its_caller_or_for_all():
    for caller, to in (("caller-1", "account:caller-1"), (None, "callers")):
        visit = requests.ReturnVisitAssigned(request_id="R1", round=1, caller_id=caller)
        assert last(story.placed, story.completed, visit) == ("visit_assigned", {to})


def test_nobody_is_told_what_he_or_she_has_just_done():
    withdrawn_by_asker = notices(story.placed, story.sent_back, by="worker-3")
    assert [notice.kind for notice in withdrawn_by_asker] == ["new_request"]


def test_what_concerns_nobody_else_makes_no_notice():
    assert len(notices(story.placed, story.accepted, story.closed)) == 1


@pytest.mark.parametrize(
    ("role", "found"),
    [
        ("grid_worker", {"account:me"}),
        ("desk_clerk", {"account:me", "desk:station-1"}),
        ("organization_dispatcher", {"account:me", "org:union"}),
        ("service_staff", {"account:me"}),
        ("center_dispatcher", {"account:me", "center"}),
        ("leader", {"account:me", "leaders"}),
        ("return_visit_caller", {"account:me", "callers"}),
        ("auditor", set()),
        ("administrator", set()),
        ("resident", set()),
        ("system", set()),
    ],
)
def test_everybody_has_addresses(role: Role, found: set[str]):
    me = Actor(account_id="me", role=role, organization_id="union", area_ids=("station-1",))
    assert set(addresses_of(me)) == found


CODES = {
    "urgency": "urgent",
    "times": "2",
    "limit": "accept",
    "level": "red",
    "cause": "asker",
}
REASONS = {
    "returned": "outside_area",
    "hold_asked": "resident_away",
    "sent_back": "proof_missing",
    "declined": "duplicate",
    "resumed": "ready",
}


@pytest.mark.parametrize("kind", get_args(NoticeKind))
def test_every_kind_of_notice_is_a_sentence(kind: NoticeKind):
    codes = {**CODES, "reason": REASONS.get(kind, "")}
    if kind == "supervised":
        codes["level"] = "center"
    said = sentence(Notice(position=1, at=NOON, kind=kind, to=("center",), codes=codes))
    assert said.endswith("。")


def test_a_second_chance_and_a_ruling_are_said():
    for chosen_by, word in (("ruling", "不能再退回"), ("same_organization", "重新办理")):
        order = story.dispatched.model_copy(update={"chosen_by": chosen_by})
        assert word in sentence(notices(story.placed, order)[-1])


def test_an_entry_says_whether_it_has_been_read():
    stored = {
        "_id": "R1",
        "case_number": "20260501-000001",
        "service_code": "home-repair",
        "urgency": "normal",
        "notices": notices(story.placed)[0].model_dump(),
    }
    assert entry(stored, ReadMark(account_id="me", up_to=1))["is_read"]
    assert entry(stored, ReadMark(account_id="me", also=(1,)))["is_read"]
    assert not entry(stored, ReadMark(account_id="me"))["is_read"]
