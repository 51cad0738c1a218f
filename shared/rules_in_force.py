"""The county's rules as every service knows them: one row, kept in each service's own database."""

from shared.contracts.county import Rules, RulesAdopted
from shared.county_rules import DEFAULT_RULES
from shared.event_log import Recorded
from shared.views import Row, View

KEY = "county"


class RulesRow(Row):
    """The rules that were adopted last."""

    rules: Rules


def rules_of(row: RulesRow | None) -> Rules:
    """Before a county adopts rules of its own, those of domain.md are in force."""
    return row.rules if row else DEFAULT_RULES


def _key(fact: Recorded) -> str | None:
    return KEY if isinstance(fact.event, RulesAdopted) else None


def _project(row: RulesRow | None, fact: Recorded) -> RulesRow | None:
    match fact.event:
        case RulesAdopted(rules=rules):
            return RulesRow(rules=rules)
        case _:
            return row


rules_in_force = View(
    name="rules_in_force",
    version=1,
    row=RulesRow,
    handles=(RulesAdopted,),
    key=_key,
    project=_project,
)
"""Key: "county"."""
