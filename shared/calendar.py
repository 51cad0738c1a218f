"""Days as the county counts them: Beijing time, which has no summer time."""

from datetime import date, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def beijing_date(at: datetime) -> date:
    """The calendar day of an instant."""
    return at.astimezone(BEIJING).date()


def beijing_day(at: datetime) -> str:
    """The calendar day of an instant, as `2026-11-22`."""
    return beijing_date(at).isoformat()


def beijing_moment(at: datetime) -> str:
    """An instant as people say it: 11月25日18:00."""
    here = at.astimezone(BEIJING)
    return f"{here.month}月{here.day}日{here:%H:%M}"
