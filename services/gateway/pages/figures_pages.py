"""Figures as a page: a plain table whose every number opens to the work orders behind it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway.api import figures
from services.gateway.api.figures import CasesQuestion, FiguresQuestion, GroupedQuestion
from services.gateway.edge import SignedIn, TheEdge, now
from services.gateway.pages.rendering import render
from shared.calendar import beijing_date
from shared.labels import FIGURE, FIGURES_BY

router = APIRouter(include_in_schema=False)

Q = TypeVar("Q", bound=FiguresQuestion)


@router.get("/figures")
async def get_figures(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    question = question_from(request.query_params, GroupedQuestion)
    found = await figures.figures(edge, actor, question)
    return render(
        request,
        "figures.html",
        actor,
        found=found,
        question=question,
        groupings=FIGURES_BY,
        download=f"/api/v1/figures.csv?{_query(question)}",
        **await _around(edge, actor, request, question),
    )


@router.get("/figures/assessment")
async def get_assessment(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    question = question_from(request.query_params, FiguresQuestion)
    found = await figures.assessment(edge, actor, question)
    return render(
        request,
        "assessment.html",
        actor,
        found=found,
        question=question,
        download=f"/api/v1/figures/assessment.csv?{_query(question)}",
        **await _around(edge, actor, request, question),
    )


@router.get("/figures/cases")
async def get_cases(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    question = question_from(request.query_params, CasesQuestion)
    found = await figures.cases(edge, actor, question)
    return render(
        request,
        "figure_cases.html",
        actor,
        found=found,
        question=question,
        pages=max(1, -(-found["total"] // question.size)),
        **await _around(edge, actor, request, question),
    )


async def _around(
    edge: TheEdge, actor: SignedIn, request: Request, question: FiguresQuestion
) -> dict[str, Any]:
    """What all three pages need: names, and the same question asked a little differently."""
    return {
        "names": await request.app.state.directory.names(edge, actor),
        "figure_names": FIGURE,
        "usual_periods": usual_periods(beijing_date(now())),
        "same_period": _query(question, **_NOT_THE_PERIOD),
        "address": lambda path, **changes: f"{path}?{_query(question, **changes)}",
        "opened": lambda asked: f"/figures/cases?{urlencode(asked)}",
    }


_NOT_THE_PERIOD: Mapping[str, None] = dict.fromkeys(
    {*GroupedQuestion.model_fields, *CasesQuestion.model_fields}
    - {"first_day", "last_day", "as_of"}
)


def question_from(query: Mapping[str, str], kind: type[Q]) -> Q:
    """The question of an address; what is empty or makes no sense counts as not asked."""
    said = {name: value for name, value in query.items() if value and name in _asked_by(kind)}
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        wrong = {str(found["loc"][0]) for found in error.errors()}
        usable = {name: value for name, value in said.items() if name not in wrong}
        return kind.model_validate({**_NEEDED.get(kind, {}), **usable})


_NEEDED: Mapping[type[FiguresQuestion], dict[str, str]] = {CasesQuestion: {"figure": "completions"}}


def _asked_by(kind: type[FiguresQuestion]) -> set[str]:
    return {field.alias or name for name, field in kind.model_fields.items()}


def _query(question: FiguresQuestion, **changes: Any) -> str:
    asked = {**question.model_dump(exclude_defaults=True, by_alias=True), **changes}
    return urlencode({name: value for name, value in asked.items() if value is not None})


def usual_periods(today: date) -> dict[str, dict[str, str]]:
    """What people ask for most, by what they call it."""
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    before = month - timedelta(days=1)
    last_year = date(today.year - 1, 1, 1)
    return {
        "本年": _days(year, today),
        "本月": _days(month, today),
        "上月": _days(before.replace(day=1), before),
        "去年": _days(last_year, year - timedelta(days=1)),
    }


def _days(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}
