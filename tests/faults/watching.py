"""An event stream as a browser keeps it: reconnects by itself, with the last id it has seen."""

import contextlib
import socket
import threading
import time
from typing import Any

import httpx

from tests.faults.people import new_client

HEARTBEATS = 20.0
"""Seconds of silence after which a stream is dead: the gateway says something every 15."""

AWAY = 503


class Watcher:
    """Follows the county from position 0 on in a thread; `positions` is what it has seen."""

    def __init__(self, url: str, cookie: str) -> None:
        self.positions: list[int] = []
        self.times_connected = 0
        self.refusals: list[str] = []
        self._headers = {"Cookie": f"session={cookie}"}
        self._last_id = "0"
        self._client = new_client(url, HEARTBEATS)
        self._socket: socket.socket | None = None
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Hang up."""
        self._is_stopped = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is gone already
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._client.close()

    def wait_for(self, position: int, seconds: float) -> None:
        """Until it has seen a position."""
        until = time.monotonic() + seconds
        while not self.positions or self.positions[-1] < position:
            seen = self.positions[-1] if self.positions else 0
            assert time.monotonic() < until, f"the stream stands at {seen}, the log at {position}"
            time.sleep(0.05)

    def _run(self) -> None:
        while not self._is_stopped:
            with contextlib.suppress(httpx.TransportError):
                headers = self._headers | {"Last-Event-ID": self._last_id}
                with self._client.stream("GET", "/api/v1/events", headers=headers) as answer:
                    self._follow(answer)
            time.sleep(0.1)

    def _follow(self, answer: Any) -> None:
        if answer.status_code != 200:
            if answer.status_code != AWAY:  # this makes a browser give up for good
                self.refusals.append(f"{answer.status_code} {answer.read().decode()}")
            return
        self._socket = answer.extensions["network_stream"].get_extra_info("socket")
        self.times_connected += 1
        has_data = False
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            if field == "id":
                self._last_id = value
            has_data |= field == "data"
            if not line:
                if has_data:
                    self.positions.append(int(self._last_id))
                has_data = False
