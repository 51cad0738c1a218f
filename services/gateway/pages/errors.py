"""Refusals as pages: what happened, that nothing is lost, and where to go from here."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from services.gateway.edge import signed_in
from services.gateway.pages.rendering import is_partial, render, wants_page
from services.gateway.problems import (
    RETRY_AFTER_SECONDS,
    STATUS,
    TITLES,
    SignInNeeded,
    SignInUnfinished,
    TooManyAttempts,
    problem,
)
from shared.adapters.rpc_wire import ServiceFailed
from shared.contracts.actor import Actor
from shared.rejection import Rejected, Unavailable

Handler = Callable[[Request, Any], Awaitable[Response]]

LOST = "没有找到这个页面。它可能已经移走，或者不在您的工作范围内。"
OWED = {
    "code": "/sign-in/code",
    "new_password": "/account/password",
    "second_factor": "/account/second-factor",
}
"""Where somebody does what is missing before any other page opens."""

INSTEAD_OF_THE_PAGE = {"HX-Retarget": "#main", "HX-Reswap": "innerHTML"}
BROKEN = "系统没能完成这一步，我们已经记录下来。请稍后再试；如果一直这样，请联系县中心。"


def install(app: FastAPI) -> None:
    """Browsers get pages; programs go on getting problem documents."""
    for kind, page in PAGES.items():
        before = cast(Handler | None, app.exception_handlers.get(kind))
        app.add_exception_handler(kind, _either(page, before or _broken_problem))


def _either(page: Handler, otherwise: Handler) -> Handler:
    async def answer(request: Request, error: Any) -> Response:
        return await (page if wants_page(request) else otherwise)(request, error)

    return answer


async def refused(request: Request, refusal: Rejected) -> Response:
    match refusal:
        case SignInNeeded():
            return _to_sign_in(request, refusal)
        case SignInUnfinished(owes=owes) if not is_partial(request):
            return RedirectResponse(OWED[owes], 303)
        case Unavailable():
            return await _recovering(request)
        case _:
            response = await explained(request, STATUS[refusal.code], refusal.message)
            if isinstance(refusal, TooManyAttempts):
                response.headers["Retry-After"] = str(refusal.seconds)
            return response


async def explained(request: Request, status: int, sentence: str) -> Response:
    """A page (or the part of one that htmx asked for) with a title and a sentence."""
    title = TITLES.get(status, HTTPStatus(status).phrase)
    template = "_trouble.html" if is_partial(request) else "error.html"
    actor = await _who(request)
    response = render(request, template, actor, status, title=title, sentence=sentence)
    if is_partial(request):
        response.headers.update(INSTEAD_OF_THE_PAGE)
    return response


def _to_sign_in(request: Request, refusal: SignInNeeded) -> Response:
    """Looking on goes through the sign-in page; what was typed into a form stays in the form."""
    if request.method != "GET":
        template = "_trouble.html" if is_partial(request) else "error.html"
        title = TITLES[401]
        sentence = f"{refusal.message}。您填写的内容还在：请在新窗口登录，再回来提交。"
        return render(request, template, None, 401, title=title, sentence=sentence)
    if is_partial(request):
        return Response(status_code=401, headers={"HX-Refresh": "true"})
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = f"?{urlencode({'next': wanted})}" if wanted != "/" else ""
    return RedirectResponse(f"/sign-in{query}", 303)


async def _recovering(request: Request) -> Response:
    """The page tries again by itself; a form that was on its way is kept, with the same id."""
    kept: dict[str, str] = {}
    if request.method == "POST" and not is_partial(request):
        form = await request.form()
        kept = {name: value for name, value in form.items() if isinstance(value, str)}
    response = render(request, "recovering.html", None, 503, kept=kept, method=request.method)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if request.method == "GET" and not is_partial(request):
        response.headers["Refresh"] = str(RETRY_AFTER_SECONDS + 1)
    return response


async def _misshapen(request: Request, _errors: RequestValidationError) -> Response:
    return await explained(request, 404, LOST)


async def _http(request: Request, error: HTTPException) -> Response:
    sentence = LOST if error.status_code == HTTPStatus.NOT_FOUND else "请从页面上的按钮和链接操作。"
    response = await explained(request, error.status_code, sentence)
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, _error: Exception) -> Response:
    return render(request, "error.html", None, 500, title="出了点问题", sentence=BROKEN)


async def _broken_problem(_request: Request, _error: Exception) -> Response:
    return problem(500, "internal", BROKEN)


async def _who(request: Request) -> Actor | None:
    try:
        return await signed_in(request)
    except Rejected:
        return None


PAGES: dict[type[Exception], Handler] = {
    Rejected: refused,
    RequestValidationError: _misshapen,
    HTTPException: _http,
    ServiceFailed: _broken,
    Exception: _broken,
}
