"""One work order with short clocks, told in hours after noon."""

from datetime import datetime, timedelta

from shared.contracts import dispatch
from shared.contracts.deadlines import (
    AlarmLevel,
    Clock,
    Deadlines,
    LimitKind,
    Supervision,
    SupervisionLevel,
)
from shared.contracts.message import Command, Event
from shared.contracts.working_time import Limit
from shared.event_log import Recorded
from shared.testing.facts import NOON, recorded
from shared.views import View, rebuild

THIS = {"request_id": "R1", "work_order_id": "R1.1.1", "organization_id": "org-red"}


def hours(after_noon: float) -> datetime:
    return NOON + timedelta(hours=after_noon)


def clock(*at: float) -> Clock:
    yellow, orange, due = (hours(one) for one in at)
    limit = Limit(amount=1, unit="natural_hour")
    return Clock(limit=limit, yellow_at=yellow, orange_at=orange, due_at=due)


DEADLINES = Deadlines(
    rules_version="test-1",
    started_at=NOON,
    accept=clock(1, 2, 3),
    contact=clock(4, 5, 6),
    complete=clock(10, 16, 20),
    return_by=hours(8),
    report_by=hours(12),
    supervise_at=(
        Supervision(level="organization_head", at=hours(30)),
        Supervision(level="center", at=hours(50)),
        Supervision(level="committee_secretary", at=hours(70)),
    ),
)


def due_by(due: float, **changes: object) -> Deadlines:
    """The same with completion due at another hour, and the ladder that follows it."""
    steps = [
        Supervision(level=step.level, at=step.at + timedelta(hours=due - 20))
        for step in DEADLINES.supervise_at
    ]
    complete = clock(due * 0.5, due * 0.8, due)
    return DEADLINES.model_copy(
        update={"complete": complete, "supervise_at": tuple(steps), **changes}
    )


dispatched = dispatch.WorkOrderDispatched(
    **THIS, part="lead", round=1, chosen_by="person", deadlines=DEADLINES
)
accepted = dispatch.WorkOrderAccepted(**THIS)
contacted = dispatch.FirstContactRecorded(**THIS)
reported = dispatch.ServiceDelivered(**THIS, note_id="N1", report_by=hours(24))
extended = dispatch.ExtensionGranted(
    **THIS, extra=Limit(amount=1, unit="working_day"), deadlines=due_by(40)
)
held = dispatch.HoldGranted(**THIS, reason="resident_away", held_at=hours(11), review_at=hours(100))
resumed = dispatch.WorkResumed(
    **THIS,
    reason="review_due",
    held_at=hours(11),
    resumed_at=hours(100),
    deadlines=DEADLINES.model_copy(
        update={
            "complete": clock(10, 105, 109),
            "report_by": hours(101),
            "supervise_at": (Supervision(level="center", at=hours(139)),),
        }
    ),
)
completed = dispatch.WorkOrderCompleted(**THIS, outcome="solved", note_id="N1")
returned = dispatch.WorkOrderReturned(**THIS, reason="outside_area")
excused = dispatch.WorkOrderExcused(**THIS, reason="not_needed")
cancelled = dispatch.WorkOrderCancelled(**THIS, reason="request_withdrawn")


def raised(limit: LimitKind, level: AlarmLevel, due: float) -> dispatch.AlarmRaised:
    return dispatch.AlarmRaised(**THIS, limit=limit, level=level, due_at=hours(due))


def supervised(
    level: SupervisionLevel, cause: dispatch.SupervisionCause = "ladder", answer_by: float = 99
) -> dispatch.SupervisionOrdered:
    """The 督办 is told apart by its level, so there is one of each."""
    return dispatch.SupervisionOrdered(
        **THIS, supervision_id=level, level=level, cause=cause, answer_by=hours(answer_by)
    )


def answered(level: SupervisionLevel) -> dispatch.SupervisionAnswered:
    return dispatch.SupervisionAnswered(**THIS, supervision_id=level, note_id="N1")


def answer_missed(level: SupervisionLevel, due: float = 99) -> dispatch.AlarmRaised:
    return raised("answer", "red", due).model_copy(update={"supervision_id": level})


def happened(command: Command) -> dispatch.WorkOrderEvent:
    """What the work order says when it agrees."""
    match command:
        case dispatch.RaiseAlarm(limit=limit, level=level, due_at=due_at, supervision_id=id):
            said = {"limit": limit, "level": level, "due_at": due_at, "supervision_id": id}
            return dispatch.AlarmRaised(**THIS, **said)
        case dispatch.OrderSupervision(level=level):
            return supervised(level)
        case dispatch.ResumeWork():
            return resumed
        case _:
            raise AssertionError(command)


def facts(*events: Event) -> list[Recorded]:
    return [recorded(event, number) for number, event in enumerate(events, start=1)]


def row_after(view: View, *events: Event):  # type: ignore[type-arg]  # of any row
    """The one row these facts leave, or None."""
    return next(iter(rebuild(view, facts(*events)).values()), None)
