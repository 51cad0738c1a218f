"""The gate before the application: bodies of a bearable size, requests from our own pages, headers.

Plain ASGI, because a middleware that wraps requests and responses would break streaming.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.attachments.apart import MAX_FILE as MAX_ATTACHMENT
from services.gateway.exchange.tables import MAX_FILE
from services.gateway.problems import problem

MAX_BODY = 256 * 1024
"""Bytes. 4,000 Chinese characters are 12 kB; files have paths of their own."""

FILES = ("/api/v1/imports/", "/imports")
ATTACHMENTS = re.compile(r"(/api/v1)?/requests/[^/]+/attachments")
MAX_FILE_BODY = MAX_FILE + 64 * 1024
"""Bytes of a form with a file in it."""

MAX_ATTACHMENT_BODY = MAX_ATTACHMENT + 64 * 1024

SAFE = {"GET", "HEAD", "OPTIONS"}

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        b"form-action 'self'; img-src 'self' data:",
    ),
]


SIZE_LIMIT = f"内容超过 {MAX_BODY // 1024} kB，请缩短后重试"
ATTACHMENT_LIMIT = f"文件超过 {MAX_ATTACHMENT // 1024 // 1024} MB，请压缩或重新拍摄后上传"
FILE_LIMIT = f"文件超过 {MAX_FILE // 1024 // 1024} MB，请拆成几个文件分别导入"


class Gate:
    """Refuses oversized and foreign requests, and adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        receive, send = announcing_the_end(receive, send, headers)
        if scope["method"] not in SAFE and is_foreign(headers):
            refused = problem(403, "foreign_origin", "请求来自其他网站，已拒绝；请从本系统页面操作")
            await refused(scope, receive, with_headers(send))
            return
        most, why = limit_of(scope["path"])
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            await too_large(scope, why)(scope, receive, with_headers(send))
            return
        await self._app(scope, limited(receive, most, why), with_headers(send))


def limit_of(path: str) -> tuple[int, str]:
    """How many bytes a body may have there, and what to say to more."""
    if path.startswith(FILES):
        return MAX_FILE_BODY, FILE_LIMIT
    if ATTACHMENTS.fullmatch(path):
        return MAX_ATTACHMENT_BODY, ATTACHMENT_LIMIT
    return MAX_BODY, SIZE_LIMIT


def too_large(scope: Scope, why: str) -> Response:
    """A problem document for programs, a sentence for the page that sent a file."""
    if scope["path"].startswith("/imports"):
        return HTMLResponse(f'<p class="notice bad" role="alert">{why}</p>', 413)
    return problem(413, "http_413", why, {"body": why})


def is_foreign(headers: dict[bytes, bytes]) -> bool:
    """A browser says where a request comes from; another site's page may not write here."""
    origin = headers.get(b"origin")
    if origin is None:
        return headers.get(b"sec-fetch-site", b"same-origin") == b"cross-site"
    return urlsplit(origin.decode("latin-1")).netloc != headers.get(b"host", b"").decode("latin-1")


def limited(receive: Receive, most: int, why: str) -> Receive:
    """Count bytes as they come, for bodies that do not say how long they are."""
    seen = 0

    async def counting() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, why)
        return message

    return counting


def announcing_the_end(
    receive: Receive, send: Send, headers: dict[bytes, bytes]
) -> tuple[Receive, Send]:
    """Say `Connection: close` with an answer that does not wait for the whole body.

    The server ends the connection then, because the rest of the body would pass for the next
    request; a client that is not told sends that next request into nothing.
    """
    is_read = headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers

    async def reading() -> Message:
        nonlocal is_read
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            is_read = True
        return message

    async def ending(message: Message) -> None:
        if message["type"] == "http.response.start" and not is_read:
            closes = (b"connection", b"close")
            message = {**message, "headers": [*message.get("headers", ()), closes]}
        await send(message)

    return reading, ending


def with_headers(send: Send, extra: Iterable[tuple[bytes, bytes]] = HEADERS) -> Send:
    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            more = [pair for pair in extra if pair[0] not in present]
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return adding
