"""Which organisation gets a work order: named rules, each keeping those it has nothing against."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from services.dispatch.domain.views import CandidateRow, LoadRow, MenuLine
from shared.contracts.dispatch import Considered
from shared.contracts.requests import BeneficiaryCategory


@dataclass(frozen=True)
class Need:
    """What is wanted, where (every area on the grid's path) and for whom."""

    service_code: str
    area_ids: tuple[str, ...]
    beneficiary_category: BeneficiaryCategory
    returned_by: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """An organisation, the lines of its menu that are still in question, and how busy it is."""

    organization_id: str
    offers: tuple[MenuLine, ...]
    open_orders: int = 0


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


def least_busy(_need: Need, candidates: Candidates) -> Candidates:
    """在办工单最少."""
    fewest = min((one.open_orders for one in candidates), default=0)
    return tuple(one for one in candidates if one.open_orders == fewest)


def first_by_id(_need: Need, candidates: Candidates) -> Candidates:
    """Equal so far: the same one every time, whatever order they came in."""
    return tuple(sorted(candidates, key=lambda one: one.organization_id)[:1])


RULES: tuple[Rule, ...] = (
    offers_the_service,
    covers_the_area,
    serves_the_category,
    has_not_returned_it,
    least_busy,
    first_by_id,
)


def choose(need: Need, candidates: Iterable[Candidate]) -> Choice:
    """Apply the rules in order; the rule that leaves one or nobody has settled it."""
    kept, settled_by = tuple(candidates), ""
    dropped: dict[Candidate, str] = {}
    for rule in RULES:
        left = rule(need, kept)
        dropped |= _dropped_by(rule, kept, left)
        if len(kept) != len(left) or not settled_by:
            settled_by = rule.__name__
        kept = left
    considered = _considered(kept, settled_by, dropped)
    return Choice(kept[0].organization_id if kept else None, settled_by, considered)


def candidates_from(
    rows: Iterable[CandidateRow], loads: Mapping[str, LoadRow]
) -> tuple[Candidate, ...]:
    """Candidates out of the two views; `loads` by organization_id, a missing row is no load."""
    return tuple(
        Candidate(
            organization_id=row.organization_id,
            offers=row.offers,
            open_orders=_load_of(loads.get(row.organization_id)),
        )
        for row in rows
    )


def _offering(candidates: Candidates, fits: Callable[[MenuLine], bool]) -> Candidates:
    """Those with a line that fits, reduced to such lines: one and the same line has to fit all."""
    reduced = (replace(one, offers=tuple(filter(fits, one.offers))) for one in candidates)
    return tuple(one for one in reduced if one.offers)


def _dropped_by(rule: Rule, before: Candidates, after: Candidates) -> dict[Candidate, str]:
    """Who was dropped, unless for not offering the service: they were never considered."""
    left = {one.organization_id for one in after}
    if rule is offers_the_service:
        return {}
    return {one: rule.__name__ for one in before if one.organization_id not in left}


def _considered(
    kept: Candidates, settled_by: str, dropped: Mapping[Candidate, str]
) -> tuple[Considered, ...]:
    told = [
        *((one, settled_by, True) for one in kept),
        *((one, rule, False) for one, rule in dropped.items()),
    ]
    return tuple(
        Considered(
            organization_id=one.organization_id,
            rule=rule,
            is_kept=is_kept,
            open_orders=one.open_orders,
        )
        for one, rule, is_kept in sorted(told, key=lambda line: line[0].organization_id)
    )


def _load_of(row: LoadRow | None) -> int:
    return len(row.open_work_order_ids) if row else 0
