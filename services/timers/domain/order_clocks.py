"""The clocks of every open work order: which bells are still to ring, and which have rung."""

from collections.abc import Iterable
from datetime import datetime
from typing import get_args

from services.timers.domain.bells import (
    LEVELS,
    Alarm,
    Bell,
    Step,
    answer_owed,
    bells_of,
    in_order,
    is_about_an_answer,
    report_owed,
    still_ring,
)
from shared.contracts import dispatch
from shared.contracts.deadlines import Deadlines
from shared.event_log import Recorded
from shared.lifecycle import OPEN_ORDER, WorkOrderStatus, order_status_after
from shared.views import Row, View


class OrderClocks(Row):
    """One open work order. On hold (`review_at`) only the review rings, and answers that are owed.

    `rung` remembers what has been said, so that deadlines set anew repeat only what has moved.
    `next_at`: when the next thing is due; None when nothing will be, ever.
    """

    request_id: str
    work_order_id: str
    status: WorkOrderStatus
    bells: tuple[Bell, ...] = ()
    rung: tuple[Bell, ...] = ()
    review_at: datetime | None = None
    next_at: datetime | None = None


Change = (
    dispatch.WorkOrderAccepted
    | dispatch.FirstContactRecorded
    | dispatch.ServiceDelivered
    | dispatch.ExtensionGranted
    | dispatch.HoldGranted
    | dispatch.WorkResumed
    | dispatch.DeadlinesRecomputed
    | dispatch.AlarmRaised
    | dispatch.SupervisionOrdered
    | dispatch.SupervisionAnswered
)
End = (
    dispatch.WorkOrderReturned
    | dispatch.WorkOrderExcused
    | dispatch.WorkOrderCompleted
    | dispatch.WorkOrderCancelled
)
Told = dispatch.WorkOrderDispatched | Change | End


def _key(fact: Recorded) -> str | None:
    return fact.event.work_order_id if isinstance(fact.event, Told) else None


def _project(row: OrderClocks | None, fact: Recorded) -> OrderClocks | None:
    event = fact.event
    if isinstance(event, dispatch.WorkOrderDispatched):
        return _waiting(_with_deadlines(_dispatched(event), event.deadlines))
    if row is None or not isinstance(event, Change | End):
        return row
    status = order_status_after(row.status, event)
    if status not in OPEN_ORDER:
        return None
    return _waiting(_after(row.model_copy(update={"status": status}), event))


def _dispatched(event: dispatch.WorkOrderDispatched) -> OrderClocks:
    return OrderClocks(
        request_id=event.request_id, work_order_id=event.work_order_id, status="dispatched"
    )


def _after(row: OrderClocks, event: Change | End) -> OrderClocks:
    match event:
        case dispatch.ExtensionGranted() | dispatch.DeadlinesRecomputed():
            return _with_deadlines(row, event.deadlines)
        case dispatch.HoldGranted(review_at=review_at):
            return row.model_copy(update={"review_at": review_at})
        case dispatch.WorkResumed(deadlines=deadlines):
            return _with_deadlines(row.model_copy(update={"review_at": None}), deadlines)
        case dispatch.ServiceDelivered(report_by=report_by):
            return _owing(row, report_by)
        case dispatch.AlarmRaised():
            return _without(row, _said_by(event, row.bells))
        case dispatch.SupervisionOrdered():
            return _supervised(row, event)
        case dispatch.SupervisionAnswered(supervision_id=id):
            answered = [b for b in row.bells if isinstance(b, Alarm) and b.supervision_id == id]
            return _without(row, answered)
        case _:
            return row


def _with_deadlines(row: OrderClocks, deadlines: Deadlines | None) -> OrderClocks:
    """New deadlines ring for whatever has not been said at that very time already."""
    said = {_what_and_when(bell) for bell in row.rung}
    bells = bells_of(deadlines) if deadlines else ()
    fresh = [bell for bell in bells if _what_and_when(bell) not in said]
    return row.model_copy(
        update={"bells": in_order([*fresh, *filter(is_about_an_answer, row.bells)])}
    )


def _supervised(row: OrderClocks, event: dispatch.SupervisionOrdered) -> OrderClocks:
    """The ladder's step is taken; whoever ordered it, an answer is owed from now on."""
    steps = [b for b in row.bells if isinstance(b, Step) and b.supervised_by == event.level]
    after = _without(row, steps[:1]) if event.cause == "ladder" else row
    owed = answer_owed(event.supervision_id, event.answer_by)
    return after.model_copy(update={"bells": in_order([*after.bells, owed])})


def _owing(row: OrderClocks, report_by: datetime | None) -> OrderClocks:
    others = [
        bell for bell in row.bells if not (isinstance(bell, Alarm) and bell.limit == "report")
    ]
    return row.model_copy(update={"bells": in_order([*others, *report_owed(report_by)])})


def _without(row: OrderClocks, said: Iterable[Bell]) -> OrderClocks:
    gone = tuple(said)
    left = tuple(bell for bell in row.bells if bell not in gone)
    return row.model_copy(update={"bells": left, "rung": (*row.rung, *gone)})


def _said_by(event: dispatch.AlarmRaised, bells: Iterable[Bell]) -> list[Bell]:
    """The alarm, and any lower one about the same time: after red, yellow is no news."""
    levels = LEVELS[: LEVELS.index(event.level) + 1]
    return [
        bell
        for bell in bells
        if isinstance(bell, Alarm)
        and (bell.limit, bell.due_at) == (event.limit, event.due_at)
        and bell.supervision_id == event.supervision_id
        and bell.level in levels
    ]


def _what_and_when(bell: Bell) -> tuple[str, ...]:
    """A hold moves the end of a limit but not a warning given before it: said once is enough."""
    what = (bell.limit, bell.level) if isinstance(bell, Alarm) else (bell.supervised_by,)
    return (*what, bell.at.isoformat())


def _waiting(row: OrderClocks) -> OrderClocks:
    """With what does not ring any more taken out, and the time of what rings next."""
    open = row.model_copy(update={"bells": still_ring(row.bells, row.status)})
    times = [bell.at for bell in ringing(open)]
    if open.review_at is not None:
        times.append(open.review_at)
    return open.model_copy(update={"next_at": min(times, default=None)})


def ringing(row: OrderClocks) -> tuple[Bell, ...]:
    """The bells that may ring as things stand."""
    if row.review_at is None:
        return row.bells
    return tuple(filter(is_about_an_answer, row.bells))


order_clocks = View(
    name="order_clocks",
    version=2,
    row=OrderClocks,
    handles=get_args(Told),
    key=_key,
    project=_project,
    indexes=(("next_at", "work_order_id"),),
)
"""Key: work_order_id. Finished orders have no row."""
