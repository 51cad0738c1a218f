"""All work orders (工单) of one request: one lead at a time, returned once, then a ruling."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from shared.contracts import dispatch as msg
from shared.contracts.actor import Actor
from shared.contracts.message import Command
from shared.contracts.requests import Urgency
from shared.decider import Decider
from shared.labels import WORK_ORDER_STATUS
from shared.lifecycle import OPEN_ORDER, WHEN_ORDER, WorkOrderStatus, order_status_after
from shared.rejection import InvalidInput, NotAllowedNow, NotFound


@dataclass(frozen=True)
class Knowledge:
    """Whether the organisation to dispatch to exists, and who works for the one that assigns.

    `staff`: account ids of the acting dispatcher's organisation; None when not looked up.
    """

    is_organization_known: bool = False
    staff: frozenset[str] | None = None


@dataclass(frozen=True)
class WorkOrder:
    """One organisation's order. A ruling (改派裁定) cannot be returned: 首接负责."""

    work_order_id: str
    organization_id: str
    round: int
    is_ruling: bool
    status: WorkOrderStatus | None = "dispatched"
    staff_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class WorkOrders:
    """Only what the rules below ask about; screens have views of their own.

    `needs_a_person`: matching found nobody, or the last order was returned.
    """

    orders: tuple[WorkOrder, ...] = ()
    area_ids: tuple[str, ...] = ()
    service_code: str | None = None
    urgency: Urgency | None = None
    needs_a_person: bool = False
    is_stopped: bool = False

    @property
    def open(self) -> tuple[WorkOrder, ...]:
        return tuple(order for order in self.orders if order.status in OPEN_ORDER)

    @property
    def round(self) -> int:
        return max((order.round for order in self.orders), default=1)

    def returned_in(self, round: int) -> frozenset[str]:
        """Organisations that returned the request in this round."""
        returned = (o for o in self.orders if o.status == "returned" and o.round == round)
        return frozenset(order.organization_id for order in returned)


ADVICE: Mapping[type[Command], str] = {
    msg.AcceptWorkOrder: "只有待接单的工单可以接单，请刷新后查看",
    msg.ReturnWorkOrder: "首次联系群众之前才能退单；如确需他人办理，请联系县中心调度员",
    msg.AssignStaff: "只有在办的工单可以指派人员，请刷新后查看",
    msg.RecordFirstContact: "请在接单之后登记首次联系；之后的联系请登记为办理进展",
    msg.RecordProgress: "请在接单之后、办结之前登记办理进展",
    msg.CompleteWorkOrder: "请先接单并登记首次联系，再办结",
}
"""What to do instead, when it is not the time (shared.lifecycle.WHEN_ORDER)."""

ForOneOrder = (
    msg.AcceptWorkOrder
    | msg.ReturnWorkOrder
    | msg.AssignStaff
    | msg.RecordFirstContact
    | msg.RecordProgress
    | msg.CompleteWorkOrder
)


def decide(
    command: msg.WorkOrderCommand, state: WorkOrders, knowledge: Knowledge
) -> list[msg.WorkOrderEvent]:
    match command:
        case msg.DispatchWorkOrder(by=by) if by.role == "system":
            return _dispatch_as_matched(command, state, knowledge)
        case msg.DispatchWorkOrder():
            return _dispatch_by_a_person(command, state, knowledge)
        case msg.LeaveToCenter() if state.orders or state.needs_a_person:
            return []
        case msg.LeaveToCenter():
            return [msg.DispatchLeftToCenter(**command.said())]
        case msg.CancelWorkOrders():
            return _cancel(command, state)
        case (
            msg.AcceptWorkOrder()
            | msg.ReturnWorkOrder()
            | msg.AssignStaff()
            | msg.RecordFirstContact()
            | msg.RecordProgress()
            | msg.CompleteWorkOrder()
        ):
            order = _own_order(command, state)
            _refuse_unless_in_time(command, order)
            return _act(command, order, state, knowledge)


def _act(
    command: ForOneOrder, order: WorkOrder, state: WorkOrders, knowledge: Knowledge
) -> list[msg.WorkOrderEvent]:
    """What an organisation does with its own order, at a time when it may."""
    said = command.said() | {"organization_id": order.organization_id}
    match command:
        case msg.AcceptWorkOrder():
            return [msg.WorkOrderAccepted(**said)]
        case msg.ReturnWorkOrder():
            _refuse_to_return_a_ruling(order)
            _refuse_to_return_twice(order, state)
            return [msg.WorkOrderReturned(**said)]
        case msg.AssignStaff(staff_id=staff_id) if staff_id in order.staff_ids:
            return []
        case msg.AssignStaff(staff_id=staff_id):
            _refuse_a_stranger(staff_id, knowledge)
            return [msg.StaffAssigned(**said)]
        case msg.RecordFirstContact():
            return [msg.FirstContactRecorded(**said)]
        case msg.RecordProgress():
            return [msg.ServiceDelivered(**said)]
        case msg.CompleteWorkOrder():
            return [msg.WorkOrderCompleted(**said)]


def evolve(state: WorkOrders, event: msg.WorkOrderEvent) -> WorkOrders:
    """Never refuses: what happened, happened."""
    match event:
        case msg.WorkOrderDispatched():
            return _with_a_new_order(state, event)
        case msg.DispatchLeftToCenter(area_ids=areas, service_code=service, urgency=urgency):
            facts = replace(state, area_ids=areas, service_code=service, urgency=urgency)
            return replace(facts, needs_a_person=True)
        case msg.DispatchStopped():
            return replace(state, is_stopped=True, needs_a_person=False)
        case msg.WorkOrderReturned():
            return replace(_after(state, event), needs_a_person=True)
        case msg.StaffAssigned(work_order_id=id, staff_id=staff_id):
            return _with_order(state, id, lambda o: replace(o, staff_ids=(*o.staff_ids, staff_id)))
        case (
            msg.WorkOrderAccepted()
            | msg.FirstContactRecorded()
            | msg.WorkOrderCompleted()
            | msg.WorkOrderCancelled()
        ):
            return _after(state, event)
        case msg.ServiceDelivered():
            return state


def audience(state: WorkOrders) -> tuple[str, ...]:
    """The request's areas, every organisation that was given it, and everybody assigned."""
    tags = [f"area:{area}" for area in state.area_ids]
    for order in state.orders:
        tags.append(f"org:{order.organization_id}")
        tags.extend(f"account:{staff_id}" for staff_id in order.staff_ids)
    return tuple(dict.fromkeys(tags))


def _dispatch_as_matched(
    command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge
) -> list[msg.WorkOrderEvent]:
    """Late wishes of matching are dropped in silence: there is nobody to tell."""
    if state.is_stopped or state.open or state.needs_a_person:
        return []
    _refuse_an_unknown_organization(knowledge)
    return [_dispatched(command, state, command.round)]


def _dispatch_by_a_person(
    command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge
) -> list[msg.WorkOrderEvent]:
    """A desk or the centre sends somebody where matching found nobody or the order came back."""
    if not state.orders and not state.needs_a_person:
        raise NotFound("没有找到等待派单的事项，请先受理")
    _refuse_a_supporting_part(command)
    _refuse_an_unknown_organization(knowledge)
    if state.is_stopped:
        raise NotAllowedNow("群众已经撤单，不用再派单")
    if state.open:
        raise NotAllowedNow("这件事项已有牵头单位，请等待其办理或退单后再改派")
    if not state.needs_a_person:
        raise NotAllowedNow("这件事项已经办结，不用再派单；群众不满意时会自动重办")
    if command.work_order_id in {order.work_order_id for order in state.orders}:
        raise NotAllowedNow("这个工单编号已经用过，请换一个编号", work_order_id="请使用新的编号")
    by_a_person = command.model_copy(update={"chosen_by": "person", "considered": ()})
    return [_dispatched(by_a_person, state, state.round)]


def _dispatched(
    command: msg.DispatchWorkOrder, state: WorkOrders, round: int
) -> msg.WorkOrderDispatched:
    """What earlier events said about the request stands; the command says it the first time."""
    return msg.WorkOrderDispatched(
        work_order_id=command.work_order_id,
        request_id=command.request_id,
        organization_id=command.organization_id,
        part=command.part,
        round=round,
        chosen_by=command.chosen_by,
        considered=command.considered,
        area_ids=state.area_ids or command.area_ids,
        service_code=state.service_code or command.service_code,
        urgency=state.urgency or command.urgency,
        note_id=command.note_id,
    )


def _cancel(command: msg.CancelWorkOrders, state: WorkOrders) -> list[msg.WorkOrderEvent]:
    """Nobody needs to go any more, and nobody is sent later. Before acceptance nobody was."""
    if state.is_stopped or not (state.orders or state.needs_a_person):
        return []
    cancelled: list[msg.WorkOrderEvent] = [
        msg.WorkOrderCancelled(
            request_id=command.request_id,
            work_order_id=order.work_order_id,
            organization_id=order.organization_id,
            reason=command.reason,
        )
        for order in state.open
    ]
    return [*cancelled, msg.DispatchStopped(request_id=command.request_id, reason=command.reason)]


def _own_order(command: ForOneOrder, state: WorkOrders) -> WorkOrder:
    """The order, if it is the actor's own; another organisation's does not exist for these eyes."""
    for order in state.orders:
        if order.work_order_id == command.work_order_id and _is_own(order, command.by):
            return order
    raise NotFound("没有找到这件工单，请核对工单编号")


def _is_own(order: WorkOrder, actor: Actor) -> bool:
    if actor.organization_id != order.organization_id:
        return False
    return actor.role != "service_staff" or actor.account_id in order.staff_ids


def _refuse_unless_in_time(command: ForOneOrder, order: WorkOrder) -> None:
    if order.status and order.status not in WHEN_ORDER[type(command)]:
        advice = ADVICE[type(command)]
        raise NotAllowedNow(f"这件工单现在是“{WORK_ORDER_STATUS[order.status]}”状态，{advice}")


def _refuse_to_return_a_ruling(order: WorkOrder) -> None:
    if order.is_ruling:
        raise NotAllowedNow("这件工单由中心裁定，按首接负责不能再退，请接单办理；有困难请联系中心")


def _refuse_to_return_twice(order: WorkOrder, state: WorkOrders) -> None:
    returned = {o.organization_id for o in state.orders if o.status == "returned"}
    if order.organization_id in returned:
        raise NotAllowedNow("贵单位已经退过这件事项，不能再退，请接单办理；有困难请联系中心")


def _refuse_a_stranger(staff_id: str, knowledge: Knowledge) -> None:
    if knowledge.staff is None or staff_id not in knowledge.staff:
        raise InvalidInput("只能指派本单位的人员，请重新选择", staff_id="请选择本单位的账号")


def _refuse_an_unknown_organization(knowledge: Knowledge) -> None:
    if not knowledge.is_organization_known:
        raise InvalidInput("没有找到这个群团组织，请重新选择", organization_id="请选择已登记的组织")


def _refuse_a_supporting_part(command: msg.DispatchWorkOrder) -> None:
    if command.part == "supporting":
        raise InvalidInput("目前一件事项只派一个牵头单位，请改为牵头", part="请选择牵头单位")


def _with_a_new_order(state: WorkOrders, event: msg.WorkOrderDispatched) -> WorkOrders:
    order = WorkOrder(
        work_order_id=event.work_order_id,
        organization_id=event.organization_id,
        round=event.round,
        is_ruling=event.chosen_by == "person" and bool(state.returned_in(event.round)),
    )
    return replace(
        state,
        orders=(*state.orders, order),
        area_ids=state.area_ids or event.area_ids,
        service_code=state.service_code or event.service_code,
        urgency=state.urgency or event.urgency,
        needs_a_person=False,
    )


def _after(
    state: WorkOrders,
    event: msg.WorkOrderAccepted
    | msg.WorkOrderReturned
    | msg.FirstContactRecorded
    | msg.WorkOrderCompleted
    | msg.WorkOrderCancelled,
) -> WorkOrders:
    return _with_order(
        state,
        event.work_order_id,
        lambda order: replace(order, status=order_status_after(order.status, event)),
    )


def _with_order(state: WorkOrders, id: str, change: Callable[[WorkOrder], WorkOrder]) -> WorkOrders:
    changed = (change(order) if order.work_order_id == id else order for order in state.orders)
    return replace(state, orders=tuple(changed))


work_orders = Decider("work_orders", WorkOrders(), decide, evolve, audience)
