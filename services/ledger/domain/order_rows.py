"""The register's part about work orders: one row per order, with its clocks as they stand."""

from collections.abc import Callable
from datetime import datetime

from shared.contracts import dispatch
from shared.contracts.deadlines import AlarmLevel, Deadlines, SupervisionLevel
from shared.contracts.requests import Part
from shared.contracts.working_time import Limit
from shared.lifecycle import OPEN_ORDER, WorkOrderStatus, order_status_after
from shared.views import Row


class SupervisionRow(Row):
    """One 督办; `answer_by` is what the organisation owes."""

    supervision_id: str
    level: SupervisionLevel
    answer_by: datetime
    is_answered: bool = False
    is_late: bool = False
    """The answer was not there in time."""


class OrderRow(Row):
    """One organisation's part in a request. A limit that is met or not asked for is None."""

    work_order_id: str
    organization_id: str
    part: Part
    round: int = 1
    status: WorkOrderStatus
    dispatched_at: datetime
    staff_ids: tuple[str, ...] = ()
    outcome: dispatch.Outcome | None = None
    accept_by: datetime | None = None
    contact_by: datetime | None = None
    complete_by: datetime | None = None
    complete_within: Limit | None = None
    report_by: datetime | None = None
    is_provisional: bool = False
    extension_asked: Limit | None = None
    hold_asked: dispatch.HoldReason | None = None
    review_at: datetime | None = None
    """Of a hold that is asked for or granted."""
    held_at: datetime | None = None
    alarm: AlarmLevel | None = None
    supervisions: tuple[SupervisionRow, ...] = ()
    is_ruled: bool = False


Orders = tuple[OrderRow, ...]


def orders_after(orders: Orders, event: dispatch.WorkOrderEvent, at: datetime) -> Orders:
    """Every order of a case after an event about them."""
    match event:
        case dispatch.WorkOrderDispatched():
            return (*_settled(orders, event), _dispatched(event, at))
        case dispatch.LeadChanged():
            return tuple(_led(order, event) for order in orders)
        case (
            dispatch.DispatchLeftToCenter()
            | dispatch.DispatchStopped()
            | dispatch.DeliveryFinished()
            | dispatch.HelpAsked()
        ):
            return orders
        case _:
            return _with(orders, event.work_order_id, lambda order: _after(order, event))


def awaits_a_ruling(orders: Orders) -> bool:
    """Whether an order of the latest round was returned and nobody has ruled on it yet."""
    latest = max((order.round for order in orders), default=1)
    return any(o.status == "returned" and not o.is_ruled and o.round == latest for o in orders)


def due_at(orders: Orders) -> datetime | None:
    """The next date by which somebody owes something; None when nobody does or all is on hold."""
    owed = [
        by
        for order in orders
        if order.status in OPEN_ORDER and order.held_at is None
        for by in (order.accept_by, order.contact_by, order.complete_by, order.report_by)
        if by is not None
    ]
    return min(owed, default=None)


def worst_alarm(orders: Orders) -> AlarmLevel | None:
    """红 before 橙 before 黄, of the orders still open."""
    raised = {order.alarm for order in orders if order.status in OPEN_ORDER}
    levels: tuple[AlarmLevel, ...] = ("red", "orange", "yellow")
    return next((level for level in levels if level in raised), None)


def _after(order: OrderRow, event: dispatch.WorkOrderEvent) -> OrderRow:
    moved = order.model_copy(update={"status": order_status_after(order.status, event)})
    return moved.model_copy(update=_changes(order, event))


def _changes(order: OrderRow, event: dispatch.WorkOrderEvent) -> dict[str, object]:
    match event:
        case dispatch.WorkOrderAccepted():
            return {"accept_by": None}
        case dispatch.FirstContactRecorded():
            return {"contact_by": None}
        case dispatch.ServiceDelivered(report_by=report_by):
            return {"report_by": report_by}
        case dispatch.StaffAssigned(staff_id=staff_id):
            return {"staff_ids": (*order.staff_ids, staff_id)}
        case dispatch.WorkOrderCompleted(outcome=outcome):
            return {"outcome": outcome}
        case dispatch.ReturnRuled():
            return {"is_ruled": True}
        case dispatch.ExtensionAsked(extra=extra):
            return {"extension_asked": extra}
        case dispatch.ExtensionRefused():
            return {"extension_asked": None}
        case dispatch.HoldAsked(reason=reason, review_at=review_at):
            return {"hold_asked": reason, "review_at": review_at}
        case dispatch.HoldRefused():
            return {"hold_asked": None, "review_at": None}
        case dispatch.HoldGranted(held_at=held_at):
            return {"hold_asked": None, "held_at": held_at}
        case dispatch.AlarmRaised(supervision_id=str() as id):
            return {"supervisions": _late(order.supervisions, id)}
        case dispatch.AlarmRaised(level=level):
            return {"alarm": level}
        case dispatch.SupervisionOrdered():
            return {"supervisions": (*order.supervisions, _supervision(event))}
        case dispatch.SupervisionAnswered(supervision_id=id):
            return {"supervisions": _answered(order.supervisions, id)}
        case dispatch.ExtensionGranted(deadlines=deadlines):
            return {"extension_asked": None, "alarm": None, **_clocks(deadlines, order.status)}
        case dispatch.WorkResumed(deadlines=deadlines):
            resumed = {"held_at": None, "review_at": None}
            return resumed | (_clocks(deadlines, order.status) if deadlines else {})
        case dispatch.DeadlinesRecomputed(deadlines=deadlines):
            return _clocks(deadlines, order.status)
        case _:
            return {}


def _clocks(deadlines: Deadlines | None, status: WorkOrderStatus) -> dict[str, object]:
    """The dates that the order still has to keep."""
    if deadlines is None:
        return {}
    accept, contact = deadlines.accept, deadlines.contact
    return {
        "accept_by": accept.due_at if accept and status == "dispatched" else None,
        "contact_by": contact.due_at if contact and status in {"dispatched", "accepted"} else None,
        "complete_by": deadlines.complete.due_at,
        "complete_within": deadlines.complete.limit,
        "report_by": deadlines.report_by,
        "is_provisional": deadlines.is_provisional,
    }


def _dispatched(event: dispatch.WorkOrderDispatched, at: datetime) -> OrderRow:
    order = OrderRow(
        work_order_id=event.work_order_id,
        organization_id=event.organization_id,
        part=event.part,
        round=event.round,
        status="dispatched",
        dispatched_at=at,
    )
    return order.model_copy(update=_clocks(event.deadlines, "dispatched"))


def _settled(orders: Orders, event: dispatch.WorkOrderDispatched) -> Orders:
    """A new lead settles what was returned by the one before."""
    if event.part == "supporting":
        return orders
    return tuple(
        order.model_copy(update={"is_ruled": True})
        if order.status == "returned" and order.part == "lead"
        else order
        for order in orders
    )


def _led(order: OrderRow, event: dispatch.LeadChanged) -> OrderRow:
    if order.work_order_id == event.work_order_id:
        return order.model_copy(update={"part": "lead"})
    if order.work_order_id == event.former_work_order_id:
        is_ruled = order.is_ruled or order.status == "returned"
        return order.model_copy(update={"part": "supporting", "is_ruled": is_ruled})
    return order


def _supervision(event: dispatch.SupervisionOrdered) -> SupervisionRow:
    return SupervisionRow(
        supervision_id=event.supervision_id, level=event.level, answer_by=event.answer_by
    )


def _answered(rows: tuple[SupervisionRow, ...], id: str) -> tuple[SupervisionRow, ...]:
    return tuple(
        row.model_copy(update={"is_answered": True}) if row.supervision_id == id else row
        for row in rows
    )


def _late(rows: tuple[SupervisionRow, ...], id: str) -> tuple[SupervisionRow, ...]:
    return tuple(
        row.model_copy(update={"is_late": True}) if row.supervision_id == id else row
        for row in rows
    )


def _with(orders: Orders, id: str, change: Callable[[OrderRow], OrderRow]) -> Orders:
    return tuple(change(order) if order.work_order_id == id else order for order in orders)
