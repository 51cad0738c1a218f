"""Photos and documents of a case (附件): what may be added, and what may be taken away again."""

from services.requests.domain.state import Knowledge, ServiceRequest
from shared.contracts import requests as msg
from shared.contracts.actor import Actor, Role
from shared.rejection import NotAllowedNow, NotFound, NotYours

MOST = 40
"""Attachments of one case at a time: nine photos of each of four rounds, and some documents."""

DESK: frozenset[Role] = frozenset({"desk_clerk", "center_dispatcher"})


def added(command: msg.AddAttachment, request: ServiceRequest) -> list[msg.RequestEvent]:
    if len(request.attachments) >= MOST:
        raise NotAllowedNow(f"这件事项已有 {MOST} 个附件，请先删除不需要的再上传")
    return [msg.AttachmentAdded(**command.said(), added_by=command.by.account_id)]


def removed(
    command: msg.RemoveAttachment, request: ServiceRequest, knowledge: Knowledge
) -> list[msg.RequestEvent]:
    if command.attachment_id not in request.attachments:
        raise NotFound("没有找到这个附件，它可能已被删除，请刷新后查看")
    _refuse_a_stranger(command.by, request.attachments[command.attachment_id])
    if command.attachment_id in knowledge.proofs:
        raise NotAllowedNow("这个附件是办结的凭证，不能删除；如有问题请联系县中心调度员")
    return [msg.AttachmentRemoved(**command.said())]


def _refuse_a_stranger(by: Actor, added_by: str) -> None:
    if by.account_id != added_by and by.role not in DESK:
        raise NotYours("只有上传的人和受理员可以删除附件，请联系他们")
