"""Make a running system what a county's files say: `make county ARGS=FOLDER`.

Only differences become commands, so running it again changes nothing; `--dry-run` only shows them.
Accounts without a password get one, written for the owner of this machine alone; it is kept nowhere
else but as a hash. Exit code 0: done; 1: the files or the system stand against it.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from deploy.county.check import DEMO, report
from deploy.county.difference import (
    ACCOUNTS_SET_UP,
    SET_UP,
    Difference,
    Step,
    difference,
    not_in_the_files,
)
from deploy.county.entries import CountyFiles
from deploy.county.folder import check_folder
from deploy.county.passwords import give_passwords
from deploy.county.standing import standing
from shared.adapters.rpc_client import RpcClient
from shared.contracts.registry import context_of
from shared.handling import Instruction, to_wire
from shared.rejection import Rejected, Unavailable
from shared.settings import Settings

PATIENCE_SECONDS = 60.0
SIDE_BY_SIDE = 16
"""Commands on their way at once: more would only wait in the services' queues."""

T = TypeVar("T")


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make county", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEMO)
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be done, do nothing"
    )
    parser.add_argument(
        "--accounts", type=Path, default=passwords_file(), help="where passwords go"
    )
    asked = parser.parse_args(arguments)
    checked = check_folder(asked.folder)
    if checked.county is None:
        print("\n".join(report(asked.folder, checked)))
        return 1
    if asked.dry_run:
        return asyncio.run(preview(checked.county))
    return asyncio.run(apply(checked.county, asked.accounts))


def passwords_file() -> Path:
    """Beside the data of the local run."""
    return Path(os.environ.get("LOCAL_FOLDER", ".local")) / "accounts.json"


async def preview(county: CountyFiles) -> int:
    """Tell every step, and what stands against it."""
    async with _connected() as system:
        found = await system.compare(county)
    for step in found.steps:
        print(f"将{step.said}")
    print(f"共 {len(found.steps)} 项改动；没有加 --dry-run 时才会执行")
    return _stands_against(found)


async def apply(county: CountyFiles, accounts: Path, *, is_demo: bool = False) -> int:
    """Take every step, wave by wave; passwords are hashed meanwhile, which takes as long."""
    async with _connected() as system:
        found = await system.compare(county)
        if _stands_against(found):
            return 1
        settings = Settings()
        hashing = asyncio.to_thread(give_passwords, settings, county.accounts, accounts, is_demo)
        await asyncio.gather(system.take(found), hashing)
    return 0


def _stands_against(found: Difference) -> int:
    for conflict in found.conflicts:
        print(f"不能执行：{conflict}")
    return 1 if found.conflicts else 0


@dataclass(frozen=True)
class _System:
    """The running services, asked patiently: they may still be starting."""

    rpc: RpcClient
    run: str

    async def compare(self, county: CountyFiles) -> Difference:
        now = await _patiently(lambda: standing(self._ask, county))
        for line in not_in_the_files(county, now):
            print(line)
        return difference(county, now, datetime.now(UTC).replace(microsecond=0))

    async def take(self, found: Difference) -> None:
        """Raises the first refusal; what has been done by then stays, and is no difference."""
        places, total, done = asyncio.Semaphore(SIDE_BY_SIDE), len(found.steps), 0

        async def one(step: Step) -> None:
            nonlocal done
            async with places:
                await self._give(step, found.steps.index(step))
            done += 1
            _show_progress(done, total)

        for wave in found.waves:
            await asyncio.gather(*map(one, wave))

    async def _ask(self, service: str, method: str, **question: Any) -> Any:
        voice = ACCOUNTS_SET_UP if service == "accounts" else SET_UP
        asked = {"by": voice.model_dump(mode="json"), **question}
        return await self.rpc.call(service, method, asked, deadline=30.0)

    async def _give(self, step: Step, number: int) -> None:
        """Under an id of this run: a repeat after an unknown outcome happens once."""
        asked = Instruction(step.command, f"county:{self.run}:{number}")
        wire = to_wire(asked)
        try:
            await _patiently(lambda: self.rpc.call(context_of(asked.name), "handle", wire))
        except Rejected as refusal:
            refusal.message = f"{step.said}：{refusal.message}"
            raise


@contextlib.asynccontextmanager
async def _connected() -> AsyncIterator[_System]:
    rpc = RpcClient(Settings().amqp_uri)
    await rpc.start()
    try:
        yield _System(rpc, uuid.uuid4().hex)
    finally:
        await rpc.stop()


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return await ask()
        except Unavailable:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.1)


def _show_progress(done: int, total: int) -> None:
    if done < total and not sys.stderr.isatty():
        return  # a log file wants one line, a person wants to see it move
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r{done}/{total} 项改动{end}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
