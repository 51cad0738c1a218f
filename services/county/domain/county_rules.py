"""The rules of the county (县级规则): adopted as a whole, one version after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from services.county.domain.soundness import faults_of
from shared.contracts import county as msg
from shared.contracts.county import Rules
from shared.county_rules import DEFAULT_RULES
from shared.decider import Decider
from shared.rejection import InvalidInput, NotAllowedNow

_BEFORE_ANY: Mapping[str, Rules] = MappingProxyType({DEFAULT_RULES.version: DEFAULT_RULES})


@dataclass(frozen=True)
class CountyRules:
    """The rules in force, and what every version so far has said; at first those of domain.md."""

    in_force: Rules = DEFAULT_RULES
    versions: Mapping[str, Rules] = field(default_factory=lambda: _BEFORE_ANY)


def decide(
    command: msg.CountyCommand, county: CountyRules, _knowledge: None
) -> list[msg.CountyEvent]:
    rules = command.rules
    if rules == county.in_force:
        return []  # the same rules arriving twice is not news
    refuse_unfit(rules, county)
    return [msg.RulesAdopted(rules=rules)]


def evolve(county: CountyRules, event: msg.CountyEvent) -> CountyRules:
    """Never refuses: what happened, happened."""
    return CountyRules(event.rules, {**county.versions, event.rules.version: event.rules})


def audience(_county: CountyRules) -> tuple[str, ...]:
    """Rules are read by everybody who signs in; no scope holds them back."""
    return ()


def refuse_unfit(rules: Rules, county: CountyRules) -> None:
    """Raise NotAllowedNow for a used version, InvalidInput for rules that nobody could work by."""
    _refuse_a_used_version(rules, county)
    _refuse_unusable(rules)


def _refuse_a_used_version(rules: Rules, county: CountyRules) -> None:
    """Old cases name the version they started under; it has to go on meaning the same."""
    if county.versions.get(rules.version, rules) != rules:
        raise NotAllowedNow(
            f"版本名“{rules.version}”已经用于另一套规则，请换一个新的版本名",
            version="请使用没有用过的版本名",
        )


def _refuse_unusable(rules: Rules) -> None:
    if faults := faults_of(rules):
        raise InvalidInput("这套规则还不能启用，请按提示修改后再提交", **faults)


county_rules = Decider("county_rules", CountyRules(), decide, evolve, audience)
