"""The register (台账): one row per request, folded from what requests and dispatch say about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.ledger.domain.order_rows import (
    OrderRow,
    awaits_a_ruling,
    due_at,
    orders_after,
    worst_alarm,
)
from shared.calendar import beijing_day
from shared.case_number import case_number as case_number_of
from shared.contracts import dispatch, requests
from shared.contracts.deadlines import AlarmLevel
from shared.event_log import Recorded
from shared.lifecycle import (
    OPEN,
    REQUEST_EVENTS,
    WORK_ORDER_EVENTS,
    RequestStatus,
    is_about_a_request,
    is_about_work_orders,
    status_after,
)
from shared.views import Row, View


class VisitRow(Row):
    """The return visit (回访) of the current round; without an answer it is still to be made."""

    caller_id: str | None = None
    attempts: int = 0
    is_reached: bool = False
    is_solved: bool | None = None
    satisfaction: requests.Satisfaction | None = None


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
    supporting_ids: tuple[str, ...] = ()
    needs_ruling: bool = False
    """A person has to say who does it: matching found nobody, or an order was returned."""
    orders: tuple[OrderRow, ...] = ()
    due_at: datetime | None = None
    """By when the next step of any open order is due."""
    alarm: AlarmLevel | None = None
    completed_on: str | None = None
    closed_on: str | None = None
    reopen_until: datetime | None = None
    stated_on: str | None = None
    times_expedited: int = 0
    round: int = 1
    score: int | None = None
    merged_into: str | None = None
    joined_ids: tuple[str, ...] = ()
    visit: VisitRow | None = None
    version: int = 1
    """Of the request's own stream: what a decision about the request may expect."""
    orders_version: int = 0
    """Of the stream of its work orders."""


def case_number(fact: Recorded) -> str:
    """The number people quote: the day, and the place in the county's one log, so never twice."""
    return case_number_of(fact.commit.at, fact.position)


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


def stands_at(row: RegisterRow, facts: Iterable[Recorded]) -> int:
    """The position of the last of its case's facts that a row has taken in; 0 before the first."""
    taken_in = (f.position for f in facts if f.version <= getattr(row, _version_field(f)))
    return max(taken_in, default=0)


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
        case requests.RequestCompleted(reopen_until=until):
            return {**status, "completed_on": beijing_day(at), "reopen_until": until}
        case requests.ServiceRated(score=score):
            return {**status, "score": score}
        case requests.RequestReopened(round=number):
            return {**status, "round": number, "completed_on": None, "visit": None}
        case requests.RequestClosed():
            return {**status, "closed_on": beijing_day(at)}
        case requests.RequestMerged(into_id=into_id):
            return {**status, "merged_into": into_id}
        case requests.RequestUnmerged():
            return {**status, "merged_into": None}
        case requests.RequestJoined(joined_id=joined):
            return {**status, "joined_ids": (*row.joined_ids, joined)}
        case requests.RequestLeft(joined_id=joined):
            return {**status, "joined_ids": tuple(id for id in row.joined_ids if id != joined)}
        case requests.ReturnVisitAssigned(caller_id=caller):
            return {**status, "visit": VisitRow(caller_id=caller)}
        case requests.ReturnVisitRecorded():
            return {**status, "visit": _visited(row, event)}
        case _:
            return status  # the other events change where the request stands, and no more


def _visited(row: RegisterRow, event: requests.ReturnVisitRecorded) -> VisitRow:
    return VisitRow(
        caller_id=row.visit.caller_id if row.visit else None,
        attempts=event.attempt,
        is_reached=event.is_reached,
        is_solved=event.is_solved,
        satisfaction=event.satisfaction,
    )


def _of_its_orders(
    row: RegisterRow, event: dispatch.WorkOrderEvent, at: datetime
) -> dict[str, object]:
    orders = orders_after(row.orders, event, at)
    lead = _lead_after(row, event)
    return {
        "orders": orders,
        "organization_id": lead,
        "supporting_ids": tuple(sorted(_supporters(orders, lead))),
        "due_at": due_at(orders),
        "alarm": worst_alarm(orders),
        "needs_ruling": _needs_a_person(row, event) or awaits_a_ruling(orders),
    }


def _lead_after(row: RegisterRow, event: dispatch.WorkOrderEvent) -> str | None:
    match event:
        case dispatch.WorkOrderDispatched(part="lead", organization_id=id):
            return id
        case dispatch.LeadChanged(organization_id=id):
            return id
        case _:
            return row.organization_id


def _supporters(orders: tuple[OrderRow, ...], lead: str | None) -> set[str]:
    latest = max((order.round for order in orders), default=1)
    apart = {"returned", "excused", "cancelled"}
    taking_part = (o for o in orders if o.round == latest and o.status not in apart)
    return {order.organization_id for order in taking_part} - {lead or ""}


def _needs_a_person(row: RegisterRow, event: dispatch.WorkOrderEvent) -> bool:
    """Matching found nobody, until somebody is sent."""
    match event:
        case dispatch.DispatchLeftToCenter():
            return True
        case _:
            return row.needs_ruling and not row.orders and not _ends_the_wait(event)


def _ends_the_wait(event: dispatch.WorkOrderEvent) -> bool:
    return isinstance(event, dispatch.WorkOrderDispatched | dispatch.DispatchStopped)


REGISTER = View(
    name="register",
    version=3,
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
    alarm: str | None = None
    caller_id: str | None = None
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
        "alarm": wanted.alarm,
        "visit.caller_id": wanted.caller_id,
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
