"""What counts of a case, as its story goes on; and what was known of it on an earlier day."""

from datetime import UTC, datetime, timedelta

from services.ledger.domain.deliveries import counted
from services.ledger.domain.measures import MEASURES, known_before
from shared.contracts import dispatch, requests
from shared.contracts.working_time import Limit
from shared.county_rules import DEFAULT_RULES, working_time
from shared.deadlines import deadlines_for, extended, given_back
from shared.testing.facts import recorded
from shared.views import rebuild

MONDAY = datetime(2026, 5, 11, 1, tzinfo=UTC)
"""Nine o'clock in Beijing. A normal order: accept by 15:30 of that day, complete by next Monday."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEADLINES = deadlines_for(DEFAULT_RULES, "normal", MONDAY)
TIME = working_time(DEFAULT_RULES)

PLACED = requests.RequestPlaced(
    request_id="R1",
    grid_id="G1",
    area_ids=("C", "S1", "G1"),
    service_code="home-visit",
    urgency="normal",
    beneficiary_category="resident",
    particulars_id="P1",
    placed_by="worker",
)
LEAD = {"request_id": "R1", "work_order_id": "W1", "organization_id": "O1"}
HELPER = {"request_id": "R1", "work_order_id": "W2", "organization_id": "O2"}
COMPLETED = requests.RequestCompleted(request_id="R1", work_order_id="W1")
REOPENED = requests.RequestReopened(request_id="R1", organization_id="O1", round=2)


def sent(order, part="lead", round=1, deadlines=DEADLINES):
    return dispatch.WorkOrderDispatched(
        **order, part=part, round=round, chosen_by="least_busy", deadlines=deadlines
    )


def accepted(order):
    return dispatch.WorkOrderAccepted(**order)


def done(order):
    return dispatch.WorkOrderCompleted(**order, outcome="solved", note_id="N1")


def visit(round=1, **said):
    answers = {"is_contacted": True, "is_solved": True, "satisfaction": "satisfied", **said}
    return requests.ReturnVisitRecorded(
        request_id="R1", round=round, attempt=1, is_reached=True, **answers
    )


def itself(delivery):
    """What is weighed, instead of its weights."""
    return delivery


def row_of(*story):
    """From events, each with the hours after Monday nine o'clock at which it is told."""
    facts = [
        recorded(event, position, MONDAY + after * HOUR)
        for position, (after, event) in enumerate([(0, PLACED), *story], start=1)
    ]
    return rebuild(MEASURES, facts)["R1"]


def deliveries(*story, until=None):
    """Organisation → what is counted of its order; only one order each in these stories."""
    row = row_of(*story)
    history = row.history if until is None else known_before(row.history, until)
    found = counted(row, history, itself, TIME)
    return {(order.organization_id, order.round): order.weights for order in found}


SIMPLE = ((0, sent(LEAD)), (2, accepted(LEAD)), (26, done(LEAD)), (26, COMPLETED))


def test_nothing_counts_before_the_round_is_finished():
    assert deliveries(*SIMPLE[:-1]) == {}


def test_a_finished_round_counts_on_the_day_it_was_finished():
    row = row_of(*SIMPLE)
    (order,) = counted(row, row.history, itself, TIME)
    assert (order.day, order.organization_id, order.round) == ("2026-05-12", "O1", 1)
    assert order.subject.area_ids == ("C", "S1", "G1")


def test_hours_are_working_hours_from_dispatch_to_completion():
    delivery = deliveries(*SIMPLE)["O1", 1]
    assert delivery.seconds == 3600 * 9  # Monday 9:00 to 18:00 without lunch, Tuesday 8:30 to 11:00
    assert (delivery.is_accepted_in_time, delivery.is_finished_in_time) == (True, True)


def test_a_critical_case_is_measured_in_natural_time():
    critical = deadlines_for(DEFAULT_RULES, "critical", MONDAY)
    story = ((0, sent(LEAD, deadlines=critical)), (1, accepted(LEAD)), (26, done(LEAD)))
    delivery = deliveries(*story, (26, COMPLETED))["O1", 1]
    assert delivery.seconds == 26 * 3600
    assert (delivery.is_accepted_in_time, delivery.is_finished_in_time) == (False, False)


def test_held_time_is_nobodys_time():
    held_at, resumed_at = MONDAY + HOUR, MONDAY + 24 * HOUR
    held = dispatch.HoldGranted(
        **LEAD, reason="waiting_for_material", held_at=held_at, review_at=resumed_at
    )
    back = given_back(DEFAULT_RULES, DEADLINES, held_at, resumed_at)
    resumed = dispatch.WorkResumed(
        **LEAD, reason="ready", held_at=held_at, resumed_at=resumed_at, deadlines=back
    )
    story = ((0, sent(LEAD)), (1, held), (24, resumed), (25, accepted(LEAD)), (26, done(LEAD)))
    delivery = deliveries(*story, (26, COMPLETED))["O1", 1]
    assert delivery.seconds == 3 * 3600
    assert delivery.is_accepted_in_time


def test_what_is_finished_on_hold_is_finished_when_the_hold_began():
    held_at = MONDAY + 2 * HOUR
    held = dispatch.HoldGranted(
        **LEAD, reason="resident_away", held_at=held_at, review_at=MONDAY + 30 * DAY
    )
    story = ((0, sent(LEAD)), (1, accepted(LEAD)), (2, held), (24 * 20, done(LEAD)))
    delivery = deliveries(*story, (24 * 20, COMPLETED))["O1", 1]
    assert (delivery.is_finished_in_time, delivery.seconds) == (True, 2 * 3600)


def test_the_deadline_that_counts_is_the_last_one_given():
    late = ((0, sent(LEAD)), (1, accepted(LEAD)), (24 * 8, done(LEAD)), (24 * 8, COMPLETED))
    assert not deliveries(*late)["O1", 1].is_finished_in_time
    extra = Limit(amount=3, unit="working_day")
    longer = extended(DEFAULT_RULES, DEADLINES, extra)
    granted = dispatch.ExtensionGranted(**LEAD, extra=extra, deadlines=longer)
    assert deliveries(late[0], (2, granted), *late[1:])["O1", 1].is_finished_in_time


def test_everybody_answers_for_the_own_order_and_the_lead_for_the_case():
    story = (
        *((0, sent(LEAD)), (0, sent(HELPER, "supporting"))),
        *((1, accepted(LEAD)), (8, accepted(HELPER)), (24, done(LEAD)), (26, done(HELPER))),
        *((26, COMPLETED), (30, visit())),
    )
    found = deliveries(*story)
    assert (found["O1", 1].leads, found["O2", 1].leads) == (True, False)
    assert (found["O1", 1].is_joint, found["O2", 1].is_joint) == (True, False)
    assert (found["O1", 1].visit is None, found["O2", 1].visit is None) == (False, True)
    assert (found["O1", 1].is_accepted_in_time, found["O2", 1].is_accepted_in_time) == (True, False)


def test_who_was_excused_answers_for_nothing_and_makes_no_team():
    excused = dispatch.WorkOrderExcused(**HELPER, reason="not_needed")
    story = (SIMPLE[0], (1, sent(HELPER, "supporting")), (2, excused), *SIMPLE[1:])
    found = deliveries(*story)
    assert list(found) == [("O1", 1)]
    assert not found["O1", 1].is_joint


def test_a_returned_order_counts_for_who_returned_it_when_the_round_is_finished():
    returned = dispatch.WorkOrderReturned(**HELPER, reason="other_owner")
    story = ((0, sent(HELPER)), (1, returned), (2, sent(LEAD)), *SIMPLE[1:])
    found = deliveries(*story)
    assert (found["O2", 1].is_returned, found["O1", 1].is_returned) == (True, False)
    assert found["O1", 1].leads
    assert not found["O1", 1].is_joint


def test_another_lead_takes_the_case_over_with_its_results():
    changed = dispatch.LeadChanged(**HELPER, former_work_order_id="W1", former_organization_id="O1")
    story = (
        *((0, sent(LEAD)), (0, sent(HELPER, "supporting")), (3, changed)),
        *((24, done(LEAD)), (24, done(HELPER)), (24, COMPLETED), (30, visit())),
    )
    found = deliveries(*story)
    assert (found["O1", 1].leads, found["O2", 1].leads) == (False, True)
    assert found["O2", 1].visit


def test_a_redone_round_is_marked_and_the_next_counts_by_itself():
    again = {**LEAD, "work_order_id": "W3"}
    story = (
        *(*SIMPLE, (30, visit(is_solved=False)), (31, REOPENED), (31, sent(again, round=2))),
        *((32, accepted(again)), (50, done(again)), (50, COMPLETED), (60, visit(round=2))),
    )
    found = deliveries(*story)
    assert [(number, d.is_redone) for (_, number), d in found.items()] == [(1, True), (2, False)]
    assert [d.visit.is_solved for d in found.values()] == [False, True]


def test_a_visit_that_reached_nobody_says_nothing():
    nobody = requests.ReturnVisitRecorded(request_id="R1", round=1, attempt=1, is_reached=False)
    assert deliveries(*SIMPLE, (30, nobody))["O1", 1].visit is None


def test_withdrawn_and_merged_requests_never_count():
    withdrawn = requests.RequestWithdrawn(request_id="R1", reason="solved_itself")
    cancelled = dispatch.WorkOrderCancelled(**LEAD, reason="request_withdrawn")
    assert deliveries((0, sent(LEAD)), (2, withdrawn), (2, cancelled)) == {}
    assert deliveries((1, requests.RequestMerged(request_id="R1", into_id="R0"))) == {}


def test_orders_from_before_there_were_clocks_have_hours_but_no_limits():
    old = ((0, sent(LEAD, deadlines=None)), *SIMPLE[1:])
    delivery = deliveries(*old)["O1", 1]
    assert (delivery.is_accepted_in_time, delivery.is_finished_in_time) == (None, None)
    assert delivery.seconds == 9 * 3600


def test_an_earlier_day_does_not_know_what_came_later():
    story = (*SIMPLE, (30, visit()), (31, REOPENED))
    finished, visited = MONDAY + 27 * HOUR, MONDAY + 30.5 * HOUR
    assert deliveries(*story, until=MONDAY + 25 * HOUR) == {}
    assert deliveries(*story, until=finished)["O1", 1].visit is None
    known = deliveries(*story, until=visited)["O1", 1]
    assert (known.visit is None, known.is_redone) == (False, False)
    assert deliveries(*story)["O1", 1].is_redone


def test_a_row_says_when_it_last_changed_and_that_never_goes_back():
    assert row_of(*SIMPLE).changed_on == "2026-05-12"
    assert row_of(*SIMPLE, (10, visit())).changed_on == "2026-05-12"
    assert row_of((24 * 30, requests.RequestClosed(request_id="R1"))).changed_on == "2026-05-11"


def test_events_of_an_unknown_request_make_no_row():
    assert rebuild(MEASURES, [recorded(done(LEAD))]) == {}


def test_rows_survive_being_stored():
    row = row_of(*SIMPLE, (30, visit()))
    assert MEASURES.row.model_validate(row.model_dump()) == row
