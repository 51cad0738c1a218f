"""What the form of each command asks."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One field of an act's form. `table`: the labels to choose from (shared.labels)."""

    name: str
    label: str
    kind: str
    table: str = ""
    is_required: bool = True
    hint: str = ""


_NOTE = Question("note", "说明（选填）", "text", is_required=False)
_MUST_NOTE = Question("note", "说明", "text")
_ORGANIZATION = Question("organization_id", "哪个单位", "organization")
_TEAM = Question("supporting_ids", "配合单位（选填，可选多个）", "organizations", is_required=False)
_YES_OR_NO = "YesOrNo"

QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "SendBackRequest": (Question("reason", "缺什么", "choice", "SendBackReason"), _NOTE),
    "ResubmitRequest": (Question("note", "补充的内容", "text"),),
    "DeclineRequest": (Question("reason", "原因", "choice", "DeclineReason"), _NOTE),
    "MergeRequest": (
        Question("into_id", "并入哪件事项", "case", hint="填写事项编号，如 20261125-000123"),
    ),
    "WithdrawRequest": (Question("reason", "原因", "choice", "WithdrawReason"), _NOTE),
    "RateService": (Question("score", "群众是否满意", "score", "Score"), _NOTE),
    "ReopenRequest": (Question("reason", "为什么要重办", "choice", "ReopenReason"), _NOTE),
    "RecordReturnVisit": (
        Question("is_reached", "是否接通", "choice", _YES_OR_NO),
        Question("is_contacted", "单位是否联系过（接通后必填）", "choice", _YES_OR_NO, False),
        Question("is_solved", "问题是否解决（接通后必填）", "choice", _YES_OR_NO, False),
        Question("satisfaction", "是否满意（接通后必填）", "choice", "Satisfaction", False),
        _NOTE,
    ),
    "DispatchWorkOrder": (
        Question("organization_id", "派给哪个单位牵头", "organization"),
        _TEAM,
        _NOTE,
    ),
    "DispatchWorkOrder:supporting": (_ORGANIZATION, _NOTE),
    "ReturnWorkOrder": (
        Question("reason", "原因", "choice", "ReturnReason"),
        Question("proposed_organization_id", "建议由谁办理（选填）", "organization", "", False),
        _NOTE,
    ),
    "AssignStaff": (
        Question("staff_id", "服务人员账号", "account", hint="本单位服务人员的登录账号"),
    ),
    "RecordFirstContact": (_NOTE,),
    "RecordProgress": (_MUST_NOTE,),
    "CompleteWorkOrder": (
        Question("outcome", "办理结果", "choice", "Outcome"),
        Question("evidence", "凭证（选填，从本事项的附件中选）", "attachments", "", False),
        _MUST_NOTE,
    ),
    "AskForHelp": (_ORGANIZATION, _NOTE),
    "RuleOnReturn": (
        Question("organization_id", "裁定由谁办理（配合可不选）", "organization", "", False),
        _NOTE,
    ),
    "ChangeLead": (_NOTE,),
    "ExcuseWorkOrder": (Question("reason", "原因", "choice", "ExcuseReason"), _NOTE),
    "AskExtension": (Question("amount", "延长多少", "number"), _MUST_NOTE),
    "RefuseExtension": (_MUST_NOTE,),
    "AskHold": (
        Question("reason", "原因", "choice", "HoldReason"),
        Question("review_on", "哪天复核", "day", hint="到这一天自动恢复办理"),
        _MUST_NOTE,
    ),
    "RefuseHold": (_MUST_NOTE,),
    "OrderSupervision": (Question("level", "督办到哪一级", "choice", "SupervisionLevel"), _NOTE),
    "AnswerSupervision": (Question("note", "回复内容", "text"),),
}
"""A command that is not here needs no more than a press. After a colon: a variant of its own."""
