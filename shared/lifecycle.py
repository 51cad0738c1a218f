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
    "merged",
]
"""Where a request is (domain.md, Life of a request). A poor rating leads to `reopened`."""

WorkOrderStatus = Literal[
    "dispatched", "accepted", "contacted", "completed", "returned", "excused", "cancelled"
]
"""Where one organisation's work order is. Being on hold (挂起) is not a place: it comes on top."""

OPEN: frozenset[RequestStatus] = frozenset(
    {"placed", "sent_back", "accepted", "dispatched", "taken_up", "returned", "reopened"}
)
"""Somebody still has something to do before the service has reached people."""

OPEN_ORDER: frozenset[WorkOrderStatus] = frozenset({"dispatched", "accepted", "contacted"})

_AT_WORK: frozenset[WorkOrderStatus] = frozenset({"accepted", "contacted"})
_PLACED: frozenset[RequestStatus] = frozenset({"placed"})
_DELIVERED: frozenset[RequestStatus] = frozenset({"completed", "closed"})

WHEN: Mapping[type[Command], frozenset[RequestStatus]] = {
    requests.AcceptRequest: _PLACED,
    requests.SendBackRequest: _PLACED,
    requests.DeclineRequest: _PLACED,
    requests.ResubmitRequest: frozenset({"sent_back"}),
    requests.WithdrawRequest: OPEN,
    requests.ExpediteRequest: OPEN - {"sent_back"},
    requests.RateService: frozenset({"completed"}),
    requests.CloseRequest: frozenset({"completed"}),
    requests.MergeRequest: _PLACED,
    requests.UnmergeRequest: frozenset({"merged"}),
    requests.ReopenRequest: _DELIVERED,
    requests.RecordReturnVisit: _DELIVERED,
    requests.RevealContact: OPEN | {"completed"},
    requests.AddAttachment: OPEN | {"completed"},
    requests.RemoveAttachment: OPEN,
}
"""In which statuses a person may ask for what: the service refuses by it, pages offer by it."""

WHEN_ORDER: Mapping[type[Command], frozenset[WorkOrderStatus]] = {
    dispatch.AcceptWorkOrder: frozenset({"dispatched"}),
    dispatch.ReturnWorkOrder: frozenset({"dispatched", "accepted"}),
    dispatch.AssignStaff: OPEN_ORDER,
    dispatch.RecordFirstContact: frozenset({"accepted"}),
    dispatch.RecordProgress: _AT_WORK,
    dispatch.CompleteWorkOrder: frozenset({"contacted"}),
    dispatch.AskForHelp: _AT_WORK,
    dispatch.ChangeLead: _AT_WORK,
    dispatch.ExcuseWorkOrder: OPEN_ORDER,
    dispatch.RuleOnReturn: frozenset({"returned"}),
    dispatch.AskExtension: OPEN_ORDER,
    dispatch.GrantExtension: OPEN_ORDER,
    dispatch.RefuseExtension: OPEN_ORDER,
    dispatch.AskHold: _AT_WORK,
    dispatch.GrantHold: OPEN_ORDER,
    dispatch.RefuseHold: OPEN_ORDER,
    dispatch.ResumeWork: OPEN_ORDER,
    dispatch.OrderSupervision: OPEN_ORDER,
    dispatch.AnswerSupervision: OPEN_ORDER,
}
"""In which statuses of a work order its organisation, the centre or a leader may do what."""

REQUEST_EVENTS: tuple[type[Event], ...] = get_args(requests.RequestEvent)
WORK_ORDER_EVENTS: tuple[type[Event], ...] = get_args(dispatch.WorkOrderEvent)


def is_about_a_request(event: Event) -> TypeGuard[requests.RequestEvent]:
    """Whether `status_after` has something to say about this event."""
    return isinstance(event, REQUEST_EVENTS)


def is_about_work_orders(event: Event) -> TypeGuard[dispatch.WorkOrderEvent]:
    """Whether the event belongs to the work orders of one request."""
    return isinstance(event, WORK_ORDER_EVENTS)


def status_after(  # noqa: C901, PLR0911, PLR0912 - a table: one line per kind of event
    status: RequestStatus | None, event: requests.RequestEvent
) -> RequestStatus | None:
    """The request's status after `event`; None before it was placed. Never refuses."""
    match event:
        case requests.RequestPlaced() | requests.RequestResubmitted() | requests.RequestUnmerged():
            return "placed"
        case requests.RequestSentBack():
            return "sent_back"
        case requests.RequestAccepted():
            return "accepted"
        case requests.RequestDeclined():
            return "declined"
        case requests.RequestDispatched(part="supporting"):
            return status
        case requests.RequestReturned(part="supporting"):
            return status
        case requests.RequestDispatched():
            return "dispatched"
        case requests.RequestTakenUp() | requests.RequestLeadChanged():
            return "taken_up"
        case requests.RequestMerged():
            return "merged"
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
            | requests.RequestPartExcused()
            | requests.ServiceRated()
            | requests.ContactRevealed()
            | requests.AttachmentAdded()
            | requests.AttachmentRemoved()
            | requests.RequestJoined()
            | requests.RequestLeft()
            | requests.MainRequestCompleted()
            | requests.ReturnVisitAssigned()
            | requests.ReturnVisitRecorded()
        ):
            return status


def order_status_after(  # noqa: C901, PLR0911 - a table: one line per kind of event
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
        case dispatch.WorkOrderExcused():
            return "excused"
        case (
            dispatch.StaffAssigned()
            | dispatch.ServiceDelivered()
            | dispatch.DispatchLeftToCenter()
            | dispatch.DispatchStopped()
            | dispatch.HelpAsked()
            | dispatch.ReturnRuled()
            | dispatch.LeadChanged()
            | dispatch.DeliveryFinished()
            | dispatch.ExtensionAsked()
            | dispatch.ExtensionGranted()
            | dispatch.ExtensionRefused()
            | dispatch.HoldAsked()
            | dispatch.HoldGranted()
            | dispatch.HoldRefused()
            | dispatch.WorkResumed()
            | dispatch.SupervisionOrdered()
            | dispatch.SupervisionAnswered()
            | dispatch.AlarmRaised()
            | dispatch.DeadlinesRecomputed()
        ):
            return status
