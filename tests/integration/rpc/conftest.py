"""A broker to talk to, a tiny service as its own process, and a wire that can be cut."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from shared.adapters.rpc_client_blocking import BlockingRpcClient
from shared.rejection import Unavailable

ECHO = Path(__file__).with_name("echo_service.py")

StartService = Callable[[str], "Service"]


class Service:
    """A running echo service under a name of its own."""

    def __init__(self, amqp_uri: str, name: str) -> None:
        self.name = name
        self.log = ""
        self._lines = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop(); a pipe would fill
        self._process = subprocess.Popen(
            [sys.executable, str(ECHO)],
            env={**os.environ, "AMQP_URI": amqp_uri, "ECHO_NAME": name, "PYTHONPATH": "."},
            cwd=ECHO.parents[3],
            stdout=self._lines,
        )

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    def stop(self) -> int:
        """End it politely; returns the exit code and keeps its lines in `log`."""
        self._process.terminate()
        code = self._process.wait(20)
        self._lines.seek(0)
        self.log = self._lines.read().decode()
        self._lines.close()
        return code


class Wire:
    """A TCP relay in front of the broker, so a test can take the broker away and give it back."""

    def __init__(self, amqp_uri: str) -> None:
        user, _, address = amqp_uri.partition("@")
        host, _, port = address.partition("/")[0].partition(":")
        self._target = (host, int(port or 5672))
        self._open: list[socket.socket] = []
        self._server: socket.socket | None = None
        self._port = 0
        self.restore()
        self.uri = f"{user}@127.0.0.1:{self._port}/"

    def cut(self) -> None:
        """Every connection drops and new ones are refused: the broker is gone."""
        if self._server is not None:
            self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._server = None
        for end in self._open:
            _hang_up(end)
        self._open.clear()

    def restore(self) -> None:
        self._server = socket.create_server(("127.0.0.1", self._port))
        self._port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            self._open += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_copy, args=ends, daemon=True).start()


@pytest.fixture(scope="session")
def amqp_uri() -> str:
    return os.environ.get("AMQP_URI", "amqp://guest:guest@127.0.0.1:5672/")


@pytest.fixture
def wire(amqp_uri: str) -> Iterator[Wire]:
    wire = Wire(amqp_uri)
    yield wire
    wire.cut()


@pytest.fixture
def start_service(amqp_uri: str) -> Iterator[Callable[..., Service]]:
    """Start an echo service (by default on the broker itself) and wait until it answers."""
    with ExitStack() as running:

        def start(uri: str = amqp_uri, name: str = "") -> Service:
            service = running.enter_context(_running(uri, name or f"echo{uuid.uuid4().hex[:8]}"))
            wait_until_answered(uri, service.name)
            return service

        yield start


def wait_until_answered(amqp_uri: str, name: str, seconds: float = 20) -> None:
    """Return when the service answers; fail after `seconds`."""
    client = BlockingRpcClient(amqp_uri)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            client.call(name, "echo", {"text": "?"}, 2)
        except Unavailable:
            time.sleep(0.05)
        else:
            client.close()
            return
    pytest.fail(f"{name} does not answer")


@contextmanager
def _running(amqp_uri: str, name: str) -> Iterator[Service]:
    service = Service(amqp_uri, name)
    try:
        yield service
    finally:
        if service.is_running:
            service.stop()


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while some := source.recv(65536):
            target.sendall(some)
    except OSError:
        pass
    finally:
        _hang_up(source)
        _hang_up(target)


def _hang_up(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
    finally:
        end.close()
