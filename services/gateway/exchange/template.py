"""An empty sheet to fill in: titles, and on a second sheet what belongs under each."""

from collections.abc import AsyncIterator, Sequence

from services.gateway.exchange.columns import Column
from services.gateway.exchange.tables import MAX_FILE, MAX_ROWS
from services.gateway.exchange.writing import CellRow, workbook_stream


async def template(name: str, columns: Sequence[Column]) -> bytes:
    """The workbook that an import of this kind reads."""
    titles = [column.title for column in columns]
    pieces = workbook_stream(name, titles, _nothing(), lambda: _hints(columns))
    return b"".join([piece async for piece in pieces])


async def _nothing() -> AsyncIterator[CellRow]:
    for row in list[CellRow]():
        yield row


def _hints(columns: Sequence[Column]) -> list[CellRow]:
    must = {True: "必填", False: "可不填"}
    return [
        ["列", "怎样填写"],
        *([column.title, f"{must[column.is_required]}；{column.hint}"] for column in columns),
        ["大小", f"一个文件最多 {MAX_ROWS} 行、{MAX_FILE // 1024 // 1024} MB"],
    ]
