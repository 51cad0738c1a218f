"""The county's own rules (县级规则): what it sets for itself, adopted as one event at a time.

Every number has the default of domain.md. A case keeps the deadlines it was given; what is decided
later about it goes by the rules in force then.
"""

from typing import Literal

from pydantic import Field

from shared.contracts.deadlines import SupervisionLevel
from shared.contracts.dispatch import EvidenceKind, Outcome
from shared.contracts.message import Command, Event, Id, Message
from shared.contracts.requests import BeneficiaryCategory, Urgency
from shared.contracts.working_time import DutyDay, Limit, OfficeHours, YearPlan

MatchingRule = Literal[
    "offers_the_service",
    "covers_the_area",
    "serves_the_category",
    "has_not_returned_it",
    "best_past_outcome",
    "least_busy",
    "first_by_id",
]


class LevelLimits(Message):
    """The time table's row of one urgency; what is None is not asked for."""

    urgency: Urgency
    accept: Limit | None = None
    contact: Limit | None = None
    complete: Limit
    report_every: Limit | None = None


class LadderStep(Message):
    """督办 to `level` once an order is overdue by `after`."""

    level: SupervisionLevel
    after_working_days: int = Field(ge=1, le=60)


class Ladder(Message):
    """黄 and 橙 in percent of a limit; red is when it is due."""

    yellow_percent: int = Field(default=50, ge=1, le=99)
    orange_percent: int = Field(default=80, ge=1, le=99)
    steps: tuple[LadderStep, ...] = ()
    answer_within: Limit
    """How soon a 督办 is owed an answer."""


class Sampling(Message):
    """How many of a category's completed cases are visited again (回访), in percent."""

    beneficiary_category: BeneficiaryCategory
    percent: int = Field(ge=0, le=100)


class ProofRule(Message):
    """What an outcome has to be proved with, besides the note that every completion carries."""

    outcome: Outcome
    kinds: tuple[EvidenceKind, ...]


class Rules(Message):
    """Everything a county may set; `version` is its name and never used twice."""

    version: Id
    office_hours: OfficeHours = OfficeHours()
    roster: tuple[DutyDay, ...] = ()
    published_years: tuple[YearPlan, ...] = ()
    levels: tuple[LevelLimits, ...] = Field(min_length=5, max_length=5)
    return_within: Limit
    max_extensions: int = Field(default=2, ge=0, le=5)
    ladder: Ladder
    reopen_days: int = Field(default=15, ge=1, le=90)
    """Natural days after completion in which the asker may reopen; then the case closes itself."""
    sampling: tuple[Sampling, ...] = ()
    proofs: tuple[ProofRule, ...] = ()
    matching: tuple[MatchingRule, ...] = Field(min_length=1)
    figures_version: Id
    """Which version of the formulas counts (shared.figures)."""
    small_sample: int = Field(default=10, ge=1, le=100)


class AdoptRules(Command):
    rules: Rules


class RulesAdopted(Event):
    rules: Rules


CountyCommand = AdoptRules
CountyEvent = RulesAdopted
