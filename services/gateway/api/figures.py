"""Figures and assessment: by API and as tables for spreadsheets, the numbers of the page."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.gateway.api import tables
from services.gateway.edge import Edge, SignedIn, TheEdge, now
from services.gateway.exports import note_export
from services.gateway.strict import StrictRoute
from shared.calendar import beijing_day
from shared.contracts.actor import Actor
from shared.contracts.message import Id
from shared.contracts.requests import BeneficiaryCategory, Urgency
from shared.contracts.working_time import Day
from shared.figures import By, FigureName
from shared.rejection import InvalidInput

router = APIRouter(route_class=StrictRoute, prefix="/api/v1", tags=["figures"])

LONGEST_DAYS = 3700
"""Ten years: what is asked for is computed while somebody waits."""

LONGEST_BY_DAY = 100


class FiguresQuestion(BaseModel):
    """Which finished work is meant; this year so far unless told. Days are Beijing days."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first_day: Day | None = Field(default=None, alias="from", description="办结日期，起（含）")
    last_day: Day | None = Field(default=None, alias="to", description="办结日期，止（含）")
    as_of: Day | None = Field(default=None, description="按当天结束时已知的情况计算")
    organization_id: Id | None = None
    area_id: Id | None = None
    service_code: Id | None = None
    beneficiary_category: BeneficiaryCategory | None = None
    urgency: Urgency | None = None


class GroupedQuestion(FiguresQuestion):
    by: By = "organization"


class CasesQuestion(FiguresQuestion):
    """A figure's own question, and which part of it."""

    figure: FigureName
    part: Literal["denominator", "numerator"] = "denominator"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    size: Annotated[int, Field(ge=1, le=100)] = 20


_FILTERS = ("organization_id", "area_id", "service_code", "beneficiary_category", "urgency")


def asked(question: FiguresQuestion, today: str) -> dict[str, Any]:
    """What the ledger is asked. Raises InvalidInput, naming the day that makes no sense.

    A day that is not over yet cannot be remembered: as of today is now.
    """
    first, last = question.first_day or f"{today[:4]}-01-01", question.last_day or today
    if last < first:
        raise InvalidInput("时段的结束日期早于开始日期", to="请选择开始日期之后的日期")
    if (date.fromisoformat(last) - date.fromisoformat(first)).days > LONGEST_DAYS:
        raise InvalidInput("时段太长，请分段查询", **{"from": "一次最多查询十年"})
    if question.as_of and question.as_of > today:
        raise InvalidInput("不能按未来的日期查询", as_of="请选择今天或更早的日期")
    filters = question.model_dump(include=set(_FILTERS), exclude_none=True)
    as_of = question.as_of if question.as_of != today else None
    return {"from": first, "to": last, "as_of": as_of, **filters}


async def figures(edge: Edge, actor: Actor, question: GroupedQuestion) -> dict[str, Any]:
    meant = asked(question, beijing_day(now()))
    days = date.fromisoformat(meant["to"]) - date.fromisoformat(meant["from"])
    if question.by == "day" and days.days > LONGEST_BY_DAY:
        raise InvalidInput("按日查看时，时段请不要超过一百天", by="请缩短时段，或按月查看")
    found: dict[str, Any] = await edge.ask(
        "ledger", "figures", actor, asked=meant, group=question.by
    )
    return found


async def assessment(edge: Edge, actor: Actor, question: FiguresQuestion) -> dict[str, Any]:
    meant = asked(question, beijing_day(now()))
    found: dict[str, Any] = await edge.ask("ledger", "assessment", actor, asked=meant)
    return found


async def cases(edge: Edge, actor: Actor, question: CasesQuestion) -> dict[str, Any]:
    meant = asked(question, beijing_day(now()))
    wanted = question.model_dump(include={"figure", "part", "page", "size"})
    found: dict[str, Any] = await edge.ask(
        "ledger", "figure_cases", actor, asked=meant, wanted=wanted
    )
    return found


@router.get("/figures", summary="指标")
async def get_figures(
    edge: TheEdge, actor: SignedIn, question: Annotated[GroupedQuestion, Query()]
) -> dict[str, Any]:
    """Grouped, compared with the period before and last year, within what the viewer sees.

    Each figure's `question` opens it at `/figures/cases`.
    """
    return await figures(edge, actor, question)


@router.get("/figures/cases", summary="指标背后的工单")
async def get_cases(
    edge: TheEdge, actor: SignedIn, question: Annotated[CasesQuestion, Query()]
) -> dict[str, Any]:
    return await cases(edge, actor, question)


@router.get("/figures/assessment", summary="综合评价和分类评价")
async def get_assessment(
    edge: TheEdge, actor: SignedIn, question: Annotated[FiguresQuestion, Query()]
) -> dict[str, Any]:
    """One list of all organisations and lists of peers; an organisation sees its own places."""
    return await assessment(edge, actor, question)


@router.get("/figures.csv", summary="指标（表格文件）", response_class=Response)
async def get_figures_table(
    edge: TheEdge, actor: SignedIn, request: Request, question: Annotated[GroupedQuestion, Query()]
) -> Response:
    found = await figures(edge, actor, question)
    await note_export(edge, request, actor, "figures", int(found["position"]))
    return _file(tables.of_figures(found), "figures", found)


@router.get("/figures/assessment.csv", summary="评价（表格文件）", response_class=Response)
async def get_assessment_table(
    edge: TheEdge, actor: SignedIn, request: Request, question: Annotated[FiguresQuestion, Query()]
) -> Response:
    found = await assessment(edge, actor, question)
    await note_export(edge, request, actor, "assessment", int(found["position"]))
    return _file(tables.of_assessment(found), "assessment", found)


def _file(table: str, name: str, found: dict[str, Any]) -> Response:
    days = found["periods"]["now"]
    file = f"{name}-{days['from']}-{days['to']}-{found['position']}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(table, media_type="text/csv; charset=utf-8", headers=headers)
