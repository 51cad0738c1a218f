"""Refusals as RFC 9457 problem documents: a code for machines, a sentence for people."""

from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from shared.adapters.rpc_wire import ServiceFailed
from shared.rejection import Rejected

STATUS: dict[str, int] = {
    "rejected": 409,
    "invalid": 422,
    "not_found": 404,
    "not_yours": 403,
    "not_allowed_now": 409,
    "stale_version": 409,
    "command_id_reused": 409,
    "unavailable": 503,
    "sign_in_needed": 401,
    "code_needed": 401,
    "code_wrong": 401,
    "code_used": 401,
    "sign_in_unfinished": 403,
    "too_many_attempts": 429,
}
TOO_LARGE = 413
RETRY_AFTER_SECONDS = 2
LONG_WAIT = 120
"""Seconds from which on a wait is told in minutes."""

TITLES: dict[int, str] = {
    400: "请求格式不正确",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不支持这种操作",
    409: "现在不能这样做",
    413: "内容太大",
    422: "内容不符合要求",
    429: "操作太频繁",
    500: "服务出现错误",
    503: "服务暂时不可用",
}


UNFINISHED: dict[str, str] = {
    "new_password": "您用的是一次性密码，请先改成自己的密码",
    "second_factor": "您的岗位须用动态码登录，请先绑定手机上的动态码应用",
    "code": "还差一步：请填写动态码",
}


class SignInNeeded(Rejected):
    """No session, or an ended one (HTTP 401)."""

    code = "sign_in_needed"


class CodeNeeded(SignInNeeded):
    """The password was right; now the code of the second factor (HTTP 401)."""

    code = "code_needed"


class CodeWrong(SignInNeeded):
    """Not a code of this account's app, nor one of its recovery codes (HTTP 401)."""

    code = "code_wrong"


class CodeUsed(SignInNeeded):
    """A code of the app is good once; the next comes within half a minute (HTTP 401)."""

    code = "code_used"


class SignInUnfinished(Rejected):
    """Signed in, but first the password has to be changed or a second factor bound (HTTP 403)."""

    code = "sign_in_unfinished"

    def __init__(self, owes: str) -> None:
        super().__init__(UNFINISHED[owes], **{owes: UNFINISHED[owes]})
        self.owes = owes


class TooManyAttempts(Rejected):
    """Too many failed tries from here (HTTP 429); `seconds` says how long to wait."""

    code = "too_many_attempts"

    def __init__(self, seconds: int, what: str = "登录尝试") -> None:
        wait = f"{seconds} 秒" if seconds < LONG_WAIT else f"{-(-seconds // 60)} 分钟"
        super().__init__(f"{what}过于频繁，请 {wait}后再试")
        self.seconds = seconds


def problem(status: int, code: str, detail: str, fields: dict[str, str] | None = None) -> Response:
    """One problem document; `fields` maps each offending input to its remedy."""
    document = {
        "type": f"urn:county-orders:problem:{code}",
        "title": TITLES.get(status, HTTPStatus(status).phrase),
        "status": status,
        "code": code,
        "detail": detail,
        "fields": fields or {},
    }
    return Response(
        orjson.dumps(document), status_code=status, media_type="application/problem+json"
    )


def of_refusal(refusal: Rejected) -> Response:
    status = STATUS[refusal.code]
    response = problem(status, refusal.code, refusal.message, refusal.fields)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(refusal, TooManyAttempts):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def of_validation(errors: RequestValidationError) -> Response:
    """Names every field; never repeats the value, which may be personal."""
    fields = {
        ".".join(str(part) for part in error["loc"] if part != "body") or "body": error["msg"]
        for error in errors.errors()
    }
    return problem(422, "invalid", "提交的内容有误，请按字段提示修改后重试", fields)


def install(app: FastAPI) -> None:
    """Every error of the application leaves as a problem document."""

    @app.exception_handler(Rejected)
    async def _refused(_request: Request, refusal: Rejected) -> Response:
        return of_refusal(refusal)

    @app.exception_handler(RequestValidationError)
    async def _misshapen(_request: Request, errors: RequestValidationError) -> Response:
        return of_validation(errors)

    @app.exception_handler(ServiceFailed)
    async def _failed(_request: Request, _error: ServiceFailed) -> Response:
        said = "服务出现内部错误，您提交的内容没有丢失；请稍后用同一操作重试，或联系管理员"
        return problem(500, "internal", said)

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> Response:
        title = TITLES.get(error.status_code, str(error.detail))
        too_large = {"body": str(error.detail)} if error.status_code == TOO_LARGE else {}
        response = problem(error.status_code, f"http_{error.status_code}", title, too_large)
        response.headers.update(error.headers or {})
        return response
