"""One case's story: every event of a request, in log order, as a sentence a person reads."""

from dataclasses import dataclass

from services.ledger.domain.order_story import Naming, said_by_dispatch
from shared import labels
from shared.contracts import requests
from shared.event_log import Recorded


@dataclass(frozen=True)
class Entry:
    """One line of a story. `note_id` and `attachment_id` name what belongs to it, if anything."""

    position: int
    at: str
    by: str
    role: str
    type: str
    sentence: str
    note_id: str | None
    attachment_id: str | None = None


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
        attachment_id=getattr(fact.event, "attachment_id", None),
    )


NAMELESS = frozenset({"system", "resident"})
"""Roles that nobody signs in with: there is no account to name."""


def sentence(fact: Recorded, name: Naming) -> str:
    """Who did what, with the reason where there is one."""
    return f"{_who(fact)}{_said(fact, name)}"


def _who(fact: Recorded) -> str:
    role = labels.LABELS["Role"][fact.commit.role]
    return role if fact.commit.role in NAMELESS else f"{role}（{fact.commit.by}）"


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
            return "受理了这项诉求" + ("，由人工派单" if event.is_dispatched_by_hand else "")
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
            return f"登记：已派给{name(event.organization_id)}（{labels.PART[event.part]}）"
        case requests.RequestTakenUp():
            return f"登记：{name(event.organization_id)}已接单"
        case requests.RequestAssigned():
            return f"登记：由{event.staff_id}上门服务"
        case requests.RequestReturned():
            return f"登记：{name(event.organization_id)}已退单，等待改派"
        case requests.RequestPartExcused():
            return f"登记：{name(event.organization_id)}不再配合"
        case requests.RequestLeadChanged():
            return f"登记：改由{name(event.organization_id)}牵头"
        case requests.RequestCompleted():
            return "登记：已办结，等待评价"
        case requests.ServiceRated():
            return f"评价服务：{event.score} 分（{labels.SCORE[event.score]}）"
        case requests.RequestReopened():
            return _reopened(event, name)
        case requests.RequestMerged():
            return f"并单：与事项 {event.into_id} 是同一件事，一并办理"
        case requests.RequestUnmerged():
            return f"撤销并单，单独办理，原因：{labels.UNMERGE_REASON[event.reason]}"
        case requests.RequestJoined():
            return f"登记：事项 {event.joined_id} 并入本件一并办理"
        case requests.RequestLeft():
            return f"登记：事项 {event.joined_id} 已分出单独办理"
        case requests.MainRequestCompleted():
            return f"登记：并入的事项 {event.into_id} 已办结，告知点单人"
        case requests.ReturnVisitAssigned():
            who = event.caller_id or "有空的回访员"
            return f"抽中回访，由{who}回访"
        case requests.ReturnVisitRecorded():
            return _visited(event)
        case requests.RequestClosed():
            return "归档"
        case requests.ContactRevealed():
            return f"查看了服务对象的联系方式，用途：{labels.REVEAL_PURPOSE[event.purpose]}"
        case requests.AttachmentAdded():
            return f"上传{labels.ATTACHMENT_KIND[event.kind]}（{_size(event.size)}）"
        case requests.AttachmentRemoved():
            return f"删除附件，原因：{labels.REMOVAL_REASON[event.reason]}"
        case _:
            return said_by_dispatch(event, name)


def _stated(day: str | None) -> str:
    return f"，群众于 {day} 提出" if day else ""


def _size(count: int) -> str:
    return f"{max(1, round(count / 1024))} KB"


def _reopened(event: requests.RequestReopened, name: Naming) -> str:
    why = labels.REOPEN_CAUSE[event.cause]
    reason = f"（{labels.REOPEN_REASON[event.reason]}）" if event.reason else ""
    return f"{why}{reason}，重办（第{event.round}轮），仍由{name(event.organization_id)}负责"


def _visited(event: requests.ReturnVisitRecorded) -> str:
    if not event.is_reached or event.satisfaction is None:
        return f"回访未接通（第{event.attempt}次）"
    contacted = "单位已联系" if event.is_contacted else "单位没有联系"
    solved = "问题已解决" if event.is_solved else "问题没有解决"
    return f"回访：{contacted}，{solved}，{labels.SATISFACTION[event.satisfaction]}"
