"""Pages for residents: no account, big type, nothing about a person, nothing in the address.

They work without JavaScript; what is asked travels in the body of a POST.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.gateway.api import bodies
from services.gateway.api.residents import (
    LINK_UNKNOWN,
    base_url,
    invitation,
    make_link,
    rate,
    tidy,
    track,
)
from services.gateway.edge import SignedIn, TheEdge
from services.gateway.pages.forms import filled_in, typed_into
from services.gateway.pages.rendering import render
from services.gateway.problems import STATUS, TooManyAttempts
from shared.contracts.actor import SYSTEM
from shared.contracts.message import Id
from shared.labels import STATUS_FOR_RESIDENTS
from shared.rejection import CommandIdReused, NotAllowedNow, NotFound, Rejected, Unavailable

router = APIRouter(include_in_schema=False)

Typed = defaultdict[str, str]
NOTHING = Typed(str)

TOO_LATE = "这件事项已经评价过，或者已经归档，不能再评价了。谢谢您。"


@router.get("/track")
async def get_track(request: Request) -> Response:
    return _resident_page(request, "track.html", typed=NOTHING, problem=None)


@router.post("/track")
async def post_track(edge: TheEdge, request: Request) -> Response:
    typed = {name: tidy(value) for name, value in (await typed_into(request)).items()}
    address = request.client.host if request.client else ""
    try:
        asked = (typed.get("case_number", ""), typed.get("tail", ""))
        found = await track(edge, address, *asked)
    except Unavailable:
        raise
    except Rejected as refusal:
        shown: dict[str, Any] = {"typed": Typed(str, typed), "problem": refusal}
        return _resident_page(request, "track.html", STATUS[refusal.code], refusal, **shown)
    names = await request.app.state.directory.names(edge, SYSTEM)
    says = STATUS_FOR_RESIDENTS
    return _resident_page(request, "tracked.html", case=found, names=names, says=says)


@router.get("/rate/{token}")
async def get_rate(edge: TheEdge, request: Request, token: Annotated[str, Path()]) -> Response:
    try:
        invited = await invitation(edge, token)
    except NotFound:
        return _said(request, "评价链接无效", LINK_UNKNOWN, 404)
    if invited.standing == "over":
        return _said(request, "已经评价", TOO_LATE)
    shown: dict[str, Any] = {"invited": invited, "problem": None, "typed": NOTHING}
    return _resident_page(request, "rate.html", **shown)


@router.post("/rate/{token}")
async def post_rate(edge: TheEdge, request: Request, token: Annotated[str, Path()]) -> Response:
    typed = await typed_into(request)
    try:
        invited = await invitation(edge, token)
    except NotFound:
        return _said(request, "评价链接无效", LINK_UNKNOWN, 404)
    if invited.standing == "over":
        return _said(request, "已经评价", TOO_LATE, 409)
    try:
        await rate(edge, invited, filled_in(bodies.Rate, _with_score(typed)))
    except Unavailable:
        raise
    except (CommandIdReused, NotAllowedNow):
        return _said(request, "已经评价", TOO_LATE, 409)
    except Rejected as refusal:
        tried: dict[str, Any] = {"invited": invited, "problem": refusal, "typed": Typed(str, typed)}
        return _resident_page(request, "rate.html", STATUS[refusal.code], **tried)
    return _said(request, "谢谢您的评价", "您的评价已经记下。不满意的事项，会安排重新办理。")


@router.post("/requests/{request_id}/rating-link")
async def post_rating_link(
    edge: TheEdge, actor: SignedIn, request: Request, request_id: Annotated[Id, Path()]
) -> Response:
    """The link on a page of its own, to be shown to the resident or sent to him or her."""
    link = await make_link(edge, actor, request_id, base_url(edge, request))
    return render(request, "rating_link.html", actor, link=link, request_id=request_id)


def _with_score(typed: Mapping[str, str]) -> dict[str, Any]:
    score = typed.get("score", "")
    return {**typed, "score": int(score) if score in set("12345") else None}


def _said(request: Request, title: str, sentence: str, status: int = 200) -> Response:
    return _resident_page(request, "resident_said.html", status, title=title, sentence=sentence)


def _resident_page(
    request: Request,
    template: str,
    status: int = 200,
    refusal: Rejected | None = None,
    **shown: Any,
) -> Response:
    """No search engine learns of it, nor another site (the gate's referrer policy, which has to
    stay `same-origin`: with `no-referrer` a browser's form says it comes from nowhere)."""
    response = render(request, template, None, status, **shown)
    response.headers["X-Robots-Tag"] = "noindex"
    if isinstance(refusal, TooManyAttempts):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response
