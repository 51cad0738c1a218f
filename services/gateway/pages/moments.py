"""Times as people in the county read them: Beijing time, and 今天 for today."""

from datetime import datetime

from shared.calendar import BEIJING


def local(at: str | datetime) -> datetime:
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return instant.astimezone(BEIJING)


def moment(at: str, now: datetime) -> str:
    """今天 14:05, 11月22日 14:05, or with the year when it is another one."""
    then, today = local(at), local(now)
    if then.date() == today.date():
        return f"今天 {then:%H:%M}"
    if then.year == today.year:
        return f"{then.month}月{then.day}日 {then:%H:%M}"
    return f"{then.year}年{then.month}月{then.day}日 {then:%H:%M}"


def day(iso_day: str) -> str:
    """2026-11-22 → 2026年11月22日 星期日."""
    date = datetime.fromisoformat(iso_day)
    return f"{date.year}年{date.month}月{date.day}日 星期{'一二三四五六日'[date.weekday()]}"
