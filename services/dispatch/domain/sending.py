"""Who is sent: one lead and its supporters, by matching, by a person, or by a ruling (裁定)."""

from collections.abc import Iterable

from services.dispatch.domain.knowledge import Knowledge
from services.dispatch.domain.state import WorkOrder, WorkOrders, evolve
from shared.contracts import dispatch as msg
from shared.deadlines import deadlines_for
from shared.rejection import InvalidInput, NotAllowedNow, NotFound, NotYours

Events = list[msg.WorkOrderEvent]


def as_matched(command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge) -> Events:
    """Late wishes of matching are dropped in silence: there is nobody to tell."""
    if state.is_stopped or state.open or state.needs_a_person:
        return []
    _refuse_strangers((command.organization_id,), knowledge)
    return [_dispatched(command, state, knowledge, command.round)]


def by_a_person(command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge) -> Events:
    """A desk or the centre sends a lead, with its team if one is named, or one more supporter."""
    if not state.orders and not state.needs_a_person:
        raise NotFound("没有找到等待派单的事项，请先受理")
    if state.is_stopped:
        raise NotAllowedNow("群众已经撤单，不用再派单")
    if command.work_order_id in {order.work_order_id for order in state.orders}:
        raise NotAllowedNow("这个工单编号已经用过，请换一个编号", work_order_id="请使用新的编号")
    by_hand = command.model_copy(update={"chosen_by": "person", "considered": ()})
    if command.part == "supporting":
        return _one_more_supporter(by_hand, state, knowledge)
    return _a_lead_with_its_team(by_hand, state, knowledge)


def _a_lead_with_its_team(
    command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge
) -> Events:
    if not state.needs_a_person:
        _refuse_a_second_lead(state)
    _refuse_a_doubled_team(command)
    _refuse_strangers((command.organization_id, *command.supporting_ids), knowledge)
    returned = state.lead
    if returned is not None and returned.awaits_a_ruling:
        if command.by.role != "center_dispatcher":
            raise NotYours("这件事项被退单，须由县中心裁定由谁办理，请联系县中心调度员")
        _refuse_who_is_on_it(command.organization_id, state)
        return [*_ruled(command, returned, state, knowledge), *_team(command, state, knowledge)]
    lead = _dispatched(command, state, knowledge, state.round)
    return [lead, *_team(command, evolve(state, lead), knowledge)]


def _one_more_supporter(
    command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge
) -> Events:
    if not (state.lead and state.lead.is_open):
        raise NotAllowedNow("请先派牵头单位，再派配合单位", part="请选择牵头单位")
    _refuse_strangers((command.organization_id,), knowledge)
    _refuse_who_is_on_it(command.organization_id, state)
    return [_dispatched(command, state, knowledge, state.round)]


def _team(command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge) -> Events:
    """组团式: a supporting order for each named organisation that is not on it yet."""
    busy = {one.organization_id for one in state.open}
    wanted = [id for id in command.supporting_ids if id not in busy]
    return [
        _supporting(state, knowledge, command, id, number) for number, id in enumerate(wanted, 1)
    ]


def _supporting(
    state: WorkOrders,
    knowledge: Knowledge,
    command: msg.DispatchWorkOrder,
    organization_id: str,
    number: int,
) -> msg.WorkOrderDispatched:
    one = command.model_copy(
        update={
            "work_order_id": f"{command.work_order_id}.{number}",
            "organization_id": organization_id,
            "part": "supporting",
        }
    )
    return _dispatched(one, state, knowledge, state.round)


def help_asked(
    command: msg.AskForHelp, order: WorkOrder, state: WorkOrders, knowledge: Knowledge
) -> Events:
    """联动: the lead's own decision; the helper gets an order of its own, which it may return."""
    if order.part != "lead":
        raise NotAllowedNow("只有牵头单位可以请求其他单位配合，请与牵头单位商量")
    _refuse_strangers((command.organization_id,), knowledge)
    _refuse_who_is_on_it(command.organization_id, state)
    asked = msg.HelpAsked(
        request_id=command.request_id,
        work_order_id=order.work_order_id,
        organization_id=order.organization_id,
        asked_id=command.organization_id,
        note_id=command.note_id,
    )
    sent = msg.DispatchWorkOrder(
        at=command.at,
        by=command.by,
        work_order_id=_next_id(command.request_id, state),
        request_id=command.request_id,
        organization_id=command.organization_id,
        part="supporting",
        chosen_by="lead_asked",
    )
    return [asked, _dispatched(sent, state, knowledge, state.round)]


def ruling(
    command: msg.RuleOnReturn, order: WorkOrder, state: WorkOrders, knowledge: Knowledge
) -> Events:
    """改派裁定: who was named does it, the returner too if the centre says so."""
    if not order.awaits_a_ruling:
        raise NotAllowedNow("这件退单已经裁定过，请刷新后查看由谁办理")
    if command.organization_id is None:
        return _ruled_unneeded(command, order, state)
    _refuse_strangers((command.organization_id,), knowledge)
    _refuse_who_is_on_it(command.organization_id, state)
    sent = msg.DispatchWorkOrder(
        at=command.at,
        by=command.by,
        work_order_id=_next_id(command.request_id, state),
        request_id=command.request_id,
        organization_id=command.organization_id,
        part=order.part,
        note_id=command.note_id,
    )
    return _ruled(sent, order, state, knowledge)


def _ruled(
    sent: msg.DispatchWorkOrder, returned: WorkOrder, state: WorkOrders, knowledge: Knowledge
) -> Events:
    ruled = msg.ReturnRuled(
        request_id=sent.request_id,
        work_order_id=returned.work_order_id,
        organization_id=sent.organization_id,
        note_id=sent.note_id,
    )
    by_ruling = sent.model_copy(update={"chosen_by": "ruling"})
    return [ruled, _dispatched(by_ruling, state, knowledge, returned.round)]


def _ruled_unneeded(command: msg.RuleOnReturn, order: WorkOrder, state: WorkOrders) -> Events:
    if order.part == "lead":
        raise InvalidInput(
            "牵头单位不能空缺，请裁定由哪个单位办理", organization_id="请选择办理单位"
        )
    ruled = msg.ReturnRuled(
        request_id=command.request_id,
        work_order_id=order.work_order_id,
        organization_id=None,
        note_id=command.note_id,
    )
    return and_finished(state, [ruled])


def lead_changed(command: msg.ChangeLead, order: WorkOrder, state: WorkOrders) -> Events:
    """变更牵头: to an organisation that is at work on it, so there is one lead at every moment."""
    former = state.lead
    if former is None or not (former.is_open or former.awaits_a_ruling):
        raise NotAllowedNow("牵头单位已经办结，不能再变更牵头")
    if order.part == "lead":
        raise NotAllowedNow("这个单位已经是牵头单位，请选择一个配合单位")
    return [
        msg.LeadChanged(
            request_id=command.request_id,
            work_order_id=order.work_order_id,
            organization_id=order.organization_id,
            former_work_order_id=former.work_order_id,
            former_organization_id=former.organization_id,
            note_id=command.note_id,
        )
    ]


def excused(command: msg.ExcuseWorkOrder, order: WorkOrder, state: WorkOrders) -> Events:
    """免除配合: the lead's part cannot be excused, only given to another."""
    if order.part == "lead":
        raise NotAllowedNow("牵头单位不能免除，请先变更牵头单位")
    said = command.said() | {"organization_id": order.organization_id}
    return and_finished(state, [msg.WorkOrderExcused(**said)])


def cancelled(command: msg.CancelWorkOrders, state: WorkOrders) -> Events:
    """Nobody needs to go any more, and nobody is sent later. Before acceptance nobody was."""
    if state.is_stopped or not (state.orders or state.needs_a_person):
        return []
    off: Events = [
        msg.WorkOrderCancelled(
            request_id=command.request_id,
            work_order_id=order.work_order_id,
            organization_id=order.organization_id,
            reason=command.reason,
        )
        for order in state.open
    ]
    return [*off, msg.DispatchStopped(request_id=command.request_id, reason=command.reason)]


def and_finished(state: WorkOrders, events: Events) -> Events:
    """The events, and that all is done if nobody has anything left to do after them."""
    after = state
    for event in events:
        after = evolve(after, event)
    lead = after.lead
    if lead is None or not after.is_finished:
        return events
    finished = msg.DeliveryFinished(
        request_id=_request_of(events),
        work_order_id=lead.work_order_id,
        organization_id=lead.organization_id,
        round=after.round,
    )
    return [*events, finished]


def _request_of(events: Iterable[msg.WorkOrderEvent]) -> str:
    return next(iter(events)).request_id


def _dispatched(
    command: msg.DispatchWorkOrder, state: WorkOrders, knowledge: Knowledge, round: int
) -> msg.WorkOrderDispatched:
    """What earlier events said about the request stands; the command says it the first time."""
    urgency = state.urgency or command.urgency
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
        urgency=urgency,
        beneficiary_category=state.beneficiary_category or command.beneficiary_category,
        deadlines=urgency and deadlines_for(knowledge.rules, urgency, command.at),
        note_id=command.note_id,
    )


def _next_id(request_id: str, state: WorkOrders) -> str:
    """Derived from what there is, so that a repeat of the command makes the same one."""
    return f"{request_id}.{state.round}.{len(state.orders) + 1}"


def _refuse_strangers(wanted: Iterable[str], knowledge: Knowledge) -> None:
    if knowledge.organizations is None or not knowledge.organizations.issuperset(wanted):
        raise InvalidInput("没有找到这个群团组织，请重新选择", organization_id="请选择已登记的组织")


def _refuse_a_second_lead(state: WorkOrders) -> None:
    if state.open:
        raise NotAllowedNow("这件事项已有牵头单位，请等待其办理或退单后再改派，或增派配合单位")
    raise NotAllowedNow("这件事项已经办结，不用再派单；群众不满意时会自动重办")


def _refuse_a_doubled_team(command: msg.DispatchWorkOrder) -> None:
    team = (command.organization_id, *command.supporting_ids)
    if len(set(team)) < len(team):
        raise InvalidInput("同一个单位只能在这件事项中出现一次", supporting_ids="请去掉重复的单位")


def _refuse_who_is_on_it(organization_id: str, state: WorkOrders) -> None:
    """One order at a time: whoever supports and is to lead is made lead (变更牵头)."""
    if any(one.organization_id == organization_id for one in state.open):
        raise NotAllowedNow(
            "这个单位正在办理这件事项，不用再派；如需由它牵头，请使用变更牵头",
            organization_id="请选择其他单位",
        )
