"""What is due: rows and a time in, commands out; twice is once, by their ids."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from services.timers.domain.bells import Alarm, Bell
from services.timers.domain.closings import Closing
from services.timers.domain.order_clocks import OrderClocks, ringing
from shared.contracts.actor import SYSTEM
from shared.contracts.dispatch import OrderSupervision, RaiseAlarm, ResumeWork
from shared.contracts.message import Command
from shared.contracts.requests import CloseRequest


class Due(NamedTuple):
    """A command whose time came at `at`."""

    at: datetime
    command_id: str
    command: Command


def due_for_order(row: OrderClocks, now: datetime) -> list[Due]:
    """Everything due for one work order at `now`, in order: after a downtime yellow, orange, red.

    Whether a late one still makes sense is decided by the work order itself.
    """
    rung = [_ring(row, bell, now) for bell in ringing(row) if bell.at <= now]
    if row.review_at is not None and row.review_at <= now:
        return [*rung, _resume(row, row.review_at, now)]
    return rung


def due_for_closing(row: Closing, now: datetime) -> list[Due]:
    """The closing of one completed request, when its time has come."""
    if row.next_at > now:
        return []
    close = CloseRequest(at=now, by=SYSTEM, request_id=row.request_id)
    return [_once("close", row.request_id, row.next_at, close)]


def ripe(now: datetime, key: str, after: tuple[datetime, str] | None = None) -> Mapping[str, Any]:
    """A MongoDB filter for rows with something due, those behind `after` in (next_at, `key`)."""
    if after is None:
        return {"next_at": {"$lte": now}}
    at, last = after
    behind = [{"next_at": {"$gt": at}}, {"next_at": at, key: {"$gt": last}}]
    return {"next_at": {"$gte": at, "$lte": now}, "$or": behind}


def _ring(row: OrderClocks, bell: Bell, now: datetime) -> Due:
    thing = {"request_id": row.request_id, "work_order_id": row.work_order_id}
    if isinstance(bell, Alarm):
        said: dict[str, Any] = thing | bell.model_dump(exclude={"at"})
        alarm = RaiseAlarm(at=now, by=SYSTEM, **said)
        about = bell.supervision_id or row.work_order_id
        return _once(f"{bell.limit}_{bell.level}", about, bell.at, alarm)
    level = bell.supervised_by
    order = OrderSupervision(at=now, by=SYSTEM, **thing, level=level, cause="ladder")
    return _once(f"supervision_{level}", row.work_order_id, bell.at, order)


def _resume(row: OrderClocks, review_at: datetime, now: datetime) -> Due:
    resume = ResumeWork(
        at=now,
        by=SYSTEM,
        request_id=row.request_id,
        work_order_id=row.work_order_id,
        reason="review_due",
    )
    return _once("hold_review", row.work_order_id, review_at, resume)


def _once(rule: str, thing: str, at: datetime, command: Command) -> Due:
    """Its id says which rule, which thing and which time, to the millisecond: as fine as rows are.

    What it asks for may come up differently under the same id only after a refusal or a silence,
    and neither is kept.
    """
    return Due(at, f"{rule}:{thing}:{at.isoformat(timespec='milliseconds')}", command)
