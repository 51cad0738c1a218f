"""What a period is compared with."""

import pytest

from services.ledger.domain.periods import UNITS, Period, a_year_before, before, clipped, said


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31")),
        (("2026-04-01", "2026-06-30"), ("2026-01-01", "2026-03-31")),
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")),
        (("2026-03-05", "2026-03-11"), ("2026-02-26", "2026-03-04")),
        (("2026-03-05", "2026-03-05"), ("2026-03-04", "2026-03-04")),
    ],
)
def test_the_period_before_is_a_whole_one_or_as_many_days(days, expected):
    assert before(Period.of(*days)).days == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (("2026-03-05", "2026-03-11"), ("2025-03-05", "2025-03-11")),
        (("2024-02-29", "2024-02-29"), ("2023-02-28", "2023-02-28")),
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
    ],
)
def test_the_same_period_of_last_year_ends_where_the_month_ends(days, expected):
    assert a_year_before(Period.of(*days)).days == expected


def test_every_unit_holds_the_day_and_has_a_name():
    day = Period.of("2026-11-22", "2026-11-22")
    found = {unit: UNITS[unit](day.first) for unit in UNITS}
    assert {unit: (*span.days, said(unit, span)) for unit, span in found.items()} == {
        "day": ("2026-11-22", "2026-11-22", "2026年11月22日"),
        "month": ("2026-11-01", "2026-11-30", "2026年11月"),
        "quarter": ("2026-10-01", "2026-12-31", "2026年第4季度"),
        "year": ("2026-01-01", "2026-12-31", "2026年"),
    }
    assert clipped(found["quarter"], found["month"]).days == ("2026-11-01", "2026-11-30")
