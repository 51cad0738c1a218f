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
    Act("acceptance", requests.AcceptRequest, bodies.Nothing, "受理"),
    Act("send-back", requests.SendBackRequest, bodies.SendBack, "退回补充"),
    Act("resubmission", requests.ResubmitRequest, bodies.MustNote, "补充后重新提交"),
    Act("decline", requests.DeclineRequest, bodies.Decline, "不予受理"),
    Act("withdrawal", requests.WithdrawRequest, bodies.Withdraw, "撤单"),
    Act("expedite", requests.ExpediteRequest, bodies.Nothing, "催办"),
    Act("rating", requests.RateService, bodies.Rate, "评单"),
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
)
