"""Which days are working days: the State Council's calendar, and what a county adds to it."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from chinese_calendar import get_workdays

from shared.contracts.working_time import TURN_OF_THE_YEAR, YearPlan

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The working days of any year.

    A year that nobody has published yet is counted from Monday to Friday (see `knows`). Of two
    plans that name the same day, the later one is right. Days are Beijing days (shared.calendar).
    """

    published: tuple[YearPlan, ...] = ()
    _years: dict[int, tuple[date, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def knows(self, year: int) -> bool:
        """Whether the year has been published, by the State Council or in the county's plans."""
        return _published_by_the_state(year) is not None or any(
            plan.year == year for plan in self.published
        )

    def is_certain(self, first: date, last: date) -> bool:
        """Whether every day from `first` to `last` is known, and no coming notice may move it.

        29 to 31 December are certain only when the next year is known.
        """
        years = range((first + TURN_OF_THE_YEAR).year, (last + TURN_OF_THE_YEAR).year + 1)
        return all(self.knows(year) for year in years)

    def working_days(self, year: int) -> tuple[date, ...]:
        """The working days of a year, in order."""
        if year not in self._years:
            self._years[year] = tuple(sorted(self._counted(year)))
        return self._years[year]

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on that day; duty days do not make it one."""
        return self.same_or_next_working_day(day) == day

    def same_or_next_working_day(self, day: date) -> date:
        """The working day to which a day belongs: what happens on a Sunday counts for Monday."""
        return self.add_working_days(day - DAY, 1)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after a day, which itself is never counted.

        Raises ValueError for a count below 1.
        """
        if count < 1:
            raise ValueError("working days are counted from 1, the next one")
        year, place = day.year, self._until(day) + count - 1
        while place >= (known := len(self.working_days(year))):
            year, place = year + 1, place - known
        return self.working_days(year)[place]

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days come after `first`, up to and including `last`.

        Negative when `last` comes before `first`.
        """
        if last < first:
            return -self.working_days_between(last, first)
        whole_years = sum(len(self.working_days(year)) for year in range(first.year, last.year))
        return whole_years + self._until(last) - self._until(first)

    def _until(self, day: date) -> int:
        return bisect_right(self.working_days(day.year), day)

    def _counted(self, year: int) -> set[date]:
        days = set(_published_by_the_state(year) or _monday_to_friday(year))
        for plan in self.published:
            days -= _of_year(year, plan.holidays)
            days |= _of_year(year, plan.working_days)
        return days


@cache
def _published_by_the_state(year: int) -> frozenset[date] | None:
    """What the State Council's yearly notice makes of it, if the library has it yet."""
    try:
        return frozenset(get_workdays(date(year, 1, 1), date(year, 12, 31)))
    except NotImplementedError:
        return None


def _monday_to_friday(year: int) -> Iterable[date]:
    days = (date(year, 12, 31) - date(year, 1, 1)).days + 1
    every_day = (date(year, 1, 1) + DAY * i for i in range(days))
    return (day for day in every_day if day.weekday() < SATURDAY)


def _of_year(year: int, days: Iterable[str]) -> set[date]:
    return {day for day in map(date.fromisoformat, days) if day.year == year}
