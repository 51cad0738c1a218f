"""A workbook's first visible sheet; what could blow up is refused before it is unpacked."""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

import openpyxl

from services.gateway.exchange.safe_cells import shown_in_workbook
from services.gateway.exchange.tables import MAX_COLUMNS, Line, refused

ZIP: Final = b"PK\x03\x04"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"

MAX_MEMBERS = 500
MAX_UNPACKED = 64 * 1024 * 1024
MAX_RATIO = 150
"""Real sheets shrink to a tenth or a fortieth; only repetition without end shrinks further."""

LOWEST_ROW = 100_000
"""Formats down to the last of a million rows are a common slip, and take half a minute to read."""

SMALL = 1024 * 1024
EXACT_DIGITS = 10**15
"""Excel keeps 15 digits of a number; what is longer has been rounded."""

BROKEN = "文件已损坏，或者不是 Excel 工作簿。请重新打开、另存为 .xlsx 再导入"
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, ParseError),
)
"""What openpyxl and zipfile raise over files that only look like workbooks."""


def lines(content: bytes) -> Iterator[Line]:
    """Every row with its number. Raises InvalidInput."""
    try:
        refuse_bombs(zipfile.ZipFile(io.BytesIO(content)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and menus, which nobody reads here
            yield from _rows(openpyxl.load_workbook(io.BytesIO(content), True, data_only=True))
    except _UNREADABLE:
        raise refused(BROKEN) from None


def _rows(book: Any) -> Iterator[Line]:
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise refused("工作簿里没有可见的工作表，请取消隐藏后再导入")
    sheets[0].reset_dimensions()  # some programmes write wrong ones
    rows = sheets[0].iter_rows(max_col=MAX_COLUMNS, values_only=True)
    for number, row in enumerate(rows, start=1):
        if number > LOWEST_ROW:
            raise refused("表格下方有大量空行的格式。请把有内容的行复制到新的工作簿再导入")
        yield Line(number, tuple(map(text_of, row)))


def text_of(value: Any) -> str:
    """A cell as somebody would have typed it; a number too long to be exact, as Excel shows it."""
    match value:
        case None:
            return ""
        case str():
            return shown_in_workbook(value)
        case bool():
            return "是" if value else "否"
        case int() | float():
            return _digits(value)
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case _:
            return str(value)


def _digits(number: float) -> str:
    if abs(number) >= EXACT_DIGITS:
        return f"{number:.5E}"
    return str(int(number)) if number == int(number) else repr(number)


def refuse_bombs(archive: zipfile.ZipFile) -> None:
    """Look at what the archive declares; zipfile never unpacks more than that of a member."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or any(map(_is_bomb, members)):
        raise refused("文件解压后过大，可能已损坏。请把数据复制到新的工作簿，另存为 .xlsx 再导入")
    for member in members:
        if member.filename.lower().endswith((".xml", ".rels")):
            _refuse_doctype(archive.open(member).read(SMALL))


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    return member.file_size > max(SMALL, MAX_RATIO * member.compress_size)


class _Begun(Exception):  # noqa: N818 - not an error: the document's head is over
    """The first element: no document type can follow."""


def _refuse_doctype(beginning: bytes) -> None:
    """Workbooks declare no document type; entities that grow without end would need one."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _begin
    try:
        parser.Parse(beginning, True)
    except _Begun:
        return
    except expat.ExpatError:
        raise refused(BROKEN) from None


def _begin(*_: Any) -> None:
    raise _Begun


def _refuse(*_: Any) -> None:
    raise refused(BROKEN)
