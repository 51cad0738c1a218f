"""The register as a file, streamed page by page: what the viewer may see, as on the screen."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import Request

from services.gateway.api.queries import RegisterQuestion
from services.gateway.edge import Edge, now
from services.gateway.exchange.register_table import TITLES, Naming, Provenance, about, cells
from services.gateway.exchange.writing import CellRow, Format, csv_stream, workbook_stream
from services.gateway.pages.names import names_from
from shared.calendar import BEIJING
from shared.contracts.access_log import ExportKind, TableExported
from shared.contracts.actor import Actor
from shared.personal import Particulars
from shared.rejection import InvalidInput

MAX_EXPORT = 20_000
"""Rows of one file: more than a county's year, and what a spreadsheet still scrolls through."""

PAGE = 200
AT_A_STRETCH = 20


@dataclass
class Export:
    """One export on its way. `began` and `reached` are positions of the log."""

    edge: Edge
    actor: Actor
    question: RegisterQuestion
    naming: Naming
    first: dict[str, Any]
    count: int = 0
    reached: int = 0
    at: datetime = field(default_factory=now)

    @property
    def began(self) -> int:
        return int(self.first["position"])

    def name(self, format: Format) -> str:
        """For example `台账_20261122-140509_日志位置123456.xlsx`."""
        return f"台账_{self.at.astimezone(BEIJING):%Y%m%d-%H%M%S}_日志位置{self.began}.{format}"

    def stream(self, format: Format) -> AsyncIterator[bytes]:
        if format == "csv":
            return csv_stream(TITLES, self._rows())
        return workbook_stream("台账", TITLES, self._rows(), self._about)

    async def _rows(self) -> AsyncIterator[CellRow]:
        page = self.first
        while rows := page["rows"]:
            people = await self.edge.vault.masked([row["particulars_id"] for row in rows])
            for number, row in enumerate(rows):
                if number % AT_A_STRETCH == 0:
                    await asyncio.sleep(0)  # others are served in between
                who = people.get(row["particulars_id"])
                shown = who if isinstance(who, Particulars) else None
                yield cells(row, shown, self.naming)
            self.count += len(rows)
            last = rows[-1]
            page = await _page(self, (last["placed_at"], last["request_id"]))
        self.reached = int(page["position"])

    def _about(self) -> list[list[str]]:
        return about(
            Provenance(
                filters=filters_of(self.question),
                by=self.actor.account_id,
                at=self.at,
                count=self.count,
                began=self.began,
                reached=self.reached,
            )
        )


def filters_of(question: RegisterQuestion) -> dict[str, Any]:
    return question.model_dump(exclude_none=True, exclude={"sort", "page", "size"})


async def export(edge: Edge, actor: Actor, question: RegisterQuestion) -> Export:
    """Ready to be streamed. Raises InvalidInput when there is too much of it."""
    names = names_from(await edge.ask("ledger", "directory", actor))
    naming = Naming(names.place, names.organization, names.service)
    made = Export(edge, actor, question, naming, {"position": 0})
    made.first = await _page(made, None)
    refuse_too_many(made.first["total"])
    return made


def refuse_too_many(total: int) -> None:
    """Before the first byte is sent: a file that ends too early would look complete."""
    if total > MAX_EXPORT:
        raise InvalidInput(
            f"符合条件的有 {total} 件，一次最多导出 {MAX_EXPORT} 件；请按日期或区域分几次导出",
            placed_on="请缩小筛选范围",
        )


async def note_export(
    edge: Edge, request: Request, actor: Actor, kind: ExportKind, position: int
) -> None:
    """In the access log before the first byte leaves. Raises Unavailable: then nothing does."""
    entry = TableExported(
        account_id=actor.account_id,
        kind=kind,
        position=position,
        address=request.client.host if request.client else "",
    )
    await edge.access_log.record(entry, actor.role)


async def _page(made: Export, after: tuple[str, str] | None) -> dict[str, Any]:
    page: dict[str, Any] = await made.edge.ask(
        "ledger",
        "register_after",
        made.actor,
        wanted=filters_of(made.question),
        after=after,
        size=PAGE,
        newest_first=made.question.sort.startswith("-"),
    )
    return page
