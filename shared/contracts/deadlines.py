"""Until when what has to be done for a work order: computed once, told in the event that set it."""

from typing import Literal

from pydantic import AwareDatetime

from shared.contracts.message import Id, Message
from shared.contracts.working_time import Limit

LimitKind = Literal["accept", "contact", "complete", "report", "answer"]
"""接单 / 首次联系 / 办结 / 阶段报告 (domain.md, time table); 督办回复, which every 督办 is owed."""

AlarmLevel = Literal["yellow", "orange", "red"]
"""黄 / 橙 / 红: at half of a limit, at four fifths, when it is due."""

SupervisionLevel = Literal["organization_head", "center", "committee_secretary"]
"""督办 rises to the organisation's head, the centre, the 大党委 secretary."""


class Clock(Message):
    """One limit of one work order, running from its dispatch."""

    limit: Limit
    yellow_at: AwareDatetime
    orange_at: AwareDatetime
    due_at: AwareDatetime


class Supervision(Message):
    """督办 that the ladder orders at `at`, unless the work is done by then."""

    level: SupervisionLevel
    at: AwareDatetime


class Deadlines(Message):
    """Every clock of one work order. What the level does not ask for is None.

    `rules_version`: the county's rules they were computed with. `is_provisional`: they reach into a
    year whose calendar is not published.
    """

    rules_version: Id
    started_at: AwareDatetime
    accept: Clock | None = None
    contact: Clock | None = None
    complete: Clock
    return_by: AwareDatetime
    report_every: Limit | None = None
    """A stage report is owed this long after dispatch and after each report."""
    report_by: AwareDatetime | None = None
    supervise_at: tuple[Supervision, ...] = ()
    """When 督办 rises to whom once `complete` is due, in order of time."""
    is_provisional: bool = False
