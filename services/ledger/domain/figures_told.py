"""Figures as they are answered: limited to the viewer, stamped, each with what opens it."""

from collections.abc import Iterable
from typing import Any, cast

from services.ledger.domain.assessment import Assessment, Ranking, assessment, own
from services.ledger.domain.figures import (
    Behind,
    Known,
    Line,
    Names,
    Question,
    compared,
    opened,
    seen,
    table,
)
from shared.access import SEES_FIGURES, scope_of
from shared.contracts.actor import Actor
from shared.figures import By, Figure
from shared.rejection import NotYours

Answer = dict[str, Any]


def require_a_view(by: dict[str, Any]) -> Actor:
    """The viewer, if it is one who answers for anything that is counted. Raises NotYours."""
    viewer = Actor.model_validate(by)
    if viewer.role not in SEES_FIGURES:
        raise NotYours("您的岗位不查看指标，如需数据请联系县中心调度员")
    return viewer


def figures_told(viewer: Actor, asked: Answer, by: str, known: Known, names: Names) -> Answer:
    """`by`: how it is grouped (domain.figures.By)."""
    question = question_of(asked)
    orders = seen(known.orders, scope_of(viewer))
    made = table(orders, question, cast(By, by), names, known.terms)
    return {
        **_stamp(question, known),
        "by": by,
        "total": _line(made.total, known),
        "lines": [_line(line, known) for line in made.lines],
    }


def assessment_told(viewer: Actor, asked: Answer, known: Known, names: Names) -> Answer:
    """The county's lists; an organisation sees its own places in them. Raises NotYours."""
    question = question_of(asked)
    lists = assessment(known.orders, question, names, known.terms)
    if scope_of(viewer) is not None:
        lists = _own(lists, viewer)
    return {
        **_stamp(question, known),
        "overall": _ranking(lists.overall, known),
        "by_kind": [_ranking(one, known) for one in lists.by_kind],
        "by_beneficiary": [_ranking(one, known) for one in lists.by_beneficiary],
    }


def cases_told(viewer: Actor, asked: Answer, wanted: Answer, known: Known) -> Answer:
    """A figure, one page of the work orders behind it, and how many there are.

    `wanted`: the `figure`, its `part` ("numerator" or "denominator"), `page` and `size`.
    """
    question, orders = question_of(asked), seen(known.orders, scope_of(viewer))
    found = opened(orders, question, wanted["figure"], wanted["part"], known.terms)
    first = (wanted["page"] - 1) * wanted["size"]
    return {
        **_stamp(question, known),
        **{name: wanted[name] for name in ("part", "page", "size")},
        "figure": vars(found.figure),
        "rows": [_case(one) for one in found.behind[first : first + wanted["size"]]],
        "total": len(found.behind),
    }


def question_of(asked: Answer) -> Question:
    filters = {name: code for name, code in asked.items() if name not in {"from", "to", "as_of"}}
    return Question(days=(asked["from"], asked["to"]), **filters)


def _own(lists: Assessment, viewer: Actor) -> Assessment:
    if viewer.role != "organization_dispatcher" or viewer.organization_id is None:
        raise NotYours("评价排名由县中心和大党委查看，各单位可查看本单位的名次")
    return own(lists, viewer.organization_id)


def _stamp(question: Question, known: Known) -> Answer:
    """By which formulas, as known when, and how much of the log was in it."""
    periods = {name: one.days for name, one in compared(question).items()}
    return {
        "periods": {name: {"from": days[0], "to": days[1]} for name, days in periods.items()},
        "as_of": known.terms.as_of,
        "position": known.position,
        "formula": known.terms.formula,
        "rules_version": known.rules_version,
        "small_sample": known.terms.small_sample,
    }


def _line(line: Line, known: Known) -> Answer:
    """A line with the question of each of its figures: their rows are its cases."""
    asked, as_of = compared(line.question), known.terms.as_of
    return {
        "key": line.key,
        "name": line.name,
        "figures": _figures(line.figures, asked["now"], as_of),
        "previous": _figures(line.previous, asked["previous"], as_of),
        "last_year": _figures(line.last_year, asked["last_year"], as_of),
    }


def _figures(made: Iterable[Figure], question: Question, as_of: str | None) -> list[Answer]:
    asked = question.asked(as_of)
    return [{**vars(one), "question": {**asked, "figure": one.name}} for one in made]


def _ranking(ranking: Ranking, known: Known) -> Answer:
    return {
        "key": ranking.key,
        "name": ranking.name,
        "of": ranking.of,
        "places": [{"rank": one.rank, **_line(one.line, known)} for one in ranking.places],
    }


def _case(behind: Behind) -> Answer:
    order = behind.order
    return {
        "request_id": order.subject.request_id,
        "case_number": order.subject.case_number,
        "round": order.round,
        "completed_on": order.day,
        "organization_id": order.organization_id,
        "part": order.part,
        "service_code": order.subject.service_code,
        "counted": behind.counted,
    }
