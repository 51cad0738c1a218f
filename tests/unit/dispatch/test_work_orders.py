"""The work orders of one request (派单, 接单, 退单, 办结), told as examples."""

from datetime import UTC, datetime

from services.dispatch.domain.knowledge import Knowledge
from services.dispatch.domain.work_orders import work_orders
from shared.contracts import dispatch as msg
from shared.contracts.actor import SYSTEM, Actor
from shared.county_rules import DEFAULT_RULES
from shared.deadlines import deadlines_for
from shared.rejection import InvalidInput, NotAllowedNow, NotFound, NotYours
from shared.testing.spec import given_for

EVERYBODY = frozenset({"org-disabled", "org-red", "org-union"})
KNOWN = Knowledge(EVERYBODY, staff=frozenset({"staff-5", "staff-6"}))
given = given_for(work_orders, KNOWN)

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
AREAS = ("county-1", "town-3", "village-7", "grid-03")

clerk = Actor(account_id="clerk-3", role="desk_clerk", area_ids=("town-3",))
center = Actor(account_id="center-1", role="center_dispatcher")
federation = Actor(
    account_id="disp-df", role="organization_dispatcher", organization_id="org-disabled"
)
red_cross = Actor(account_id="disp-rc", role="organization_dispatcher", organization_id="org-red")
staff = Actor(account_id="staff-5", role="service_staff", organization_id="org-disabled")
colleague = Actor(account_id="staff-6", role="service_staff", organization_id="org-disabled")

matched = {"request_id": "R1", "at": NOON, "by": SYSTEM}
asked = {"request_id": "R1", "work_order_id": "R1.1.1", "at": NOON, "by": federation}
matter = {"area_ids": AREAS, "service_code": "home-repair", "urgency": "normal"}
kept = msg.Considered(
    organization_id="org-disabled", rule="least_busy", is_kept=True, open_orders=0
)
chosen = {"organization_id": "org-disabled", "chosen_by": "least_busy", "considered": (kept,)}
first = {"request_id": "R1", "work_order_id": "R1.1.1", "organization_id": "org-disabled"}
second = {"request_id": "R1", "work_order_id": "R1.1.2", "organization_id": "org-red"}

dispatch = msg.DispatchWorkOrder(**matched, work_order_id="R1.1.1", **chosen, **matter)
leave_to_center = msg.LeaveToCenter(**matched, **matter)
send_red_cross = msg.DispatchWorkOrder(at=NOON, by=clerk, **second)
rule_for_red_cross = send_red_cross.model_copy(update={"by": center})
accept = msg.AcceptWorkOrder(**asked)
give_back = msg.ReturnWorkOrder(
    **asked, reason="outside_charter", proposed_organization_id="org-red", note_id="N1"
)
assign = msg.AssignStaff(**asked, staff_id="staff-5")
contact = msg.RecordFirstContact(**asked | {"by": staff})
progress = msg.RecordProgress(**asked | {"by": staff}, note_id="N2")
complete = msg.CompleteWorkOrder(**asked | {"by": staff}, outcome="solved", note_id="N3")
cancel = msg.CancelWorkOrders(**matched, reason="request_withdrawn")

clocks = {"deadlines": deadlines_for(DEFAULT_RULES, "normal", NOON)}
dispatched = msg.WorkOrderDispatched(
    **first, part="lead", round=1, chosen_by="least_busy", considered=(kept,), **matter, **clocks
)
left_to_center = msg.DispatchLeftToCenter(request_id="R1", **matter)
sent = {"part": "lead", "round": 1, **matter, **clocks}
by_hand = msg.WorkOrderDispatched(**second, **sent, chosen_by="person")
return_ruled = msg.ReturnRuled(request_id="R1", work_order_id="R1.1.1", organization_id="org-red")
ruled = msg.WorkOrderDispatched(**second, **sent, chosen_by="ruling")
accepted = msg.WorkOrderAccepted(**first)
returned = msg.WorkOrderReturned(
    **first, reason="outside_charter", proposed_organization_id="org-red", note_id="N1"
)
assigned = msg.StaffAssigned(**first, staff_id="staff-5")
contacted = msg.FirstContactRecorded(**first)
delivered = msg.ServiceDelivered(**first, note_id="N2")
completed = msg.WorkOrderCompleted(
    **first, outcome="solved", note_id="N3", service_code="home-repair"
)
finished = msg.DeliveryFinished(**first, round=1)
cancelled = msg.WorkOrderCancelled(**first, reason="request_withdrawn")
stopped = msg.DispatchStopped(request_id="R1", reason="request_withdrawn")

at_work = (dispatched, accepted, assigned, contacted)


def as_of(organization, command, order="R1.1.2"):
    return command.model_copy(update={"by": organization, "work_order_id": order})


def test_matching_sends_an_organization():
    given().when(dispatch).then(dispatched)


def test_matching_twice_sends_once():
    given(dispatched).when(dispatch).then_nothing_happens()


def test_an_unknown_organization_gets_nothing():
    given().knowing(Knowledge()).when(dispatch).then_rejected(InvalidInput, "organization_id")


def test_what_nobody_offers_is_left_to_a_person():
    given().when(leave_to_center).then(left_to_center)
    given(left_to_center).when(leave_to_center).then_nothing_happens()


def test_a_person_dispatches_what_was_left_to_the_center():
    given(left_to_center).when(send_red_cross).then(by_hand)


def test_a_person_cannot_dispatch_a_request_that_was_never_accepted():
    given().when(send_red_cross).then_rejected(NotFound)


def test_a_person_names_an_organization_that_exists():
    unknown = given(left_to_center).knowing(Knowledge())
    unknown.when(send_red_cross).then_rejected(InvalidInput, "organization_id")


def test_a_person_cannot_pass_for_a_rule_or_another_round():
    disguised = send_red_cross.model_copy(
        update={"chosen_by": "least_busy", "considered": (kept,), "round": 7}
    )
    given(left_to_center).when(disguised).then(by_hand)


def test_there_is_exactly_one_lead():
    given(dispatched).when(send_red_cross).then_rejected(NotAllowedNow)
    given(dispatched, returned, return_ruled, ruled).when(rule_for_red_cross).then_rejected(
        NotAllowedNow, "work_order_id"
    )


def test_the_organization_accepts():
    given(dispatched).when(accept).then(accepted)


def test_accepting_twice_is_refused():
    given(dispatched, accepted).when(accept).then_rejected(NotAllowedNow)


def test_another_organizations_order_does_not_exist_for_these_eyes():
    given(dispatched).when(as_of(red_cross, accept, "R1.1.1")).then_rejected(NotFound)
    given(dispatched).when(as_of(federation, accept, "R1.1.9")).then_rejected(NotFound)
    given().when(accept).then_rejected(NotFound)


def test_the_organization_returns_with_a_reason_and_a_proposal():
    given(dispatched).when(give_back).then(returned)
    given(dispatched, accepted).when(give_back).then(returned)


def test_whoever_has_spoken_with_the_resident_does_not_return():
    given(*at_work).when(give_back).then_rejected(NotAllowedNow)


def test_after_a_return_matching_waits_for_a_person():
    given(dispatched, returned).when(dispatch).then_nothing_happens()


def test_what_the_center_dispatches_after_a_return_is_a_ruling():
    given(dispatched, returned).when(rule_for_red_cross).then(return_ruled, ruled)
    given(dispatched, returned).when(send_red_cross).then_rejected(NotYours)


def test_a_ruling_cannot_be_returned():
    story = given(dispatched, returned, return_ruled, ruled)
    story.when(as_of(red_cross, give_back)).then_rejected(NotAllowedNow)


def test_what_a_person_dispatches_first_is_no_ruling_and_can_be_returned():
    returned_by_red_cross = returned.model_copy(update=second)
    story = given(left_to_center, by_hand)
    story.when(as_of(red_cross, give_back)).then(returned_by_red_cross)


def test_an_organization_returns_a_case_only_once():
    again = dispatched.model_copy(update={"work_order_id": "R1.2.1", "round": 2})
    story = given(dispatched, returned, again)
    story.when(as_of(federation, give_back, "R1.2.1")).then_rejected(NotAllowedNow)


def test_a_return_in_an_earlier_round_makes_no_ruling_of_a_later_dispatch():
    by_red_cross = {**second, "work_order_id": "R1.2.1"}
    done = completed.model_copy(update=second)
    later = ruled.model_copy(update=by_red_cross | {"round": 2, "chosen_by": "same_organization"})
    given_back = returned.model_copy(update=by_red_cross)
    to_another = ruled.model_copy(
        update={
            "work_order_id": "R1.3.1",
            "organization_id": "org-union",
            "round": 3,
            "chosen_by": "same_organization",
        }
    )
    union = Actor(account_id="disp-u", role="organization_dispatcher", organization_id="org-union")
    story = given(dispatched, returned, return_ruled, ruled, done, later, given_back, to_another)
    story.when(as_of(union, give_back, "R1.3.1")).then(
        returned.model_copy(update={"work_order_id": "R1.3.1", "organization_id": "org-union"})
    )


def test_a_work_order_number_is_used_once():
    same_number = rule_for_red_cross.model_copy(update={"work_order_id": "R1.1.1"})
    given(dispatched, returned).when(same_number).then_rejected(NotAllowedNow, "work_order_id")


def test_the_organization_names_who_goes():
    given(dispatched, accepted).when(assign).then(assigned)


def test_naming_the_same_person_twice_changes_nothing():
    given(dispatched, accepted, assigned).when(assign).then_nothing_happens()


def test_only_the_organizations_own_people_go():
    stranger = assign.model_copy(update={"staff_id": "staff-9"})
    given(dispatched, accepted).when(stranger).then_rejected(InvalidInput, "staff_id")
    nobody_looked = given(dispatched, accepted).knowing(Knowledge(staff=None))
    nobody_looked.when(assign).then_rejected(InvalidInput, "staff_id")


def test_staff_work_on_orders_assigned_to_them():
    given(dispatched, accepted, assigned).when(contact).then(contacted)
    by_a_colleague = contact.model_copy(update={"by": colleague})
    given(dispatched, accepted, assigned).when(by_a_colleague).then_rejected(NotFound)


def test_first_contact_comes_after_acceptance_and_once():
    given(dispatched, assigned).when(contact).then_rejected(NotAllowedNow)
    given(*at_work).when(contact).then_rejected(NotAllowedNow)


def test_progress_is_a_service_delivered():
    given(*at_work).when(progress).then(delivered)
    given(*at_work, delivered).when(progress).then(delivered)
    given(dispatched, assigned).when(progress).then_rejected(NotAllowedNow)


def test_completion_names_its_outcome_and_proof():
    given(*at_work, delivered).when(complete).then(completed, finished)


def test_nobody_completes_without_having_spoken_with_the_resident():
    given(dispatched, accepted, assigned).when(complete).then_rejected(NotAllowedNow)


def test_what_is_complete_is_complete():
    story = given(*at_work, completed)
    for late in (accept, give_back, assign, contact, progress, complete):
        story.when(late).then_rejected(NotAllowedNow)
    story.when(send_red_cross).then_rejected(NotAllowedNow)


def test_a_poor_rating_sends_the_same_organization_again():
    wish = msg.DispatchWorkOrder(
        **matched,
        work_order_id="R1.2.1",
        organization_id="org-disabled",
        round=2,
        chosen_by="same_organization",
    )
    again = msg.WorkOrderDispatched(
        **first | {"work_order_id": "R1.2.1"},
        part="lead",
        round=2,
        chosen_by="same_organization",
        **matter,
        **clocks,
    )
    given(*at_work, completed).when(wish).then(again)


def test_a_withdrawal_cancels_what_is_open_and_stops_dispatch():
    given(*at_work).when(cancel).then(cancelled, stopped)
    given(dispatched, returned).when(cancel).then(stopped)


def test_a_withdrawal_before_acceptance_leaves_nothing_to_cancel():
    given().when(cancel).then_nothing_happens()


def test_a_second_withdrawal_changes_nothing():
    given(dispatched, cancelled, stopped).when(cancel).then_nothing_happens()


def test_nobody_is_sent_after_a_withdrawal():
    given(dispatched, returned, stopped).when(rule_for_red_cross).then_rejected(NotAllowedNow)
    given(dispatched, cancelled, stopped).when(dispatch).then_nothing_happens()
    given(dispatched, cancelled, stopped).when(accept).then_rejected(NotAllowedNow)


def test_it_concerns_the_areas_the_organizations_and_the_people_assigned():
    areas = tuple(f"area:{area}" for area in AREAS)
    story = given(dispatched, assigned, returned, ruled)
    assert given(left_to_center).audience == areas
    assert story.audience == (*areas, "org:org-disabled", "account:staff-5", "org:org-red")
