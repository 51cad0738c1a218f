"""The life of a request and of a work order, told once: which status follows which event.

Aggregates fold it to decide, views fold it to show, so that no screen contradicts a rule.
"""

from collections.abc import Mapping
from typing import Literal, TypeGuard, get_args

from shared.contracts import dispatch, requests
from shared.contracts.message import Command, Event

RequestStatus = Literal[
    "placed",
    "sent_back",
    "accepted",
    "dispatched",
    "taken_up",
    "returned",
    "completed",
    "reopened",
    "closed",
    "declined",
    "withdrawn",
]
"""Where a request is (domain.md, Life of a request). A poor rating leads to `reopened`."""

WorkOrderStatus = Literal[
    "dispatched", "accepted", "contacted", "completed", "returned", "cancelled"
]
"""Where one organisation's work order is."""

OPEN: frozenset[RequestStatus] = frozenset(
    {"placed", "sent_back", "accepted", "dispatched", "taken_up", "returned", "reopened"}
)
"""Somebody still has something to do before the service has reached people."""

OPEN_ORDER: frozenset[WorkOrderStatus] = frozenset({"dispatched", "accepted", "contacted"})

_PLACED: frozenset[RequestStatus] = frozenset({"placed"})

WHEN: Mapping[type[Command], frozenset[RequestStatus]] = {
    requests.AcceptRequest: _PLACED,
    requests.SendBackRequest: _PLACED,
    requests.DeclineRequest: _PLACED,
    requests.ResubmitRequest: frozenset({"sent_back"}),
    requests.WithdrawRequest: OPEN,
    requests.ExpediteRequest: OPEN - {"sent_back"},
    requests.RateService: frozenset({"completed"}),
    requests.CloseRequest: frozenset({"completed"}),
    requests.RevealContact: OPEN | {"completed"},
}
"""In which statuses a person may ask for what: the service refuses by it, pages offer by it."""

WHEN_ORDER: Mapping[type[Command], frozenset[WorkOrderStatus]] = {
    dispatch.AcceptWorkOrder: frozenset({"dispatched"}),
    dispatch.ReturnWorkOrder: frozenset({"dispatched", "accepted"}),
    dispatch.AssignStaff: OPEN_ORDER,
    dispatch.RecordFirstContact: frozenset({"accepted"}),
    dispatch.RecordProgress: frozenset({"accepted", "contacted"}),
    dispatch.CompleteWorkOrder: frozenset({"contacted"}),
}
"""In which statuses of a work order its organisation may do what."""

REQUEST_EVENTS: tuple[type[Event], ...] = get_args(requests.RequestEvent)
WORK_ORDER_EVENTS: tuple[type[Event], ...] = get_args(dispatch.WorkOrderEvent)


def is_about_a_request(event: Event) -> TypeGuard[requests.RequestEvent]:
    """Whether `status_after` has something to say about this event."""
    return isinstance(event, REQUEST_EVENTS)


def is_about_work_orders(event: Event) -> TypeGuard[dispatch.WorkOrderEvent]:
    """Whether the event belongs to the work orders of one request."""
    return isinstance(event, WORK_ORDER_EVENTS)


def status_after(  # noqa: C901, PLR0911 - a table: one line per kind of event
    status: RequestStatus | None, event: requests.RequestEvent
) -> RequestStatus | None:
    """The request's status after `event`; None before it was placed. Never refuses."""
    match event:
        case requests.RequestPlaced() | requests.RequestResubmitted():
            return "placed"
        case requests.RequestSentBack():
            return "sent_back"
        case requests.RequestAccepted():
            return "accepted"
        case requests.RequestDeclined():
            return "declined"
        case requests.RequestDispatched():
            return "dispatched"
        case requests.RequestTakenUp():
            return "taken_up"
        case requests.RequestReturned():
            return "returned"
        case requests.RequestCompleted():
            return "completed"
        case requests.RequestReopened():
            return "reopened"
        case requests.RequestClosed():
            return "closed"
        case requests.RequestWithdrawn():
            return "withdrawn"
        case (
            requests.RequestExpedited()
            | requests.RequestAssigned()
            | requests.ServiceRated()
            | requests.ContactRevealed()
        ):
            return status


def order_status_after(  # noqa: PLR0911 - a table: one line per kind of event
    status: WorkOrderStatus | None, event: dispatch.WorkOrderEvent
) -> WorkOrderStatus | None:
    """One work order's status after an event about it; None before it was dispatched."""
    match event:
        case dispatch.WorkOrderDispatched():
            return "dispatched"
        case dispatch.WorkOrderAccepted():
            return "accepted"
        case dispatch.FirstContactRecorded():
            return "contacted"
        case dispatch.WorkOrderCompleted():
            return "completed"
        case dispatch.WorkOrderReturned():
            return "returned"
        case dispatch.WorkOrderCancelled():
            return "cancelled"
        case (
            dispatch.StaffAssigned()
            | dispatch.ServiceDelivered()
            | dispatch.DispatchLeftToCenter()
            | dispatch.DispatchStopped()
        ):
            return status
