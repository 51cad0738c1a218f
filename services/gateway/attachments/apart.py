"""Cleans a stranger's file in a process of its own."""

import asyncio

import orjson

from services.gateway.apart import Bounds, TooMuch, serve, work_apart
from services.gateway.attachments.cleaning import Cleaned, clean
from shared.rejection import InvalidInput

BOUNDS = Bounds(seconds=20, memory=1024 * 1024 * 1024)
TOO_MUCH = "文件太复杂，处理不了。请换一张照片，或把文件重新导出为 PDF"

_turns = asyncio.Semaphore(2)


async def clean_apart(content: bytes) -> Cleaned:
    """What `clean` says, from another process. Raises InvalidInput."""
    async with _turns:
        try:
            said = await work_apart(__name__, content, BOUNDS)
        except TooMuch:
            raise InvalidInput(TOO_MUCH, file=TOO_MUCH) from None
    head, _, cleaned = said.partition(b"\n")
    answer = orjson.loads(head)
    if "refused" in answer:
        raise InvalidInput(answer["refused"], file=answer["refused"])
    size = tuple(answer["size"]) if answer["size"] else None
    return Cleaned(answer["kind"], answer["media_type"], cleaned, size)


def told(content: bytes) -> bytes:
    """A line of JSON about the file, then the file; or a refusal."""
    try:
        found = clean(content)
    except InvalidInput as refusal:
        return orjson.dumps({"refused": refusal.message})
    said = {"kind": found.kind, "media_type": found.media_type, "size": found.size}
    return orjson.dumps(said) + b"\n" + found.content


if __name__ == "__main__":
    serve(BOUNDS, told)
