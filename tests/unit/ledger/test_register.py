"""The register's row, as a case goes through its life."""

from services.ledger.domain.register import REGISTER, Wanted, behind, stands_at, where
from shared.contracts import dispatch, requests
from shared.testing.facts import NOON, recorded
from shared.views import rebuild

PLACED = requests.RequestPlaced(
    request_id="R1",
    grid_id="G1",
    area_ids=("C", "G1"),
    service_code="home-visit",
    urgency="normal",
    beneficiary_category="resident",
    particulars_id="P1",
    placed_by="worker",
)
ORDER = {"request_id": "R1", "work_order_id": "W1", "organization_id": "O1"}
DISPATCHED = dispatch.WorkOrderDispatched(**ORDER, part="lead", round=1, chosen_by="least_busy")
RECORDED_DISPATCH = requests.RequestDispatched(**ORDER)
ACCEPTED = dispatch.WorkOrderAccepted(**ORDER)
FIRST, SECOND = (dispatch.StaffAssigned(**ORDER, staff_id=id) for id in ("anna", "bo"))
RETURNED = dispatch.WorkOrderReturned(**ORDER, reason="other_owner")
DONE = dispatch.WorkOrderCompleted(**ORDER, outcome="solved", note_id="N1")
COMPLETED = requests.RequestCompleted(request_id="R1", work_order_id="W1")
POOR = requests.ServiceRated(request_id="R1", score=1)
REOPENED = requests.RequestReopened(request_id="R1", organization_id="O1", round=2)
WITHDRAWN = requests.RequestWithdrawn(request_id="R1", reason="solved_itself")


def row_after(*events, audience=()):
    facts = [recorded(event, number, audience=audience) for number, event in enumerate(events, 1)]
    return rebuild(REGISTER, facts)["R1"]


def told(stream, version, event, position):
    fact = recorded(event, position)
    return fact._replace(version=version, commit=fact.commit._replace(stream=stream))


def test_a_placed_request_gets_a_number_of_its_day_and_position():
    row = row_after(PLACED)
    assert (row.status, row.case_number, row.placed_on) == (
        "placed",
        "20260501-000001",
        "2026-05-01",
    )


def test_a_row_that_is_behind_the_log_says_so():
    facts = [
        told("service_request-R1", 1, PLACED, 1),
        told("work_orders-R1", 1, DISPATCHED, 2),
        told("service_request-R1", 2, RECORDED_DISPATCH, 3),
        told("work_orders-R1", 2, ACCEPTED, 4),
    ]
    row = rebuild(REGISTER, facts[:3])["R1"]
    assert stands_at(row, facts[:3]) == 3
    assert stands_at(row, facts) == 3


def test_the_organisation_appears_with_its_order():
    row = row_after(PLACED, DISPATCHED, RECORDED_DISPATCH, ACCEPTED)
    assert (row.status, row.organization_id) == ("dispatched", "O1")
    assert [(order.work_order_id, order.status) for order in row.orders] == [("W1", "accepted")]


def test_everybody_sent_is_named():
    (order,) = row_after(PLACED, DISPATCHED, FIRST, SECOND).orders
    assert order.staff_ids == ("anna", "bo")


def test_a_returned_order_waits_for_a_person_until_somebody_else_has_it():
    assert row_after(PLACED, DISPATCHED, RETURNED).needs_ruling
    again = DISPATCHED.model_copy(update={"work_order_id": "W2", "organization_id": "O2"})
    row = row_after(PLACED, DISPATCHED, RETURNED, again)
    assert (row.needs_ruling, row.organization_id) == (False, "O2")
    assert [order.status for order in row.orders] == ["returned", "dispatched"]


def test_a_poor_rating_starts_another_round_and_takes_the_completion_back():
    row = row_after(PLACED, DISPATCHED, RECORDED_DISPATCH, DONE, COMPLETED, POOR, REOPENED)
    assert (row.status, row.round, row.score, row.completed_on) == ("reopened", 2, 1, None)
    assert row.orders[0].outcome == "solved"


def test_whoever_was_concerned_once_goes_on_seeing_the_case():
    placed = recorded(PLACED, 1, audience=("area:G1",))
    given = recorded(DISPATCHED, 2, audience=("area:G1", "org:O1"))
    gone = recorded(WITHDRAWN, 3, audience=("area:G1",))
    row = rebuild(REGISTER, [placed, given, gone])["R1"]
    assert row.audience == ("area:G1", "org:O1")


def test_the_same_facts_again_change_nothing():
    story = (PLACED, DISPATCHED, RECORDED_DISPATCH, ACCEPTED, DONE, COMPLETED)
    assert row_after(*story) == row_after(*story)


def test_events_of_an_unknown_request_make_no_row():
    assert rebuild(REGISTER, [recorded(ACCEPTED)]) == {}


def test_a_question_is_limited_to_the_scope_of_who_asks():
    assert where(Wanted(status="placed"), ("area:G1",)) == {
        "$and": [{"status": "placed"}, {"audience": {"$in": ["area:G1"]}}]
    }
    assert where(Wanted(), ()) == {"$and": [{"audience": {"$in": []}}]}
    assert where(Wanted(), None) == {}


def test_paging_goes_on_behind_the_last_row():
    at = NOON
    older = {"$or": [{"placed_at": {"$lt": at}}, {"placed_at": at, "_id": {"$lt": "R7"}}]}
    newer = {"$or": [{"placed_at": {"$gt": at}}, {"placed_at": at, "_id": {"$gt": "R7"}}]}
    assert behind({}, None, newest_first=True) == {}
    assert behind({}, (at, "R7"), newest_first=True) == older
    assert behind({"x": 1}, (at, "R7"), newest_first=False) == {"$and": [{"x": 1}, newer]}
