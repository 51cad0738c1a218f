"""What a notice says. No personal data is in it: who wants to know more opens the case."""

from collections.abc import Mapping
from typing import Any

from services.notices.domain.notices import Notice
from shared.labels import (
    ALARM_LEVEL,
    DECLINE_REASON,
    HOLD_REASON,
    LIMIT_KIND,
    REOPEN_CAUSE,
    RETURN_REASON,
    SEND_BACK_REASON,
    SUPERVISION_LEVEL,
    URGENCY,
)


def sentence(notice: Notice) -> str:  # a table: one line per kind of notice
    """One sentence that says what happened and what to do."""
    codes = notice.codes
    match notice.kind:
        case "new_request":
            return f"有一件新的点单（{_of(URGENCY, codes, 'urgency')}）等待受理。"
        case "resubmitted":
            return "退回补充的点单已经补充，等待受理。"
        case "left_to_center":
            return "没有匹配的承办单位，请人工派单。"
        case "new_order":
            return _new_order(codes)
        case "assigned":
            return "有一件工单指派给您，请尽快联系群众。"
        case "alarm":
            return _alarm(codes)
        case "expedited":
            return f"点单人第 {codes['times']} 次催办，请抓紧办理。"
        case "help_asked":
            return "牵头单位请求其他单位配合。"
        case "returned":
            return f"工单被退回（{_of(RETURN_REASON, codes, 'reason')}），请裁定由谁办理。"
        case "ruled":
            return "您单位退回的工单，县中心已经裁定。"
        case "extension_asked":
            return "承办单位申请延期，请审批。"
        case "extension_granted":
            return "延期申请已经批准，请按新的时限办理。"
        case "extension_refused":
            return "延期申请没有批准，请按原来的时限办理。"
        case "hold_asked":
            return f"承办单位申请挂起（{_of(HOLD_REASON, codes, 'reason')}），请审批。"
        case "hold_granted":
            return "挂起申请已经批准，计时暂停，请在复核日前跟进。"
        case "hold_refused":
            return "挂起申请没有批准，请继续办理。"
        case "resumed":
            return "工单恢复办理，计时继续。"
        case "supervised":
            return f"已督办（{_of(SUPERVISION_LEVEL, codes, 'level')}），请按时回复。"
        case "supervision_answered":
            return "承办单位已经回复督办。"
        case "cancelled":
            return "群众已经撤单，这件工单不用再办。"
        case "sent_back":
            return f"点单被退回补充（{_of(SEND_BACK_REASON, codes, 'reason')}），请补充后重新提交。"
        case "declined":
            return f"点单没有受理（{_of(DECLINE_REASON, codes, 'reason')}），请向群众说明。"
        case "merged":
            return "点单已并入另一件相同的事项，办理结果以那一件为准。"
        case "main_completed":
            return "点单并入的那件事项已经办结，请告知群众。"
        case "please_rate":
            return "事项已经办结，请向群众核实并评价。"
        case "reopened":
            return f"事项重新办理（{_of(REOPEN_CAUSE, codes, 'cause')}）。"
        case "visit_assigned":
            return "有一件办结的事项等待回访。"


def _new_order(codes: Mapping[str, str]) -> str:
    match codes:
        case {"chosen_by": "ruling"}:
            return "县中心裁定由您单位办理，不能再退回，请按时接单。"
        case {"chosen_by": "same_organization"}:
            return "事项需要重新办理，仍由您单位负责，请按时接单。"
        case {"part": "supporting"}:
            return "请您单位配合办理一件事项，请按时接单。"
        case _:
            return "派来一件新工单，请按时接单。"


def _alarm(codes: Mapping[str, str]) -> str:
    what, level = _of(LIMIT_KIND, codes, "limit"), _of(ALARM_LEVEL, codes, "level")
    if codes["level"] == "red":
        return f"{level}：{what}时限已到，还没有完成，请立即办理。"
    return f"{level}：{what}时限临近，请抓紧办理。"


def _of(table: Mapping[Any, str], codes: Mapping[str, str], code: str) -> str:
    return table[codes[code]]
