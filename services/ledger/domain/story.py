"""One case's story: every event of a request, in log order, as a sentence a person reads."""

from collections.abc import Callable
from dataclasses import dataclass

from shared import labels
from shared.contracts import dispatch, requests
from shared.event_log import Recorded

Naming = Callable[[str], str]
"""Id of an area, organisation or service → what it is called (the id itself when unknown)."""


@dataclass(frozen=True)
class Entry:
    """One line of a story. `note_id` names the remark that belongs to it, if there is one."""

    position: int
    at: str
    by: str
    role: str
    type: str
    sentence: str
    note_id: str | None


def entry(fact: Recorded, name: Naming) -> Entry:
    commit = fact.commit
    return Entry(
        position=fact.position,
        at=commit.at.isoformat(),
        by=commit.by,
        role=commit.role,
        type=type(fact.event).__name__,
        sentence=sentence(fact, name),
        note_id=getattr(fact.event, "note_id", None),
    )


def sentence(fact: Recorded, name: Naming) -> str:
    """Who did what, with the reason where there is one."""
    return f"{_who(fact)}{_said(fact, name)}"


def _who(fact: Recorded) -> str:
    if fact.commit.role == "system":
        return "系统"
    return f"{labels.LABELS['Role'][fact.commit.role]}（{fact.commit.by}）"


def _said(fact: Recorded, name: Naming) -> str:
    event = fact.event
    match event:
        case requests.RequestPlaced():
            return (
                f"在{name(event.grid_id)}点单：{name(event.service_code)}"
                f"（{labels.URGENCY[event.urgency]}，{labels.BENEFICIARY_CATEGORY[event.beneficiary_category]}）"
                f"{_stated(event.stated_on)}"
            )
        case requests.RequestAccepted():
            return "受理了这项诉求"
        case requests.RequestSentBack():
            return f"退回补充，原因：{labels.SEND_BACK_REASON[event.reason]}"
        case requests.RequestDeclined():
            return f"不予受理，原因：{labels.DECLINE_REASON[event.reason]}"
        case requests.RequestResubmitted():
            return "补充材料后重新提交"
        case requests.RequestWithdrawn():
            return f"撤回了诉求，原因：{labels.WITHDRAW_REASON[event.reason]}"
        case requests.RequestExpedited():
            return f"催办（第{event.times}次）"
        case requests.RequestDispatched():
            return f"登记：已派给{name(event.organization_id)}"
        case requests.RequestTakenUp():
            return f"登记：{name(event.organization_id)}已接单"
        case requests.RequestAssigned():
            return f"登记：由{event.staff_id}上门服务"
        case requests.RequestReturned():
            return f"登记：{name(event.organization_id)}已退单，等待改派"
        case requests.RequestCompleted():
            return "登记：已办结，等待评价"
        case requests.ServiceRated():
            return f"评价服务：{event.score} 分（{labels.SCORE[event.score]}）"
        case requests.RequestReopened():
            return f"因评价不佳重办（第{event.round}轮），仍由{name(event.organization_id)}负责"
        case requests.RequestClosed():
            return "归档"
        case requests.ContactRevealed():
            return f"查看了服务对象的联系方式，用途：{labels.REVEAL_PURPOSE[event.purpose]}"
        case _:
            return _said_by_dispatch(event, name)


def _stated(day: str | None) -> str:
    return f"，群众于 {day} 提出" if day else ""


def _said_by_dispatch(event: object, name: Naming) -> str:
    match event:
        case dispatch.WorkOrderDispatched():
            return f"派单给{name(event.organization_id)}{_why(event, name)}"
        case dispatch.DispatchLeftToCenter():
            return f"没有找到合适的单位，交由中心指定{_considered(event.considered, name)}"
        case dispatch.WorkOrderAccepted():
            return f"代表{name(event.organization_id)}接单"
        case dispatch.WorkOrderReturned():
            proposed = event.proposed_organization_id
            reason = labels.RETURN_REASON[event.reason]
            hint = f"，建议由{name(proposed)}办理" if proposed else ""
            return f"代表{name(event.organization_id)}退单，原因：{reason}{hint}"
        case dispatch.StaffAssigned():
            return f"指派{event.staff_id}上门服务"
        case dispatch.FirstContactRecorded():
            return "与服务对象取得首次联系"
        case dispatch.ServiceDelivered():
            return "记录了一次服务（派送）"
        case dispatch.WorkOrderCompleted():
            return f"办结，结果：{labels.OUTCOME[event.outcome]}"
        case dispatch.WorkOrderCancelled():
            return (
                f"取消了{name(event.organization_id)}的工单：{labels.CANCEL_REASON[event.reason]}"
            )
        case dispatch.DispatchStopped():
            return f"停止派单：{labels.CANCEL_REASON[event.reason]}"
        case _:
            return labels.EVENT[type(event).__name__]


def _why(event: dispatch.WorkOrderDispatched, name: Naming) -> str:
    if event.chosen_by == "person":
        return "（人工指定）"
    return f"（规则：{_rule(event.chosen_by)}）{_considered(event.considered, name)}"


def _rule(name: str) -> str:
    """Rules are the county's own and may be gone by now; then their name has to do."""
    return labels.MATCHING_RULE.get(name, name)


def _considered(considered: tuple[dispatch.Considered, ...], name: Naming) -> str:
    """Whom matching looked at beside the one it chose, and which rule dropped them."""
    dropped = [
        f"{name(seen.organization_id)}（{_rule(seen.rule)}）"
        for seen in considered
        if not seen.is_kept
    ]
    return f"；另外考虑过：{'、'.join(dropped)}" if dropped else ""
