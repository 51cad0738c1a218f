"""A sheet of requests and a sheet of areas, with the mistakes that people make in them."""

from datetime import date

import pytest

from services.gateway.exchange import areas_sheet, requests_sheet
from services.gateway.exchange.areas_sheet import areas_from
from services.gateway.exchange.cells import Choices
from services.gateway.exchange.columns import sheet_from
from services.gateway.exchange.reading import read_table
from services.gateway.exchange.requests_sheet import Known, requests_from
from shared.rejection import InvalidInput

KNOWN = Known(
    grids=Choices.of({"539901001201-01": "东门社区第一网格"}),
    services=Choices.of({"home-rehabilitation": "上门康复"}),
    today=date(2026, 11, 25),
)
TITLES = "网格,服务,姓名,电话,地址,诉求内容,诉求日期"
GOOD = "539901001201-01,上门康复,王小明,13812345678,东门路12号,希望康复师上门。,2026年11月20日"


def requests(*rows: str, titles: str = TITLES):
    sheet = sheet_from(read_table("\n".join((titles, *rows)).encode()), requests_sheet.COLUMNS)
    return requests_from(sheet.rows, KNOWN)


def problems(row) -> dict[str, str]:
    return {problem.column: problem.remedy for problem in row.problems}


def test_a_row_becomes_what_the_api_takes():
    (row,) = requests(GOOD)
    assert row.body is not None
    assert row.body.model_dump() == {
        "grid_id": "539901001201-01",
        "service_code": "home-rehabilitation",
        "urgency": "normal",
        "beneficiary_category": "resident",
        "stated_on": "2026-11-20",
        "particulars": {
            "name": "王小明",
            "phone": "13812345678",
            "address": "东门路12号",
            "text": "希望康复师上门。",
        },
    }


def test_titles_may_come_in_any_order_with_spaces_and_hints_and_under_a_heading():
    text = (
        "云岭县诉求登记表\n\n联系 电话（必填）,*姓名,GRID_ID,服务名称,地址,备注,诉求内容:\n"
        "１３８１２３４５６７８,王小明,东门社区第一网格,home-rehabilitation,东门路,无,上门\n"
    )
    sheet = sheet_from(read_table(text.encode("gbk")), requests_sheet.COLUMNS)
    assert sheet.unknown_titles == ("备注",)
    (row,) = requests_from(sheet.rows, KNOWN)
    assert (row.number, row.problems) == (4, ())


def test_every_mistake_of_a_row_is_named_at_once_with_its_column():
    (row,) = requests("西门,洗车,,1.38E+10,东门路,,明天")
    assert set(problems(row)) == {"网格", "服务", "姓名", "电话", "诉求内容", "诉求日期"}
    assert row.body is None


def test_a_row_keeps_its_number_and_hides_its_words_from_logs():
    sheet = sheet_from(read_table(f"{TITLES}\n\n{GOOD}".encode()), requests_sheet.COLUMNS)
    (row,) = sheet.rows
    assert row.number == 3
    assert "王小明" not in repr(sheet)
    assert "王小明" not in repr(requests_from(sheet.rows, KNOWN))


@pytest.mark.parametrize(("length", "is_good"), [(4_000, True), (4_001, False)])
def test_a_request_holds_four_thousand_characters(length: int, is_good: bool):
    (row,) = requests(GOOD.replace("希望康复师上门。", "长" * length))
    assert problems(row) == ({} if is_good else {"诉求内容": "最多 4000 个字，请缩短"})


def test_hidden_characters_are_refused_with_their_column():
    (row,) = requests(GOOD.replace("王小明", "王\u202e明"))
    assert set(problems(row)) == {"姓名"}


@pytest.mark.parametrize(
    ("titles", "why"),
    [
        ("甲,乙,丙", "没有找到标题行"),
        ("网格,服务,姓名", "缺少这些列：电话、地址、诉求内容"),
        (f"{TITLES},手机号", "有两列都是“电话”"),
    ],
)
def test_titles_that_do_not_fit_are_explained(titles: str, why: str):
    with pytest.raises(InvalidInput, match=why):
        requests(GOOD, titles=titles)


def test_titles_without_rows_are_explained():
    with pytest.raises(InvalidInput, match="第 1 行的标题下面没有内容"):
        requests()


def areas(*rows: str, known: tuple[str, ...] = ()):
    lines = read_table("\n".join(("编码,类别,名称,上级编码", *rows)).encode())
    return areas_from(sheet_from(lines, areas_sheet.COLUMNS).rows, known)


COUNTY = "5399,县,云岭县,"
CENTER = "c1,县中心,中心,5399"
TOWN = "0101,乡镇中心,青石镇,c1"
VILLAGE = "0101201,村,石门村,0101"


def test_parents_come_first_however_the_sheet_is_sorted():
    rows = areas(VILLAGE, TOWN, CENTER, COUNTY)
    assert [row.area_id for row in rows] == ["5399", "c1", "0101", "0101201"]
    assert [row.kind for row in rows] == ["county", "center", "township_center", "village"]
    assert not any(row.problems for row in rows)


def test_a_parent_may_be_registered_already():
    (row,) = areas(VILLAGE, known=("0101",))
    assert row.problems == ()


def test_a_parent_that_nobody_knows_is_named():
    (row,) = areas(VILLAGE)
    assert "没有找到上级" in problems(row)["上级编码"]


def test_a_circle_is_told_to_everybody_in_it():
    rows = areas("a,村,甲,b", "b,村,乙,a", "c,网格,丙,a")
    assert all("圈" in problems(row)["上级编码"] for row in rows)


def test_an_area_under_a_wrong_row_waits_for_it():
    told = {row.area_id: problems(row) for row in areas("a,乡,甲,5399", "b,网格,乙,a")}
    assert "请填写其中之一" in told["a"]["类别"]
    assert "那一行有错误" in told["b"]["上级编码"]


def test_a_code_is_used_once():
    first, second = areas(COUNTY, "5399,县,另一个县,")
    assert (first.problems, set(problems(second))) == ((), {"区域编码"})
    assert "第 2 行" in problems(second)["区域编码"]


@pytest.mark.parametrize("wrong", ["东门,村,甲,5399", "a b/c,村,甲,5399", "1.2E+11,村,甲,5399"])
def test_a_code_is_made_of_letters_and_digits(wrong: str):
    (row,) = areas(wrong, known=("5399",))
    assert set(problems(row)) <= {"区域编码"}
    assert row.problems


def test_everything_but_the_county_needs_a_parent():
    (row,) = areas("a,网格,甲,")
    assert set(problems(row)) == {"上级编码"}
