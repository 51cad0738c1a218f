"""Tables for spreadsheets: UTF-8 with its mark, codes that stay text, nothing that computes."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from shared.figures import plain
from shared.labels import FIGURE, FIGURES_BY

MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the local encoding."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula, or skips before looking for one."""

Cells = list[str]


def table(rows: Iterable[Cells]) -> str:
    text = StringIO()
    text.write(MARK)
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: str) -> str:
    """A name that looks like a formula is shown with an apostrophe before it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def code(text: str) -> str:
    """A code as it is: with a tab behind it a spreadsheet does not take 539901001 for a number."""
    return f"{text}\t" if text else ""


def of_figures(found: dict[str, Any]) -> str:
    """One row for all, and one for each group."""
    lines = [found["total"], *found["lines"]]
    heading = ["代码", FIGURES_BY[found["by"]], *_headings(found["total"])]
    rows = ([code(line["key"] or ""), line["name"], *_numbers(line)] for line in lines)
    return table(_stamped(heading, rows, found))


def of_assessment(found: dict[str, Any]) -> str:
    """Every place of every list."""
    lists = [
        ("综合评价", found["overall"]),
        *(("分类评价（组织类型）", one) for one in found["by_kind"]),
        *(("分类评价（服务对象）", one) for one in found["by_beneficiary"]),
    ]
    places = [(kind, ranking, place) for kind, ranking in lists for place in ranking["places"]]
    named = _headings(places[0][2]) if places else []
    heading = ["榜单", "类别", "名次", "参评单位数", "单位代码", "单位", *named]
    rows = (
        [
            *(kind, ranking["name"], str(place["rank"] or ""), str(ranking["of"])),
            *(code(place["key"]), place["name"]),
            *_numbers(place),
        ]
        for kind, ranking, place in places
    )
    return table(_stamped(heading, rows, found))


def _headings(line: dict[str, Any]) -> Cells:
    named = [FIGURE[figure["name"]] for figure in line["figures"]]
    return [
        f"{name}{part}" for name in named for part in ("", "·分子", "·分母", "·上期", "·去年同期")
    ]


def _numbers(line: dict[str, Any]) -> Cells:
    compared = zip(line["figures"], line["previous"], line["last_year"], strict=True)
    return [
        cell
        for now, previous, last_year in compared
        for cell in (*_exactly(now), previous["shown"], last_year["shown"])
    ]


def _exactly(figure: dict[str, Any]) -> Cells:
    """As it is shown, and what it was made of. A fraction must not turn into a date: 7/9."""
    numerator = "" if figure["numerator"] is None else plain(figure["numerator"])
    shown = figure["shown"] if figure["value"] is not None else code(figure["shown"])
    return [shown, numerator, str(figure["denominator"])]


def _stamped(heading: Cells, rows: Iterable[Cells], found: dict[str, Any]) -> Iterator[Cells]:
    """By which formulas and rules, as known when, and how much of the log was in it."""
    days = found["periods"]["now"]
    stamp = {
        "办结日期起": days["from"],
        "办结日期止": days["to"],
        "截至": found["as_of"] or "查询时",
        "公式版本": found["formula"],
        "规则版本": found["rules_version"],
        "日志位置": str(found["position"]),
    }
    yield [*heading, *stamp]
    for row in rows:
        yield [*row, *stamp.values()]
