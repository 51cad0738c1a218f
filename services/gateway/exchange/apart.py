"""Reads a table out of a stranger's file, in a process of its own."""

import asyncio

import orjson

from services.gateway.apart import Bounds, TooMuch, serve, work_apart
from services.gateway.exchange.reading import read_table
from services.gateway.exchange.tables import Line, refused
from shared.rejection import InvalidInput

BOUNDS = Bounds(seconds=30, memory=224 * 1024 * 1024)
TOO_MUCH = "文件内容过于复杂，读取超时。请把数据复制到新的工作簿，拆成几个文件再导入"

_turn = asyncio.Semaphore(1)


async def read_apart(content: bytes) -> list[Line]:
    """What `read_table` says, from another process. Raises InvalidInput."""
    async with _turn:
        try:
            answer = orjson.loads(await work_apart(__name__, content, BOUNDS))
        except TooMuch:
            raise refused(TOO_MUCH) from None
    if "refused" in answer:
        raise refused(answer["refused"])
    return [Line(number, tuple(cells)) for number, cells in answer["lines"]]


def told(content: bytes) -> bytes:
    """Lines or a refusal, for the way back."""
    try:
        lines = [(line.number, line.cells) for line in read_table(content)]
    except InvalidInput as refusal:
        return orjson.dumps({"refused": refusal.message})
    return orjson.dumps({"lines": lines})


if __name__ == "__main__":
    serve(BOUNDS, told)
