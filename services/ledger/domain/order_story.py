"""What happened to a case's work orders, as sentences."""

from collections.abc import Callable

from shared import labels
from shared.calendar import beijing_moment
from shared.contracts import dispatch
from shared.contracts.deadlines import Deadlines
from shared.contracts.working_time import Limit

Naming = Callable[[str], str]
"""Id of an area, organisation or service → what it is called (the id itself when unknown)."""


def said_by_dispatch(event: object, name: Naming) -> str:
    """The sentence of an event about work orders, without who said it."""
    match event:
        case dispatch.WorkOrderDispatched():
            part = "" if event.part == "lead" else f"（{labels.PART[event.part]}）"
            by = _until(event.deadlines)
            return f"派单给{name(event.organization_id)}{part}{_why(event, name)}{by}"
        case dispatch.DispatchLeftToCenter():
            return f"等待人工派单{_considered(event.considered, name)}"
        case dispatch.WorkOrderAccepted():
            return f"代表{name(event.organization_id)}接单"
        case dispatch.WorkOrderReturned():
            return _returned(event, name)
        case dispatch.ReturnRuled():
            return _ruled(event, name)
        case dispatch.LeadChanged():
            former = name(event.former_organization_id)
            return f"改由{name(event.organization_id)}牵头（原牵头单位：{former}）"
        case dispatch.HelpAsked():
            return f"代表{name(event.organization_id)}请{name(event.asked_id)}配合办理"
        case dispatch.WorkOrderExcused():
            reason = labels.EXCUSE_REASON[event.reason]
            return f"免除{name(event.organization_id)}的配合，原因：{reason}"
        case dispatch.StaffAssigned():
            return f"指派{event.staff_id}上门服务"
        case dispatch.FirstContactRecorded():
            return "与服务对象取得首次联系"
        case dispatch.ServiceDelivered():
            return "记录了一次服务（派送）"
        case dispatch.WorkOrderCompleted():
            done = labels.OUTCOME[event.outcome]
            return f"代表{name(event.organization_id)}办结，结果：{done}{_proofs(event)}"
        case dispatch.DeliveryFinished():
            return "完成了最后一项，各单位的工单都已了结"
        case dispatch.WorkOrderCancelled():
            return (
                f"取消了{name(event.organization_id)}的工单：{labels.CANCEL_REASON[event.reason]}"
            )
        case dispatch.DispatchStopped():
            return f"停止派单：{labels.CANCEL_REASON[event.reason]}"
        case _:
            return _said_about_clocks(event, name)


def _said_about_clocks(event: object, name: Naming) -> str:
    match event:
        case dispatch.ExtensionAsked():
            return f"代表{name(event.organization_id)}申请延期{_long(event.extra)}"
        case dispatch.ExtensionGranted():
            return f"批准延期{_long(event.extra)}{_until(event.deadlines)}"
        case dispatch.ExtensionRefused():
            return "不同意延期"
        case dispatch.HoldAsked():
            review = beijing_moment(event.review_at)
            reason = labels.HOLD_REASON[event.reason]
            return f"代表{name(event.organization_id)}申请挂起至{review}，原因：{reason}"
        case dispatch.HoldGranted():
            return f"批准挂起，{beijing_moment(event.review_at)}复核；挂起期间不计时"
        case dispatch.HoldRefused():
            return "不同意挂起"
        case dispatch.WorkResumed():
            reason = labels.RESUME_REASON[event.reason]
            return f"恢复办理（{reason}），挂起的时间已补回{_until(event.deadlines)}"
        case dispatch.SupervisionOrdered():
            level, cause = labels.SUPERVISION_LEVEL[event.level], labels.SUPERVISION_CAUSE
            by = beijing_moment(event.answer_by)
            return f"督办{name(event.organization_id)}（{level}，{cause[event.cause]}），{by}前回复"
        case dispatch.SupervisionAnswered():
            return f"代表{name(event.organization_id)}回复督办"
        case dispatch.AlarmRaised():
            limit, level = labels.LIMIT_KIND[event.limit], labels.ALARM_LEVEL[event.level]
            return (
                f"{level}：{name(event.organization_id)}须在{beijing_moment(event.due_at)}前{limit}"
            )
        case dispatch.DeadlinesRecomputed():
            return f"按新公布的工作日历重算时限{_until(event.deadlines)}"
        case _:
            return labels.EVENT[type(event).__name__]


def _returned(event: dispatch.WorkOrderReturned, name: Naming) -> str:
    proposed = event.proposed_organization_id
    hint = f"，建议由{name(proposed)}办理" if proposed else ""
    reason = labels.RETURN_REASON[event.reason]
    return f"代表{name(event.organization_id)}退单，原因：{reason}{hint}"


def _ruled(event: dispatch.ReturnRuled, name: Naming) -> str:
    if event.organization_id is None:
        return "裁定：这一配合事项不再需要"
    return f"裁定：由{name(event.organization_id)}办理，按首接负责不得再退"


def _proofs(event: dispatch.WorkOrderCompleted) -> str:
    kinds = [labels.EVIDENCE_KIND[one.kind] for one in event.evidence]
    return f"（附{'、'.join(dict.fromkeys(kinds))}）" if kinds else ""


def _long(limit: Limit) -> str:
    return f" {limit.amount} {labels.LIMIT_UNIT[limit.unit]}"


def _until(deadlines: Deadlines | None) -> str:
    if deadlines is None:
        return ""
    provisional = "，暂定" if deadlines.is_provisional else ""
    return f"，办结时限{beijing_moment(deadlines.complete.due_at)}{provisional}"


_BY_PEOPLE = frozenset({"person", "ruling", "lead_asked"})


def _why(event: dispatch.WorkOrderDispatched, name: Naming) -> str:
    if event.chosen_by in _BY_PEOPLE:
        return f"（{_rule(event.chosen_by)}）"
    return f"（规则：{_rule(event.chosen_by)}）{_considered(event.considered, name)}"


def _rule(name: str) -> str:
    """Rules are the county's own and may be gone by now; then their name has to do."""
    return labels.CHOSEN_BY.get(name, name)


def _considered(considered: tuple[dispatch.Considered, ...], name: Naming) -> str:
    """Whom matching looked at beside the one it chose, and which rule dropped them.

    Where past outcomes settled it, those of everybody who was compared by them.
    """
    dropped = [
        f"{name(seen.organization_id)}（{_rule(seen.rule)}{_share(seen)}）"
        for seen in considered
        if not seen.is_kept
    ]
    chosen = [_share(seen) for seen in considered if seen.is_kept and dropped]
    return f"{''.join(chosen)}；另外考虑过：{'、'.join(dropped)}" if dropped else ""


def _share(seen: dispatch.Considered) -> str:
    if seen.rule != "best_past_outcome" or not seen.finished:
        return ""
    return f"，办结 {seen.finished} 件、解决 {seen.solved} 件"
