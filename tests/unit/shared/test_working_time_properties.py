"""What holds for working time on every day of every year that the calendar covers, and after."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import BEIJING, beijing_date
from shared.contracts.working_time import DutyDay, Limit, OfficeHours, Span, YearPlan
from shared.working_calendar import Calendar
from shared.working_time import WorkingTime

MINUTE, DAY, MILLISECOND = timedelta(minutes=1), timedelta(days=1), timedelta(milliseconds=1)
FIRST, LAST = date(2004, 1, 1), date(2028, 12, 31)
DAYS = tuple(FIRST + DAY * i for i in range((LAST - FIRST).days + 1))
LAST_PUBLISHED = 2026


def hours(*spans):
    return OfficeHours(spans=tuple(Span(opens=opens, closes=closes) for opens, closes in spans))


SATURDAYS = tuple(
    DutyDay(day=day.isoformat(), spans=hours(("09:00", "12:00"), ("17:00", "24:00")).spans)
    for day in DAYS
    if day.weekday() == 5
)
PLANS = (
    YearPlan(year=2021, holidays=("2021-07-21", "2021-07-22"), working_days=("2021-07-25",)),
    YearPlan(year=2027, holidays=("2026-12-31", "2027-01-01"), working_days=("2027-01-03",)),
)
COUNTIES = {
    "as delivered": WorkingTime(),
    "on duty on Saturdays": WorkingTime(roster=SATURDAYS),
    "with plans of its own": WorkingTime(Calendar(PLANS)),
    "open day and night": WorkingTime(hours=hours(("00:00", "24:00"))),
    "three short spans": WorkingTime(
        hours=hours(("00:00", "00:01"), ("09:07", "11:00"), ("11:00", "13:59"))
    ),
}

counties = st.sampled_from(sorted(COUNTIES)).map(COUNTIES.__getitem__)
days = st.dates(FIRST, LAST)
to_the_minute = st.datetimes(
    datetime(2004, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2027, 12, 1),  # noqa: DTZ001
    timezones=st.just(BEIJING),
).map(lambda at: at.replace(second=0, microsecond=0))
instants = st.builds(
    lambda minute, rest: (minute + rest * MILLISECOND).astimezone(UTC),
    to_the_minute,
    st.integers(0, 59_999),
)
spells = st.integers(0, 90 * 24 * 3_600_000).map(lambda count: count * MILLISECOND)
limits = st.one_of(
    st.builds(Limit, amount=st.integers(1, 3000), unit=st.just("working_minute")),
    st.builds(Limit, amount=st.integers(1, 200), unit=st.just("working_hour")),
)
day_limits = st.builds(Limit, amount=st.integers(1, 400), unit=st.just("working_day"))
every_limit = st.one_of(
    limits, day_limits, st.builds(Limit, amount=st.integers(1, 100), unit=st.just("natural_hour"))
)

many = settings(deadline=None, max_examples=150)
some = settings(deadline=None, max_examples=60)


# --- the reference: a clerk who looks at the clock every minute


def is_worked(county, day):
    planned = {
        named: is_on
        for plan in county.calendar.published
        for named, is_on in (
            *((day, False) for day in plan.holidays),
            *((day, True) for day in plan.working_days),
        )
    }
    by_law = day in chinese_calendar.workdays or (
        day.weekday() < 5 and day not in chinese_calendar.holidays
    )
    return planned.get(day.isoformat(), by_law)


def spans_of(county, day):
    if is_worked(county, day):
        yield from county.hours.spans
    for duty in county.roster:
        if duty.day == day.isoformat():
            yield from duty.spans


def open_minutes(county, start):
    """Every minute from `start` on, and whether the office is open in it."""
    minute = start
    while True:
        day = minute.date()
        spans = [(span.opens, span.closes) for span in spans_of(county, day)]
        while minute.date() == day:
            clock = minute.strftime("%H:%M")
            yield minute, any(opens <= clock < closes for opens, closes in spans)
            minute += MINUTE


def minutes_worked(county, start, end):
    worked = 0
    for minute, is_open in open_minutes(county, start):
        if minute >= end:
            return worked
        worked += is_open
    return None


def reached(county, start, minutes):
    for minute, is_open in open_minutes(county, start):
        minutes -= is_open
        if minutes == 0:
            return minute + MINUTE
    return None


def nth_working_day(county, day, count):
    while count:
        day += DAY
        count -= is_worked(county, day)
    return day


@some
@given(counties, to_the_minute, st.integers(0, 14 * 24 * 60))
def test_time_worked_is_what_a_clerk_counts_minute_by_minute(county, start, minutes):
    end = start + minutes * MINUTE
    assert county.worked(start, end) == minutes_worked(county, start, end) * MINUTE


@some
@given(counties, to_the_minute, st.integers(1, 40 * 60))
def test_a_limit_in_hours_ends_when_the_clerk_has_counted_it(county, start, minutes):
    deadline = county.due(start, Limit(amount=minutes, unit="working_minute"))
    assert deadline.at == reached(county, start, minutes)


@many
@given(counties, to_the_minute, st.integers(1, 60))
def test_a_limit_in_days_ends_with_the_office_hours_of_the_nth_working_day(county, start, count):
    day = nth_working_day(county, start.date(), count)
    deadline = county.due(start, Limit(amount=count, unit="working_day")).at
    midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
    closes = county.hours.spans[-1].closes
    assert deadline - midnight == timedelta(hours=int(closes[:2]), minutes=int(closes[3:]))


@pytest.mark.parametrize("county", COUNTIES.values(), ids=COUNTIES)
def test_every_day_is_a_working_day_exactly_when_calendar_and_plans_say_so(county):
    wrong = [day for day in DAYS if county.calendar.is_working_day(day) != is_worked(county, day)]
    assert wrong == []


# --- the clock


@many
@given(counties, instants, instants, instants)
def test_time_worked_adds_up_over_any_split(county, one, two, three):
    assert county.worked(one, two) + county.worked(two, three) == county.worked(one, three)


@many
@given(counties, instants, spells)
def test_time_worked_is_never_negative_nor_more_than_the_time_that_passed(county, start, spell):
    assert timedelta(0) <= county.worked(start, start + spell) <= spell


# --- deadlines


@many
@given(counties, instants, limits)
def test_until_a_deadline_exactly_the_limit_has_been_worked(county, start, limit):
    due_at = county.due(start, limit).at
    length = timedelta(**{f"{limit.unit.removeprefix('working_')}s": limit.amount})
    assert county.worked(start, due_at) == length
    assert county.worked(start, due_at - MILLISECOND) == length - MILLISECOND


@many
@given(counties, instants, day_limits)
def test_until_a_deadline_in_days_exactly_so_many_working_days_have_come(county, start, limit):
    day = beijing_date(county.due(start, limit).at - MILLISECOND)  # an office may close at 24:00
    assert county.calendar.working_days_between(beijing_date(start), day) == limit.amount
    assert county.calendar.is_working_day(day)


@many
@given(counties, instants, spells, every_limit)
def test_whoever_starts_later_is_never_due_earlier(county, start, spell, limit):
    assert county.due(start, limit).at <= county.due(start + spell, limit).at


@many
@given(counties, instants, every_limit)
def test_a_longer_limit_ends_later(county, start, limit):
    longer = Limit(amount=limit.amount + 1, unit=limit.unit)
    assert start < county.due(start, limit).at < county.due(start, longer).at


@many
@given(instants, every_limit)
def test_a_deadline_is_provisional_exactly_when_it_may_still_move(start, limit):
    deadline = COUNTIES["as delivered"].due(start, limit)
    may_move = beijing_date(deadline.at) >= date(LAST_PUBLISHED, 12, 29)
    assert deadline.is_provisional == (may_move and limit.unit != "natural_hour")


# --- holds and warnings


@many
@given(counties, instants, every_limit, spells, spells)
def test_after_a_hold_as_much_is_left_as_before_it(county, start, limit, until_hold, hold):
    due_at = county.due(start, limit).at
    held_at = min(start + until_hold, due_at)
    resumed_at = held_at + hold
    held = county.elapsed(held_at, resumed_at, limit.unit)
    new_due_at = county.shifted(due_at, held, limit.unit).at
    left = county.elapsed(held_at, due_at, limit.unit)
    assert county.elapsed(resumed_at, new_due_at, limit.unit) == left


@many
@given(counties, instants, st.sampled_from(["working_hour", "natural_hour"]), spells, spells)
def test_two_holds_give_back_as_much_as_one_of_both(county, due_at, unit, one, other):
    both = county.shifted(due_at, one + other, unit)
    after_one = county.shifted(due_at, one, unit).at
    assert county.shifted(after_one, other, unit).at == both.at


@many
@given(counties, instants, every_limit, st.integers(0, 100))
def test_a_warning_comes_when_its_share_of_the_time_has_gone(county, start, limit, percent):
    due_at = county.due(start, limit).at
    warned_at = county.fraction(start, due_at, percent / 100, limit.unit)
    whole = county.elapsed(start, due_at, limit.unit)
    gone = county.elapsed(start, warned_at, limit.unit)
    assert start <= warned_at <= due_at
    assert abs(gone - whole * percent / 100) <= MILLISECOND


# --- days


@many
@given(counties, days, days)
def test_working_days_between_two_days_are_those_that_the_clerk_ticks_off(county, first, last):
    first, last = sorted((first, min(last, first + 400 * DAY)))
    ticked = sum(is_worked(county, first + DAY * (i + 1)) for i in range((last - first).days))
    assert county.calendar.working_days_between(first, last) == ticked


@many
@given(counties, days)
def test_every_day_belongs_to_the_first_working_day_that_is_not_before_it(county, day):
    belongs_to = county.calendar.same_or_next_working_day(day)
    assert belongs_to == nth_working_day(county, day - DAY, 1)
