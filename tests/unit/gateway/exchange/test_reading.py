"""What people hand in as a table, and what is said about files that are none."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.exchange import tables, workbook
from services.gateway.exchange.apart import read_apart
from services.gateway.exchange.reading import read_table
from services.gateway.exchange.safe_cells import safe_in_csv, shown_in_csv
from services.gateway.exchange.tables import Line
from shared.rejection import InvalidInput

TEXT = "网格,诉求\n东门,上门康复\n"
NOON_OFF = datetime(2026, 11, 25)  # noqa: DTZ001 - workbooks know no time zones
EXPECTED = [Line(1, ("网格", "诉求")), Line(2, ("东门", "上门康复"))]


def book(*rows) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def members(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same archive with its members changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w", 8) as after:
        for name in before.namelist():
            after.writestr(name, change(name, before.read(name)))
    return file.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_table(content)
    assert refused.value.fields == {"file": refused.value.message}
    return refused.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_that_offices_use_is_read(encoding: str):
    assert read_table(TEXT.encode(encoding)) == EXPECTED


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_every_separator_is_read(separator: str):
    assert read_table(TEXT.replace(",", separator).encode()) == EXPECTED


def test_rare_names_survive_gb18030():
    assert read_table("姓名\n𠮷㛃\n".encode("gb18030"))[1].cells == ("𠮷㛃",)


@pytest.mark.parametrize(
    "content",
    [b"\xff\x00\x01\x02", b"\x81\xff\xff", b"\xff\xfeA", "a,b".encode("utf-16-le"), b"\x89PNG\0"],
)
def test_what_is_no_text_is_told_how_to_save_it(content: bytes):
    assert "另存为" in refusal(content)


def test_rows_keep_the_numbers_that_excel_shows():
    assert [line.number for line in read_table(b"a\n\n,,\nb\n")] == [1, 4]
    assert [line.number for line in read_table(book(["a"], [], ["b"]))] == [1, 3]


def test_a_cell_may_hold_several_lines():
    assert read_table('诉求\n"第一行\r\n第二行"\n'.encode())[1].cells == ("第一行\r\n第二行",)


def test_a_quote_that_never_ends_names_its_row():
    assert "第 3 行" in refusal(b'a,b\n1,2\n"3,4\n5,6\n')


def test_a_workbook_is_read_as_it_was_typed():
    row = ["0012", 13812345678, 13812345678.0, 1.5, True, NOON_OFF, date(2026, 1, 2)]
    assert read_table(book(row))[0].cells == (
        *("0012", "13812345678", "13812345678", "1.5", "是", "2026-11-25", "2026-01-02"),
    )


def test_a_number_that_excel_has_rounded_looks_rounded():
    assert read_table(book([532901199001011234]))[0].cells == ("5.32901E+17",)


def test_a_formula_counts_as_what_it_showed_last():
    assert read_table(book(["=1+1", "b"]))[0].cells == ("", "b")


def test_carriage_returns_of_excel_are_line_breaks():
    assert read_table(book(["第一行_x000D_\n第二行"]))[0].cells == ("第一行\n第二行",)


def test_a_hidden_sheet_is_not_meant():
    made = openpyxl.Workbook()
    made.worksheets[0].append(["旧"])
    made.worksheets[0].sheet_state = "hidden"
    made.create_sheet("新").append(["新"])
    assert read_table(saved(made))[0].cells == ("新",)


def test_wrong_dimensions_hide_no_rows():
    def lie(_name: str, content: bytes) -> bytes:
        return content.replace(b'ref="A1:A2"', b'ref="A1"')

    assert len(read_table(members(book(["a"], ["b"]), lie))) == 2


def test_formats_down_to_the_last_row_are_told_how_to_get_rid_of():
    def stretch(_name: str, content: bytes) -> bytes:
        return content.replace(b'r="2"', b'r="1048576"').replace(b"A2", b"A1048576")

    assert "空行的格式" in refusal(members(book(["a"], ["b"]), stretch))


def test_old_and_locked_workbooks_are_told_how_to_save():
    assert ".xlsx" in refusal(workbook.OLD_EXCEL + b"rest")


@pytest.mark.parametrize("content", [b"", b"  \n "])
def test_an_empty_file_is_said_to_be_empty(content: bytes):
    assert "空" in refusal(content)


def test_a_hundred_thousand_rows_are_too_many():
    assert "5000 行" in refusal(b"a\n" * 100_000)
    assert len(read_table(b"a\n" * (tables.MAX_ROWS + 1))) == tables.MAX_ROWS + 1


def test_a_file_of_nine_megabytes_is_too_large():
    assert "8 MB" in refusal(b"x" * 9_000_000)


def test_a_cell_of_a_megabyte_names_row_and_column():
    content = f"a,b\n1,{'长' * 1_000_000}\n"
    assert refusal(content.encode()).startswith("第 2 行 B 列的内容有 1000000 字")


def test_a_cell_of_a_megabyte_in_a_workbook_names_row_and_column():
    def stretch(name: str, content: bytes) -> bytes:
        long = bytes(range(65, 91)) * 40_000
        return content.replace(b"TARGET", long) if name.endswith("sheet1.xml") else content

    # repeated letters shrink like a bomb, so that limit is looked at elsewhere
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "MAX_RATIO", 5_000)
        assert refusal(members(book(["a"], ["b", "TARGET"]), stretch)).startswith("第 2 行 B 列")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    def blow(name: str, content: bytes) -> bytes:
        return b" " * 200_000_000 if name.endswith("sheet1.xml") else content

    assert "过大" in refusal(members(book(["a"]), blow))


def test_an_archive_that_lies_about_sizes_is_refused():
    content = members(book(["a"]), lambda _name, was: was)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = content.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little"))
    assert "损坏" in refusal(lie)


def test_an_archive_of_a_thousand_parts_is_refused():
    file = io.BytesIO(book(["a"]))
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(1_000):
            archive.writestr(f"part{number}", b"")
    assert "过大" in refusal(file.getvalue())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_that_grow_without_end_are_refused(encoding: str):
    laughs = '<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'

    def laugh(name: str, content: bytes) -> bytes:
        declared = f'<?xml version="1.0" encoding="{encoding}"?>{laughs}'
        return declared.encode(encoding) if name.endswith("sheet1.xml") else content

    assert "损坏" in refusal(members(book(["a"]), laugh))


@pytest.mark.parametrize("broken", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500])
def test_a_broken_workbook_is_said_to_be_broken(broken: bytes):
    assert "损坏" in refusal(broken)


def test_a_zip_that_is_no_workbook_is_said_to_be_none():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", b"<w/>")
    assert "Excel" in refusal(file.getvalue())


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(content: bytes):
    with suppress(InvalidInput):
        assert all(isinstance(cell, str) for line in read_table(content) for cell in line.cells)


FIRST = st.sampled_from(["", "=", "+", "-", "@", "'", "'=", "0", "＝"])
CELLS = st.builds(str.__add__, FIRST, st.text(st.characters(exclude_categories=["Cs", "Cc"])))


@given(CELLS.map(str.strip))
def test_what_is_made_safe_for_csv_says_the_same_when_it_is_read(text: str):
    assert shown_in_csv(safe_in_csv(text)) == text


@given(CELLS.map(str.strip))
def test_what_is_made_safe_for_csv_starts_no_formula(text: str):
    assert not safe_in_csv(text).startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_zeros_in_front_are_kept_from_being_cut():
    assert safe_in_csv("0012") == "\t0012"
    assert safe_in_csv("539901001201") == "\t539901001201"
    assert safe_in_csv("2026") == "2026"


def test_a_file_is_read_in_a_process_of_its_own():
    assert asyncio.run(read_apart(TEXT.encode("gbk"))) == EXPECTED
    with pytest.raises(InvalidInput, match="5000 行"):
        asyncio.run(read_apart(b"a\n" * 100_000))
