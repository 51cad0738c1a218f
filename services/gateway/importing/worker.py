"""Works through imports, one at a time in each process; whoever lives goes on where one died.

Every row's command has its own id that never changes, so a row that was placed just before a
crash is answered as a repeat and counted once.
"""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from services.gateway.edge import QUERY_SECONDS, Edge, now
from services.gateway.importing.kinds import KINDS, Kind
from shared.adapters.mongo_imports import Outcome, Settled
from shared.adapters.rpc_wire import ServiceFailed
from shared.contracts.actor import Actor
from shared.rejection import NotFound, Rejected, Unavailable
from shared.telemetry import blame, get_logger

LOOKS_EVERY = 2.0
HELD_FOR = 15.0
"""Seconds until another process may take over an import whose process died."""

CHUNK = 40
PAUSE = 1.0
REST = 0.5
"""Of the time that a chunk took: the slower the county is, the longer an import stands back."""

LOST = "服务对象的资料没有保存完整，这一行没有导入；请把这一行放进新文件重新导入"
BROKEN = "服务出现内部错误，这一行没有办成；请稍后重新导入，或联系管理员"

log = get_logger()


class Worker:
    """One per gateway process."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._owner = secrets.token_hex(8)

    async def run(self) -> None:
        """For ever: work on what waits, else sleep until there is news."""
        while True:
            try:
                is_busy = await self._work_on_one()
            except Unavailable:
                is_busy = False
            except Exception as error:  # the last edge: one import's bug must not stop all others
                log.error("import failed", **blame(error))
                is_busy = False
            if not is_busy:
                await self._news()

    async def _news(self) -> None:
        try:
            await asyncio.wait_for(self._edge.importer_news.wait(), LOOKS_EVERY)
        except TimeoutError:
            return
        self._edge.importer_news.clear()

    async def _work_on_one(self) -> bool:
        made = await self._edge.imports.claim(self._owner, HELD_FOR)
        if made is None:
            return False
        match made["status"]:
            case "preparing":
                await self._take_back(made)
            case "undoing":
                await self._give_all(made, undoing=True)
            case _:
                await self._give_all(made, undoing=False)
        return True

    async def _take_back(self, made: Mapping[str, Any]) -> None:
        """It was never made ready and nobody sent it again: nothing of it stays."""
        while rows := await self._edge.imports.rows(made["_id"], ["waiting"], CHUNK):
            for row in rows:
                if row["record_id"]:
                    await self._edge.vault.forget([row["record_id"]])
            settled: list[Settled] = [
                {"id": row["_id"], "outcome": "refused", "reason": "导入中断，没有办理"}
                for row in rows
            ]
            await self._edge.imports.settle(settled)
        await self._edge.imports.set_status(made["_id"], ["preparing"], "stopped")

    async def _give_all(self, made: Mapping[str, Any], undoing: bool) -> None:
        kind, import_id = KINDS[made["kind"]], made["_id"]
        actor = await self._actor(made["account_id"])
        wanted: Outcome = "placed" if undoing else "waiting"
        while rows := await self._edge.imports.rows(import_id, [wanted], CHUNK, last_first=undoing):
            began = time.monotonic()
            settled = await self._give_some(kind, actor, rows, undoing)
            await self._edge.imports.settle(settled)
            if not await self._edge.imports.hold(import_id, self._owner, HELD_FOR):
                return
            rest = REST * (time.monotonic() - began)
            await asyncio.sleep(rest if len(settled) == len(rows) else PAUSE)
        await self._edge.imports.set_status(
            import_id, ["undoing" if undoing else "running"], "undone" if undoing else "done"
        )
        log.info("import worked through", type=kind.name, outcome="undone" if undoing else "done")

    async def _actor(self, account_id: str) -> Actor | None:
        """Who the account is by now; None when it was disabled meanwhile."""
        asked = {"account_id": account_id}
        try:
            found = await self._edge.rpc.call("accounts", "actor", asked, deadline=QUERY_SECONDS)
        except NotFound:
            return None
        return Actor.model_validate(found)

    async def _give_some(
        self, kind: Kind, actor: Actor | None, rows: Sequence[Mapping[str, Any]], undoing: bool
    ) -> list[Settled]:
        """What became of each row; one whose outcome is not known yet is left out."""
        turn = asyncio.Semaphore(kind.at_once)
        lost = set() if undoing else await self._without_people(rows)

        async def give(row: Mapping[str, Any]) -> Settled | None:
            if row["_id"] in lost:
                return {"id": row["_id"], "outcome": "refused", "reason": LOST}
            async with turn:
                return await self._give(kind, actor, row, undoing)

        return [done for done in await asyncio.gather(*map(give, rows)) if done]

    async def _without_people(self, rows: Sequence[Mapping[str, Any]]) -> set[str]:
        """Rows whose person was never stored, or was erased since: such a request helps nobody."""
        wanted = {row["_id"]: row["record_id"] for row in rows if row["record_id"]}
        kept = await self._edge.vault.masked(wanted.values())
        return {id for id, record_id in wanted.items() if record_id not in kept}

    async def _give(
        self, kind: Kind, actor: Actor | None, row: Mapping[str, Any], undoing: bool
    ) -> Settled | None:
        refused: Outcome = "kept" if undoing else "refused"
        try:
            outcome = await self._given(kind, actor, row, undoing)
        except Unavailable:
            return None
        except Rejected as refusal:
            await self._forget(row, undoing)
            return {"id": row["_id"], "outcome": refused, "reason": refusal.message}
        except ServiceFailed:
            return {"id": row["_id"], "outcome": refused, "reason": BROKEN}
        return {"id": row["_id"], "outcome": outcome, "reason": ""}

    async def _given(
        self, kind: Kind, actor: Actor | None, row: Mapping[str, Any], undoing: bool
    ) -> Outcome:
        if actor is None:
            raise NotFound("导入的账号已经停用，请由其他同事重新导入")
        fields = kind.undoing(row["body"]) if undoing else row["body"]
        command_id = f"{row['command_id']}-U" if undoing else row["command_id"]
        asked = kind.undoes if undoing else kind.places
        command = asked.model_validate({"at": now(), "by": actor, **fields})
        answer = await self._edge.give(command, command_id)
        if undoing:
            return "withdrawn"
        return "placed" if answer["position"] else "unchanged"

    async def _forget(self, row: Mapping[str, Any], undoing: bool) -> None:
        """Whom a refused request was about is nobody's business any more."""
        if row["record_id"] and not undoing:
            await self._edge.vault.forget([row["record_id"]])
