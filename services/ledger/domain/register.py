"""The register (台账): one row per request, folded from what requests and dispatch say about it."""

from dataclasses import dataclass
from datetime import datetime

from shared.calendar import beijing_day
from shared.contracts import dispatch, requests
from shared.event_log import Recorded
from shared.lifecycle import (
    OPEN,
    REQUEST_EVENTS,
    WORK_ORDER_EVENTS,
    RequestStatus,
    WorkOrderStatus,
    is_about_a_request,
    is_about_work_orders,
    order_status_after,
    status_after,
)
from shared.views import Row, View


class OrderRow(Row):
    """One organisation's part in a request."""

    work_order_id: str
    organization_id: str
    part: dispatch.Part
    status: WorkOrderStatus
    dispatched_at: datetime
    staff_ids: tuple[str, ...] = ()
    outcome: dispatch.Outcome | None = None


class RegisterRow(Row):
    """What the register shows, filters and sorts by. Ids only; names are joined when shown."""

    request_id: str
    case_number: str
    status: RequestStatus
    grid_id: str
    area_ids: tuple[str, ...]
    service_code: str
    urgency: requests.Urgency
    beneficiary_category: requests.BeneficiaryCategory
    particulars_id: str
    placed_by: str
    placed_at: datetime
    placed_on: str
    updated_at: datetime
    last_event: str
    audience: tuple[str, ...]
    organization_id: str | None = None
    needs_ruling: bool = False
    orders: tuple[OrderRow, ...] = ()
    completed_on: str | None = None
    closed_on: str | None = None
    stated_on: str | None = None
    times_expedited: int = 0
    round: int = 1
    score: int | None = None
    version: int = 1
    """Of the request's own stream: what a decision about the request may expect."""
    orders_version: int = 0
    """Of the stream of its work orders."""


def case_number(fact: Recorded) -> str:
    """The number people quote: the day, and the place in the county's one log, so never twice."""
    return f"{beijing_day(fact.commit.at).replace('-', '')}-{fact.position:06d}"


def key(fact: Recorded) -> str | None:
    request_id: str | None = getattr(fact.event, "request_id", None)
    return request_id


def project(row: RegisterRow | None, fact: Recorded) -> RegisterRow | None:
    if isinstance(fact.event, requests.RequestPlaced):
        return _placed(fact.event, fact)
    if row is None:
        return None
    seen_by = dict.fromkeys((*row.audience, *fact.commit.audience))
    common = {
        "updated_at": fact.commit.at,
        "last_event": type(fact.event).__name__,
        "audience": tuple(seen_by),
        _version_field(fact): fact.version,
    }
    if is_about_a_request(fact.event):
        return row.model_copy(update={**common, **_of_the_request(row, fact.event, fact.commit.at)})
    if is_about_work_orders(fact.event):
        return row.model_copy(update={**common, **_of_its_orders(row, fact.event, fact.commit.at)})
    return row


def _version_field(fact: Recorded) -> str:
    return "version" if fact.commit.stream.startswith("service_request-") else "orders_version"


def _placed(event: requests.RequestPlaced, fact: Recorded) -> RegisterRow:
    return RegisterRow(
        request_id=event.request_id,
        case_number=case_number(fact),
        status="placed",
        grid_id=event.grid_id,
        area_ids=event.area_ids,
        service_code=event.service_code,
        urgency=event.urgency,
        beneficiary_category=event.beneficiary_category,
        particulars_id=event.particulars_id,
        placed_by=event.placed_by,
        placed_at=fact.commit.at,
        placed_on=beijing_day(fact.commit.at),
        stated_on=event.stated_on,
        updated_at=fact.commit.at,
        last_event="RequestPlaced",
        audience=fact.commit.audience,
    )


def _of_the_request(
    row: RegisterRow, event: requests.RequestEvent, at: datetime
) -> dict[str, object]:
    status: dict[str, object] = {"status": status_after(row.status, event)}
    match event:
        case requests.RequestExpedited(times=times):
            return {**status, "times_expedited": times}
        case requests.RequestCompleted():
            return {**status, "completed_on": beijing_day(at)}
        case requests.ServiceRated(score=score):
            return {**status, "score": score}
        case requests.RequestReopened(round=number):
            return {**status, "round": number, "completed_on": None}
        case requests.RequestClosed():
            return {**status, "closed_on": beijing_day(at)}
        case _:
            return status  # the other events change where the request stands, and no more


def _of_its_orders(
    row: RegisterRow, event: dispatch.WorkOrderEvent, at: datetime
) -> dict[str, object]:
    match event:
        case dispatch.DispatchLeftToCenter():
            return {"needs_ruling": True}
        case dispatch.DispatchStopped():
            return {"needs_ruling": False}
        case dispatch.WorkOrderDispatched():
            return _dispatched(row, event, at)
        case dispatch.WorkOrderReturned():
            return {"orders": _order(row, event), "needs_ruling": True}
        case dispatch.StaffAssigned():
            return {"orders": _with_staff(row, event)}
        case dispatch.WorkOrderCompleted():
            return {"orders": _order(row, event, outcome=event.outcome)}
        case _:
            return {"orders": _order(row, event)}


def _dispatched(
    row: RegisterRow, event: dispatch.WorkOrderDispatched, at: datetime
) -> dict[str, object]:
    order = OrderRow(
        work_order_id=event.work_order_id,
        organization_id=event.organization_id,
        part=event.part,
        status="dispatched",
        dispatched_at=at,
    )
    lead = event.organization_id if event.part == "lead" else row.organization_id
    return {"organization_id": lead, "orders": (*row.orders, order), "needs_ruling": False}


def _with_staff(row: RegisterRow, event: dispatch.StaffAssigned) -> tuple[OrderRow, ...]:
    (sent,) = (o.staff_ids for o in row.orders if o.work_order_id == event.work_order_id)
    return _order(row, event, staff_ids=(*sent, event.staff_id))


def _order(
    row: RegisterRow, event: dispatch.WorkOrderEvent, **changes: object
) -> tuple[OrderRow, ...]:
    """The orders, with the one that the event is about moved on."""
    changed = getattr(event, "work_order_id", None)
    return tuple(
        order.model_copy(update={"status": order_status_after(order.status, event), **changes})
        if order.work_order_id == changed
        else order
        for order in row.orders
    )


REGISTER = View(
    name="register",
    version=2,
    row=RegisterRow,
    handles=(*REQUEST_EVENTS, *WORK_ORDER_EVENTS),
    key=key,
    project=project,
    indexes=(
        ("audience", "placed_at"),
        ("status", "placed_at"),
        ("placed_at",),
        ("placed_on", "status"),
        ("completed_on",),
        ("closed_on",),
        ("case_number",),
        ("organization_id", "status"),
    ),
)


@dataclass(frozen=True)
class Wanted:
    """What somebody asks the register for; None means: no matter which."""

    status: str | None = None
    is_open: bool | None = None
    area_id: str | None = None
    organization_id: str | None = None
    service_code: str | None = None
    urgency: str | None = None
    placed_on: str | None = None
    completed_on: str | None = None
    closed_on: str | None = None
    needs_ruling: bool | None = None
    case_number: str | None = None


def where(wanted: Wanted, scope: tuple[str, ...] | None) -> dict[str, object]:
    """The MongoDB filter of a question, limited to what the reader may see: one for list and count.

    `scope` are the reader's tags (shared.access.scope_of); an empty scope sees nothing.
    """
    same = {
        "status": wanted.status,
        "area_ids": wanted.area_id,
        "organization_id": wanted.organization_id,
        "service_code": wanted.service_code,
        "urgency": wanted.urgency,
        "placed_on": wanted.placed_on,
        "completed_on": wanted.completed_on,
        "closed_on": wanted.closed_on,
        "needs_ruling": wanted.needs_ruling,
        "case_number": wanted.case_number,
    }
    asked: list[dict[str, object]] = [{field: v} for field, v in same.items() if v is not None]
    if wanted.is_open is not None:
        asked.append({"status": {"$in" if wanted.is_open else "$nin": sorted(OPEN)}})
    if scope is not None:
        asked.append({"audience": {"$in": list(scope)}})
    return {"$and": asked} if asked else {}


def behind(
    filtered: dict[str, object], after: tuple[datetime, str] | None, newest_first: bool
) -> dict[str, object]:
    """The filter, limited to rows behind a place in the order of placing (time, then request).

    Paging by place misses and repeats nothing, however the register grows meanwhile.
    """
    if after is None:
        return filtered
    (at, request_id), further = after, "$lt" if newest_first else "$gt"
    beyond = [{"placed_at": {further: at}}, {"placed_at": at, "_id": {further: request_id}}]
    return {"$and": [filtered, {"$or": beyond}]} if filtered else {"$or": beyond}
