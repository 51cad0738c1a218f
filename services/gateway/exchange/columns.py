"""Which column is which: by Chinese title or English field name, in any order, however spaced."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.gateway.exchange.tables import Line, refused

TITLES_WITHIN = 10
"""Filled rows in which the titles may stand; above them people write what the sheet is about."""

_HINT = re.compile(r"[（(【\[].*?[)）】\]]|[*:：]")


@dataclass(frozen=True)
class Column:
    """One column of a template: its field, its title, and what to write into it."""

    field: str
    title: str
    hint: str
    also: tuple[str, ...] = ()
    is_required: bool = True


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: in which column (by its title), and what to do about it."""

    column: str
    remedy: str


@dataclass(frozen=True)
class SheetRow:
    """One row as it was filled in, by field; what its sheet has no column for is empty."""

    number: int
    cells: dict[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass(frozen=True)
class Sheet:
    """The rows below the titles, and the titles that nobody knows."""

    rows: tuple[SheetRow, ...]
    unknown_titles: tuple[str, ...]


def sheet_from(lines: Sequence[Line], columns: Sequence[Column]) -> Sheet:
    """Raises InvalidInput when the titles are missing, incomplete or doubled."""
    head = _head(lines, columns)
    names = _names(columns)
    fields = [names.get(_plain(cell), "") for cell in head.cells]
    _refuse_doubled(fields, columns)
    _refuse_missing(fields, columns)
    rows = [_row(line, fields) for line in lines if line.number > head.number]
    filled = tuple(row for row in rows if any(row.cells.values()))
    if not filled:
        raise refused(f"第 {head.number} 行的标题下面没有内容，请从下一行开始填写")
    unknown = [cell for cell, name in zip(head.cells, fields, strict=True) if cell and not name]
    return Sheet(filled, tuple(title[:20] for title in unknown))


def _head(lines: Sequence[Line], columns: Sequence[Column]) -> Line:
    """The row that holds most titles. One alone may be a word in a sentence."""
    names = _names(columns)

    def known(line: Line) -> int:
        return sum(_plain(cell) in names for cell in line.cells)

    best = max(lines[:TITLES_WITHIN], key=known, default=Line(0, ()))
    if known(best) < min(2, len(columns)):
        wanted = "、".join(column.title for column in columns if column.is_required)
        raise refused(f"没有找到标题行。第一行请写列标题：{wanted}；可先下载模板")
    return best


def _names(columns: Sequence[Column]) -> dict[str, str]:
    return {
        _plain(name): column.field
        for column in columns
        for name in (column.field, column.title, *column.also)
    }


def _plain(title: str) -> str:
    """` 诉求 内容（必填）* ` → `诉求内容`."""
    return _HINT.sub("", re.sub(r"\s", "", unicodedata.normalize("NFKC", title))).lower()


def _refuse_doubled(fields: Sequence[str], columns: Sequence[Column]) -> None:
    for column in columns:
        if fields.count(column.field) > 1:
            raise refused(f"有两列都是“{column.title}”，请删去一列")


def _refuse_missing(fields: Sequence[str], columns: Sequence[Column]) -> None:
    missing = [c.title for c in columns if c.is_required and c.field not in fields]
    if missing:
        raise refused(f"缺少这些列：{'、'.join(missing)}；请补上标题和内容，或下载模板")


def _row(line: Line, fields: Sequence[str]) -> SheetRow:
    said = zip(fields, line.cells, strict=False)
    return SheetRow(line.number, {name: cell.strip() for name, cell in said if name})
