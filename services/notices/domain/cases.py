"""What notices knows of a case: who asked, who works on it, where it stands, and who was told."""

from datetime import datetime
from typing import Any

from services.notices.domain.notices import Known, Notice, OrderKnown, notices_for
from shared.case_number import case_number
from shared.contracts import dispatch, requests
from shared.event_log import Recorded
from shared.lifecycle import (
    REQUEST_EVENTS,
    WORK_ORDER_EVENTS,
    RequestStatus,
    is_about_a_request,
    is_about_work_orders,
    order_status_after,
    status_after,
)
from shared.views import Row, View

MOST_NOTICES = 200
"""Of one case: older ones are in its story."""


class Step(Row):
    """When the case came to a status."""

    status: RequestStatus
    at: datetime


class CaseRow(Row):
    """One request. Ids and codes only."""

    request_id: str
    case_number: str
    service_code: str
    urgency: requests.Urgency
    particulars_id: str
    status: RequestStatus
    known: Known
    steps: tuple[Step, ...]
    round: int = 1
    organization_id: str | None = None
    """The lead's."""
    reopen_until: datetime | None = None
    is_rated: bool = False
    """In this round; it may still wait for a return visit."""
    notices: tuple[Notice, ...] = ()


def _key(fact: Recorded) -> str | None:
    request_id: str | None = getattr(fact.event, "request_id", None)
    return request_id


def _case(row: CaseRow | None, fact: Recorded) -> CaseRow | None:
    moved = _moved(row, fact)
    if moved is None:
        return None
    new = notices_for(fact, moved.known)
    return moved.model_copy(update={"notices": (*moved.notices, *new)[-MOST_NOTICES:]})


def _moved(row: CaseRow | None, fact: Recorded) -> CaseRow | None:
    """The case after the fact, before anybody is told."""
    if isinstance(fact.event, requests.RequestPlaced):
        return _placed(fact.event, fact)
    if row is None:
        return None
    if is_about_a_request(fact.event):
        return row.model_copy(update=_of_the_request(row, fact.event, fact.commit.at))
    if is_about_work_orders(fact.event):
        return row.model_copy(update={"known": _of_its_orders(row.known, fact.event)})
    return row


def _placed(event: requests.RequestPlaced, fact: Recorded) -> CaseRow:
    return CaseRow(
        request_id=event.request_id,
        case_number=case_number(fact.commit.at, fact.position),
        service_code=event.service_code,
        urgency=event.urgency,
        particulars_id=event.particulars_id,
        status="placed",
        known=Known(placed_by=event.placed_by, area_ids=event.area_ids),
        steps=(Step(status="placed", at=fact.commit.at),),
    )


def _of_the_request(row: CaseRow, event: requests.RequestEvent, at: datetime) -> dict[str, object]:
    status = status_after(row.status, event) or row.status
    steps = row.steps if status == row.status else (*row.steps, Step(status=status, at=at))
    moved: dict[str, object] = {"status": status, "steps": steps}
    match event:
        case requests.RequestDispatched(part="lead", organization_id=id):
            return {**moved, "organization_id": id}
        case requests.RequestLeadChanged(organization_id=id):
            return {**moved, "organization_id": id}
        case requests.RequestReturned(part="lead"):
            return {**moved, "organization_id": None}
        case requests.RequestCompleted(reopen_until=until):
            return {**moved, "reopen_until": until}
        case requests.RequestReopened(round=number):
            return {**moved, "round": number, "reopen_until": None, "is_rated": False}
        case requests.ServiceRated():
            return {**moved, "is_rated": True}
        case _:
            return moved


def _of_its_orders(known: Known, event: dispatch.WorkOrderEvent) -> Known:
    match event:
        case dispatch.WorkOrderDispatched(work_order_id=id, organization_id=organization_id):
            new = OrderKnown(work_order_id=id, organization_id=organization_id, status="dispatched")
            return known.model_copy(update={"orders": (*known.orders, new)})
        case dispatch.StaffAssigned(work_order_id=id, staff_id=staff_id):
            sent = dict.fromkeys((*known.staff_of(id), staff_id))
            return known.with_order(id, staff_ids=tuple(sent))
        case _:
            return _order_moved(known, event)


def _order_moved(known: Known, event: dispatch.WorkOrderEvent) -> Known:
    id: str | None = getattr(event, "work_order_id", None)
    order = known.order(id)
    if id is None or order is None:
        return known
    return known.with_order(id, status=order_status_after(order.status, event))


def tracked(row: CaseRow) -> dict[str, Any]:
    """What the tracking page is made of; `particulars_id` is for checking who asks."""
    shown = {"case_number", "particulars_id", "status", "round", "organization_id", "steps"}
    return row.model_dump(mode="json", include=shown)


cases = View(
    name="cases",
    version=2,
    row=CaseRow,
    handles=(*REQUEST_EVENTS, *WORK_ORDER_EVENTS),
    key=_key,
    project=_case,
    indexes=(("case_number",), ("notices.to", "notices.position")),
)
"""Key: request_id. A notice lives in its case's row, so that it follows from the log alone."""
