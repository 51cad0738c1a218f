"""When something is due, and how long it took, in the time that a county works.

Instants go in and come out in UTC, to the millisecond; inside, days are Beijing days. The rules
are those of domain.md, “Life of a request”; docs/decisions/0012-working-time.md says why.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from shared.calendar import BEIJING, beijing_date
from shared.contracts.working_time import DutyDay, Limit, LimitUnit, OfficeHours, Span, TimeOfDay
from shared.open_time import Moment, OpenTime, open_time
from shared.working_calendar import Calendar

NATURAL: Final[frozenset[LimitUnit]] = frozenset({"natural_minute", "natural_hour"})
LENGTH: Final[Mapping[LimitUnit, timedelta]] = {
    "natural_minute": timedelta(minutes=1),
    "natural_hour": timedelta(hours=1),
    "working_minute": timedelta(minutes=1),
    "working_hour": timedelta(hours=1),
}
"""A working day has none: it ends when the office closes, however long it was open."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Due:
    """An instant, provisional when it hangs on days that no published calendar has settled."""

    at: datetime
    is_provisional: bool = False


@dataclass(frozen=True)
class WorkingTime:
    """Office hours on working days, and the duty roster (值班) of whoever is asked about.

    Keep one for each calendar, hours and roster: it adds up a year when it first meets it.
    Times without a zone raise TypeError.
    """

    calendar: Calendar = field(default_factory=Calendar)
    hours: OfficeHours = field(default_factory=OfficeHours)
    roster: tuple[DutyDay, ...] = ()
    _years: dict[int, OpenTime] = field(default_factory=dict, init=False, repr=False, compare=False)

    def due(self, start: datetime, limit: Limit) -> Due:
        """When a limit that starts to run at `start` is over.

        Days count from the next working day, at whatever hour of whatever day they start, and
        end when the office closes on the last of them. Everything else is `shifted`.
        """
        if limit.unit != "working_day":
            return self.shifted(start, limit.amount * LENGTH[limit.unit], limit.unit)
        day = self.calendar.add_working_days(beijing_date(start), limit.amount)
        return self._due(start, _at(day, self.hours.spans[-1].closes))

    def shifted(self, at: datetime, by: timedelta, unit: LimitUnit = "working_hour") -> Due:
        """The first instant at which so much time has passed since `at`, in the unit's time.

        Gives held time back to a deadline: `shifted(due_at, elapsed(held_at, resumed_at, unit),
        unit)`. Raises ValueError for a negative time.
        """
        if by < timedelta(0):
            raise ValueError("a deadline moves forward only")
        if unit in NATURAL:
            return Due((at + by).astimezone(UTC))
        if by < _MILLISECOND:
            return self._due(at, at.astimezone(UTC))  # as uncertain as ever, and not yet the next
        year, worked = self._clock(at)
        worked += by // _MILLISECOND
        while worked > (total := self._open_time(year).total):
            year, worked = year + 1, worked - total
        return self._due(at, _instant(self._open_time(year).reached(worked)))

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; negative when `end` comes first."""
        if end < start:
            return -self.worked(end, start)
        (year, before), (last_year, worked) = self._clock(start), self._clock(end)
        worked += sum(self._open_time(passed).total for passed in range(year, last_year))
        return (worked - before) * _MILLISECOND

    def elapsed(self, start: datetime, end: datetime, unit: LimitUnit) -> timedelta:
        """The time from `start` to `end` in the time in which the unit is counted."""
        return end - start if unit in NATURAL else self.worked(start, end)

    def fraction(
        self, start: datetime, due_at: datetime, share: float, unit: LimitUnit
    ) -> datetime:
        """When a share (0.5 for a half) of the time to a deadline has gone, in the unit's time.

        Raises ValueError when the deadline lies before `start`.
        """
        whole = self.elapsed(start, due_at, unit)
        return self.shifted(start, whole * share // _MILLISECOND * _MILLISECOND, unit).at

    def _due(self, start: datetime, at: datetime) -> Due:
        return Due(at, not self.calendar.is_certain(beijing_date(start), beijing_date(at)))

    def _clock(self, at: datetime) -> tuple[int, int]:
        """The year of an instant, and the milliseconds worked in it until then."""
        year = at.astimezone(BEIJING).year
        return year, self._open_time(year).worked_until(_moment(at))

    def _open_time(self, year: int) -> OpenTime:
        if year not in self._years:
            self._years[year] = open_time(self._spans(year))
        return self._years[year]

    def _spans(self, year: int) -> Iterator[tuple[Moment, Moment]]:
        for day in self.calendar.working_days(year):
            yield from (_placed(day, span) for span in self.hours.spans)
        for duty in self.roster:
            day = date.fromisoformat(duty.day)
            if day.year == year:
                yield from (_placed(day, span) for span in duty.spans)


def _placed(day: date, span: Span) -> tuple[Moment, Moment]:
    return _moment(_at(day, span.opens)), _moment(_at(day, span.closes))


def _at(day: date, time: TimeOfDay) -> datetime:
    hour, minute = map(int, time.split(":"))
    midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    return (midnight + timedelta(hours=hour, minutes=minute)).astimezone(UTC)


def _moment(at: datetime) -> Moment:
    return (at - _EPOCH) // _MILLISECOND


def _instant(moment: Moment) -> datetime:
    return _EPOCH + moment * _MILLISECOND
