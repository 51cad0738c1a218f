"""Days as the county counts them: Beijing time, which has no summer time."""

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def beijing_date(at: datetime) -> date:
    """The calendar day of an instant."""
    return at.astimezone(BEIJING).date()


def beijing_day(at: datetime) -> str:
    """The calendar day of an instant, as `2026-11-22`."""
    return beijing_date(at).isoformat()
