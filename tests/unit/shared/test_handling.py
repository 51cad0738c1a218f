"""One command on its way to the log: once, by somebody who may, against what is really there."""

from dataclasses import replace

import pytest

from services.dispatch.domain.knowledge import Knowledge as Organizations
from services.dispatch.domain.work_orders import work_orders
from services.requests.domain.service_request import service_request
from services.requests.domain.state import Knowledge
from services.requests.domain.views import KnownArea
from shared.contracts import dispatch
from shared.contracts import requests as msg
from shared.contracts.actor import SYSTEM, Actor
from shared.handling import Instruction, from_wire, handle, rehearse, to_wire
from shared.rejection import CommandIdReused, InvalidInput, NotAllowedNow, NotFound, StaleVersion
from shared.serving import verdict
from shared.testing.facts import NOON
from shared.testing.memory_log import MemoryLog

GRID = KnownArea(area_id="G1", kind="grid", path=("C", "V", "G1"), name="一网格")
KNOWN, UNKNOWN = Knowledge(GRID, is_service_offered=True), Knowledge()

worker = Actor(account_id="worker", role="grid_worker", area_ids=("G1",))
stranger = Actor(account_id="stranger", role="grid_worker", area_ids=("G2",))
clerk = Actor(account_id="clerk", role="desk_clerk", area_ids=("V",))

place = msg.PlaceRequest(
    at=NOON,
    by=worker,
    request_id="R1",
    grid_id="G1",
    service_code="home-visit",
    urgency="normal",
    beneficiary_category="resident",
    particulars_id="P1",
)
accept = msg.AcceptRequest(at=NOON, by=clerk, request_id="R1")
placing, accepting = Instruction(place, "place-1"), Instruction(accept, "accept-1")


def give(log, asked, knowledge=KNOWN, **options):
    return handle(log, service_request, "R1", asked, knowledge, **options)


@pytest.mark.parametrize("begins", [True, False])
def test_a_command_given_twice_happens_once(begins):
    log = MemoryLog()
    first = give(log, placing, begins=begins)
    second = give(log, placing, begins=begins)
    assert (first.position, first.is_repeat) == (1, False)
    assert (second.position, second.version, second.is_repeat) == (1, 1, True)
    assert log.head() == 1


def test_a_repeat_is_answered_even_when_it_would_be_refused_by_now():
    log = MemoryLog()
    give(log, placing)
    assert give(log, placing, UNKNOWN, begins=True).is_repeat
    give(log, accepting)
    assert give(log, accepting).is_repeat


def test_a_new_command_that_is_refused_stores_nothing():
    log = MemoryLog()
    with pytest.raises(InvalidInput):
        give(log, placing, UNKNOWN, begins=True)
    assert log.head() == 0


@pytest.mark.parametrize("begins", [True, False])
def test_the_same_id_with_another_body_is_refused(begins):
    log = MemoryLog()
    give(log, placing)
    other = replace(placing, command=place.model_copy(update={"urgency": "urgent"}))
    with pytest.raises(CommandIdReused):
        give(log, other, begins=begins)


def test_a_stream_that_was_not_new_after_all_is_read():
    log = MemoryLog()
    give(log, placing)
    same_again = give(log, Instruction(place, "place-2"), begins=True)
    assert same_again.position == 0
    assert log.head() == 1


def test_a_stale_screen_is_told_so():
    log = MemoryLog()
    give(log, placing)
    with pytest.raises(StaleVersion) as refusal:
        give(log, replace(accepting, expected_version=7))
    assert "网格员" in refusal.value.message
    assert give(log, replace(accepting, expected_version=1)).version == 2


def test_whoever_decides_second_hears_who_was_first_and_when():
    log = MemoryLog()
    give(log, placing)
    give(log, accepting)
    with pytest.raises(NotAllowedNow) as refusal:
        give(log, replace(accepting, command_id="accept-2"))
    assert refusal.value.message.endswith("最近一次操作：受理员（clerk）于5月1日12:00受理")


def test_a_stale_screen_of_what_one_may_not_see_learns_nothing():
    log = MemoryLog()
    give(log, placing)
    command = accepting.command.model_copy(update={"by": stranger})
    with pytest.raises(NotFound):
        give(log, replace(accepting, command=command, command_id="x", expected_version=7))


def test_what_one_may_not_see_does_not_exist():
    log = MemoryLog()
    with pytest.raises(NotFound):
        give(log, Instruction(place.model_copy(update={"by": stranger}), "place-1"))
    give(log, placing)
    expedite = msg.ExpediteRequest(at=NOON, by=stranger, request_id="R1")
    with pytest.raises(NotFound):
        give(log, Instruction(expedite, "expedite-1"))
    assert log.head() == 1


def test_a_policys_first_wish_stands_when_it_meets_its_fact_again():
    """Loads have moved on meanwhile, and it would choose another organisation now."""
    log = MemoryLog()
    wish = dispatch.DispatchWorkOrder(
        at=NOON, by=SYSTEM, work_order_id="W1", request_id="R1", organization_id="first"
    )
    second = wish.model_copy(update={"organization_id": "second"})
    known = Organizations(frozenset({"first", "second"}))
    for command in (wish, second):
        asked = Instruction(command, "7:DispatchWorkOrder:0", caused_by=7)
        handle(log, work_orders, "R1", asked, known)
    (fact,) = log.read_stream("work_orders-R1")
    assert fact.event.model_dump()["organization_id"] == "first"


@pytest.mark.parametrize("by", [worker, stranger, clerk])
@pytest.mark.parametrize("known", [KNOWN, UNKNOWN])
def test_a_rehearsal_says_what_the_giving_will_say(by, known):
    asked = Instruction(place.model_copy(update={"by": by}), "place-2")
    log, start = MemoryLog(), service_request.initial

    def rehearsed():
        return rehearse(service_request, asked, start, False, known)

    given = verdict(lambda: [give(log, asked, known, begins=True).position])
    assert verdict(rehearsed) == given
    assert log.head() == (1 if given == {"code": "ok"} else 0)


def test_a_command_survives_the_wire():
    assert from_wire(**to_wire(placing)) == placing


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Nonsense"}, "name"),
        ({"body": {"request_id": "R1"}}, "grid_id"),
        ({"body": {**to_wire(placing)["body"], "colour": "red"}}, "colour"),
        ({"body": {**to_wire(placing)["body"], "grid_id": {"$ne": None}}}, "grid_id"),
    ],
)
def test_a_misshapen_command_names_its_field(change, field):
    with pytest.raises(InvalidInput) as refusal:
        from_wire(**{**to_wire(placing), **change})
    assert field in refusal.value.fields
