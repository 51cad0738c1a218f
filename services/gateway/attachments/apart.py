"""Cleans a stranger's file in a process of its own, so the gateway need not even know how."""

import asyncio
from typing import Final, NamedTuple

import orjson

from services.gateway.apart import Bounds, TooMuch, work_apart
from shared.contracts.requests import AttachmentKind
from shared.rejection import InvalidInput

MAX_FILE: Final = 12 * 1024 * 1024
"""Bytes of one file as it comes."""

BOUNDS: Final = Bounds(seconds=20, memory=1024 * 1024 * 1024)
CLEANER: Final = "services.gateway.attachments.cleaning"
TOO_MUCH: Final = "文件太复杂，处理不了。请换一张照片，或把文件重新导出为 PDF"

_turns = asyncio.Semaphore(2)


class Cleaned(NamedTuple):
    """A file that is safe to keep and to show. `size`: (width, height) in pixels of a photo."""

    kind: AttachmentKind
    content: bytes
    size: tuple[int, int] | None = None


async def clean_apart(content: bytes) -> Cleaned:
    """What `clean` says, from another process. Raises InvalidInput."""
    async with _turns:
        try:
            said = await work_apart(CLEANER, content, BOUNDS)
        except TooMuch:
            raise InvalidInput(TOO_MUCH, file=TOO_MUCH) from None
    head, _, cleaned = said.partition(b"\n")
    answer = orjson.loads(head)
    if "refused" in answer:
        raise InvalidInput(answer["refused"], file=answer["refused"])
    return Cleaned(answer["kind"], cleaned, tuple(answer["size"]) if answer["size"] else None)
