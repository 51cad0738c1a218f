"""A tiny real nameko service, run as its own process by the tests and the bench."""

import warnings

with warnings.catch_warnings():
    # nameko stands on eventlet, which announces its retirement on every import
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()

import os
import signal
import sys
from typing import Any

import structlog

from services import run
from shared import telemetry
from shared.adapters.nameko_rpc import rpc
from shared.rejection import NotAllowedNow
from shared.settings import Settings


class EchoService:
    """Says back what it hears, refuses on request, and has a bug."""

    name = os.environ.get("ECHO_NAME", "echo")

    @rpc
    def echo(self, text: str) -> dict[str, Any]:
        return {"text": text, "pid": os.getpid()}

    @rpc
    def handle(self, name: str, body: dict[str, Any], correlation_id: str = "") -> dict[str, Any]:
        return {"stream": f"echo-{name}-{correlation_id}", "position": len(body), "version": 1}

    @rpc
    def refuse(self) -> None:
        raise NotAllowedNow("只有进行中的事项可以催办", request_id="已经办结")

    @rpc
    def bug(self) -> None:
        secret = "13812345678"
        raise RuntimeError(f"cannot work with {secret}")

    @rpc
    def unsayable(self) -> object:
        return object()

    @rpc
    def slow(self, seconds: float) -> str:
        eventlet.sleep(seconds)
        return "done"

    @rpc
    def traced(self) -> dict[str, Any]:
        return structlog.contextvars.get_contextvars()


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: run.asked_to_stop.append(received))
    telemetry.configure(EchoService.name)
    sys.exit(run.run([EchoService], Settings()))
