"""One log line and one observation for every request that was answered, and for every bug.

Plain ASGI and outermost, so that refusals at the gate are seen too. It knows the route's pattern,
never the address as it came: an address could hold anything.
"""

import time
from typing import Any

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry import SECONDS, blame, get_logger

HTTP = Histogram(
    "county_http_seconds",
    "Time to answer a request, by its route",
    ("method", "route", "status"),
    buckets=SECONDS,
)
PROBES = {"/livez", "/readyz", "/metrics"}
BUG = 500

log = get_logger()


class Witness:
    """Sees every request to its end; an event stream's line comes when it closes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), BUG

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # the last edge: said here, answered by the server
            log.error("failed", **_said(scope), **blame(error))
            raise
        finally:
            _tell(scope, status, time.perf_counter() - began)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    said = _said(scope)
    HTTP.labels(said["http_method"], said["route"], status).observe(seconds)
    log.info("answered", **said, status=status, ms=round(seconds * 1000, 1))


def _said(scope: Scope) -> dict[str, Any]:
    """What may be said about a request: its kind, who asked, and the id of what was asked."""
    state = scope.get("state", {})
    known = {key: state[key] for key in ("by", "correlation_id") if key in state}
    return {"http_method": scope["method"], "route": _route(scope), **known}


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", None) or "none"
