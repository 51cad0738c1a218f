"""Tables out: CSV and workbooks, row by row as they come, safe in every spreadsheet.

A workbook is a zip of XML with every cell as text, so nothing can be a formula and no zero is lost.
It is written as a stream: openpyxl would hold it in a file on the disk until the last row.
"""

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import IO, Literal
from xml.sax.saxutils import escape, quoteattr

from services.gateway.exchange.safe_cells import safe_in_csv, safe_in_workbook
from services.gateway.exchange.tables import letter

Format = Literal["csv", "xlsx"]
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CellRow = Sequence[str]
BOM = "\ufeff"
"""Excel takes a CSV file for GBK without it."""


async def csv_stream(titles: CellRow, rows: AsyncIterator[CellRow]) -> AsyncIterator[bytes]:
    yield (BOM + csv_line(titles)).encode()
    async for row in rows:
        yield csv_line(row).encode()


def csv_line(cells: CellRow) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([safe_in_csv(cell) for cell in cells])
    return written.getvalue()


async def workbook_stream(
    name: str,
    titles: CellRow,
    rows: AsyncIterator[CellRow],
    about: Callable[[], Sequence[CellRow]],
) -> AsyncIterator[bytes]:
    """The rows on a first sheet called `name`; on a second what `about` says after the last row."""
    out = _Outbox()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in _frame((name, ABOUT)).items():
            archive.writestr(path, content)
        with archive.open(_sheet_path(1), "w") as sheet:
            _write(sheet, _head(len(titles)), _row(1, titles, style=1))
            number = 1
            async for row in rows:
                number += 1
                _write(sheet, _row(number, row))
                if out.size > ENOUGH:
                    yield out.taken()
            _write(sheet, END)
        with archive.open(_sheet_path(2), "w") as sheet:
            lines = enumerate(about(), start=1)
            _write(sheet, _head(2), *(_row(at, row) for at, row in lines), END)
    yield out.taken()


ABOUT = "说明"
ENOUGH = 16 * 1024
"""Bytes that are worth sending."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
END = "</sheetData></worksheet>"

_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2">'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
"""Two styles, both of the format “text”: plain, and bold for titles."""


class _Outbox(io.RawIOBase):
    """What the archive has written and nobody has taken yet; it cannot be wound back."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    @property
    def size(self) -> int:
        return len(self._written)

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]  # zipfile hands bytes only
        self._written += piece
        return len(piece)

    def taken(self) -> bytes:
        piece = bytes(self._written)
        self._written.clear()
        return piece


def _write(sheet: IO[bytes], *pieces: str) -> None:
    for piece in pieces:
        sheet.write(piece.encode())


def _head(columns: int) -> str:
    """Titles stay in sight, and every column is text, also for what is typed below."""
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols><col min="1" max="{columns}" width="18" style="0"'
        ' customWidth="1"/></cols><sheetData>'
    )


def _row(number: int, cells: CellRow, style: int = 0) -> str:
    filled = "".join(_cells(number, cells, style))
    return f'<row r="{number}">{filled}</row>'


def _cells(number: int, cells: CellRow, style: int) -> Iterator[str]:
    for place, cell in enumerate(cells):
        if cell:
            where = f'r="{letter(place)}{number}" s="{style}"'
            text = escape(safe_in_workbook(cell), {"\r": "&#13;"})
            yield f'<c {where} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _sheet_path(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _frame(names: Sequence[str]) -> dict[str, str]:
    """Every part of a workbook but its sheets."""
    numbered = list(enumerate(names, start=1))
    types = "".join(
        f'<Override PartName="/{_sheet_path(at)}" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        for at, _ in numbered
    )
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>' for at, name in numbered
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in numbered
    )
    styles = len(names) + 1
    return {
        "[Content_Types].xml": (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Override PartName="/xl/workbook.xml"'
            f' ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/>'
            f"{types}</Types>"
        ),
        "_rels/.rels": (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>"
        ),
        "xl/workbook.xml": (
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets>'
            "</workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId{styles}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
            "</Relationships>"
        ),
        "xl/styles.xml": _STYLES,
    }
