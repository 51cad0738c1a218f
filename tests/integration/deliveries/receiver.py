"""Somebody else's HTTP server on this machine: it keeps what it got and answers as it is told."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Got(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def delivery_id(self) -> str:
        return self.headers.get("X-County-Delivery", "")


@dataclass
class Receiver:
    """`answers` are given in turn, then 204; `/slow` is answered after `delay` seconds."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    delay: float = 0.0
    location: str = ""
    got: list[Got] = field(default_factory=list)

    def url(self, path: str = "/", scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def ids(self) -> list[str]:
        return [got.delivery_id for got in self.got]

    def take(self, got: Got) -> int:
        self.got.append(got)
        if got.path == "/slow":
            time.sleep(self.delay)
        return self.answers.pop(0) if self.answers else 204


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server on a free port of this machine, gone afterwards."""
    told = Receiver()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = told.take(Got(self.path, dict(self.headers.items()), body))
            self.send_response(status)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests look at `got`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
