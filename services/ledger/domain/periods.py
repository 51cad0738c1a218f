"""Stretches of Beijing days, and the two that a stretch is compared with."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
MONTHS_OF_A_QUARTER = 3


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, first_day: str, last_day: str) -> "Period":
        return cls(date.fromisoformat(first_day), date.fromisoformat(last_day))

    @property
    def days(self) -> tuple[str, str]:
        return self.first.isoformat(), self.last.isoformat()


def before(period: Period) -> Period:
    """上期: a whole month, quarter or year is compared with the one before, anything else with as
    many days right before it."""
    yesterday = period.first - DAY
    for unit in (month_of, quarter_of, year_of):
        if unit(period.first) == period:
            return unit(yesterday)
    return Period(yesterday - (period.last - period.first), yesterday)


def a_year_before(period: Period) -> Period:
    """去年同期: the same dates; a last day of February stays the last day of February."""
    first, last = map(_a_year_before, (period.first, period.last))
    if month_of(period.last).last == period.last:
        last = month_of(last).last
    return Period(first, last)


def _a_year_before(day: date) -> date:
    last = monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))


def day_of(day: date) -> Period:
    return Period(day, day)


def month_of(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def quarter_of(day: date) -> Period:
    first = (day.month - 1) // MONTHS_OF_A_QUARTER * MONTHS_OF_A_QUARTER + 1
    return Period(
        day.replace(month=first, day=1), month_of(day.replace(month=first + 2, day=1)).last
    )


def year_of(day: date) -> Period:
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


UNITS: Mapping[str, Callable[[date], Period]] = {
    "day": day_of,
    "month": month_of,
    "quarter": quarter_of,
    "year": year_of,
}


def said(unit: str, period: Period) -> str:
    """2026年, 2026年第2季度, 2026年5月 or 2026年5月1日."""
    day = period.first
    match unit:
        case "year":
            return f"{day.year}年"
        case "quarter":
            return f"{day.year}年第{(day.month - 1) // MONTHS_OF_A_QUARTER + 1}季度"
        case "month":
            return f"{day.year}年{day.month}月"
        case _:
            return f"{day.year}年{day.month}月{day.day}日"


def clipped(inner: Period, outer: Period) -> Period:
    """The part of `inner` that lies in `outer`; they have to meet."""
    return Period(max(inner.first, outer.first), min(inner.last, outer.last))
