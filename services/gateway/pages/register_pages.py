"""The register as a page: filters in the address, rows that change while one looks."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.gateway.api.queries import RegisterQuestion, register
from services.gateway.edge import SignedIn, TheEdge, now
from services.gateway.pages.rendering import is_partial, render
from shared.calendar import beijing_day

router = APIRouter(include_in_schema=False)

KNOWN_POSITION = "known-position"
NOTHING_NEW = 204


def question_from(query: Mapping[str, str]) -> RegisterQuestion:
    """The filters of an address; what is empty or makes no sense counts as not asked."""
    said = {name: value for name, value in query.items() if value and name in _FILTERS}
    try:
        return RegisterQuestion.model_validate(said)
    except ValidationError as error:
        wrong = {found["loc"][0] for found in error.errors()}
        return RegisterQuestion.model_validate(
            {name: value for name, value in said.items() if name not in wrong}
        )


_FILTERS = RegisterQuestion.model_fields
_NO_FILTERS = {"sort", "page", "size"}


def address(question: RegisterQuestion, **changes: Any) -> str:
    """The register's address for a question, with some of it changed (None: no longer asked)."""
    asked = {**question.model_dump(exclude_defaults=True), **changes}
    said = {name: _said(value) for name, value in asked.items() if value is not None}
    return f"/requests?{urlencode(said)}" if said else "/requests"


def exported(question: RegisterQuestion, format: str) -> str:
    """The address of the file with every case of a question."""
    asked = question.model_dump(exclude_defaults=True, exclude={"page", "size"})
    said = {name: _said(value) for name, value in asked.items() if value is not None}
    return f"/requests/export?{urlencode({**said, 'format': format})}"


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@router.get("/requests")
async def get_register(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    question = question_from(request.query_params)
    found = await register(edge, actor, question)
    if request.headers.get(KNOWN_POSITION) == str(found["position"]):
        return Response(status_code=NOTHING_NEW)
    shown = {
        "found": found,
        "question": question,
        "address": lambda **changes: address(question, **changes),
        "exported": lambda format: exported(question, format),
        "names": await request.app.state.directory.names(edge, actor),
        "more": len(question.model_dump(exclude_none=True, exclude=_NO_FILTERS)),
        "pages": max(1, -(-found["total"] // question.size)),
        "today": beijing_day(now()),
    }
    if not is_partial(request):
        return render(request, "register.html", actor, **shown)
    response = render(request, "_register.html", actor, **shown)
    if KNOWN_POSITION not in request.headers:
        response.headers["HX-Push-Url"] = address(question)
    return response
