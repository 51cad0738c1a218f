"""Days as the county counts them: Beijing time, which has no summer time."""

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def beijing_day(at: datetime) -> str:
    """The calendar day of an instant, as `2026-11-22`."""
    return at.astimezone(BEIJING).date().isoformat()
