"""Reads a stranger's file in a process of its own, with bounds on time and memory.

A file made to hurt can then cost one refusal, and live users never wait for a parser. The content
goes through pipes, so it never touches a disk.
"""

import asyncio
import os
import sys
from pathlib import Path

import orjson

from services.gateway.exchange.reading import read_table
from services.gateway.exchange.tables import Line, refused
from shared.rejection import InvalidInput

ROOT = Path(__file__).parents[3]
SECONDS = 30
MEMORY = 224 * 1024 * 1024
TOO_MUCH = "文件内容过于复杂，读取超时。请把数据复制到新的工作簿，拆成几个文件再导入"

_turn = asyncio.Semaphore(1)


async def read_apart(content: bytes) -> list[Line]:
    """What `read_table` says, from another process. Raises InvalidInput."""
    async with _turn:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services.gateway.exchange.apart"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback would hold what people wrote
            cwd=ROOT,
            env={},
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(content), SECONDS)
        except TimeoutError:
            raise refused(TOO_MUCH) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        raise refused(TOO_MUCH)
    return _understood(said)


def _understood(said: bytes) -> list[Line]:
    answer = orjson.loads(said)
    if "refused" in answer:
        raise refused(answer["refused"])
    return [Line(number, tuple(cells)) for number, cells in answer["lines"]]


def main() -> None:
    """The other process: bytes in, lines or a refusal out."""
    _bounded()
    content = sys.stdin.buffer.read()
    try:
        answer: dict[str, object] = {
            "lines": [(line.number, line.cells) for line in read_table(content)]
        }
    except InvalidInput as refusal:
        answer = {"refused": refusal.message}
    sys.stdout.buffer.write(orjson.dumps(answer))


def _bounded() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(10)


if __name__ == "__main__":
    main()
