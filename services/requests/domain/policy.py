"""What happened to the work order is recorded on the request: a fact in, wishes out."""

from shared.contracts import dispatch
from shared.contracts import requests as msg
from shared.contracts.actor import SYSTEM
from shared.contracts.message import Event
from shared.event_log import Recorded

HANDLES: tuple[type[Event], ...] = (
    dispatch.WorkOrderDispatched,
    dispatch.WorkOrderAccepted,
    dispatch.StaffAssigned,
    dispatch.WorkOrderReturned,
    dispatch.WorkOrderCompleted,
)


def react(fact: Recorded, knowledge: None = None) -> list[msg.RequestCommand]:  # noqa: ARG001 - every policy has this shape
    """At most one command per fact, stamped with the time of the fact."""
    match fact.event:
        case dispatch.WorkOrderDispatched() as event:
            return [msg.RecordDispatch(at=fact.commit.at, by=SYSTEM, **_which(event))]
        case dispatch.WorkOrderAccepted() as event:
            return [msg.RecordAcceptance(at=fact.commit.at, by=SYSTEM, **_which(event))]
        case dispatch.StaffAssigned(staff_id=staff) as event:
            which = _which(event)
            return [msg.RecordAssignment(at=fact.commit.at, by=SYSTEM, staff_id=staff, **which)]
        case dispatch.WorkOrderReturned() as event:
            return [msg.RecordReturn(at=fact.commit.at, by=SYSTEM, **_which(event))]
        case dispatch.WorkOrderCompleted(request_id=request, work_order_id=order):
            at = fact.commit.at
            return [msg.CompleteRequest(at=at, by=SYSTEM, request_id=request, work_order_id=order)]
        case _:
            return []


def _which(
    event: dispatch.WorkOrderDispatched
    | dispatch.WorkOrderAccepted
    | dispatch.StaffAssigned
    | dispatch.WorkOrderReturned,
) -> dict[str, str]:
    return {
        "request_id": event.request_id,
        "work_order_id": event.work_order_id,
        "organization_id": event.organization_id,
    }
