"""Lines of text cells, whatever programme wrote them, and how much of them one file may hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.rejection import InvalidInput

MAX_FILE = 8 * 1024 * 1024
"""Bytes. 5,000 requests of 500 characters are 7 MB as CSV and some 2 MB as XLSX."""

MAX_ROWS = 5_000
"""Filled rows of one file: a third of what a county places in a year."""

MAX_COLUMNS = 64
MAX_CELL = 32_767
"""Characters; Excel's own limit."""


@dataclass(frozen=True)
class Line:
    """One filled row, with the number that Excel shows beside it."""

    number: int
    cells: tuple[str, ...]


def limited(lines: Iterable[Line]) -> Iterator[Line]:
    """The filled lines, counted and measured as they come. Raises InvalidInput."""
    filled = 0
    for line in lines:
        if not any(line.cells):
            continue
        filled += 1
        if filled > MAX_ROWS + 1:  # one of them is the header
            raise refused(f"文件超过 {MAX_ROWS} 行，请拆成几个文件分别导入")
        yield Line(line.number, _without_end(tuple(_measured(line))))


def _measured(line: Line) -> Iterator[str]:
    for place, cell in enumerate(line.cells):
        if len(cell) > MAX_CELL:
            where = f"第 {line.number} 行 {letter(place)} 列"
            raise refused(f"{where}的内容有 {len(cell)} 字，一格最多 {MAX_CELL} 字，请缩短")
        yield cell


def _without_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Empty cells behind the last filled one are the format's, not the author's."""
    filled = max(place for place, cell in enumerate(cells, start=1) if cell)
    return cells[:filled]


def letter(place: int) -> str:
    """0 → A, 25 → Z, 26 → AA: how Excel calls a column."""
    before, last = divmod(place, 26)
    return (letter(before - 1) if before else "") + chr(ord("A") + last)


def refused(why: str) -> InvalidInput:
    return InvalidInput(why, file=why)
