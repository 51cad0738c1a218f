"""What is known of the work orders of one request: folded from its events, asked by the rules."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.contracts import dispatch as msg
from shared.contracts.deadlines import AlarmLevel, Deadlines, LimitKind, SupervisionLevel
from shared.contracts.requests import BeneficiaryCategory, Part, Urgency
from shared.contracts.working_time import Limit
from shared.deadlines import Adjustment
from shared.lifecycle import OPEN_ORDER, WorkOrderStatus, order_status_after

Alarm = tuple[LimitKind, AlarmLevel, datetime, str | None]
"""Of one limit; the last is the 督办 whose answer is late."""


@dataclass(frozen=True)
class Supervision:
    """One 督办 of an order. Those of the ladder are told apart by the date they were about."""

    supervision_id: str
    level: SupervisionLevel
    answer_by: datetime
    is_answered: bool = False
    overdue_since: datetime | None = None


@dataclass(frozen=True)
class WorkOrder:
    """One organisation's work order.

    A ruling (改派裁定) cannot be returned: 首接负责. A returned order waits for a ruling until
    `is_ruled`. `adjustments`: what has moved its deadlines, in order.
    """

    work_order_id: str
    organization_id: str
    round: int
    is_ruling: bool
    part: Part = "lead"
    status: WorkOrderStatus | None = "dispatched"
    staff_ids: tuple[str, ...] = ()
    is_ruled: bool = False
    deadlines: Deadlines | None = None
    adjustments: tuple[Adjustment, ...] = ()
    extension_asked: Limit | None = None
    hold_asked: msg.HoldAsked | None = None
    held_at: datetime | None = None
    alarms: frozenset[Alarm] = frozenset()
    supervisions: tuple[Supervision, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_ORDER

    @property
    def awaits_a_ruling(self) -> bool:
        return self.status == "returned" and not self.is_ruled

    @property
    def extensions(self) -> tuple[Limit, ...]:
        return tuple(one for one in self.adjustments if isinstance(one, Limit))


@dataclass(frozen=True)
class WorkOrders:
    """Only what the rules ask about; screens have views of their own.

    `needs_a_person`: matching found nobody, or the lead's order was returned.
    """

    orders: tuple[WorkOrder, ...] = ()
    area_ids: tuple[str, ...] = ()
    service_code: str | None = None
    urgency: Urgency | None = None
    beneficiary_category: BeneficiaryCategory | None = None
    needs_a_person: bool = False
    is_stopped: bool = False

    @property
    def open(self) -> tuple[WorkOrder, ...]:
        return tuple(order for order in self.orders if order.is_open)

    @property
    def round(self) -> int:
        return max((order.round for order in self.orders), default=1)

    @property
    def in_this_round(self) -> tuple[WorkOrder, ...]:
        return tuple(order for order in self.orders if order.round == self.round)

    @property
    def lead(self) -> WorkOrder | None:
        """The lead of this round (牵头): open, finished, or returned and waiting for a ruling."""
        leads = [one for one in self.in_this_round if one.part == "lead" and not one.is_ruled]
        return leads[-1] if leads else None

    @property
    def is_finished(self) -> bool:
        """Whether nobody has anything left to do in this round."""
        unsettled = any(one.is_open or one.awaits_a_ruling for one in self.in_this_round)
        return bool(self.orders) and not unsettled and not self.needs_a_person

    def returned_in(self, round: int) -> frozenset[str]:
        """Organisations that returned the request in this round."""
        returned = (o for o in self.orders if o.status == "returned" and o.round == round)
        return frozenset(order.organization_id for order in returned)


def evolve(state: WorkOrders, event: msg.WorkOrderEvent) -> WorkOrders:
    """Never refuses: what happened, happened."""
    match event:
        case msg.WorkOrderDispatched():
            return _with_a_new_order(state, event)
        case msg.DispatchLeftToCenter():
            return replace(_with_the_facts(state, event), needs_a_person=True)
        case msg.DispatchStopped():
            return replace(state, is_stopped=True, needs_a_person=False)
        case msg.WorkOrderReturned(work_order_id=id):
            is_lead = any(one.work_order_id == id and one.part == "lead" for one in state.orders)
            after = _with_order(state, id, lambda order: _returned(order, event))
            return replace(after, needs_a_person=state.needs_a_person or is_lead)
        case msg.LeadChanged():
            return _with_another_lead(state, event)
        case msg.DeliveryFinished() | msg.HelpAsked():
            return state
        case _:
            return _with_order(state, event.work_order_id, lambda order: _after(order, event))


def audience(state: WorkOrders) -> tuple[str, ...]:
    """The request's areas, every organisation that was given it, and everybody assigned."""
    tags = [f"area:{area}" for area in state.area_ids]
    for order in state.orders:
        tags.append(f"org:{order.organization_id}")
        tags.extend(f"account:{staff_id}" for staff_id in order.staff_ids)
    return tuple(dict.fromkeys(tags))


AboutOneOrder = (
    msg.WorkOrderAccepted
    | msg.FirstContactRecorded
    | msg.ServiceDelivered
    | msg.WorkOrderCompleted
    | msg.WorkOrderCancelled
    | msg.WorkOrderExcused
    | msg.StaffAssigned
    | msg.ReturnRuled
    | msg.ExtensionAsked
    | msg.ExtensionGranted
    | msg.ExtensionRefused
    | msg.HoldAsked
    | msg.HoldGranted
    | msg.HoldRefused
    | msg.WorkResumed
    | msg.SupervisionOrdered
    | msg.SupervisionAnswered
    | msg.AlarmRaised
    | msg.DeadlinesRecomputed
)


def _after(order: WorkOrder, event: AboutOneOrder) -> WorkOrder:
    match event:
        case (
            msg.WorkOrderAccepted()
            | msg.FirstContactRecorded()
            | msg.WorkOrderCompleted()
            | msg.WorkOrderCancelled()
            | msg.WorkOrderExcused()
        ):
            return replace(order, status=order_status_after(order.status, event))
        case msg.ServiceDelivered(report_by=report_by):
            return _owing_a_report(order, report_by)
        case msg.StaffAssigned(staff_id=staff_id):
            return replace(order, staff_ids=(*order.staff_ids, staff_id))
        case msg.ReturnRuled():
            return replace(order, is_ruled=True)
        case msg.ExtensionAsked(extra=extra):
            return replace(order, extension_asked=extra)
        case msg.ExtensionRefused():
            return replace(order, extension_asked=None)
        case msg.ExtensionGranted(extra=extra, deadlines=deadlines):
            granted = replace(order, adjustments=(*order.adjustments, extra))
            return replace(granted, extension_asked=None, deadlines=deadlines)
        case msg.HoldAsked():
            return replace(order, hold_asked=event)
        case msg.HoldRefused():
            return replace(order, hold_asked=None)
        case msg.HoldGranted(held_at=held_at):
            return replace(order, hold_asked=None, held_at=held_at)
        case msg.WorkResumed(held_at=held_at, resumed_at=resumed_at, deadlines=deadlines):
            moved = replace(order, adjustments=(*order.adjustments, (held_at, resumed_at)))
            return replace(moved, held_at=None, deadlines=deadlines)
        case msg.DeadlinesRecomputed(deadlines=deadlines):
            return replace(order, deadlines=deadlines)
        case msg.SupervisionOrdered():
            return replace(order, supervisions=(*order.supervisions, _supervised(order, event)))
        case msg.SupervisionAnswered(supervision_id=id):
            return replace(order, supervisions=_answered(order.supervisions, id))
        case msg.AlarmRaised(limit=limit, level=level, due_at=due_at, supervision_id=id):
            return replace(order, alarms=order.alarms | {(limit, level, due_at, id)})


def _returned(order: WorkOrder, event: msg.WorkOrderReturned) -> WorkOrder:
    return replace(order, status=order_status_after(order.status, event))


def _owing_a_report(order: WorkOrder, report_by: datetime | None) -> WorkOrder:
    if order.deadlines is None:
        return order
    deadlines = order.deadlines.model_copy(update={"report_by": report_by})
    return replace(order, deadlines=deadlines)


def _supervised(order: WorkOrder, event: msg.SupervisionOrdered) -> Supervision:
    is_of_the_ladder = event.cause == "ladder" and order.deadlines is not None
    since = order.deadlines.complete.due_at if is_of_the_ladder and order.deadlines else None
    return Supervision(event.supervision_id, event.level, event.answer_by, overdue_since=since)


def _answered(supervisions: tuple[Supervision, ...], id: str) -> tuple[Supervision, ...]:
    return tuple(
        replace(one, is_answered=True) if one.supervision_id == id else one for one in supervisions
    )


def _with_a_new_order(state: WorkOrders, event: msg.WorkOrderDispatched) -> WorkOrders:
    """A new lead settles the return of the one before; matching or a person has found somebody."""
    is_ruling = event.chosen_by == "ruling" or (
        event.chosen_by == "person" and bool(state.returned_in(event.round))
    )
    order = WorkOrder(
        work_order_id=event.work_order_id,
        organization_id=event.organization_id,
        round=event.round,
        is_ruling=(is_ruling and event.part == "lead") or event.chosen_by == "ruling",
        part=event.part,
        deadlines=event.deadlines,
    )
    before = state.orders
    if event.part == "lead":
        before = tuple(_ruled(one) if one.part == "lead" else one for one in before)
    is_missing = state.needs_a_person and event.part == "supporting"
    return replace(
        _with_the_facts(state, event), orders=(*before, order), needs_a_person=is_missing
    )


def _ruled(order: WorkOrder) -> WorkOrder:
    return replace(order, is_ruled=True) if order.status == "returned" else order


def _with_the_facts(
    state: WorkOrders, event: msg.WorkOrderDispatched | msg.DispatchLeftToCenter
) -> WorkOrders:
    """What the first event said about the request stands."""
    return replace(
        state,
        area_ids=state.area_ids or event.area_ids,
        service_code=state.service_code or event.service_code,
        urgency=state.urgency or event.urgency,
        beneficiary_category=state.beneficiary_category or event.beneficiary_category,
    )


def _with_another_lead(state: WorkOrders, event: msg.LeadChanged) -> WorkOrders:
    def changed(order: WorkOrder) -> WorkOrder:
        if order.work_order_id == event.work_order_id:
            return replace(order, part="lead")
        if order.work_order_id == event.former_work_order_id:
            return replace(_ruled(order), part="supporting")
        return order

    return replace(state, orders=tuple(map(changed, state.orders)), needs_a_person=False)


def _with_order(state: WorkOrders, id: str, change: Callable[[WorkOrder], WorkOrder]) -> WorkOrders:
    changed = (change(order) if order.work_order_id == id else order for order in state.orders)
    return replace(state, orders=tuple(changed))
