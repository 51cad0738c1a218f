"""What goes out as a table says the same when it is read again, and runs nothing."""

import asyncio
import csv
import io
import zipfile
from collections.abc import AsyncIterator, Sequence

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.exchange import requests_sheet
from services.gateway.exchange.columns import sheet_from
from services.gateway.exchange.reading import read_table
from services.gateway.exchange.template import template
from services.gateway.exchange.writing import csv_stream, workbook_stream
from shared.rejection import InvalidInput

Rows = Sequence[Sequence[str]]
TITLES = ("编号", "诉求内容")
FORMULAS = ["=1+1", "+86", "-1", "@SUM(A1)", "＝1+1", "'=1", "'"]
CODES = ["0012", "539901001201", "1E5", "532901199001011234"]


async def _rows(rows: Rows) -> AsyncIterator[Sequence[str]]:
    for row in rows:
        yield row


async def _joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def as_csv(rows: Rows) -> bytes:
    return asyncio.run(_joined(csv_stream(TITLES, _rows(rows))))


def as_workbook(rows: Rows) -> bytes:
    about = [["项目", "内容"], ["日志位置", "7"]]
    pieces = workbook_stream("台账", TITLES, _rows(rows), lambda: about)
    return asyncio.run(_joined(pieces))


def read(content: bytes) -> list[tuple[str, ...]]:
    return [line.cells for line in read_table(content)[1:]]


SAID = st.one_of(
    st.sampled_from([*FORMULAS, *CODES]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.text("=+-@'0123456789eE._x\n,;\t\"王&<>"),
).map(str.strip)
TABLES = st.lists(st.tuples(st.just("x"), SAID.filter(bool)), min_size=1, max_size=5)


@given(TABLES)
def test_a_csv_file_says_the_same_when_it_is_read_again(table):
    assert read(as_csv(table)) == table


@settings(max_examples=60)
@given(TABLES)
def test_a_workbook_says_the_same_when_it_is_read_again(table):
    storable = [(x, said.replace("\ufffe", "").replace("\uffff", "").strip()) for x, said in table]
    assert read(as_workbook(storable)) == [row if row[1] else row[:1] for row in storable]


def test_no_cell_of_a_workbook_is_anything_but_text():
    book = openpyxl.load_workbook(io.BytesIO(as_workbook([FORMULAS, CODES])))
    cells = [cell for row in book["台账"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert {cell.number_format for cell in cells} == {"@"}
    assert [cell.value for cell in book["台账"][2]] == FORMULAS
    assert [cell.value for cell in book["台账"][3]][:4] == CODES


def test_no_cell_of_a_csv_file_starts_a_formula():
    text = as_csv([FORMULAS, CODES]).decode("utf-8-sig")
    for row in list(csv.reader(io.StringIO(text)))[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cell in row)


def test_excel_sees_that_a_csv_file_is_utf_8():
    assert as_csv([]).startswith(b"\xef\xbb\xbf")


def test_a_workbook_says_on_its_second_sheet_where_it_comes_from():
    book = openpyxl.load_workbook(io.BytesIO(as_workbook([])))
    assert book.sheetnames == ["台账", "说明"]
    assert [cell.value for cell in book["说明"][2]] == ["日志位置", "7"]


def test_a_workbook_leaves_as_it_is_written():
    async def pieces_of(count: int) -> list[int]:
        rows = [[str(number), f"{number * number * 7919}" * 30] for number in range(count)]
        stream = workbook_stream("台账", TITLES, _rows(rows), list)
        return [len(piece) async for piece in stream]

    assert len(asyncio.run(pieces_of(5_000))) > 3
    assert max(asyncio.run(pieces_of(5_000))) < 200_000


def test_a_workbook_is_a_sound_archive():
    with zipfile.ZipFile(io.BytesIO(as_workbook([("1", "a")]))) as archive:
        assert archive.testzip() is None


def test_a_template_is_read_by_the_import_it_is_for():
    content = asyncio.run(template("诉求导入模板", requests_sheet.COLUMNS))
    with pytest.raises(InvalidInput, match="下面没有内容"):  # so its titles are right
        sheet_from(read_table(content), requests_sheet.COLUMNS)
