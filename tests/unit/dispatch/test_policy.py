"""What happened to a request moves its work orders."""

from services.dispatch.domain import policy
from services.dispatch.domain.matching import Candidate
from services.dispatch.domain.views import MenuLine
from shared.contracts import dispatch as msg
from shared.contracts import requests
from shared.contracts.actor import SYSTEM
from shared.contracts.requests import MAX_REQUEST_ID
from shared.county_rules import DEFAULT_RULES
from shared.testing.facts import NOON, recorded

matter = {
    "area_ids": ("county-1", "grid-03"),
    "service_code": "home-repair",
    "urgency": "urgent",
    "beneficiary_category": "resident",
}
accepted = requests.RequestAccepted(request_id="R1", grid_id="grid-03", **matter)
reopened = requests.RequestReopened(request_id="R1", organization_id="org-red", round=2)
withdrawn = requests.RequestWithdrawn(request_id="R1", reason="solved_itself")

REPAIR = MenuLine(service_code="home-repair", name="居家维修", area_ids=("county-1",))
NOBODY = policy.Knowledge()
RED_CROSS = policy.Knowledge((Candidate("org-red", (REPAIR,), open_orders=3),))
noticed = {"at": NOON, "by": SYSTEM, "request_id": "R1"}


def test_an_accepted_request_goes_to_whom_matching_chooses():
    seen = msg.Considered(
        organization_id="org-red", rule="offers_the_service", is_kept=True, open_orders=3
    )
    assert policy.react(recorded(accepted), RED_CROSS) == [
        msg.DispatchWorkOrder(
            **noticed,
            work_order_id="R1.1.1",
            organization_id="org-red",
            chosen_by="offers_the_service",
            considered=(seen,),
            **matter,
        )
    ]


def test_what_nobody_offers_is_left_to_the_center():
    assert policy.react(recorded(accepted), NOBODY) == [msg.LeaveToCenter(**noticed, **matter)]


def test_what_the_desk_wants_to_dispatch_by_hand_waits_for_it():
    by_hand = accepted.model_copy(update={"is_dispatched_by_hand": True})
    [wish] = policy.react(recorded(by_hand), RED_CROSS)
    assert isinstance(wish, msg.LeaveToCenter)
    assert [seen.organization_id for seen in wish.considered] == ["org-red"]


def test_a_reopened_request_goes_to_the_same_organization():
    assert policy.react(recorded(reopened), NOBODY) == [
        msg.DispatchWorkOrder(
            **noticed,
            work_order_id="R1.2.1",
            organization_id="org-red",
            round=2,
            chosen_by="same_organization",
        )
    ]


def test_a_withdrawn_request_needs_nobody():
    wish = msg.CancelWorkOrders(**noticed, reason="request_withdrawn")
    assert policy.react(recorded(withdrawn), NOBODY) == [wish]


def test_other_news_moves_nothing():
    assert policy.react(recorded(requests.RequestClosed(request_id="R1")), RED_CROSS) == []


def test_the_policy_hears_exactly_what_it_reacts_to():
    heard = {type(event) for event in (accepted, reopened, withdrawn)}
    assert heard == set(policy.HANDLES)


def test_the_longest_request_id_still_makes_a_work_order_id():
    longest = reopened.model_copy(update={"request_id": "R" * MAX_REQUEST_ID, "round": 999})
    [wish] = policy.react(recorded(longest), NOBODY)
    assert isinstance(wish, msg.DispatchWorkOrder)


def test_matching_goes_by_the_rules_in_force():
    order = ("offers_the_service", "covers_the_area", "serves_the_category", "has_not_returned_it")
    by_id = DEFAULT_RULES.model_copy(update={"matching": (*order, "first_by_id")})
    rivals = (Candidate("org-a", (REPAIR,), open_orders=9), Candidate("org-b", (REPAIR,)))
    [usual] = policy.react(recorded(accepted), policy.Knowledge(rivals))
    [changed] = policy.react(recorded(accepted), policy.Knowledge(rivals, by_id))
    assert isinstance(usual, msg.DispatchWorkOrder)
    assert isinstance(changed, msg.DispatchWorkOrder)
    assert (usual.organization_id, usual.chosen_by) == ("org-b", "least_busy")
    assert (changed.organization_id, changed.chosen_by) == ("org-a", "first_by_id")
