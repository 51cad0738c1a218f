"""Codes, phones and days as people and Excel write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.exchange import cells
from services.gateway.exchange.cells import Choices, Unreadable

TODAY = date(2026, 11, 25)
GRIDS = Choices.of({"539901001201-01": "东门社区第一网格", "0012": "第二网格", "0013": "第二网格"})


def remedy(read, *said) -> str:
    with pytest.raises(Unreadable) as unreadable:
        read(*said)
    return str(unreadable.value)


@pytest.mark.parametrize(
    "written",
    [
        *("13812345678", "１３８１２３４５６７８", " 138 1234 5678 ", "138-1234-5678"),
        *("13812345678.0", "+86 13812345678", "86-13812345678"),
    ],
)
def test_a_mobile_number_is_read_however_it_is_written(written: str):
    assert cells.phone(written) == "13812345678"


@pytest.mark.parametrize("written", ["0371-12345678", "0371—12345678", "037112345678"])
def test_a_landline_keeps_its_area_code(written: str):
    assert cells.phone(written).replace("-", "") == "037112345678"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("1.38E+10", "科学计数"),
        ("1.38123e10", "科学计数"),
        ("37112345678", "去掉"),
        ("13812345678、13900001111", "只能填一个"),
        ("13812345678/139", "只能填一个"),
        ("1381234567", "11 位"),
        ("138123456789", "11 位"),
        ("无", "11 位"),
    ],
)
def test_a_phone_that_is_not_sure_is_never_guessed(written: str, why: str):
    assert why in remedy(cells.phone, written)


@pytest.mark.parametrize(
    "written",
    [
        *("2026-03-05", "2026/3/5", "2026.3.5", "2026年3月5日", "2026 年 3 月 5 号", "20260305"),
        *("２０２６－０３－０５", "2026-03-05 10:30:00", "2026/3/5 9:05", "2026-03-05T10:30"),
        *("2026年3月5日 星期四", "2026年3月5日10时30分", "46086", "46086.4375"),
    ],
)
def test_a_day_is_read_in_every_form_that_offices_write(written: str):
    assert cells.day(written, TODAY) == "2026-03-05"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2026-02-30", "没有这一天"),
        ("2026-13-01", "没有这一天"),
        ("20261301", "没有这一天"),
        ("2026-11-26", "还没有到"),
        ("1926-11-25", "太早"),
        ("11/25/2026", "看不懂"),
        ("25.11.26", "看不懂"),
        ("昨天", "看不懂"),
        ("2026", "看不懂"),
    ],
)
def test_a_day_that_is_not_sure_is_never_guessed(written: str, why: str):
    assert why in remedy(cells.day, written, TODAY)


@given(st.dates(TODAY - timedelta(days=5_000), TODAY))
def test_every_form_of_a_day_means_the_same_day(day: date):
    forms = (
        *(f"{day:%Y-%m-%d}", f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}"),
        *(f"{day.year}年{day.month}月{day.day}日", str((day - date(1899, 12, 30)).days)),
    )
    assert {cells.day(form, TODAY) for form in forms} == {day.isoformat()}


def test_a_code_stays_text():
    assert cells.code(" ００１２ ") == "0012"
    assert cells.code("539901001201.0") == "539901001201"
    assert "科学计数" in remedy(cells.code, "5.39901E+11")


def test_a_choice_is_made_by_code_or_by_name():
    assert cells.choice("539901001201-01", GRIDS) == "539901001201-01"
    assert cells.choice("东门社区 第一网格", GRIDS) == "539901001201-01"


def test_a_choice_that_is_not_sure_is_never_guessed():
    assert "2 个" in remedy(cells.choice, "第二网格", GRIDS)
    assert "东门社区第一网格" in remedy(cells.choice, "西门", GRIDS)
    many = {f"00{number}": f"网格{number}" for number in range(20)}
    assert "以 0 开头" in remedy(cells.choice, "12", Choices.of(many))
