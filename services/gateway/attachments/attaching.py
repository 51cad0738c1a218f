"""Adding a file to a case, and getting it again: the same few steps for programs and for pages."""

import hashlib
from datetime import timedelta
from typing import Any, Final

from services.gateway.attachments.apart import MAX_FILE, Cleaned, clean_apart
from services.gateway.edge import Asking, Edge, derived_id, now
from services.gateway.problems import TooManyAttempts
from shared.adapters.mongo_attempts import Allowance
from shared.contracts.actor import Actor
from shared.contracts.requests import AddAttachment, AttachmentKind
from shared.rejection import InvalidInput, NotFound, Rejected, Unavailable

MEDIA_TYPE: Final[dict[AttachmentKind, str]] = {
    "photo": "image/jpeg",
    "document": "application/pdf",
}
SUFFIX: Final[dict[AttachmentKind, str]] = {"photo": "jpg", "document": "pdf"}
PER_ACCOUNT = Allowance(300, timedelta(hours=1))
"""Far more than anybody takes on a day of visits."""

TOO_LARGE = f"文件超过 {MAX_FILE // 1024 // 1024} MB，请压缩或重新拍摄后上传"
GONE = "没有找到这个附件，它可能已被删除"


async def attach(asked: Asking, request_id: str, content: bytes) -> dict[str, Any]:
    """Clean a file, keep it, and say in the log that it is there; sent twice it is there once.

    Raises InvalidInput, NotFound, NotYours, NotAllowedNow, TooManyAttempts, Unavailable.
    """
    if len(content) > MAX_FILE:
        raise InvalidInput(TOO_LARGE, file=TOO_LARGE)
    attachment_id = derived_id("F", asked.command_id)
    # before a stranger's file costs anything
    await asked.edge.refuse(_adding(asked, request_id, "photo", len(content)), asked.command_id)
    await _count(asked)
    cleaned = await clean_apart(content)
    await asked.edge.vault.keep_file(attachment_id, request_id, _said(cleaned), cleaned.content)
    command = _adding(asked, request_id, cleaned.kind, len(cleaned.content))
    try:
        answer = await asked.edge.give(command, asked.command_id)
    except Unavailable:
        raise
    except Rejected:
        await asked.edge.vault.forget([attachment_id])
        raise
    return {"attachment_id": attachment_id, "request_id": request_id, "kind": cleaned.kind} | {
        name: answer[name] for name in ("position", "version", "is_repeat")
    }


async def listed(edge: Edge, actor: Actor, request_id: str) -> list[dict[str, Any]]:
    """The attachments of a case that the viewer may see, in the order of adding."""
    found: list[dict[str, Any]] = await edge.ask(
        "ledger", "attachments", actor, request_id=request_id
    )
    return found


async def content_of(
    edge: Edge, actor: Actor, request_id: str, attachment_id: str
) -> tuple[bytes, str, str]:
    """A file's bytes, media type and name. Raises NotFound for what is not there to be seen."""
    found = {one["attachment_id"]: one for one in await listed(edge, actor, request_id)}
    if attachment_id not in found:
        raise NotFound(GONE)
    number = [*found].index(attachment_id)
    kind: AttachmentKind = found[attachment_id]["kind"]
    content = await edge.vault.file(attachment_id)
    return content, MEDIA_TYPE[kind], f"attachment-{number + 1}.{SUFFIX[kind]}"


def _adding(asked: Asking, request_id: str, kind: AttachmentKind, size: int) -> AddAttachment:
    return AddAttachment(
        at=now(),
        by=asked.actor,
        request_id=request_id,
        attachment_id=derived_id("F", asked.command_id),
        kind=kind,
        size=size,
    )


async def _count(asked: Asking) -> None:
    key = f"attach|{asked.actor.account_id}"
    await asked.edge.attempts.begin(key)
    if await asked.edge.attempts.is_too_many(key, PER_ACCOUNT):
        raise TooManyAttempts(int(PER_ACCOUNT.within.total_seconds()), "上传")


def _said(cleaned: Cleaned) -> dict[str, Any]:
    """What the vault remembers of a file, under the same key as the file."""
    digest = hashlib.sha256(cleaned.content).hexdigest()
    return {"kind": cleaned.kind, "sha256": digest, "size": list(cleaned.size or ())}
