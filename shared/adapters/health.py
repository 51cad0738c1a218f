"""Is this process alive, is it ready, and what are its figures: /livez, /readyz, /metrics.

Works in plain threads and, after `eventlet.monkey_patch()`, in green threads: answering at all
proves that the hub is alive.
"""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import amqp
import orjson
import pymongo
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import PyMongoError

from shared.adapters.amqp_link import BROKEN, connect

Check = Callable[[], bool]

_checks: dict[str, Check] = {}


def add_check(name: str, check: Check) -> None:
    """Name a condition of being ready. `check` answers within a second or two and never raises."""
    _checks[name] = check


def remove_check(name: str) -> None:
    _checks.pop(name, None)


def readiness() -> Mapping[str, bool]:
    """Every named condition and whether it holds now."""
    return {name: check() for name, check in list(_checks.items())}


def mongodb_check(uri: str) -> Check:
    """Whether MongoDB has a primary that answers, asked over one connection kept for it."""
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
        uri, serverSelectionTimeoutMS=1500, socketTimeoutMS=1500, maxPoolSize=1, connect=False
    )

    def answers() -> bool:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        return True

    return answers


def rabbitmq_check(uri: str) -> Check:
    """Whether RabbitMQ lets us in, asked with a connection of its own."""

    def answers() -> bool:
        try:
            link: amqp.Connection = connect(uri)
            link.close()
        except BROKEN:
            return False
        return True

    return answers


def serve(port: int, host: str = "127.0.0.1") -> int:
    """Answer in the background; returns the port (useful when asked for 0)."""
    server = ThreadingHTTPServer((host, port), _Probe)
    server.daemon_threads = True
    threading.Thread(target=_answer_forever, args=(server,), daemon=True, name="health").start()
    return int(server.server_address[1])


def _answer_forever(server: ThreadingHTTPServer) -> None:
    # not serve_forever(): its selector does not work on every eventlet hub
    while True:
        try:
            request, client = server.get_request()
        except OSError:
            continue  # the prober went away again
        server.process_request(request, client)


class _Probe(BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/livez":
                self._say(200, b'{"alive":true}')
            case "/readyz":
                checks = readiness()
                self._say(200 if all(checks.values()) else 503, orjson.dumps(checks))
            case "/metrics":
                self._say(200, generate_latest(), CONTENT_TYPE_LATEST)
            case _:
                self._say(404, b'{"paths":["/livez","/readyz","/metrics"]}')

    def _say(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Probes come every few seconds and are no news."""
