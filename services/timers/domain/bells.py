"""What rings for a work order, and when: three warnings for each limit, then the ladder (督办).

A 督办 has a deadline of its own: it is red when the answer that is owed is not there.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, get_args

from shared.contracts.deadlines import (
    AlarmLevel,
    Clock,
    Deadlines,
    LimitKind,
    Supervision,
    SupervisionLevel,
)
from shared.lifecycle import OPEN_ORDER, WorkOrderStatus
from shared.views import Row

LEVELS: Final[tuple[AlarmLevel, ...]] = get_args(AlarmLevel)
"""In the order in which they ring."""

RINGS_WHILE: Final[Mapping[LimitKind, frozenset[WorkOrderStatus]]] = {
    "accept": frozenset({"dispatched"}),
    "contact": frozenset({"dispatched", "accepted"}),
    "complete": OPEN_ORDER,
    "report": OPEN_ORDER,
    "answer": OPEN_ORDER,
}
"""A limit stands until the step it waits for has been taken."""


class Alarm(Row):
    """黄 / 橙 / 红 of one limit, which itself is due at `due_at`."""

    at: datetime
    limit: LimitKind
    level: AlarmLevel
    due_at: datetime
    supervision_id: str | None = None
    """The 督办 that waits for an answer."""


class Step(Row):
    """A step of the ladder."""

    at: datetime
    supervised_by: SupervisionLevel


Bell = Alarm | Step


def bells_of(deadlines: Deadlines) -> tuple[Bell, ...]:
    """Everything these deadlines would ring for, in order of time."""
    clocks: tuple[tuple[LimitKind, Clock | None], ...] = (
        ("accept", deadlines.accept),
        ("contact", deadlines.contact),
        ("complete", deadlines.complete),
    )
    alarms = [alarm for limit, clock in clocks if clock for alarm in _warnings(limit, clock)]
    return in_order([*alarms, *report_owed(deadlines.report_by), *_ladder(deadlines.supervise_at)])


def report_owed(report_by: datetime | None) -> tuple[Bell, ...]:
    """阶段报告: nobody is warned beforehand; it is red when it is not there."""
    if report_by is None:
        return ()
    return (Alarm(at=report_by, limit="report", level="red", due_at=report_by),)


def answer_owed(supervision_id: str, answer_by: datetime) -> Bell:
    """督办回复: like a report, it is red when it is not there."""
    return Alarm(
        at=answer_by, limit="answer", level="red", due_at=answer_by, supervision_id=supervision_id
    )


def is_about_an_answer(bell: Bell) -> bool:
    """Whether it rings on hold too: a hold stops the work, not what is owed to a 督办."""
    return isinstance(bell, Alarm) and bell.limit == "answer"


def in_order(bells: Iterable[Bell]) -> tuple[Bell, ...]:
    """By time; what rings at the same time stays as it was: yellow before orange before red."""
    return tuple(sorted(bells, key=lambda bell: bell.at))


def still_ring(bells: Iterable[Bell], status: WorkOrderStatus) -> tuple[Bell, ...]:
    """Without those whose step has been taken."""
    return tuple(
        bell for bell in bells if isinstance(bell, Step) or status in RINGS_WHILE[bell.limit]
    )


def _warnings(limit: LimitKind, clock: Clock) -> list[Bell]:
    times = (clock.yellow_at, clock.orange_at, clock.due_at)
    return [
        Alarm(at=at, limit=limit, level=level, due_at=clock.due_at)
        for level, at in zip(LEVELS, times, strict=True)
    ]


def _ladder(steps: Iterable[Supervision]) -> list[Bell]:
    return [Step(at=step.at, supervised_by=step.level) for step in steps]
