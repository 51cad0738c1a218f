"""How a county says when it works: office hours, duty rosters, calendars, and limits."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.contracts.message import Message

LimitUnit = Literal[
    "natural_minute", "natural_hour", "working_minute", "working_hour", "working_day"
]
"""Natural time never stops; working minutes and hours run while the office is open."""

TimeOfDay = Annotated[str, StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
"""Beijing time as `08:30`, so text sorts as time does; `24:00` is the end of the day."""

TURN_OF_THE_YEAR = timedelta(days=3)
"""The notice about a year may move the last days of the year before it.

So did those about 2007, 2008, 2012 and 2019: 29, 30 and 31 December.
"""


def _is_a_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("没有这一天,请核对日期") from None
    return text


Day = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_is_a_day)
]
"""A Beijing day as `2026-10-01` (see shared.calendar)."""


class Span(Message):
    """An open time within one day, from `opens` until just before `closes`."""

    opens: TimeOfDay
    closes: TimeOfDay

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("结束时间须晚于开始时间;跨零点的请分成两天填写")
        return self


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    if any(later.opens < earlier.closes for earlier, later in pairwise(spans)):
        raise ValueError("时段须按先后排列,且不能重叠")
    return spans


Spans = Annotated[tuple[Span, ...], Field(min_length=1, max_length=12), AfterValidator(_in_order)]
"""Open times of one day, in order and apart from each other."""


class OfficeHours(Message):
    """办公时间 of a working day, lunch break left out."""

    spans: Spans = (
        Span(opens="08:30", closes="12:00"),
        Span(opens="14:30", closes="18:00"),
    )


class DutyDay(Message):
    """值班: open times of one day, beside the office hours if it is a working day."""

    day: Day
    spans: Spans


class YearPlan(Message):
    """What a county knows of a year's calendar: a whole year, or a correction of it.

    `holidays` are days off and `working_days` days on (调休), each of this year or of the
    last three days before it; every other day stays what it was.
    """

    year: int = Field(ge=2004, le=9998)
    holidays: tuple[Day, ...] = ()
    working_days: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _days_of_the_year(self) -> Self:
        days = [date.fromisoformat(day) for day in (*self.holidays, *self.working_days)]
        if any(self.year not in {day.year, (day + TURN_OF_THE_YEAR).year} for day in days):
            raise ValueError(f"只能填写 {self.year} 年的日期,以及上一年最后三天")
        if len(set(days)) < len(days):
            raise ValueError("同一天只能填写一次:或放假,或上班")
        return self


class Limit(Message):
    """时限: how long something may take, as 4 working hours (domain.md, time table)."""

    amount: int = Field(ge=1, le=100_000)
    unit: LimitUnit
