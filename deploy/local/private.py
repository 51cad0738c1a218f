"""Private servers for tests and fault tests: start, kill -9, start again on the same data, stop.

    with private_mongodb() as mongodb, private_rabbitmq() as rabbitmq:
        ...  # mongodb.uri, rabbitmq.uri

    with Stack(county="fault") as stack:
        before = stack.process("ledger").kill()
        stack.process("ledger").wait_restarted(before)

Everything ends with the thread that started it. `python -m deploy.local.private` keeps a private
MongoDB and RabbitMQ in the foreground for work by hand.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.mongodb import make_mongodb_ready, mongodb_program, mongodb_uri
from deploy.local.plan import Addresses
from deploy.local.ports import free_port
from deploy.local.program import ROOT, python, spawn
from deploy.local.rabbitmq import (
    RabbitmqPorts,
    rabbitmq_programs,
    rabbitmq_uri,
    wait_for_rabbitmq,
)
from deploy.local.supervision import Supervisor
from deploy.local.waiting import NotInTimeError, wait_until

Process = subprocess.Popen[bytes]


@dataclass
class PrivateMongodb:
    """A mongod of one's own. `port` and the data in `folder` stay over `kill` and `start`."""

    folder: Path
    port: int
    _process: Process | None = field(default=None, repr=False)

    @property
    def uri(self) -> str:
        """The address for clients."""
        return mongodb_uri(self.port)

    @property
    def pid(self) -> int:
        """The process id of mongod."""
        return _running(self._process).pid

    def start(self) -> None:
        """Start mongod and wait until it takes writes."""
        self._process = spawn(mongodb_program(self.folder / "data", self.port), self.folder)
        make_mongodb_ready(self.port)

    def kill(self) -> None:
        """kill -9."""
        _end(self._process, signal.SIGKILL)

    def stop(self) -> None:
        """Stop in an orderly way."""
        _end(self._process, signal.SIGTERM)


@dataclass
class PrivateRabbitmq:
    """A RabbitMQ node of one's own. `ports` and the data in `folder` stay over `kill`, `start`."""

    folder: Path
    ports: RabbitmqPorts
    _names: Process | None = field(default=None, repr=False)
    _node: Process | None = field(default=None, repr=False)

    @property
    def uri(self) -> str:
        """The address for clients, with user and password."""
        return rabbitmq_uri(self.folder, self.ports.amqp)

    @property
    def pid(self) -> int:
        """The process id of the node."""
        return _running(self._node).pid

    def start(self) -> None:
        """Start the node (and its name server) and wait until clients can sign in."""
        names, node = rabbitmq_programs(self.folder, self.ports)
        if self._names is None or self._names.poll() is not None:
            self._names = spawn(names, self.folder)
        self._node = spawn(node, self.folder)
        wait_for_rabbitmq(self.uri)

    def kill(self) -> None:
        """kill -9 of the node."""
        _end(self._node, signal.SIGKILL)

    def stop(self) -> None:
        """Stop in an orderly way."""
        _end(self._node, signal.SIGTERM)
        _end(self._names, signal.SIGTERM)


def start_mongodb(folder: Path, port: int = 0) -> PrivateMongodb:
    """A started mongod on `port`, or on a free one."""
    mongodb = PrivateMongodb(folder, port or free_port())
    mongodb.start()
    return mongodb


def start_rabbitmq(folder: Path, port: int = 0) -> PrivateRabbitmq:
    """A started RabbitMQ node on `port`, or on a free one."""
    rabbitmq = PrivateRabbitmq(
        folder, RabbitmqPorts(port or free_port(), distribution=free_port(), names=free_port())
    )
    rabbitmq.start()
    return rabbitmq


@contextlib.contextmanager
def private_mongodb() -> Iterator[PrivateMongodb]:
    """A MongoDB that is gone afterwards, with its data."""
    with _short_lived_folder() as folder:
        mongodb = PrivateMongodb(folder, free_port())
        try:
            mongodb.start()
            yield mongodb
        finally:
            mongodb.stop()


@contextlib.contextmanager
def private_rabbitmq() -> Iterator[PrivateRabbitmq]:
    """A RabbitMQ that is gone afterwards, with its data."""
    with _short_lived_folder() as folder:
        rabbitmq = PrivateRabbitmq(folder, RabbitmqPorts(free_port(), free_port(), free_port()))
        try:
            rabbitmq.start()
            yield rabbitmq
        finally:
            rabbitmq.stop()


@dataclass(frozen=True)
class SupervisedProcess:
    """One process of a stack, by its name: `ledger`, `relay`, `gateway`, `mongodb`, …"""

    name: str
    _supervisor: Supervisor = field(repr=False)

    @property
    def pid(self) -> int:
        """Its process id now; 0 while it is down."""
        return self._supervisor.state(self.name).pid

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal (-9 unless told otherwise); returns the process id it went to."""
        pid = self._living_pid()
        os.kill(pid, number)
        return pid

    def kill_with_children(self) -> int:
        """kill -9 of it and the workers it has forked; returns its process id."""
        pid = self._living_pid()
        os.killpg(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, previous: int, seconds: float = 60) -> int:
        """Wait until it runs again, as another process than `previous`; returns the new id."""
        wait_until(lambda: self._runs_anew(previous), f"{self.name} running again", seconds)
        return self.pid

    def stop(self) -> None:
        """Stop it; it stays down until `start`."""
        self._supervisor.stop(self.name)

    def start(self) -> None:
        """Start it after `stop`, and wait until the supervisor holds it for started."""
        self._supervisor.start(self.name)

    def _living_pid(self) -> int:
        if not (pid := self.pid):  # as a target of signals, 0 would mean ourselves
            raise ProcessLookupError(f"{self.name} is down")
        return pid

    def _runs_anew(self, previous: int) -> bool:
        state = self._supervisor.state(self.name)
        return state.state == "RUNNING" and state.pid != previous


class Stack:
    """Everything that `make run` starts, in a folder and on ports of its own.

    Without `folder` its data are gone afterwards. `environment` is added to that of all
    processes. The demo county is loaded only if `with_demo`.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        county: str = "county",
        environment: dict[str, str] | None = None,
        with_demo: bool = False,
    ) -> None:
        self.county = county
        self.folder = folder or Path(tempfile.mkdtemp(prefix="county-"))
        self._is_short_lived = folder is None
        self._environment = environment or {}
        self._arguments = () if with_demo else ("--no-demo",)
        self._port = free_port()
        self._process: Process | None = None

    @property
    def addresses(self) -> Addresses:
        """Where it is reached; FileNotFoundError before it serves."""
        return Addresses.load(self.folder)

    @property
    def gateway_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self.addresses.gateway_url

    @property
    def mongodb_uri(self) -> str:
        """The address of its MongoDB."""
        return self.addresses.mongodb_uri

    @property
    def amqp_uri(self) -> str:
        """The address of its RabbitMQ, with user and password."""
        return self.addresses.amqp_uri

    @property
    def pid(self) -> int:
        """The process id of the foreground process, the one that `make run` is."""
        return _running(self._process).pid

    def process(self, name: str) -> SupervisedProcess:
        """One of its processes."""
        return SupervisedProcess(name, Supervisor(self.folder))

    def processes(self) -> list[str]:
        """The names of all its processes."""
        return sorted(Supervisor(self.folder).states())

    def start(self, seconds: float = 180) -> None:
        """Start everything and wait until the gateway serves."""
        (self.folder / "stack.json").unlink(missing_ok=True)  # a killed run leaves it behind
        with (self.folder / "run.log").open("ab") as output:
            self._process = subprocess.Popen(
                python("-m", "deploy.local.stack", "--folder", str(self.folder), *self._arguments),
                env={**self._own_environment(), **self._environment},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._serves_or_died, "the stack serving", seconds)
        if self._process.poll() is not None:
            raise NotInTimeError((self.folder / "run.log").read_text())

    def kill(self) -> None:
        """kill -9 of the foreground process."""
        _end(self._process, signal.SIGKILL)

    def stop(self) -> None:
        """What Ctrl-C does."""
        _end(self._process, signal.SIGINT)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        self.stop()
        if self._is_short_lived:
            shutil.rmtree(self.folder)

    def _serves_or_died(self) -> bool:
        return (self.folder / "stack.json").exists() or _running(self._process).poll() is not None

    def _own_environment(self) -> dict[str, str]:
        """Ours, without what would lead it to the MongoDB and RabbitMQ of somebody else."""
        strangers = ("MONGODB_URI", "AMQP_URI", "BIND")
        inherited = {key: value for key, value in os.environ.items() if key not in strangers}
        return {**inherited, "COUNTY": self.county, "PORT": str(self._port)}


def _running(process: Process | None) -> Process:
    if process is None:
        raise RuntimeError("not started")
    return process


def _end(process: Process | None, number: signal.Signals) -> None:
    if process is not None:
        process.send_signal(number)
        process.wait(timeout=180)


@contextlib.contextmanager
def _short_lived_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="county-") as folder:
        yield Path(folder)


def main() -> None:
    """The command line."""
    argparse.ArgumentParser(description="Keep a private MongoDB and RabbitMQ.").parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        contextlib.suppress(KeyboardInterrupt),
        private_mongodb() as mongodb,
        private_rabbitmq() as rabbitmq,
    ):
        print(f"MONGODB_URI={mongodb.uri}\nAMQP_URI={rabbitmq.uri}", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
