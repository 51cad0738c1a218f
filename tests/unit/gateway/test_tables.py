"""What a spreadsheet makes of a downloaded table: the same numbers, text that stays text."""

import csv
from io import StringIO

from services.gateway.api.tables import code, of_assessment, of_figures, table
from shared.figures import Delivery, Visit, figures, weights

ORDER = Delivery(
    leads=True,
    is_returned=False,
    is_accepted_in_time=True,
    is_finished_in_time=False,
    seconds=3600 * 5,
    visit=Visit(is_contacted=True, is_solved=True, satisfaction="fairly_satisfied"),
)


def line(key, name, count):
    made = [vars(one) for one in figures("1", [weights("1", ORDER)] * count, 10)]
    return {"key": key, "name": name, "figures": made, "previous": made, "last_year": made}


STAMP = {
    "periods": {"now": {"from": "2026-01-01", "to": "2026-03-31"}},
    "as_of": "2026-05-01",
    "position": 4711,
    "formula": "1",
    "rules_version": "default-1",
}


def found(*lines):
    return {**STAMP, "by": "organization", "total": line(None, "合计", 12), "lines": list(lines)}


def read(text):
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


def test_a_table_begins_with_the_mark_that_makes_excel_read_utf_8():
    assert of_figures(found()).startswith("\ufeff代码,群团组织,办结件次")


def test_numbers_are_those_that_are_shown_everywhere():
    total, own = read(of_figures(found(line("org-01", "总工会", 12))))
    assert (own["群团组织"], own["满意率"], own["满意率·分子"], own["满意率·分母"]) == (
        "总工会",
        "90.00%",
        "10.8",
        "12",
    )
    assert (total["综合得分"], total["综合得分·上期"]) == ("96.00", "96.00")


def test_below_the_small_sample_the_fraction_does_not_turn_into_a_date():
    (_, own) = read(of_figures(found(line("org-01", "总工会", 9))))
    assert own["响应率"] == "9/9\t"


def test_codes_stay_text_however_much_they_look_like_numbers():
    (_, own) = read(of_figures(found(line("539901001201", "东门社区", 12))))
    assert own["代码"] == code("539901001201") == "539901001201\t"


def test_nothing_that_a_spreadsheet_would_compute():
    cells = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "\r=1", "总工会", ""]
    (row,) = csv.reader(StringIO(table([cells]).removeprefix("\ufeff"), newline=""))
    assert row == [*(f"'{cell}" for cell in cells[:6]), "总工会", ""]


def test_every_row_says_how_it_was_made():
    row = read(of_figures(found()))[0]
    assert (row["截至"], row["公式版本"], row["日志位置"]) == ("2026-05-01", "1", "4711")


def test_an_assessment_is_one_table_with_all_its_lists():
    place = {"rank": 1, **line("org-01", "总工会", 12)}
    unranked = {"rank": None, **line("org-02", "团委", 2)}
    overall = {"key": "all", "name": "全部群团组织", "of": 1, "places": [place, unranked]}
    kind = {"key": "trade_union", "name": "总工会", "of": 1, "places": [place]}
    lists = {**STAMP, "overall": overall, "by_kind": [kind], "by_beneficiary": []}
    rows = read(of_assessment(lists))
    assert [(row["榜单"], row["名次"], row["单位"]) for row in rows] == [
        ("综合评价", "1", "总工会"),
        ("综合评价", "", "团委"),
        ("分类评价（组织类型）", "1", "总工会"),
    ]
