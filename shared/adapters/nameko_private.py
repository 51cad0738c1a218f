"""`@private("gateway")`: a method for named callers over HTTP, for what must not lie in a queue.

Speaks the same words as RPC (shared.adapters.rpc_wire), only the road is another one: straight from
process to process, so that no broker ever holds the body.
"""

import functools
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

import orjson
from nameko.web.handlers import http
from werkzeug.wrappers import Request, Response

from shared import telemetry
from shared.adapters import rpc_wire
from shared.rejection import InvalidInput, NotYours, Rejected
from shared.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

MAX_BODY: Final = 32 * 1024 * 1024
"""Bytes of one call: a file, or some hundred records."""

BYTES: Final = "application/octet-stream"
UNKNOWN_CALLER: Final = "调用方没有权限，请检查保险库的访问凭据"


def private(*callers: str) -> Callable[[F], F]:
    """Make a method callable as `POST /<method>` by these callers, with `{"kwargs": {…}}`.

    A file comes as it is, with the other arguments in the header `kwargs`: the method gets it as
    `content`. Bytes that a method returns go back as they are.
    """

    def decorate(method: F) -> F:
        @functools.wraps(method)
        def serve(service: Any, *args: Any, **kwargs: Any) -> Any:
            if args and isinstance(args[0], Request):
                return _answer(
                    functools.partial(method, service), method.__name__, args[0], callers
                )
            return method(service, *args, **kwargs)

        return cast(F, http("POST", f"/{method.__name__}")(serve))

    return decorate


def _answer(
    method: Callable[..., Any], name: str, request: Request, callers: tuple[str, ...]
) -> Response:
    """Run the method and say what came of it. Never raises, and never repeats what was sent."""
    started = time.perf_counter()
    with telemetry.tracing(request.headers.get("correlation-id")):
        outcome, said, mimetype = "ok", {}, rpc_wire.CONTENT_TYPE
        try:
            caller = _caller(request, Settings().vault_callers)
            if caller not in callers:
                raise NotYours(UNKNOWN_CALLER)
            result = method(**_kwargs(request))
            answer = result if isinstance(result, bytes) else rpc_wire.accepted(result)
            mimetype = BYTES if isinstance(result, bytes) else mimetype
        except Rejected as refusal:
            outcome, answer = refusal.code, rpc_wire.refused(refusal)
        except Exception as error:
            outcome, answer = "error", rpc_wire.failed(type(error).__name__)
            said = telemetry.blame(error)
        telemetry.handled("query", name, outcome, time.perf_counter() - started, **said)
    return Response(answer, mimetype=mimetype)


def _caller(request: Request, callers: str) -> str:
    """Whose secret came along; all are compared, so that time tells nothing."""
    known: Mapping[str, str] = json.loads(callers)
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    hashed = hashlib.sha256(token.encode()).hexdigest()
    return "".join(name for name, secret in known.items() if hmac.compare_digest(secret, hashed))


def _kwargs(request: Request) -> dict[str, Any]:
    if (request.content_length or MAX_BODY + 1) > MAX_BODY:
        raise InvalidInput("内容过大")
    try:
        if request.mimetype == BYTES:
            return {**orjson.loads(request.headers["kwargs"]), "content": request.get_data()}
        kwargs = orjson.loads(request.get_data())["kwargs"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise InvalidInput("内容不是有效的 JSON") from None
    if not isinstance(kwargs, dict):
        raise InvalidInput("内容不是有效的 JSON")
    return kwargs
