"""Everything that can be done to a request or a work order, as one table: path, body, command."""

from dataclasses import dataclass

from services.gateway.api import bodies
from shared.contracts import dispatch, requests
from shared.contracts.message import Command


@dataclass(frozen=True)
class Act:
    """`POST /api/v1/requests/{request_id}/…/<path>` with `body` gives `command`."""

    path: str
    command: type[Command]
    body: type[bodies.Body]
    summary: str


ON_A_REQUEST: tuple[Act, ...] = (
    Act("acceptance", requests.AcceptRequest, bodies.Accept, "受理"),
    Act("merging", requests.MergeRequest, bodies.Merge, "并单"),
    Act("unmerging", requests.UnmergeRequest, bodies.Nothing, "撤销并单"),
    Act("send-back", requests.SendBackRequest, bodies.SendBack, "退回补充"),
    Act("resubmission", requests.ResubmitRequest, bodies.MustNote, "补充后重新提交"),
    Act("decline", requests.DeclineRequest, bodies.Decline, "不予受理"),
    Act("withdrawal", requests.WithdrawRequest, bodies.Withdraw, "撤单"),
    Act("expedite", requests.ExpediteRequest, bodies.Nothing, "催办"),
    Act("rating", requests.RateService, bodies.Rate, "评单"),
    Act("return-visit", requests.RecordReturnVisit, bodies.Visit, "登记回访"),
    Act("reopening", requests.ReopenRequest, bodies.Reopen, "重办"),
    Act("closing", requests.CloseRequest, bodies.Nothing, "归档"),
)

DISPATCH = Act("work-orders", dispatch.DispatchWorkOrder, bodies.Dispatch, "派单")
REVEAL = Act("contact", requests.RevealContact, bodies.Reveal, "查看联系方式")

ON_A_WORK_ORDER: tuple[Act, ...] = (
    Act("acceptance", dispatch.AcceptWorkOrder, bodies.Nothing, "接单"),
    Act("return", dispatch.ReturnWorkOrder, bodies.Return, "退单"),
    Act("staff", dispatch.AssignStaff, bodies.Assign, "指派人员"),
    Act("first-contact", dispatch.RecordFirstContact, bodies.WithNote, "首次联系"),
    Act("progress", dispatch.RecordProgress, bodies.MustNote, "办理进展"),
    Act("completion", dispatch.CompleteWorkOrder, bodies.Complete, "办结"),
    Act("help", dispatch.AskForHelp, bodies.AskForHelp, "请求配合"),
    Act("extension", dispatch.AskExtension, bodies.Extend, "申请延期"),
    Act("hold", dispatch.AskHold, bodies.Hold, "申请挂起"),
    Act("resumption", dispatch.ResumeWork, bodies.Nothing, "恢复办理"),
    Act("supervision-answer", dispatch.AnswerSupervision, bodies.AnswerSupervision, "回复督办"),
    Act("ruling", dispatch.RuleOnReturn, bodies.Rule, "改派裁定"),
    Act("leading", dispatch.ChangeLead, bodies.WithNote, "变更牵头"),
    Act("excuse", dispatch.ExcuseWorkOrder, bodies.Excuse, "免除配合"),
    Act("extension-grant", dispatch.GrantExtension, bodies.Nothing, "批准延期"),
    Act("extension-refusal", dispatch.RefuseExtension, bodies.MustNote, "不予延期"),
    Act("hold-grant", dispatch.GrantHold, bodies.Nothing, "批准挂起"),
    Act("hold-refusal", dispatch.RefuseHold, bodies.MustNote, "不予挂起"),
    Act("supervision", dispatch.OrderSupervision, bodies.Supervise, "督办"),
)
