"""One import from the file to the status: prepare everything, then place in the background."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.gateway.edge import Edge
from services.gateway.importing.kinds import Kind
from services.gateway.importing.plan import Plan, PlannedRow, file_mark, plan
from shared.contracts.actor import Actor
from shared.labels import IMPORT_STATUS
from shared.rejection import InvalidInput, NotAllowedNow, NotFound

MOST_NAMED = 100
"""Rows of a refusal or a status that are named one by one."""

STORED_AT_ONCE = 500
GONE = ("undone", "stopped")


async def preview(edge: Edge, actor: Actor, kind: Kind, content: bytes) -> dict[str, Any]:
    """What the file would do. Nothing is stored."""
    kind.refuse_unless_may(actor)
    import_id, earlier = await _numbered(edge, actor, kind, content)
    planned = await plan(edge, actor, kind, content, import_id)
    known = earlier if earlier and earlier["status"] not in {*GONE, "preparing"} else None
    return {
        **shown(planned),
        "earlier": await _status(edge, known) if known else None,
    }


def shown(planned: Plan) -> dict[str, Any]:
    """A plan for eyes and programs: counts and a verdict per row, nothing of what rows say."""
    return {
        "import_id": planned.import_id,
        "kind": planned.kind.name,
        "total": len(planned.rows),
        "ok": planned.count("ok"),
        "errors": planned.count("error"),
        "duplicates": planned.count("duplicate"),
        "unchanged": planned.count("unchanged"),
        "unknown_titles": list(planned.unknown_titles),
        "rows": [
            {
                "row": row.number,
                "verdict": row.verdict,
                "reason": row.reason,
                "problems": [{"column": p.column, "remedy": p.remedy} for p in row.problems],
            }
            for row in sorted(planned.rows, key=lambda row: row.number)
        ],
    }


async def start(
    edge: Edge, actor: Actor, kind: Kind, content: bytes, only_valid: bool
) -> dict[str, Any]:
    """Take the file in; placing goes on by itself. The same file again is the same import.

    Raises InvalidInput, with nothing stored, when a row has an error and not `only_valid`.
    """
    kind.refuse_unless_may(actor)
    import_id, earlier = await _numbered(edge, actor, kind, content)
    if earlier and earlier["_id"] == import_id and earlier["status"] != "preparing":
        return {**await _status(edge, earlier), "is_repeat": True}
    planned = await plan(edge, actor, kind, content, import_id)
    _refuse(planned, only_valid)
    await _prepare(edge, actor, planned)
    edge.importer_news.set()
    return {**await status(edge, actor, import_id), "is_repeat": False}


async def numbered(edge: Edge, actor: Actor, kind: Kind, content: bytes) -> str:
    """The id under which this file would be imported now."""
    import_id, _ = await _numbered(edge, actor, kind, content)
    return import_id


async def _numbered(
    edge: Edge, actor: Actor, kind: Kind, content: bytes
) -> tuple[str, Mapping[str, Any] | None]:
    """The id that this import has, and the latest import of the same file.

    After an undo the file may be imported again, under the next number.
    """
    mark = file_mark(kind, actor, content)
    earlier = await edge.imports.of_file(mark)
    attempt = earlier["attempt"] + (earlier["status"] in GONE) if earlier else 1
    return f"{mark}-{attempt}", earlier


def _refuse(planned: Plan, only_valid: bool) -> None:
    wrong = planned.of("error")
    if wrong and not only_valid:
        raise InvalidInput(
            f"有 {len(wrong)} 行需要修改，因此一行都没有导入。请改好后重新提交，或只导入正确的行",
            **_remedies(wrong),
        )
    if not planned.of("ok"):
        raise InvalidInput("没有可以导入的行：都有错误，或者以前已经导入", **_remedies(wrong))


def _remedies(wrong: tuple[PlannedRow, ...]) -> dict[str, str]:
    told = sorted(wrong, key=lambda row: row.number)
    remedies = {
        f"第 {row.number} 行 {problem.column}": problem.remedy
        for row in told[:MOST_NAMED]
        for problem in row.problems
    }
    left = len(told) - MOST_NAMED
    return {**remedies, **({"其余": f"还有 {left} 行有错误，请先预览"} if left > 0 else {})}


async def _prepare(edge: Edge, actor: Actor, planned: Plan) -> None:
    """First the intent, then every row, then who they are about; only then it may be placed.

    What dies in between is placed by sending the file again, or taken back after ten minutes.
    """
    rows = planned.of("ok")
    mark, _, attempt = planned.import_id.rpartition("-")
    await edge.imports.begin(
        {
            "_id": planned.import_id,
            "file": mark,
            "attempt": int(attempt),
            "kind": planned.kind.name,
            "account_id": actor.account_id,
            "total": len(rows),
            "left_out": len(planned.rows) - len(rows),
        }
    )
    stored = [_stored(planned.import_id, actor, order, row) for order, row in enumerate(rows)]
    for start in range(0, len(stored), STORED_AT_ONCE):
        await edge.imports.add_rows(stored[start : start + STORED_AT_ONCE])
    await asyncio.gather(
        *(
            edge.vault.keep(document["record_id"], row.particulars, document["body"]["request_id"])
            for document, row in zip(stored, rows, strict=True)
            if row.particulars is not None
        )
    )
    await edge.imports.set_status(planned.import_id, ["preparing"], "running")


def _stored(import_id: str, actor: Actor, order: int, row: PlannedRow) -> dict[str, Any]:
    assert row.command is not None
    body = row.command.said()
    return {
        "_id": f"{import_id}:{row.number:06d}",
        "import_id": import_id,
        "account_id": actor.account_id,
        "order": order,
        "row": row.number,
        "command_id": row.command_id,
        "body": body,
        "record_id": body.get("particulars_id", ""),
        **({"fingerprint": row.fingerprint} if row.fingerprint else {}),
    }


async def status(edge: Edge, actor: Actor, import_id: str) -> dict[str, Any]:
    """Where an import of this account is. Raises NotFound."""
    return await _status(edge, await _own(edge, actor, import_id))


async def latest(edge: Edge, actor: Actor) -> list[dict[str, Any]]:
    found = await edge.imports.latest_of(actor.account_id, limit=10)
    return [await _status(edge, made, named=0) for made in found]


async def undo(edge: Edge, actor: Actor, import_id: str) -> dict[str, Any]:
    """Take back whatever may still be taken back. Raises NotFound, NotAllowedNow."""
    made = await _own(edge, actor, import_id)
    if made["status"] in {"preparing", "running"}:
        raise NotAllowedNow("还在导入，请等导入完成后再撤销")
    await edge.imports.try_again(import_id, "kept", "placed")
    await edge.imports.set_status(import_id, ["done", "stopped", "undone"], "undoing")
    edge.importer_news.set()
    return await status(edge, actor, import_id)


async def _own(edge: Edge, actor: Actor, import_id: str) -> Mapping[str, Any]:
    made = await edge.imports.get(import_id)
    if made is None or made["account_id"] != actor.account_id:
        raise NotFound("没有找到这次导入，或者它不是您做的")
    return made


async def _status(edge: Edge, made: Mapping[str, Any], named: int = MOST_NAMED) -> dict[str, Any]:
    counts = await edge.imports.counts(made["_id"])
    failed = await edge.imports.rows(made["_id"], ["refused", "kept"], named) if named else []
    waiting = counts.get("placed" if made["status"] == "undoing" else "waiting", 0)
    return {
        "import_id": made["_id"],
        "kind": made["kind"],
        "status": made["status"],
        "label": IMPORT_STATUS[made["status"]],
        "begun_at": made["begun_at"].isoformat(),
        "total": made["total"],
        "left_out": made["left_out"],
        "done": made["total"] - waiting,
        "counts": counts,
        "failed": [{"row": row["row"], "reason": row["reason"]} for row in failed],
    }
