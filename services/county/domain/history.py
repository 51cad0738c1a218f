"""Which rules were adopted when, by whom, and what each adoption changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.county.domain.changes import Change, changes
from shared.contracts.county import RulesAdopted
from shared.county_rules import DEFAULT_RULES
from shared.event_log import Recorded


class Adoption(NamedTuple):
    """One adoption, at its place in the log."""

    version: str
    adopted_at: datetime
    adopted_by: str
    position: int
    changes: list[Change]


def adoptions(history: Iterable[Recorded]) -> list[Adoption]:
    """The newest first; the first one is compared with the rules that every county starts with."""
    told: list[Adoption] = []
    before = DEFAULT_RULES
    for fact in history:
        if isinstance(fact.event, RulesAdopted):
            after = fact.event.rules
            told.append(
                Adoption(
                    version=after.version,
                    adopted_at=fact.commit.at,
                    adopted_by=fact.commit.by,
                    position=fact.position,
                    changes=changes(before, after),
                )
            )
            before = after
    return told[::-1]
