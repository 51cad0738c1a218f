"""Which organisation gets a work order: named rules, each keeping those it has nothing against."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from services.dispatch.domain.views import CandidateRow, LoadRow, MenuLine, OutcomeRow
from shared.contracts.county import MatchingRule, Rules
from shared.contracts.dispatch import Considered
from shared.contracts.requests import BeneficiaryCategory
from shared.county_rules import DEFAULT_RULES


@dataclass(frozen=True)
class Need:
    """What is wanted, where (every area on the grid's path) and for whom."""

    service_code: str
    area_ids: tuple[str, ...]
    beneficiary_category: BeneficiaryCategory
    returned_by: frozenset[str] = frozenset()


class Past(NamedTuple):
    """How many lead orders for a service are finished, and how many of them were solved."""

    finished: int = 0
    solved: int = 0


NOTHING_YET = Past()


@dataclass(frozen=True)
class Candidate:
    """An organisation, the lines of its menu that are still in question, and how busy it is.

    `past`: service code → how that went.
    """

    organization_id: str
    offers: tuple[MenuLine, ...]
    open_orders: int = 0
    past: Mapping[str, Past] = field(default_factory=dict)


Candidates = tuple[Candidate, ...]
Rule = Callable[[Need, Candidates], Candidates]


@dataclass(frozen=True)
class Choice:
    """Who it is (None: nobody fits) and the rule that settled it.

    `considered` tells of everyone who offers the service at all, and which rule dropped them.
    """

    organization_id: str | None
    rule: str
    considered: tuple[Considered, ...] = ()


def offers_the_service(need: Need, candidates: Candidates) -> Candidates:
    """服务菜单: the service is on the menu."""
    return _offering(candidates, lambda line: line.service_code == need.service_code)


def covers_the_area(need: Need, candidates: Candidates) -> Candidates:
    """服务区域: an area of the offer covers everything below it, and so the grid."""
    return _offering(candidates, lambda line: not set(line.area_ids).isdisjoint(need.area_ids))


def serves_the_category(need: Need, candidates: Candidates) -> Candidates:
    """服务对象: the offer is for everybody, or for people like this one."""
    wanted = need.beneficiary_category
    return _offering(
        candidates,
        lambda line: not line.beneficiary_categories or wanted in line.beneficiary_categories,
    )


def has_not_returned_it(need: Need, candidates: Candidates) -> Candidates:
    """退单: whoever returned this request does not get it from us again."""
    return tuple(one for one in candidates if one.organization_id not in need.returned_by)


def best_past_outcome(need: Need, candidates: Candidates, enough: int) -> Candidates:
    """解决率: the largest share of solved ones, once everyone has `enough` to be compared by."""
    past = [one.past.get(need.service_code, NOTHING_YET) for one in candidates]
    if not past or min(one.finished for one in past) < enough:
        return candidates
    shares = [one.solved / one.finished for one in past]
    best = max(shares)
    return tuple(one for one, share in zip(candidates, shares, strict=True) if share == best)


def least_busy(_need: Need, candidates: Candidates) -> Candidates:
    """在办工单最少."""
    fewest = min((one.open_orders for one in candidates), default=0)
    return tuple(one for one in candidates if one.open_orders == fewest)


def first_by_id(_need: Need, candidates: Candidates) -> Candidates:
    """Equal so far: the same one every time, whatever order they came in."""
    return tuple(sorted(candidates, key=lambda one: one.organization_id)[:1])


RULES: Mapping[MatchingRule, Rule] = {
    "offers_the_service": offers_the_service,
    "covers_the_area": covers_the_area,
    "serves_the_category": serves_the_category,
    "has_not_returned_it": has_not_returned_it,
    "least_busy": least_busy,
    "first_by_id": first_by_id,
}
"""Those that hold for every county alike; their order is the county's (Rules.matching)."""


def rule_called(name: MatchingRule, rules: Rules) -> Rule:
    """The rule of that name, with what the county has set for it."""
    if name == "best_past_outcome":
        return partial(best_past_outcome, enough=rules.small_sample)
    return RULES[name]


@dataclass(frozen=True)
class Settled:
    """Who is left, the rule that settled it, and whom each rule dropped on the way."""

    kept: Candidates
    rule: str
    dropped: Mapping[str, Candidates]

    @property
    def organization_id(self) -> str | None:
        return self.kept[0].organization_id if self.kept else None


def settle(need: Need, candidates: Iterable[Candidate], rules: Rules) -> Settled:
    """Apply the county's rules in its order; the one that leaves one or nobody has settled it."""
    kept, settled_by = tuple(candidates), ""
    dropped: dict[str, Candidates] = {}
    for name in rules.matching:
        left = rule_called(name, rules)(need, kept)
        if len(kept) != len(left) or not settled_by:
            settled_by = name
        dropped[name] = _lost(kept, left)
        kept = left
    return Settled(kept, settled_by, dropped)


def choose(need: Need, candidates: Iterable[Candidate], rules: Rules = DEFAULT_RULES) -> Choice:
    """What the rules settle on, told with everybody who was considered."""
    settled = settle(need, candidates, rules)
    told = [
        *_considered(need, {settled.rule: settled.kept}, is_kept=True, rules=rules),
        *_considered(need, settled.dropped, is_kept=False, rules=rules),
    ]
    told.sort(key=lambda one: one.organization_id)
    return Choice(settled.organization_id, settled.rule, tuple(told))


def candidates_from(
    rows: Iterable[CandidateRow],
    loads: Mapping[str, LoadRow],
    outcomes: Iterable[OutcomeRow] = (),
) -> tuple[Candidate, ...]:
    """Candidates out of the views; `loads` by organization_id, a missing row is no load."""
    past: dict[str, dict[str, Past]] = defaultdict(dict)
    for row in outcomes:
        past[row.organization_id][row.service_code] = Past(row.finished, row.solved)
    return tuple(
        Candidate(
            organization_id=row.organization_id,
            offers=row.offers,
            open_orders=_load_of(loads.get(row.organization_id)),
            past=past.get(row.organization_id, {}),
        )
        for row in rows
    )


def _offering(candidates: Candidates, fits: Callable[[MenuLine], bool]) -> Candidates:
    """Those with a line that fits, reduced to such lines: one and the same line has to fit all."""
    fitting = ((one, tuple(filter(fits, one.offers))) for one in candidates)
    return tuple(replace(one, offers=lines) for one, lines in fitting if lines)


def _lost(before: Candidates, after: Candidates) -> Candidates:
    if len(before) == len(after):
        return ()
    left = {one.organization_id for one in after}
    return tuple(one for one in before if one.organization_id not in left)


def _considered(
    need: Need, by_rule: Mapping[str, Candidates], *, is_kept: bool, rules: Rules
) -> list[Considered]:
    """Who does not offer the service was never considered. Past outcomes are told where the
    county's rules look at them."""
    tells_past = "best_past_outcome" in rules.matching
    return [
        Considered(
            organization_id=one.organization_id,
            rule=rule,
            is_kept=is_kept,
            open_orders=one.open_orders,
            **(one.past.get(need.service_code, NOTHING_YET)._asdict() if tells_past else {}),
        )
        for rule, candidates in by_rule.items()
        if is_kept or rule != "offers_the_service"
        for one in candidates
    ]


def _load_of(row: LoadRow | None) -> int:
    return len(row.open_work_order_ids) if row else 0
