"""What a file would do, row by row, by the same rules that will decide; nothing is stored."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from services.gateway.edge import Edge, derived_id, now
from services.gateway.exchange import areas_sheet, requests_sheet
from services.gateway.exchange.apart import read_apart
from services.gateway.exchange.cells import Choices
from services.gateway.exchange.columns import Problem, Sheet, sheet_from
from services.gateway.exchange.requests_sheet import Known
from services.gateway.importing.kinds import Kind
from services.gateway.pages.names import Names, names_from
from shared.adapters.mongo_imports import fingerprint
from shared.calendar import BEIJING
from shared.contracts.actor import Actor
from shared.contracts.grid import RegisterArea
from shared.contracts.message import Command
from shared.contracts.requests import PlaceRequest
from shared.handling import Instruction, to_wire
from shared.personal import Particulars

Verdict = Literal["ok", "error", "duplicate", "unchanged"]

REHEARSED_AT_ONCE = 200
REHEARSAL_SECONDS = 30.0


@dataclass(frozen=True)
class PlannedRow:
    """One row of the file: what it would do, or why it would not."""

    number: int
    verdict: Verdict
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    command: Command | None = None
    command_id: str = ""
    particulars: Particulars | None = None
    fingerprint: str = ""

    def wrong(self, column: str, remedy: str) -> "PlannedRow":
        found = (*self.problems, Problem(column, remedy))
        return replace(self, verdict="error", problems=found, command=None)


@dataclass(frozen=True)
class Plan:
    """Rows in the order of placing; `import_id` follows from the file and the account."""

    import_id: str
    kind: Kind
    rows: tuple[PlannedRow, ...]
    unknown_titles: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        return sum(row.verdict == verdict for row in self.rows)

    def of(self, verdict: Verdict) -> tuple[PlannedRow, ...]:
        return tuple(row for row in self.rows if row.verdict == verdict)


def file_mark(kind: Kind, actor: Actor, content: bytes) -> str:
    """The same file of the same account has the same mark."""
    digest = hashlib.sha256(f"{kind.name}|{actor.account_id}|".encode() + content)
    return f"I{digest.hexdigest()[:32]}"


async def plan(edge: Edge, actor: Actor, kind: Kind, content: bytes, import_id: str) -> Plan:
    """Raises InvalidInput for a file that is no such table, NotYours, Unavailable."""
    kind.refuse_unless_may(actor)
    sheet = sheet_from(await read_apart(content), kind.columns)
    make = _requests if kind.name == "requests" else _areas
    rows = await make(edge, actor, sheet, import_id)
    told = await _rehearsed(edge, kind, rows)
    return Plan(import_id, kind, tuple(told), sheet.unknown_titles)


async def _requests(edge: Edge, actor: Actor, sheet: Sheet, import_id: str) -> list[PlannedRow]:
    names = names_from(await edge.ask("ledger", "directory", actor))
    key = await edge.imports.fingerprint_key()

    def read() -> list[PlannedRow]:
        found = requests_sheet.requests_from(sheet.rows, _known(names))
        return [_request(row, actor, import_id, key) for row in found]

    rows = await asyncio.to_thread(read)  # a second of computing, while others are served
    return await _without_repeats(edge, actor, rows, import_id)


def _known(names: Names) -> Known:
    grids = {id: names.place(id) for id, area in names.areas.items() if area.kind == "grid"}
    today = now().astimezone(BEIJING).date()
    return Known(Choices.of(grids), Choices.of(names.services), today)


def _request(
    row: requests_sheet.RequestRow, actor: Actor, import_id: str, key: bytes
) -> PlannedRow:
    if row.body is None:
        return PlannedRow(row.number, "error", row.problems)
    said = orjson.dumps(row.body.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    command_id = _command_id(actor, import_id, said)
    command = PlaceRequest(
        at=now(),
        by=actor,
        request_id=derived_id("R", command_id),
        particulars_id=derived_id("P", command_id),
        **row.body.model_dump(exclude={"particulars"}),
    )
    return PlannedRow(
        row.number,
        "ok",
        command=command,
        command_id=command_id,
        particulars=row.body.particulars,
        fingerprint=fingerprint(key, said),
    )


def _command_id(actor: Actor, import_id: str, said: bytes) -> str:
    """Follows from the import and the row's own content, so resuming or sending again is once."""
    digest = hashlib.sha256(said).hexdigest()
    return f"{actor.account_id}:{derived_id('I', f'{import_id}|{digest}')}"


async def _without_repeats(
    edge: Edge, actor: Actor, rows: Sequence[PlannedRow], import_id: str
) -> list[PlannedRow]:
    """The same row again, in this file or in an earlier one, is not placed again."""
    before = await edge.imports.imported_before((row.fingerprint for row in rows), import_id)
    first: dict[str, int] = {}
    told: list[PlannedRow] = []
    for row in rows:
        if row.verdict != "ok":
            told.append(row)
        elif earlier := first.get(row.fingerprint):
            told.append(_repeat(row, f"与第 {earlier} 行完全相同，只导入一次"))
        elif known := before.get(row.fingerprint):
            told.append(_repeat(row, _imported_before(known, actor)))
        else:
            first[row.fingerprint] = row.number
            told.append(row)
    return told


def _repeat(row: PlannedRow, reason: str) -> PlannedRow:
    return replace(row, verdict="duplicate", reason=reason, command=None)


def _imported_before(known: Mapping[str, Any], actor: Actor) -> str:
    is_own = known["account_id"] == actor.account_id
    which = f"（{known['body']['request_id']}）" if is_own else ""
    return f"以前导入过完全相同的一行{which}，不再导入；如确是另一件，请在诉求内容中写明不同之处"


async def _areas(edge: Edge, actor: Actor, sheet: Sheet, import_id: str) -> list[PlannedRow]:
    areas = await edge.ask("grid", "areas", actor)
    known = [area["area_id"] for area in areas]
    return [_area(row, actor, import_id) for row in areas_sheet.areas_from(sheet.rows, known)]


def _area(row: areas_sheet.AreaRow, actor: Actor, import_id: str) -> PlannedRow:
    if row.problems or row.kind is None:
        return PlannedRow(row.number, "error", row.problems)
    said = {"area_id": row.area_id, "kind": row.kind, "name": row.name, "parent_id": row.parent_id}
    command = RegisterArea.model_validate({"at": now(), "by": actor, **said})
    command_id = _command_id(actor, import_id, orjson.dumps(said))
    return PlannedRow(row.number, "ok", command=command, command_id=command_id)


async def _rehearsed(edge: Edge, kind: Kind, rows: Sequence[PlannedRow]) -> list[PlannedRow]:
    """The service's own verdict on every row that is fine so far.

    A tree is rehearsed in one piece, because children are judged by parents before them.
    """
    fine = [row for row in rows if row.command is not None]
    size = REHEARSED_AT_ONCE if kind.at_once > 1 else len(fine)
    said: dict[int, Mapping[str, Any]] = {}
    for start in range(0, len(fine), max(1, size)):
        part = fine[start : start + size]
        asked = {"messages": [_message(row) for row in part]}
        answers = await edge.rpc.call(kind.service, "rehearse", asked, deadline=REHEARSAL_SECONDS)
        said |= {row.number: answer for row, answer in zip(part, answers, strict=True)}
    return [_judged(kind, row, said.get(row.number)) for row in rows]


def _message(row: PlannedRow) -> dict[str, Any]:
    assert row.command is not None
    return to_wire(Instruction(row.command, row.command_id))


OUT_OF_SIGHT = "不在您的工作范围内，请核对，或请负责的同事导入"


def _judged(kind: Kind, row: PlannedRow, answer: Mapping[str, Any] | None) -> PlannedRow:
    match answer:
        case None | {"code": "ok"}:
            return row
        case {"code": "unchanged"}:
            reason = "已经登记，内容相同，不需要导入"
            return replace(row, verdict="unchanged", reason=reason, command=None)
        case {"code": "not_found"}:
            return row.wrong(_column(kind)(""), OUT_OF_SIGHT)
        case _:
            return _refused(kind, row, answer["message"], answer["fields"])


def _refused(kind: Kind, row: PlannedRow, message: str, fields: Mapping[str, str]) -> PlannedRow:
    for field, remedy in fields.items():
        row = row.wrong(_column(kind)(field), f"{message}（{remedy}）")
    return row if fields else row.wrong(_column(kind)(""), message)


def _column(kind: Kind) -> Callable[[str], str]:
    return requests_sheet.column_of if kind.name == "requests" else areas_sheet.column_of
