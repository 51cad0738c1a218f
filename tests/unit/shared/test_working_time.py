"""Working time by example: the days and hours of a real county calendar."""

from datetime import UTC, datetime, timedelta

import bson
import pytest
from pydantic import ValidationError

from shared.calendar import BEIJING
from shared.contracts.working_time import DutyDay, Limit, OfficeHours, Span, YearPlan
from shared.working_calendar import Calendar
from shared.working_time import Due, WorkingTime

COUNTY = WorkingTime()
OFFICE_DAY = timedelta(hours=7)


def at(text):
    """An instant by the county's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def limit(amount, unit):
    return Limit(amount=amount, unit=unit)


def due(start, amount, unit, county=COUNTY):
    return county.due(at(start), limit(amount, unit)).at


def hours(amount):
    return timedelta(hours=amount)


# --- hours


def test_working_hours_run_while_the_office_is_open():
    assert due("2026-11-04T09:00", 2, "working_hour") == at("2026-11-04T11:00")


def test_lunch_is_not_working_time():
    assert due("2026-11-04T11:00", 2, "working_hour") == at("2026-11-04T15:30")


def test_what_ends_with_the_morning_is_due_at_noon_not_after_lunch():
    assert due("2026-11-04T08:30", 210, "working_minute") == at("2026-11-04T12:00")


@pytest.mark.parametrize("start", ["2026-11-03T22:10", "2026-11-04T06:00", "2026-11-04T08:30"])
def test_outside_office_hours_the_clock_waits_for_the_office_to_open(start):
    assert due(start, 4, "working_hour") == at("2026-11-04T15:00")


def test_four_hours_on_a_friday_afternoon_end_on_monday_morning():
    assert due("2026-11-06T16:00", 4, "working_hour") == at("2026-11-09T10:30")


def test_a_critical_case_runs_through_night_and_holiday():
    assert due("2026-09-30T23:50", 30, "natural_minute") == at("2026-10-01T00:20")
    assert due("2026-10-01T15:00", 24, "natural_hour") == at("2026-10-02T15:00")


def test_answers_are_in_utc():
    for unit in ("natural_hour", "working_hour", "working_day"):
        assert COUNTY.due(at("2026-11-04T09:00"), limit(1, unit)).at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        COUNTY.worked(datetime(2026, 11, 4, 9), at("2026-11-04T10:00"))  # noqa: DTZ001 - the point


# --- days


@pytest.mark.parametrize("start", ["T00:00", "T08:00", "T10:00", "T13:00", "T17:59", "T22:00"])
def test_days_count_from_the_next_working_day_whatever_the_hour(start):
    assert due(f"2026-11-04{start}", 1, "working_day") == at("2026-11-05T18:00")


def test_on_a_day_off_the_first_working_day_after_it_is_day_one():
    assert due("2026-11-07T10:00", 1, "working_day") == at("2026-11-09T18:00")


def test_five_working_days_span_a_weekend():
    assert due("2026-11-05T10:00", 5, "working_day") == at("2026-11-12T18:00")


def test_the_day_is_that_of_beijing():
    late = datetime(2026, 11, 4, 16, 30, tzinfo=UTC)  # 5 November, half past midnight
    assert COUNTY.due(late, limit(1, "working_day")).at == at("2026-11-06T18:00")


def test_national_day_takes_a_week_and_gives_back_a_saturday():
    # 2026: 1 to 7 October off; Sunday 20 September and Saturday 10 October are working days
    assert due("2026-09-30T10:00", 1, "working_day") == at("2026-10-08T18:00")
    assert due("2026-09-30T10:00", 3, "working_day") == at("2026-10-10T18:00")
    assert due("2026-09-30T17:00", 2, "working_hour") == at("2026-10-08T09:30")
    assert due("2026-10-09T17:00", 2, "working_hour") == at("2026-10-10T09:30")


def test_spring_festival_takes_nine_days_between_two_working_weekends():
    # 2026: 15 to 23 February off; Saturdays 14 and 28 February are working days
    assert due("2026-02-13T10:00", 1, "working_day") == at("2026-02-14T18:00")
    assert due("2026-02-14T10:00", 1, "working_day") == at("2026-02-24T18:00")
    assert due("2026-02-27T10:00", 1, "working_day") == at("2026-02-28T18:00")
    assert COUNTY.worked(at("2026-02-14T17:00"), at("2026-02-24T09:30")) == hours(2)


def test_a_year_ends_in_the_middle_of_a_limit():
    # 1 January 2025 is off, 2 January is not
    assert due("2024-12-31T17:30", 1, "working_hour") == at("2025-01-02T09:00")
    assert due("2024-12-30T10:00", 2, "working_day") == at("2025-01-02T18:00")


def test_what_ends_with_the_last_office_hour_of_a_year_is_due_in_that_year():
    assert due("2024-12-31T17:00", 1, "working_hour") == at("2024-12-31T18:00")


def test_a_notice_may_move_the_last_days_of_the_year_before():
    # that about 2019 gave Monday 31 December 2018 off, and took Saturday 29 December for it
    assert due("2018-12-28T10:00", 2, "working_day") == at("2019-01-02T18:00")


# --- a year without a calendar

PLAN = YearPlan(
    year=2027,
    holidays=("2026-12-31", "2027-01-01"),
    working_days=("2027-01-02",),
)
INFORMED = WorkingTime(Calendar((PLAN,)))


def test_a_deadline_in_a_year_without_a_calendar_counts_weekdays_and_says_so():
    deadline = COUNTY.due(at("2026-12-25T10:00"), limit(5, "working_day"))
    # New Year's Day is off in every year, but nobody has said so yet
    assert deadline == Due(at("2027-01-01T18:00"), is_provisional=True)


def test_when_the_calendar_arrives_the_deadline_is_settled():
    deadline = INFORMED.due(at("2026-12-25T10:00"), limit(5, "working_day"))
    assert deadline == Due(at("2027-01-04T18:00"))


@pytest.mark.parametrize(
    ("start", "is_provisional"), [("2026-12-24T10:00", False), ("2026-12-28T10:00", True)]
)
def test_the_last_three_days_of_a_year_hang_on_the_notice_about_the_next(start, is_provisional):
    assert COUNTY.due(at(start), limit(1, "working_day")).is_provisional is is_provisional
    assert INFORMED.due(at(start), limit(1, "working_day")).is_provisional is False


def test_natural_time_is_never_provisional():
    assert COUNTY.due(at("2027-03-01T10:00"), limit(1, "natural_hour")).is_provisional is False


def test_giving_back_no_time_settles_no_deadline():
    uncertain = COUNTY.shifted(at("2027-03-01T18:00"), timedelta(0))
    assert uncertain == Due(at("2027-03-01T18:00"), is_provisional=True)


# --- the county's own


def test_a_plan_corrects_a_published_year_and_leaves_the_rest_of_it():
    flood = YearPlan(year=2026, holidays=("2026-11-04",), working_days=("2026-11-07",))
    county = WorkingTime(Calendar((flood,)))
    assert due("2026-11-03T10:00", 1, "working_day", county) == at("2026-11-05T18:00")
    assert due("2026-11-06T10:00", 1, "working_day", county) == at("2026-11-07T18:00")
    assert due("2026-09-30T10:00", 3, "working_day", county) == at("2026-10-10T18:00")


def test_the_later_plan_is_right():
    off = YearPlan(year=2026, holidays=("2026-11-04",))
    on_again = YearPlan(year=2026, working_days=("2026-11-04",))
    day = at("2026-11-04T00:00").date()
    assert Calendar((off, on_again)).is_working_day(day)
    assert not Calendar((on_again, off)).is_working_day(day)


def test_a_county_keeps_its_own_office_hours():
    early = OfficeHours(spans=(Span(opens="08:00", closes="17:00"),))
    county = WorkingTime(hours=early)
    assert due("2026-11-04T11:00", 2, "working_hour", county) == at("2026-11-04T13:00")
    assert due("2026-11-04T11:00", 1, "working_day", county) == at("2026-11-05T17:00")


SUNDAY_DUTY = DutyDay(day="2026-11-08", spans=(Span(opens="09:00", closes="12:00"),))
EVENING_DUTY = DutyDay(day="2026-11-04", spans=(Span(opens="17:00", closes="24:00"),))
ON_DUTY = WorkingTime(roster=(SUNDAY_DUTY, EVENING_DUTY))


def test_hours_run_for_whoever_is_on_duty():
    assert due("2026-11-06T16:00", 4, "working_hour", ON_DUTY) == at("2026-11-08T11:00")
    assert due("2026-11-04T17:30", 2, "working_hour", ON_DUTY) == at("2026-11-04T19:30")


@pytest.mark.parametrize(("opens", "closes"), [("09:00", "10:00"), ("08:00", "09:00")])
def test_duty_within_office_hours_counts_once(opens, closes):
    duty = DutyDay(day="2026-11-04", spans=(Span(opens=opens, closes=closes),))
    morning = at("2026-11-04T08:30"), at("2026-11-04T12:00")
    assert WorkingTime(roster=(duty,)).worked(*morning) == hours(3.5)


def test_duty_makes_no_working_day():
    assert due("2026-11-06T10:00", 1, "working_day", ON_DUTY) == at("2026-11-09T18:00")
    assert due("2026-11-03T10:00", 1, "working_day", ON_DUTY) == at("2026-11-04T18:00")


# --- holds, warnings, once a working day


def test_a_hold_gives_its_working_time_back():
    held = COUNTY.elapsed(at("2026-11-05T10:00"), at("2026-11-09T10:00"), "working_day")
    assert held == 2 * OFFICE_DAY
    assert COUNTY.shifted(at("2026-11-12T18:00"), held).at == at("2026-11-16T18:00")


def test_a_hold_of_a_critical_case_gives_natural_time_back():
    held = COUNTY.elapsed(at("2026-11-07T10:00"), at("2026-11-08T10:00"), "natural_hour")
    assert COUNTY.shifted(at("2026-11-08T12:00"), held, "natural_hour").at == at("2026-11-09T12:00")


def test_a_deadline_moves_forward_only():
    with pytest.raises(ValueError, match="forward"):
        COUNTY.shifted(at("2026-11-05T10:00"), -hours(1))


def test_warnings_come_at_a_share_of_the_time_in_which_the_limit_runs():
    start, four_hours_later = at("2026-11-06T16:00"), at("2026-11-09T10:30")
    half = COUNTY.fraction(start, four_hours_later, 0.5, "working_hour")
    assert half == at("2026-11-06T18:00")
    assert COUNTY.fraction(start, at("2026-11-07T16:00"), 0.5, "natural_hour") == at(
        "2026-11-07T04:00"
    )


def test_the_warnings_of_a_limit_in_days_count_from_its_start():
    start, end = at("2026-11-02T08:30"), at("2026-11-06T18:00")
    assert COUNTY.fraction(start, end, 0.8, "working_day") == at("2026-11-05T18:00")


def test_what_happens_on_a_day_off_belongs_to_the_next_working_day():
    calendar = COUNTY.calendar
    friday, sunday, monday = (at(f"2026-11-{day}T09:00").date() for day in ("06", "08", "09"))
    assert calendar.same_or_next_working_day(sunday) == monday
    assert calendar.same_or_next_working_day(friday) == friday
    assert calendar.working_days_between(friday, monday) == 1
    assert calendar.working_days_between(monday, friday) == -1


def test_a_working_day_is_counted_from_the_next_one():
    with pytest.raises(ValueError, match="from 1"):
        COUNTY.calendar.add_working_days(at("2026-11-06T09:00").date(), 0)


# --- what stands in events


@pytest.mark.parametrize(
    "said",
    [limit(4, "working_hour"), OfficeHours(), SUNDAY_DUTY, PLAN],
    ids=lambda said: type(said),
)
def test_it_survives_the_database(said):
    stored = bson.decode(bson.encode(said.model_dump()))
    assert type(said).model_validate(stored, strict=False) == said


@pytest.mark.parametrize(
    "spans",
    [
        (),
        (("12:00", "08:30"),),
        (("08:30", "08:30"),),
        (("14:30", "18:00"), ("08:30", "12:00")),
        (("08:30", "12:00"), ("11:00", "18:00")),
        (("8:30", "12:00"),),
        (("08:30", "25:00"),),
    ],
)
def test_office_hours_are_some_spans_in_order(spans):
    with pytest.raises(ValidationError):
        OfficeHours(spans=tuple(Span(opens=opens, closes=closes) for opens, closes in spans))


@pytest.mark.parametrize("day", ["2027-02-30", "20270201", "2026-12-28", "2028-01-01"])
def test_a_plan_names_days_of_its_year(day):
    with pytest.raises(ValidationError):
        YearPlan(year=2027, holidays=(day,))


def test_a_day_is_on_or_off():
    with pytest.raises(ValidationError):
        YearPlan(year=2027, holidays=("2027-01-02",), working_days=("2027-01-02",))


@pytest.mark.parametrize("amount", [0, -1])
def test_a_limit_is_at_least_one(amount):
    with pytest.raises(ValidationError):
        limit(amount, "working_hour")
