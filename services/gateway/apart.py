"""A stranger's file is worked on in a process of its own, with bounds on time and memory.

A file made to hurt can then cost one refusal, and live users never wait for a parser. The content
goes through pipes, so it never touches a disk.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PATIENCE = 5
"""Seconds beside the bound on processor time, for a machine that is busy."""


class Bounds(NamedTuple):
    """`seconds` of processor time, `memory` in bytes."""

    seconds: int
    memory: int


class TooMuch(Exception):  # noqa: N818 - says what the file is
    """The work did not end within its bounds."""


async def work_apart(module: str, content: bytes, bounds: Bounds) -> bytes:
    """What `serve` in that module answers for the content. Raises TooMuch."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a traceback would hold what people wrote
        cwd=ROOT,
        env={},
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(content), bounds.seconds + PATIENCE)
    except TimeoutError:
        raise TooMuch from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise TooMuch
    return said


def serve(bounds: Bounds, work: Callable[[bytes], bytes]) -> None:
    """The other process: bytes in, bytes out."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds))
    resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    os.nice(10)
    sys.stdout.buffer.write(work(sys.stdin.buffer.read()))
