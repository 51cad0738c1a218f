"""What dispatch looks up before it decides about work orders."""

from dataclasses import dataclass

from shared.contracts.county import Rules
from shared.county_rules import DEFAULT_RULES


@dataclass(frozen=True)
class Knowledge:
    """Every registered organisation, who works for the acting one, and the county's rules.

    `organizations` and `staff` (account ids) are None when they were not looked up. `attachments`:
    photos and documents of the case, as (kind, id).
    """

    organizations: frozenset[str] | None = None
    staff: frozenset[str] | None = None
    attachments: frozenset[tuple[str, str]] = frozenset()
    rules: Rules = DEFAULT_RULES
