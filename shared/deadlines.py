"""The clocks of one work order: set at dispatch, moved by holds and extensions, pure throughout.

Sources: domain.md, time table and ladder. The clock starts at dispatch, never at acceptance.
"""

from datetime import datetime

from shared.contracts.county import LevelLimits, Rules
from shared.contracts.deadlines import Clock, Deadlines, Supervision
from shared.contracts.requests import Urgency
from shared.contracts.working_time import Limit, LimitUnit
from shared.county_rules import limits_of, working_time
from shared.working_time import WorkingTime

Adjustment = Limit | tuple[datetime, datetime]
"""What has moved a deadline: an extension, or a hold with its beginning and end."""


def deadlines_for(rules: Rules, urgency: Urgency, started_at: datetime) -> Deadlines:
    """Every clock of an order of this urgency that was dispatched at `started_at`."""
    return _by_level(rules, limits_of(rules, urgency), started_at)


def _by_level(rules: Rules, level: LevelLimits, started_at: datetime) -> Deadlines:
    time = working_time(rules)
    complete = _clock(rules, started_at, level.complete)
    return Deadlines(
        rules_version=rules.version,
        started_at=started_at,
        accept=_clock(rules, started_at, level.accept) if level.accept else None,
        contact=_clock(rules, started_at, level.contact) if level.contact else None,
        complete=complete,
        return_by=time.due(started_at, rules.return_within).at,
        report_every=level.report_every,
        report_by=time.due(started_at, level.report_every).at if level.report_every else None,
        supervise_at=_supervision(rules, complete.due_at),
        is_provisional=time.due(started_at, level.complete).is_provisional,
    )


def extended(rules: Rules, deadlines: Deadlines, extra: Limit) -> Deadlines:
    """延期: completion is due `extra` later; its warnings and the ladder move along."""
    due = working_time(rules).due(deadlines.complete.due_at, extra)
    return _completed_by(rules, deadlines, due.at, due.is_provisional)


def given_back(
    rules: Rules, deadlines: Deadlines, held_at: datetime, resumed_at: datetime
) -> Deadlines:
    """挂起 and resumed: whatever was still ahead when the hold began comes that much later.

    The held time is counted as each limit counts its own: natural or working time.
    """

    def moved(at: datetime, unit: LimitUnit) -> datetime:
        if at <= held_at:
            return at
        time = working_time(rules)
        return time.shifted(at, time.elapsed(held_at, resumed_at, unit), unit).at

    def clock(one: Clock | None) -> Clock | None:
        if one is None:
            return None
        unit = one.limit.unit
        times = {name: moved(getattr(one, name), unit) for name in _INSTANTS}
        return one.model_copy(update=times)

    unit = deadlines.complete.limit.unit
    reported = deadlines.report_every
    return deadlines.model_copy(
        update={
            "accept": clock(deadlines.accept),
            "contact": clock(deadlines.contact),
            "complete": clock(deadlines.complete),
            "return_by": moved(deadlines.return_by, rules.return_within.unit),
            "report_by": deadlines.report_by
            and reported
            and moved(deadlines.report_by, reported.unit),
            "supervise_at": tuple(
                step.model_copy(update={"at": moved(step.at, unit)})
                for step in deadlines.supervise_at
            ),
        }
    )


def reported(rules: Rules, deadlines: Deadlines, at: datetime) -> Deadlines:
    """阶段报告: the next one is owed a whole period after this one."""
    if deadlines.report_every is None:
        return deadlines
    due = working_time(rules).due(at, deadlines.report_every)
    return deadlines.model_copy(update={"report_by": due.at})


def recomputed(
    rules: Rules, deadlines: Deadlines, urgency: Urgency, adjustments: tuple[Adjustment, ...]
) -> Deadlines:
    """The same history with today's calendar: what was provisional need not be so any more.

    The order keeps the limits that it started under, whatever the rules say by now.
    """
    accept, contact = deadlines.accept, deadlines.contact
    level = LevelLimits(
        urgency=urgency,
        accept=accept.limit if accept else None,
        contact=contact.limit if contact else None,
        complete=deadlines.complete.limit,
        report_every=deadlines.report_every,
    )
    again = _by_level(rules, level, deadlines.started_at)
    for adjustment in adjustments:
        if isinstance(adjustment, Limit):
            again = extended(rules, again, adjustment)
        else:
            again = given_back(rules, again, *adjustment)
    return again


_INSTANTS = ("yellow_at", "orange_at", "due_at")


def _clock(rules: Rules, started_at: datetime, limit: Limit) -> Clock:
    return _clock_until(rules, started_at, limit, working_time(rules).due(started_at, limit).at)


def _clock_until(rules: Rules, started_at: datetime, limit: Limit, due_at: datetime) -> Clock:
    """A limit that starts outside office hours may have no working time in it until it is due."""
    time, ladder = working_time(rules), rules.ladder
    yellow, orange = (
        min(due_at, time.fraction(started_at, due_at, percent / 100, limit.unit))
        for percent in (ladder.yellow_percent, ladder.orange_percent)
    )
    return Clock(limit=limit, yellow_at=yellow, orange_at=orange, due_at=due_at)


def _completed_by(
    rules: Rules, deadlines: Deadlines, due_at: datetime, is_provisional: bool
) -> Deadlines:
    complete = _clock_until(rules, deadlines.started_at, deadlines.complete.limit, due_at)
    return deadlines.model_copy(
        update={
            "complete": complete,
            "supervise_at": _supervision(rules, due_at),
            "is_provisional": deadlines.is_provisional or is_provisional,
        }
    )


def _supervision(rules: Rules, due_at: datetime) -> tuple[Supervision, ...]:
    time = working_time(rules)
    steps = sorted(rules.ladder.steps, key=lambda step: step.after_working_days)
    return tuple(
        Supervision(level=step.level, at=_working_days_later(time, due_at, step.after_working_days))
        for step in steps
    )


def _working_days_later(time: WorkingTime, at: datetime, days: int) -> datetime:
    return time.due(at, Limit(amount=days, unit="working_day")).at
