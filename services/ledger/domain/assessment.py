"""综合评价 and 分类评价: organisations in order of their score, among all and among their peers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from services.ledger.domain.deliveries import Counted
from services.ledger.domain.figures import Line, Names, Question, Terms, table
from shared import labels
from shared.contracts.requests import BeneficiaryCategory

RANKED_BY = "score"


@dataclass(frozen=True)
class Place:
    """One organisation in a list. `rank` is None without a score: too few cases, or none."""

    rank: int | None
    line: Line


@dataclass(frozen=True)
class Ranking:
    """One list. `of`: how many in it have a rank, also when only one's own place is shown."""

    key: str
    name: str
    of: int
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Assessment:
    """综合评价 (one list of all), and 分类评价 by kind of organisation and of beneficiary."""

    overall: Ranking
    by_kind: tuple[Ranking, ...]
    by_beneficiary: tuple[Ranking, ...]


def assessment(
    orders: Sequence[Counted], question: Question, names: Names, terms: Terms
) -> Assessment:
    """All lists of a period. In the overall list stands every organisation, with cases or not."""

    def lines(asked: Question) -> dict[str, Line]:
        found = table(orders, asked, "organization", names, terms).lines
        return {line.key: line for line in found if line.key}

    everybody = {id: _without_cases(id, question, names, terms) for id in names.organizations}
    overall = {**everybody, **lines(question)}
    categories = get_args(BeneficiaryCategory)
    return Assessment(
        overall=_ranking("all", "全部群团组织", overall.values()),
        by_kind=tuple(
            _ranking(kind, name, of_kind)
            for kind, name in labels.ORGANIZATION_KIND.items()
            if (of_kind := [one for id, one in overall.items() if names.kinds.get(id) == kind])
        ),
        by_beneficiary=tuple(
            _ranking(category, labels.BENEFICIARY_CATEGORY[category], served.values())
            for category in categories
            if (served := lines(replace(question, beneficiary_category=category)))
        ),
    )


def own(lists: Assessment, organization_id: str) -> Assessment:
    """What an organisation sees of it: its own places, and of how many."""

    def only(ranking: Ranking) -> Ranking:
        mine = tuple(p for p in ranking.places if p.line.key == organization_id)
        return replace(ranking, places=mine)

    return Assessment(
        overall=only(lists.overall),
        by_kind=tuple(one for one in map(only, lists.by_kind) if one.places),
        by_beneficiary=tuple(one for one in map(only, lists.by_beneficiary) if one.places),
    )


def _without_cases(id: str, question: Question, names: Names, terms: Terms) -> Line:
    empty = table((), question, "organization", names, terms).total
    asked = replace(question, organization_id=id)
    return replace(empty, key=id, name=names.of(id), question=asked)


def _ranking(key: str, name: str, lines: Collection[Line]) -> Ranking:
    """By the score as it is shown, so the same number shares a rank; then by name."""
    scores = sorted((s for s in map(_score, lines) if s is not None), reverse=True)

    def place(line: Line) -> Place:
        score = _score(line)
        return Place(None if score is None else scores.index(score) + 1, line)

    def order(place: Place) -> tuple[bool, int, str]:
        return place.rank is None, place.rank or 0, place.line.name

    return Ranking(key, name, len(scores), tuple(sorted(map(place, lines), key=order)))


def _score(line: Line) -> float | None:
    return next(figure.value for figure in line.figures if figure.name == RANKED_BY)
