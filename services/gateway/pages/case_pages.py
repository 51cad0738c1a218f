"""One case: where it stands, who it is about, what happened, and what this viewer can do next."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api import bodies, commands, queries
from services.gateway.api.acts import DISPATCH, ON_A_REQUEST, ON_A_WORK_ORDER, Act
from services.gateway.edge import Asking, Edge, SignedIn, TheEdge, derived_id
from services.gateway.pages import next_steps
from services.gateway.pages.forms import as_said, asking_of, filled_in, typed_into
from services.gateway.pages.rendering import is_partial, render
from services.gateway.problems import STATUS
from shared.contracts.actor import Actor
from shared.contracts.message import Id
from shared.contracts.requests import MergeRequest
from shared.labels import COMMAND
from shared.rejection import NotFound, Rejected, Unavailable

router = APIRouter(include_in_schema=False)

RequestId = Annotated[Id, Path()]
ANSWERED = "_answered.html"
CASE_NUMBER = re.compile(r"\d{8}-\d{6,}")
Position = Annotated[int, Query(ge=0, le=2**53)]
Typed = defaultdict[str, str]
"""What stood in a form; a field that it did not have was empty."""

ACTS: Mapping[str, Act] = {act.path: act for act in (*ON_A_REQUEST, DISPATCH)}
ORDER_ACTS: Mapping[str, Act] = {act.path: act for act in ON_A_WORK_ORDER}


@dataclass(frozen=True)
class Tried:
    """An act that was refused: its address, the refusal, and what had been typed."""

    url: str
    refusal: Rejected
    typed: Typed

    @property
    def variant(self) -> str:
        """Which of the steps with this address it was (next_steps.Step.variant)."""
        fixed = (self.typed.get(name) for name in next_steps.FIXED)
        return "-".join(said for said in fixed if said)


@router.get("/requests/{request_id}")
async def get_case(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies are its arguments
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    request_id: RequestId,
    at_least: Position = 0,
    done: str = "",
) -> Response:
    return await show_case(edge, actor, request, request_id, at_least, done=done)


@router.post("/requests/{request_id}/acts/{path}")
async def post_act(
    edge: TheEdge, actor: SignedIn, request: Request, request_id: RequestId, path: str
) -> Response:
    chosen = _known(ACTS, path)
    return await _act(edge, actor, request, chosen, {"request_id": request_id})


@router.post("/requests/{request_id}/work-orders/{work_order_id}/acts/{path}")
async def post_order_act(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies are its arguments
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    request_id: RequestId,
    work_order_id: Annotated[Id, Path()],
    path: str,
) -> Response:
    subject = {"request_id": request_id, "work_order_id": work_order_id}
    return await _act(edge, actor, request, _known(ORDER_ACTS, path), subject)


@router.post("/requests/{request_id}/contact")
async def post_contact(
    edge: TheEdge, actor: SignedIn, request: Request, request_id: RequestId
) -> Response:
    """Clear text, once; the look is in the log before it is on the screen."""
    typed = Typed(str, await typed_into(request))
    try:
        asked = asking_of(edge, actor, typed)
        found = await commands.reveal(asked, request_id, filled_in(bodies.Reveal, typed))
    except Unavailable:
        raise
    except Rejected as refusal:
        tried = Tried(request.url.path, refusal, typed)
        return await show_case(edge, actor, request, request_id, tried=tried, part="_contact.html")
    if is_partial(request):
        return render(request, "_contact_revealed.html", actor, revealed=found)
    return await show_case(edge, actor, request, request_id, revealed=found)


async def _act(
    edge: Edge, actor: Actor, request: Request, chosen: Act, subject: dict[str, str]
) -> Response:
    typed = Typed(str, await typed_into(request))
    request_id = subject["request_id"]
    try:
        asked = asking_of(edge, actor, typed)
        said = await _with_request_meant(edge, actor, chosen, as_said(typed))
        body = filled_in(chosen.body, said)
        done = await commands.act(asked, chosen, _with_order(chosen, asked, subject), body)
    except Unavailable:
        raise
    except Rejected as refusal:
        tried = Tried(request.url.path, refusal, typed)
        return await show_case(edge, actor, request, request_id, tried=tried, part=ANSWERED)
    name = chosen.command.__name__
    if is_partial(request):
        position = done.position
        return await show_case(edge, actor, request, request_id, position, done=name, part=ANSWERED)
    return RedirectResponse(f"/requests/{request_id}?at_least={done.position}&done={name}", 303)


def _known(acts: Mapping[str, Act], path: str) -> Act:
    if path not in acts:
        raise NotFound("没有这项操作，请从事项页面上选择")
    return acts[path]


async def _with_request_meant(
    edge: Edge, actor: Actor, chosen: Act, said: dict[str, Any]
) -> dict[str, Any]:
    """People quote case numbers; a command needs the request's id."""
    number = str(said.get("into_id", "")).strip()
    if chosen.command is not MergeRequest or not CASE_NUMBER.fullmatch(number):
        return said
    found = await queries.register(edge, actor, queries.RegisterQuestion(case_number=number))
    ids = [row["request_id"] for row in found["rows"]]
    return {**said, "into_id": ids[0] if ids else number}


def _with_order(chosen: Act, asked: Asking, subject: dict[str, str]) -> dict[str, str]:
    if chosen is not DISPATCH:
        return subject
    return {**subject, "work_order_id": derived_id("W", asked.command_id)}


async def show_case(  # noqa: PLR0913, PLR0917 - what a case page shows
    edge: Edge,
    actor: Actor,
    request: Request,
    request_id: str,
    at_least: int = 0,
    done: str = "",
    tried: Tried | None = None,
    revealed: Mapping[str, str] | None = None,
    part: str = "_case.html",
) -> Response:
    """The whole page, or for htmx those parts of it that `part` renders."""
    told = await queries.story(edge, actor, request_id, at_least)
    case = await queries.with_particulars(edge, told["case"])
    shown = {
        "case": case,
        "position": told["position"],
        "entries": told["entries"],
        "attachments": told["attachments"],
        "may_attach": next_steps.may_attach(actor, case),
        "may_remove": partial(next_steps.may_remove, actor, case),
        "is_attach_answered": done == "AddAttachment" or _is_about_files(tried),
        "steps": next_steps.steps(actor, case),
        "may_reveal": next_steps.may_reveal(actor, case),
        "names": await request.app.state.directory.names(edge, actor),
        "waiting_for": next_steps.WAITING_FOR,
        "done": COMMAND.get(done, ""),
        "tried": tried,
        "revealed": revealed,
    }
    template = part if is_partial(request) else "case.html"
    return render(request, template, actor, STATUS[tried.refusal.code] if tried else 200, **shown)


def _is_about_files(tried: Tried | None) -> bool:
    return tried is not None and tried.url.endswith("/attachments")
