"""What happened to a work order becomes a command to its request."""

import pytest

from services.requests.domain import policy
from shared.contracts import dispatch
from shared.contracts import requests as msg
from shared.contracts.actor import SYSTEM
from shared.testing.facts import NOON, recorded

order = {"request_id": "R1", "work_order_id": "R1.1.1", "organization_id": "org-red"}
noticed = {"at": NOON, "by": SYSTEM}

REACTIONS = [
    (
        dispatch.WorkOrderDispatched(**order, part="lead", round=1, chosen_by="person"),
        msg.RecordDispatch(**noticed, **order),
    ),
    (dispatch.WorkOrderAccepted(**order), msg.RecordAcceptance(**noticed, **order)),
    (
        dispatch.StaffAssigned(**order, staff_id="staff-5"),
        msg.RecordAssignment(**noticed, **order, staff_id="staff-5"),
    ),
    (
        dispatch.WorkOrderReturned(**order, reason="duplicate"),
        msg.RecordReturn(**noticed, **order),
    ),
    (
        dispatch.WorkOrderReturned(**order, reason="duplicate", part="supporting"),
        msg.RecordReturn(**noticed, **order, part="supporting"),
    ),
    (
        dispatch.WorkOrderExcused(**order, reason="not_needed"),
        msg.RecordExcuse(**noticed, **order),
    ),
    (
        dispatch.LeadChanged(
            **order, former_work_order_id="R1.1.2", former_organization_id="org-a"
        ),
        msg.RecordLeadChange(**noticed, **order),
    ),
    (
        dispatch.DeliveryFinished(**order, round=1),
        msg.CompleteRequest(**noticed, request_id="R1", work_order_id="R1.1.1"),
    ),
]


@pytest.mark.parametrize(("event", "wish"), REACTIONS)
def test_news_of_the_work_order_is_recorded_on_the_request(event, wish):
    assert policy.react(recorded(event), policy.Knowledge()) == [wish]


def test_other_news_moves_nothing():
    fact = recorded(dispatch.ServiceDelivered(**order, note_id="N1"))
    assert policy.react(fact, policy.Knowledge()) == []


def test_the_policy_hears_exactly_what_it_reacts_to():
    heard = {type(event) for event, _ in REACTIONS}
    assert heard | {*policy.OF_OTHER_REQUESTS, msg.RequestCompleted} == set(policy.HANDLES)
