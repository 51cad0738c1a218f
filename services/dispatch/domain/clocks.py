"""The clocks of one order: extension (延期), hold (挂起), alarms, 督办, a calendar that arrives."""

from datetime import datetime
from typing import Any

from services.dispatch.domain.knowledge import Knowledge
from services.dispatch.domain.sending import Events
from services.dispatch.domain.state import WorkOrder, WorkOrders
from shared.contracts import dispatch as msg
from shared.contracts.county import Rules
from shared.contracts.deadlines import Clock, Deadlines, LimitKind
from shared.contracts.requests import Urgency
from shared.contracts.working_time import Limit
from shared.county_rules import working_time
from shared.deadlines import extended, given_back, recomputed
from shared.labels import LIMIT_UNIT, SUPERVISION_LEVEL
from shared.rejection import InvalidInput, NotAllowedNow, NotFound


def extension_asked(command: msg.AskExtension, order: WorkOrder, knowledge: Knowledge) -> Events:
    """Before expiry, at most twice, together no longer than the original limit (domain.md)."""
    clock = _completion(order)
    _refuse_on_hold(order)
    if order.extension_asked:
        raise NotAllowedNow("延期申请正在等待县中心审批，请勿重复提交")
    if command.at > clock.due_at:
        raise NotAllowedNow("办结时限已过，不能再申请延期；请尽快办理，并回复督办说明情况")
    _refuse_too_much(command.extra, order, clock, knowledge.rules)
    return [msg.ExtensionAsked(**_said(command, order))]


def extension_granted(
    command: msg.GrantExtension, order: WorkOrder, knowledge: Knowledge
) -> Events:
    extra, deadlines = order.extension_asked, order.deadlines
    if extra is None or deadlines is None:
        raise NotAllowedNow("没有等待审批的延期申请，请刷新后查看")
    longer = extended(knowledge.rules, deadlines, extra)
    return [msg.ExtensionGranted(**_said(command, order), extra=extra, deadlines=longer)]


def extension_refused(command: msg.RefuseExtension, order: WorkOrder) -> Events:
    if order.extension_asked is None:
        raise NotAllowedNow("没有等待审批的延期申请，请刷新后查看")
    return [msg.ExtensionRefused(**_said(command, order))]


def hold_asked(command: msg.AskHold, order: WorkOrder) -> Events:
    _refuse_on_hold(order)
    if order.hold_asked:
        raise NotAllowedNow("挂起申请正在等待县中心审批，请勿重复提交")
    if command.review_at <= command.at:
        raise InvalidInput("复核日期须在今天之后", review_at="请选择以后的日期")
    return [msg.HoldAsked(**_said(command, order))]


def hold_granted(command: msg.GrantHold, order: WorkOrder) -> Events:
    asked = order.hold_asked
    if asked is None:
        raise NotAllowedNow("没有等待审批的挂起申请，请刷新后查看")
    if asked.review_at <= command.at:
        raise NotAllowedNow("申请中的复核日期已过，请退回由承办单位重新申请")
    return [
        msg.HoldGranted(
            **_said(command, order),
            reason=asked.reason,
            held_at=command.at,
            review_at=asked.review_at,
        )
    ]


def hold_refused(command: msg.RefuseHold, order: WorkOrder) -> Events:
    if order.hold_asked is None:
        raise NotAllowedNow("没有等待审批的挂起申请，请刷新后查看")
    return [msg.HoldRefused(**_said(command, order))]


def resumed(command: msg.ResumeWork, order: WorkOrder, knowledge: Knowledge) -> Events:
    """The held time is given back to every deadline that was still ahead."""
    if order.held_at is None:
        raise NotAllowedNow("这件工单没有挂起，不用恢复")
    moved = order.deadlines and given_back(
        knowledge.rules, order.deadlines, order.held_at, command.at
    )
    return [
        msg.WorkResumed(
            **_said(command, order), held_at=order.held_at, resumed_at=command.at, deadlines=moved
        )
    ]


def supervision_ordered(
    command: msg.OrderSupervision, order: WorkOrder, knowledge: Knowledge
) -> Events:
    if any(one.level == command.level and not one.is_answered for one in order.supervisions):
        level = SUPERVISION_LEVEL[command.level]
        raise NotAllowedNow(f"已向这件工单发出“{level}”督办，正在等待回复")
    return _supervision(command, order, knowledge)


def _supervision(command: msg.OrderSupervision, order: WorkOrder, knowledge: Knowledge) -> Events:
    within = knowledge.rules.ladder.answer_within
    return [
        msg.SupervisionOrdered(
            **_said(command, order),
            supervision_id=f"{order.work_order_id}.d{len(order.supervisions) + 1}",
            answer_by=working_time(knowledge.rules).due(command.at, within).at,
        )
    ]


def supervision_by_the_ladder(
    command: msg.OrderSupervision, order: WorkOrder, knowledge: Knowledge
) -> Events:
    """Once per level and completion date, and only while the order is overdue and not on hold.

    Whether somebody has ordered one of that level before, and waits for the answer, is another
    matter: an old 督办 that nobody answers must not keep the ladder silent.
    """
    if not order.is_open or order.held_at or order.deadlines is None:
        return []
    due_at = order.deadlines.complete.due_at
    said = {(one.level, one.overdue_since) for one in order.supervisions}
    if (command.level, due_at) in said or command.at <= due_at:
        return []
    return _supervision(command, order, knowledge)


def supervision_answered(command: msg.AnswerSupervision, order: WorkOrder) -> Events:
    wanted = [one for one in order.supervisions if one.supervision_id == command.supervision_id]
    if not wanted:
        raise NotFound("没有找到这件督办，请刷新后查看")
    if wanted[0].is_answered:
        raise NotAllowedNow("这件督办已经回复过")
    return [msg.SupervisionAnswered(**_said(command, order))]


def alarm_raised(command: msg.RaiseAlarm, order: WorkOrder) -> Events:
    """Only while the step is still owed, by this very date, and told once."""
    alarm = (command.limit, command.level, command.due_at, command.supervision_id)
    if _until(command, order) != command.due_at or alarm in order.alarms:
        return []
    return [msg.AlarmRaised(**_said(command, order))]


def _until(command: msg.RaiseAlarm, order: WorkOrder) -> datetime | None:
    """By when it is owed, if it still is. An answer (督办回复) is owed on hold as well: to say how
    things stand nobody has to wait for the resident or the season."""
    if not order.is_open:
        return None
    if command.limit == "answer":
        return _answers_owed(order).get(command.supervision_id)
    return None if order.held_at else _owed_by(order).get(command.limit)


def _answers_owed(order: WorkOrder) -> dict[str | None, datetime]:
    return {one.supervision_id: one.answer_by for one in order.supervisions if not one.is_answered}


def deadlines_recomputed(
    command: msg.RecomputeDeadlines, state: WorkOrders, knowledge: Knowledge
) -> Events:
    """Only what was provisional; every other case keeps the rules it started under."""
    urgency = state.urgency
    if urgency is None:
        return []
    anew = ((one, _recomputed(one, urgency, knowledge.rules)) for one in state.open)
    return [
        msg.DeadlinesRecomputed(
            request_id=command.request_id,
            work_order_id=order.work_order_id,
            organization_id=order.organization_id,
            deadlines=deadlines,
        )
        for order, deadlines in anew
        if deadlines is not None and deadlines != order.deadlines
    ]


def _recomputed(order: WorkOrder, urgency: Urgency, rules: Rules) -> Deadlines | None:
    if order.deadlines is None or not order.deadlines.is_provisional:
        return None
    return recomputed(rules, order.deadlines, urgency, order.adjustments)


def _owed_by(order: WorkOrder) -> dict[LimitKind, datetime]:
    """What the order still owes, and until when."""
    deadlines = order.deadlines
    if deadlines is None:
        return {}
    owed: dict[LimitKind, datetime] = {"complete": deadlines.complete.due_at}
    if order.status == "dispatched" and deadlines.accept:
        owed["accept"] = deadlines.accept.due_at
    if order.status in {"dispatched", "accepted"} and deadlines.contact:
        owed["contact"] = deadlines.contact.due_at
    if deadlines.report_by:
        owed["report"] = deadlines.report_by
    return owed


def _completion(order: WorkOrder) -> Clock:
    if order.deadlines is None:
        raise NotAllowedNow("这件工单没有时限，不用申请延期")
    return order.deadlines.complete


def _refuse_on_hold(order: WorkOrder) -> None:
    if order.held_at:
        raise NotAllowedNow("这件工单已挂起，请先恢复办理")


def _refuse_too_much(extra: Limit, order: WorkOrder, clock: Clock, rules: Rules) -> None:
    original = clock.limit
    unit = LIMIT_UNIT[original.unit]
    if extra.unit != original.unit:
        raise InvalidInput(f"这件工单的时限按{unit}计算", extra=f"请填写{unit}数")
    if len(order.extensions) >= rules.max_extensions:
        raise NotAllowedNow(f"已经延期 {rules.max_extensions} 次，不能再延期，请联系县中心调度员")
    left = original.amount - sum(one.amount for one in order.extensions)
    if extra.amount > left:
        raise InvalidInput(
            f"延期合计不能超过原时限，最多还可延期 {left} {unit}", extra=f"不超过 {left} {unit}"
        )


def _said(
    command: msg.AskExtension
    | msg.GrantExtension
    | msg.RefuseExtension
    | msg.AskHold
    | msg.GrantHold
    | msg.RefuseHold
    | msg.ResumeWork
    | msg.OrderSupervision
    | msg.AnswerSupervision
    | msg.RaiseAlarm,
    order: WorkOrder,
) -> dict[str, Any]:
    return command.said() | {"organization_id": order.organization_id}
