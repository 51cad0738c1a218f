"""After completion: rating, return visit, reopening, closing; and one matter asked by many."""

from datetime import timedelta

from services.requests.domain import policy
from services.requests.domain.service_request import service_request
from services.requests.domain.state import Knowledge
from shared.contracts import requests as msg
from shared.contracts.actor import SYSTEM, Actor
from shared.contracts.county import Sampling
from shared.county_rules import DEFAULT_RULES
from shared.rejection import InvalidInput, NotAllowedNow, NotYours
from shared.testing.facts import NOON, recorded
from shared.testing.spec import given_for

given = given_for(service_request, Knowledge(worked_by=frozenset({"worker-3", "clerk-3"})))

worker = Actor(account_id="worker-3", role="grid_worker", area_ids=("grid-03",))
clerk = Actor(account_id="clerk-3", role="desk_clerk", area_ids=("county-1",))
caller = Actor(account_id="caller-1", role="return_visit_caller")

DAYS = timedelta(days=1)
placed = msg.RequestPlaced(
    request_id="R1",
    grid_id="grid-03",
    area_ids=("county-1", "grid-03"),
    service_code="child-companion",
    urgency="normal",
    beneficiary_category="child_in_difficulty",
    particulars_id="P1",
    placed_by="worker-3",
)
dispatched = msg.RequestDispatched(request_id="R1", work_order_id="W1", organization_id="org-1")
completed = msg.RequestCompleted(request_id="R1", work_order_id="W1", reopen_until=NOON + 15 * DAYS)
served = (placed, dispatched, completed)
assigned = msg.ReturnVisitAssigned(request_id="R1", round=1, caller_id="caller-1")
closed = msg.RequestClosed(request_id="R1")


def asked(kind, by=worker, at=NOON, **fields):
    return kind(request_id="R1", at=at, by=by, **fields)


def reopened(cause, **more):
    said = {"organization_id": "org-1", "round": 2, "cause": cause}
    return msg.RequestReopened(request_id="R1", **said | more)


def visited(attempt=1, **answers):
    return msg.ReturnVisitRecorded(request_id="R1", round=1, attempt=attempt, **answers)


HAPPY = {
    "is_reached": True,
    "is_contacted": True,
    "is_solved": True,
    "satisfaction": "very_satisfied",
}
UNSOLVED = HAPPY | {"is_solved": False, "satisfaction": "dissatisfied"}
NOBODY_HOME = {"is_reached": False}
rate_well = asked(msg.RateService, score=5)
rated_well = msg.ServiceRated(request_id="R1", score=5)


def visit(answers, **more):
    return asked(msg.RecordReturnVisit, by=caller, **answers, **more)


def test_a_good_rating_waits_for_the_return_visit_that_is_still_to_be_made():
    given(*served).when(rate_well).then(rated_well, closed)
    given(*served, assigned).when(rate_well).then(rated_well)
    given(*served, assigned, rated_well).when(rate_well).then_rejected(NotAllowedNow)


def test_a_poor_rating_waits_for_nobody():
    poor = msg.ServiceRated(request_id="R1", score=1)
    rate_poorly = asked(msg.RateService, score=1)
    given(*served, assigned).when(rate_poorly).then(poor, reopened("poor_rating"))


def test_a_visit_that_hears_of_a_solution_closes_the_case():
    given(*served, assigned).when(visit(HAPPY)).then(visited(**HAPPY), closed)
    given(*served, closed).when(visit(HAPPY)).then(visited(**HAPPY))


def test_a_visit_that_hears_of_none_reopens_it_even_after_closing():
    again = reopened("return_visit")
    given(*served, assigned).when(visit(UNSOLVED)).then(visited(**UNSOLVED), again)
    given(*served, closed).when(visit(UNSOLVED)).then(visited(**UNSOLVED), again)


def test_a_round_is_visited_once():
    story = given(*served, assigned, visited(**HAPPY), closed)
    story.when(visit(HAPPY)).then_rejected(NotAllowedNow)


def test_nobody_visits_a_case_of_their_own():
    story = given(*served, assigned).knowing(Knowledge(worked_by=frozenset({"caller-1"})))
    story.when(visit(HAPPY)).then_rejected(NotYours)


def test_who_is_not_reached_is_called_three_times():
    missed = [visited(attempt, **NOBODY_HOME) for attempt in (1, 2, 3)]
    given(*served, assigned, *missed[:2]).when(visit(NOBODY_HOME)).then(missed[2])
    given(*served, assigned, *missed).when(visit(NOBODY_HOME)).then_rejected(NotAllowedNow)
    given(*served, assigned, rated_well, *missed[:2]).when(visit(NOBODY_HOME)).then(
        missed[2], closed
    )
    given(*served, assigned, *missed).when(rate_well).then(rated_well, closed)


def test_half_an_answer_is_none():
    without = visit({"is_reached": True, "is_contacted": True})
    given(*served, assigned).when(without).then_rejected(InvalidInput, "is_solved", "satisfaction")
    invented = visit({"is_reached": False, "is_solved": True})
    given(*served, assigned).when(invented).then_rejected(InvalidInput, "is_solved")


def test_the_asker_reopens_within_fifteen_days_under_the_same_number():
    reopen = asked(msg.ReopenRequest, reason="came_back", note_id="N1")
    again = reopened("asker", reason="came_back", note_id="N1")
    given(*served).when(reopen).then(again)
    given(*served, closed).when(reopen).then(again)
    on_the_last_day = reopen.model_copy(update={"at": NOON + 15 * DAYS})
    given(*served, closed).when(on_the_last_day).then(again)
    too_late = reopen.model_copy(update={"at": NOON + 15 * DAYS + timedelta(seconds=1)})
    given(*served, closed).when(too_late).then_rejected(NotAllowedNow)


def test_a_new_round_may_be_rated_and_visited_anew():
    second = (
        msg.RequestDispatched(request_id="R1", work_order_id="W2", organization_id="org-1"),
        msg.RequestCompleted(request_id="R1", work_order_id="W2"),
    )
    story = given(*served, rated_well, closed, reopened("asker"), *second)
    story.when(rate_well).then(rated_well, closed)
    story.when(visit(HAPPY)).then(visited(**HAPPY).model_copy(update={"round": 2}), closed)


def test_the_time_to_reopen_is_the_countys():
    known = Knowledge(rules=DEFAULT_RULES.model_copy(update={"reopen_days": 30}))
    complete = asked(msg.CompleteRequest, by=SYSTEM, work_order_id="W1")
    later = completed.model_copy(update={"reopen_until": NOON + 30 * DAYS})
    given(placed, dispatched).knowing(known).when(complete).then(later)


def state_of(*events):
    return service_request.replay(events)


def test_all_cases_of_children_are_visited_by_somebody_who_did_not_work_on_them():
    known = policy.Knowledge(
        state_of(*served), callers=("caller-1", "caller-2"), worked_by=frozenset({"caller-2"})
    )
    [wish] = policy.react(recorded(completed), known)
    assert wish == msg.AssignReturnVisit(
        at=NOON, by=SYSTEM, request_id="R1", round=1, caller_id="caller-1"
    )


def test_a_visit_nobody_can_make_is_left_to_whoever_comes():
    [wish] = policy.react(recorded(completed), policy.Knowledge(state_of(*served)))
    assert isinstance(wish, msg.AssignReturnVisit)
    assert wish.caller_id is None


def test_the_share_of_a_category_is_kept():
    adult = placed.model_copy(update={"beneficiary_category": "resident"})
    rules = DEFAULT_RULES.model_copy(
        update={"sampling": (Sampling(beneficiary_category="resident", percent=20),)}
    )
    known = policy.Knowledge(state_of(adult, dispatched, completed), ("caller-1",), rules=rules)
    cases = [completed.model_copy(update={"request_id": f"R{n}"}) for n in range(2000)]
    share = sum(bool(policy.react(recorded(case), known)) for case in cases) / len(cases)
    assert 0.17 < share < 0.23


def test_a_visit_is_assigned_once_and_not_for_a_round_that_is_over():
    assign = asked(msg.AssignReturnVisit, by=SYSTEM, round=1, caller_id="caller-1")
    given(*served).when(assign).then(assigned)
    given(*served, assigned).when(assign).then_nothing_happens()
    given(*served, reopened("asker")).when(assign).then_nothing_happens()


merge = asked(msg.MergeRequest, by=clerk, into_id="R2")
merged = msg.RequestMerged(request_id="R1", into_id="R2")
joined = msg.RequestJoined(request_id="R1", joined_id="R3")


def test_the_desk_merges_the_same_matter_into_a_case_that_is_open():
    on_the_way = Knowledge(other_status="taken_up")
    given(placed).knowing(on_the_way).when(merge).then(merged)
    over = given(placed).knowing(Knowledge(other_status="closed"))
    over.when(merge).then_rejected(NotAllowedNow)
    given(placed).when(merge).then_rejected(InvalidInput, "into_id")
    itself = merge.model_copy(update={"into_id": "R1"})
    given(placed).knowing(on_the_way).when(itself).then_rejected(InvalidInput, "into_id")


def test_what_others_were_merged_into_is_not_merged_itself():
    story = given(placed, joined).knowing(Knowledge(other_status="placed"))
    story.when(merge).then_rejected(NotAllowedNow)


def test_a_merge_is_undone_and_the_request_is_triaged_again():
    undo = asked(msg.UnmergeRequest, by=clerk)
    undone = msg.RequestUnmerged(request_id="R1", into_id="R2", reason="different_matter")
    given(placed, merged).when(undo).then(undone)
    assert given(placed, merged, undone).state.status == "placed"


def test_merging_is_told_on_the_main_case_and_so_is_undoing_it():
    told = {"at": NOON, "by": SYSTEM, "request_id": "R2", "joined_id": "R1"}
    nothing = policy.Knowledge()
    assert policy.react(recorded(merged), nothing) == [msg.RecordJoining(**told)]
    undone = msg.RequestUnmerged(request_id="R1", into_id="R2", reason="different_matter")
    assert policy.react(recorded(undone), nothing) == [msg.RecordLeaving(**told)]
    record = asked(msg.RecordJoining, by=SYSTEM, joined_id="R3")
    given(placed).when(record).then(joined)
    given(placed, joined).when(record).then_nothing_happens()
    leave = asked(msg.RecordLeaving, by=SYSTEM, joined_id="R3")
    left = msg.RequestLeft(request_id="R1", joined_id="R3")
    given(placed, joined).when(leave).then(left)


def test_what_is_merged_ends_with_the_main_case():
    known = policy.Knowledge(state_of(*served, joined, closed))
    follow = msg.CloseRequest(at=NOON, by=SYSTEM, request_id="R3")
    assert policy.react(recorded(closed), known) == [follow]
    assert policy.react(recorded(joined), known) == [follow]
    close = asked(msg.CloseRequest, by=SYSTEM)
    given(placed, merged).when(close).then(closed)
    given(placed, merged, closed).when(asked(msg.ReopenRequest, reason="not_solved")).then_rejected(
        NotAllowedNow
    )


def test_whoever_asked_for_the_same_is_told_once_that_it_is_done():
    known = policy.Knowledge(state_of(*served, joined))
    tell = msg.RecordMainCompletion(at=NOON, by=SYSTEM, request_id="R3", into_id="R1", round=1)
    assert tell in policy.react(recorded(completed), known)
    assert policy.react(recorded(joined), known) == [tell]
    here = asked(msg.RecordMainCompletion, by=SYSTEM, into_id="R2", round=1)
    told = msg.MainRequestCompleted(request_id="R1", into_id="R2", round=1)
    given(placed, merged).when(here).then(told)
    given(placed, merged, told).when(here).then_nothing_happens()
    again = here.model_copy(update={"round": 2})
    given(placed, merged, told).when(again).then(told.model_copy(update={"round": 2}))
    given(placed).when(here).then_nothing_happens()


def test_what_is_merged_goes_its_own_way_when_the_main_case_does_not_go_on():
    withdrawn = msg.RequestWithdrawn(request_id="R1", reason="solved_itself")
    known = policy.Knowledge(state_of(placed, joined, withdrawn))
    apart = msg.UnmergeRequest(at=NOON, by=SYSTEM, request_id="R3", reason="main_ended")
    assert policy.react(recorded(withdrawn), known) == [apart]
    assert policy.react(recorded(joined), known) == [apart]


def test_joining_a_case_that_goes_on_asks_for_nothing_more():
    known = policy.Knowledge(state_of(placed, joined))
    assert policy.react(recorded(joined), known) == []
