"""Runs everything in the foreground: `python -m deploy.local.stack`, which is `make run`.

Order: one run at a time → leftovers of a killed run ended → supervisord with all processes →
MongoDB made a replica set → gateway ready → demo county loaded → address printed → watch until
Ctrl-C or SIGTERM → stop everything.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import pwd
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from deploy.local.leftovers import AlreadyRunningError, end_leftovers, sole_user
from deploy.local.mongodb import make_mongodb_ready, mongodb_program, mongodb_uri
from deploy.local.ports import Ports, PortTakenError
from deploy.local.processes import GATEWAY, product_programs
from deploy.local.program import LOCAL, ROOT, Program, python, spawn
from deploy.local.rabbitmq import (
    RabbitmqPorts,
    rabbitmq_programs,
    rabbitmq_uri,
    wait_for_rabbitmq,
)
from deploy.local.secret_files import write_private
from deploy.local.supervision import Supervisor, supervisor_program
from deploy.local.waiting import NotInTimeError, wait_until

USUAL_PORT = 8000
PATIENCE = 120
OPEN_FILES = 65536
DEMO_LOADER = "deploy.demo.load"
ANYWHERE = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class Wishes:
    """What the environment asks for."""

    county: str
    bind: str
    port: int | None
    mongodb_uri: str | None
    amqp_uri: str | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Wishes":
        """From COUNTY, BIND, PORT, MONGODB_URI and AMQP_URI; empty means not set."""
        port = environment.get("PORT")
        return cls(
            county=environment.get("COUNTY") or "county",
            bind=environment.get("BIND") or "127.0.0.1",
            port=int(port) if port else None,
            mongodb_uri=environment.get("MONGODB_URI") or None,
            amqp_uri=environment.get("AMQP_URI") or None,
        )


@dataclass(frozen=True)
class Addresses:
    """Where a running stack is reached; kept in `folder`/stack.json while it runs."""

    county: str
    gateway_url: str
    mongodb_uri: str
    amqp_uri: str
    local_folder: str

    def environment(self) -> dict[str, str]:
        """For processes of the stack and for commands against it."""
        return {name.upper(): value for name, value in asdict(self).items()}

    def save(self) -> None:
        """Write stack.json, readable by its owner alone: it holds a password."""
        write_private(Path(self.local_folder) / "stack.json", json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, folder: Path) -> "Addresses":
        """Read stack.json; FileNotFoundError when no stack serves."""
        return cls(**json.loads((folder / "stack.json").read_text()))


@dataclass(frozen=True)
class Plan:
    """What will run. A port is None when somebody else's MongoDB or RabbitMQ is used."""

    addresses: Addresses
    programs: tuple[Program, ...]
    mongodb_port: int | None


def plan_stack(folder: Path, wishes: Wishes) -> Plan:
    """Decide ports, addresses and programs; PortTakenError if PORT was asked for and is taken."""
    ports = Ports(folder)
    gateway_port = (
        ports.exactly(GATEWAY, wishes.port, wishes.bind)
        if wishes.port
        else ports.port(GATEWAY, USUAL_PORT)
    )
    brokers: list[Program] = []
    mongodb_port = None if wishes.mongodb_uri else ports.port("mongodb")
    if mongodb_port:
        brokers.append(mongodb_program(folder / "mongodb", mongodb_port))
    amqp_uri = wishes.amqp_uri or _plan_rabbitmq(folder, ports, brokers)
    host = "127.0.0.1" if wishes.bind in ANYWHERE else wishes.bind
    addresses = Addresses(
        county=wishes.county,
        gateway_url=f"http://{host}:{gateway_port}",
        mongodb_uri=wishes.mongodb_uri or mongodb_uri(mongodb_port or 0),
        amqp_uri=amqp_uri,
        local_folder=str(folder),
    )
    product = product_programs(ports, wishes.bind, gateway_port)
    return Plan(addresses, (*brokers, *product), mongodb_port)


def _plan_rabbitmq(folder: Path, ports: Ports, brokers: list[Program]) -> str:
    chosen = RabbitmqPorts(
        amqp=ports.port("amqp"),
        distribution=ports.port("distribution"),
        names=ports.port("epmd"),
    )
    brokers.extend(rabbitmq_programs(folder / "rabbitmq", chosen))
    return rabbitmq_uri(folder / "rabbitmq", chosen.amqp)


def run(folder: Path, wishes: Wishes, with_demo: bool) -> None:
    """Run the stack until SIGINT, SIGTERM or SIGHUP."""
    with sole_user(folder):
        if count := end_leftovers(folder):
            print(f"ended {count} processes left behind by a killed run", flush=True)
        plan = plan_stack(folder, wishes)
        try:
            with _signals_as_interrupts():
                _serve(folder, plan, with_demo)
        except KeyboardInterrupt:
            print("\nstopping …", flush=True)
        finally:
            _stop(folder)
            print("stopped", flush=True)


@contextlib.contextmanager
def _signals_as_interrupts() -> Iterator[None]:
    """Turn the first request to stop into KeyboardInterrupt, and ignore further ones."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    yield


def _serve(folder: Path, plan: Plan, with_demo: bool) -> None:
    began = time.monotonic()
    os.environ.update(plan.addresses.environment())
    _allow_many_open_files()
    supervisor = _start_supervisor(folder, plan)
    if plan.mongodb_port:
        make_mongodb_ready(plan.mongodb_port)
        print(f"MongoDB ready after {time.monotonic() - began:.1f} s", flush=True)
    wait_for_rabbitmq(plan.addresses.amqp_uri)
    print(f"RabbitMQ ready after {time.monotonic() - began:.1f} s", flush=True)
    _wait_for_gateway(folder, plan.addresses.gateway_url)
    print(f"serving after {time.monotonic() - began:.1f} s", flush=True)
    if with_demo:
        _load_demo(folder)
    plan.addresses.save()
    _announce(folder, plan.addresses)
    while True:
        supervisor = _watch(folder, plan, supervisor)
        time.sleep(2)


def _allow_many_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _start_supervisor(folder: Path, plan: Plan) -> subprocess.Popen[bytes]:
    user = pwd.getpwuid(0).pw_name if os.geteuid() == 0 else ""
    process = spawn(supervisor_program(folder, plan.programs, user), folder)
    wait_until((folder / "supervisor.sock").exists, "the supervisor starting", 30)
    return process


def _watch(
    folder: Path, plan: Plan, supervisor: subprocess.Popen[bytes]
) -> subprocess.Popen[bytes]:
    """Bring back what the supervisor has given up, and the supervisor itself."""
    if supervisor.poll() is None:
        with contextlib.suppress(OSError):
            Supervisor(folder).revive()
        return supervisor
    print("the supervisor died: starting everything again", flush=True)
    end_leftovers(folder)
    plan.addresses.save()
    return _start_supervisor(folder, plan)


def _wait_for_gateway(folder: Path, url: str) -> None:
    try:
        wait_until(lambda: _is_ready(f"{url}/readyz"), "the gateway being ready", PATIENCE, 0.25)
    except NotInTimeError as late:
        states = Supervisor(folder).states().values()
        rows = (f"  {state.name:<10} {state.state}" for state in states)
        raise NotInTimeError("\n".join((str(late), *rows, f"logs: {folder}/log/"))) from late


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - the HTTP status OK
    except OSError:
        return False


def _load_demo(folder: Path) -> None:
    loaded = folder / "demo-loaded"
    if loaded.exists() or not _module_exists(DEMO_LOADER):
        return
    print("loading the demo county …", flush=True)
    if subprocess.run(python("-m", DEMO_LOADER), cwd=ROOT, check=False).returncode == 0:
        loaded.touch()
    else:
        print("the demo county is not loaded; the next run tries again", flush=True)


def _module_exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _announce(folder: Path, addresses: Addresses) -> None:
    print(f"\n  {addresses.gateway_url}\n")
    accounts = folder / "accounts.json"
    if accounts.exists():
        for account in json.loads(accounts.read_text()):
            print("  {name:<24} {password:<24} {role}".format(**account))
        print(f"\n  all of them: {accounts}")
    print(f"  logs: {folder}/log/   stop: Ctrl-C\n", flush=True)


def _stop(folder: Path) -> None:
    """End supervisord, which ends the others in order; then whatever may be left."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        os.kill(int((folder / "supervisord.pid").read_text()), signal.SIGTERM)
        wait_until(lambda: not (folder / "supervisord.pid").exists(), "the supervisor ending", 120)
    end_leftovers(folder)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--folder", type=Path, default=LOCAL, help="data, logs and secrets")
    parser.add_argument("--no-demo", action="store_true", help="do not load the demo county")
    choice = parser.parse_args()
    folder = choice.folder.resolve()
    try:
        run(folder, Wishes.read(os.environ), with_demo=not choice.no_demo)
    except AlreadyRunningError:
        print(f"already running: {_running_address(folder)}")
        return 1
    except (PortTakenError, NotInTimeError) as trouble:
        print(trouble)
        return 1
    return 0


def _running_address(folder: Path) -> str:
    try:
        return Addresses.load(folder).gateway_url
    except FileNotFoundError:
        return "it is still starting or stopping"


if __name__ == "__main__":
    sys.exit(main())
