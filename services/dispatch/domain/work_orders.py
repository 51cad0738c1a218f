"""All work orders (工单) of one request: one lead, its supporters, each returned once at most."""

from collections.abc import Mapping
from datetime import datetime

from services.dispatch.domain import clocks, sending
from services.dispatch.domain.knowledge import Knowledge
from services.dispatch.domain.sending import Events
from services.dispatch.domain.state import WorkOrder, WorkOrders, audience, evolve
from shared.contracts import dispatch as msg
from shared.contracts.actor import Actor
from shared.contracts.message import Command
from shared.deadlines import reported
from shared.decider import Decider
from shared.labels import EVIDENCE_KIND, WORK_ORDER_STATUS
from shared.lifecycle import WHEN_ORDER
from shared.rejection import InvalidInput, NotAllowedNow, NotFound

ADVICE: Mapping[type[Command], str] = {
    msg.AcceptWorkOrder: "只有待接单的工单可以接单，请刷新后查看",
    msg.ReturnWorkOrder: "首次联系群众之前才能退单；如确需他人办理，请联系县中心调度员",
    msg.AssignStaff: "只有在办的工单可以指派人员，请刷新后查看",
    msg.RecordFirstContact: "请在接单之后登记首次联系；之后的联系请登记为办理进展",
    msg.RecordProgress: "请在接单之后、办结之前登记办理进展",
    msg.CompleteWorkOrder: "请先接单并登记首次联系，再办结",
    msg.AskForHelp: "请先接单，再请求其他单位配合",
    msg.AskExtension: "只有在办的工单可以申请延期，请刷新后查看",
    msg.AskHold: "请先接单，再申请挂起",
    msg.ResumeWork: "只有在办的工单可以恢复办理，请刷新后查看",
    msg.AnswerSupervision: "工单已经了结，不用再回复督办",
    msg.RuleOnReturn: "只有已退单的工单需要裁定，请刷新后查看",
    msg.ChangeLead: "只有已接单的配合单位可以改为牵头，请先请其接单",
    msg.ExcuseWorkOrder: "只有在办的配合工单可以免除，请刷新后查看",
    msg.GrantExtension: "只有在办的工单可以延期，请刷新后查看",
    msg.RefuseExtension: "只有在办的工单需要审批延期，请刷新后查看",
    msg.GrantHold: "只有在办的工单可以挂起，请刷新后查看",
    msg.RefuseHold: "只有在办的工单需要审批挂起，请刷新后查看",
    msg.OrderSupervision: "工单已经了结，不用再督办",
}
"""What to do instead, when it is not the time (shared.lifecycle.WHEN_ORDER)."""

ForTheWork = (
    msg.AcceptWorkOrder
    | msg.ReturnWorkOrder
    | msg.AssignStaff
    | msg.RecordFirstContact
    | msg.RecordProgress
    | msg.CompleteWorkOrder
)
ForTheTeam = msg.AskForHelp | msg.RuleOnReturn | msg.ChangeLead | msg.ExcuseWorkOrder
ForTheClocks = (
    msg.AskExtension
    | msg.GrantExtension
    | msg.RefuseExtension
    | msg.AskHold
    | msg.GrantHold
    | msg.RefuseHold
    | msg.ResumeWork
    | msg.OrderSupervision
    | msg.AnswerSupervision
)
ForOneOrder = ForTheWork | ForTheTeam | ForTheClocks

_NOT_ON_HOLD = (msg.ReturnWorkOrder, msg.RecordFirstContact, msg.CompleteWorkOrder, msg.AskForHelp)


def decide(command: msg.WorkOrderCommand, state: WorkOrders, knowledge: Knowledge) -> Events:
    if command.by.role == "system":
        return _as_the_county_works(command, state, knowledge)
    match command:
        case msg.DispatchWorkOrder():
            return sending.by_a_person(command, state, knowledge)
        case (
            msg.LeaveToCenter()
            | msg.CancelWorkOrders()
            | msg.RaiseAlarm()
            | msg.RecomputeDeadlines()
        ):
            return _as_the_county_works(command, state, knowledge)
        case _:
            order = _order_for(command, state)
            _refuse_unless_in_time(command, order)
            return _act(command, order, state, knowledge)


def _as_the_county_works(
    command: msg.WorkOrderCommand, state: WorkOrders, knowledge: Knowledge
) -> Events:
    """What policies and timers wish. A wish that is no longer true is dropped in silence."""
    match command:
        case msg.DispatchWorkOrder():
            return sending.as_matched(command, state, knowledge)
        case msg.LeaveToCenter() if state.orders or state.needs_a_person:
            return []
        case msg.LeaveToCenter():
            return [msg.DispatchLeftToCenter(**command.said())]
        case msg.CancelWorkOrders():
            return sending.cancelled(command, state)
        case msg.RecomputeDeadlines():
            return clocks.deadlines_recomputed(command, state, knowledge)
        case _:
            order = _known(command.work_order_id, state)
            return _as_the_timer_says(command, order, knowledge)


def _as_the_timer_says(
    command: msg.RaiseAlarm | ForOneOrder, order: WorkOrder, knowledge: Knowledge
) -> Events:
    match command:
        case msg.RaiseAlarm():
            return clocks.alarm_raised(command, order)
        case msg.OrderSupervision():
            return clocks.supervision_by_the_ladder(command, order, knowledge)
        case msg.ResumeWork() if order.is_open and order.held_at:
            return clocks.resumed(command, order, knowledge)
        case _:
            return []


def _act(command: ForOneOrder, order: WorkOrder, state: WorkOrders, knowledge: Knowledge) -> Events:
    """What people do about one order, at a time when they may."""
    if isinstance(command, _NOT_ON_HOLD) and order.held_at:
        raise NotAllowedNow("这件工单已挂起，请先恢复办理")
    match command:
        case msg.AskForHelp():
            return sending.help_asked(command, order, state, knowledge)
        case msg.RuleOnReturn():
            return sending.ruling(command, order, state, knowledge)
        case msg.ChangeLead():
            return sending.lead_changed(command, order, state)
        case msg.ExcuseWorkOrder():
            return sending.excused(command, order, state)
        case (
            msg.AcceptWorkOrder()
            | msg.ReturnWorkOrder()
            | msg.AssignStaff()
            | msg.RecordFirstContact()
            | msg.RecordProgress()
            | msg.CompleteWorkOrder()
        ):
            return _work(command, order, state, knowledge)
        case _:
            return _clocks(command, order, knowledge)


def _work(command: ForTheWork, order: WorkOrder, state: WorkOrders, knowledge: Knowledge) -> Events:
    said = command.said() | {"organization_id": order.organization_id}
    match command:
        case msg.AcceptWorkOrder():
            return [msg.WorkOrderAccepted(**said)]
        case msg.ReturnWorkOrder():
            _refuse_to_return(command, order, state)
            return [msg.WorkOrderReturned(**said, part=order.part)]
        case msg.AssignStaff(staff_id=staff_id) if staff_id in order.staff_ids:
            return []
        case msg.AssignStaff(staff_id=staff_id):
            _refuse_a_stranger(staff_id, knowledge)
            return [msg.StaffAssigned(**said)]
        case msg.RecordFirstContact():
            return [msg.FirstContactRecorded(**said)]
        case msg.RecordProgress():
            return [msg.ServiceDelivered(**said, report_by=_next_report(command, order, knowledge))]
        case msg.CompleteWorkOrder():
            _refuse_without_proof(command, knowledge)
            said |= {"part": order.part, "service_code": state.service_code}
            return sending.and_finished(state, [msg.WorkOrderCompleted(**said)])


def _clocks(command: ForTheClocks, order: WorkOrder, knowledge: Knowledge) -> Events:
    match command:
        case msg.AskExtension():
            return clocks.extension_asked(command, order, knowledge)
        case msg.GrantExtension():
            return clocks.extension_granted(command, order, knowledge)
        case msg.RefuseExtension():
            return clocks.extension_refused(command, order)
        case msg.AskHold():
            return clocks.hold_asked(command, order)
        case msg.GrantHold():
            return clocks.hold_granted(command, order)
        case msg.RefuseHold():
            return clocks.hold_refused(command, order)
        case msg.ResumeWork():
            return clocks.resumed(command, order, knowledge)
        case msg.OrderSupervision():
            return clocks.supervision_ordered(command, order, knowledge)
        case msg.AnswerSupervision():
            return clocks.supervision_answered(command, order)


def _order_for(command: ForOneOrder, state: WorkOrders) -> WorkOrder:
    """The order, if it is the actor's own or the actor oversees the county.

    Another organisation's does not exist for these eyes.
    """
    order = _known(command.work_order_id, state)
    if command.by.organization_id is None or _is_own(order, command.by):
        return order
    raise NotFound(_NO_SUCH_ORDER)


def _known(work_order_id: str, state: WorkOrders) -> WorkOrder:
    for order in state.orders:
        if order.work_order_id == work_order_id:
            return order
    raise NotFound(_NO_SUCH_ORDER)


_NO_SUCH_ORDER = "没有找到这件工单，请核对工单编号"


def _is_own(order: WorkOrder, actor: Actor) -> bool:
    if actor.organization_id != order.organization_id:
        return False
    return actor.role != "service_staff" or actor.account_id in order.staff_ids


def _next_report(
    command: msg.RecordProgress, order: WorkOrder, knowledge: Knowledge
) -> datetime | None:
    """阶段报告: what is recorded now is the report that was owed."""
    if order.deadlines is None:
        return None
    return reported(knowledge.rules, order.deadlines, command.at).report_by


def _refuse_unless_in_time(command: ForOneOrder, order: WorkOrder) -> None:
    if order.status and order.status not in WHEN_ORDER[type(command)]:
        advice = ADVICE[type(command)]
        raise NotAllowedNow(f"这件工单现在是“{WORK_ORDER_STATUS[order.status]}”状态，{advice}")


def _refuse_to_return(command: msg.ReturnWorkOrder, order: WorkOrder, state: WorkOrders) -> None:
    """A ruling stands (首接负责), once per organisation, within a working day of dispatch."""
    if order.is_ruling:
        raise NotAllowedNow("这件工单由中心裁定，按首接负责不能再退，请接单办理；有困难请联系中心")
    returned = {o.organization_id for o in state.orders if o.status == "returned"}
    if order.organization_id in returned:
        raise NotAllowedNow("贵单位已经退过这件事项，不能再退，请接单办理；有困难请联系中心")
    if order.deadlines and command.at > order.deadlines.return_by:
        raise NotAllowedNow("已超过退单时限，请接单办理；确需他人办理，请联系县中心调度员")


def _refuse_a_stranger(staff_id: str, knowledge: Knowledge) -> None:
    if knowledge.staff is None or staff_id not in knowledge.staff:
        raise InvalidInput("只能指派本单位的人员，请重新选择", staff_id="请选择本单位的账号")


def _refuse_without_proof(command: msg.CompleteWorkOrder, knowledge: Knowledge) -> None:
    """The note goes along with every completion; the county may ask for more, per outcome."""
    named = {(one.kind, one.evidence_id) for one in command.evidence if one.kind != "note"}
    if named - knowledge.attachments:
        remedy = "请从这件事项的附件中选择，或重新上传"
        raise InvalidInput("有的凭证不在这件事项的附件中，可能已被删除", evidence=remedy)
    proofs = knowledge.rules.proofs
    wanted = {kind for rule in proofs if rule.outcome == command.outcome for kind in rule.kinds}
    missing = wanted - {"note"} - {one.kind for one in command.evidence}
    if missing:
        asked = "、".join(EVIDENCE_KIND[kind] for kind in sorted(missing))
        raise InvalidInput(f"按县里规定，这一办理结果须附{asked}", evidence=f"请补充{asked}")


work_orders = Decider("work_orders", WorkOrders(), decide, evolve, audience)
