"""The rules a county starts with, which are those of domain.md, and what follows from any rules."""

from shared.contracts.county import Ladder, LadderStep, LevelLimits, Rules, Sampling
from shared.contracts.requests import Urgency
from shared.contracts.working_time import Limit, LimitUnit
from shared.working_calendar import Calendar
from shared.working_time import WorkingTime


def _limit(amount: int, unit: LimitUnit) -> Limit:
    return Limit(amount=amount, unit=unit)


_FIVE_DAYS = _limit(5, "working_day")

DEFAULT_RULES = Rules(
    version="default-1",
    levels=(
        LevelLimits(
            urgency="critical",
            accept=_limit(30, "natural_minute"),
            contact=_limit(1, "natural_hour"),
            complete=_limit(24, "natural_hour"),
        ),
        LevelLimits(
            urgency="urgent",
            accept=_limit(2, "working_hour"),
            contact=_limit(4, "working_hour"),
            complete=_limit(3, "working_day"),
        ),
        LevelLimits(
            urgency="normal",
            accept=_limit(4, "working_hour"),
            contact=_limit(1, "working_day"),
            complete=_FIVE_DAYS,
        ),
        LevelLimits(
            urgency="complex",
            accept=_limit(1, "working_day"),
            contact=_limit(1, "working_day"),
            complete=_limit(15, "working_day"),
            report_every=_FIVE_DAYS,
        ),
        LevelLimits(urgency="consultation", complete=_limit(1, "working_day")),
    ),
    return_within=_limit(1, "working_day"),
    ladder=Ladder(
        steps=(
            LadderStep(level="organization_head", after_working_days=1),
            LadderStep(level="center", after_working_days=3),
            LadderStep(level="committee_secretary", after_working_days=5),
        ),
        answer_within=_limit(1, "working_day"),
    ),
    sampling=(
        Sampling(beneficiary_category="child_in_difficulty", percent=100),
        Sampling(beneficiary_category="disabled_person", percent=50),
        Sampling(beneficiary_category="left_behind_woman", percent=50),
        Sampling(beneficiary_category="worker_in_hardship", percent=50),
        Sampling(beneficiary_category="league_member", percent=20),
        Sampling(beneficiary_category="resident", percent=20),
    ),
    matching=(
        "offers_the_service",
        "covers_the_area",
        "serves_the_category",
        "has_not_returned_it",
        "least_busy",
        "first_by_id",
    ),
    figures_version="1",
)
"""domain.md, time table, ladder and return visits; all children's cases are visited again."""


_TIMES: dict[str, tuple[Rules, WorkingTime]] = {}


def working_time(rules: Rules) -> WorkingTime:
    """One per set of rules, because it adds up a year of working time when it first meets it.

    Looked up by version: to hash all the rules would cost more than a deadline does.
    """
    known = _TIMES.get(rules.version)
    if known and (known[0] is rules or known[0] == rules):
        return known[1]
    calendar = Calendar(rules.published_years)
    time = WorkingTime(calendar, rules.office_hours, rules.roster)
    _TIMES[rules.version] = rules, time
    return time


def limits_of(rules: Rules, urgency: Urgency) -> LevelLimits:
    """The time table's row; every urgency has one (checked when rules are adopted)."""
    return next(level for level in rules.levels if level.urgency == urgency)
