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
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from deploy.local.leftovers import AlreadyRunningError, end_leftovers, sole_user
from deploy.local.mongodb import make_mongodb_ready
from deploy.local.plan import Addresses, Plan, Wishes, plan_stack
from deploy.local.ports import PortTakenError
from deploy.local.program import LOCAL, ROOT, python, spawn
from deploy.local.rabbitmq import wait_for_rabbitmq
from deploy.local.supervision import Supervisor, supervisor_program
from deploy.local.waiting import NotInTimeError, wait_until

PATIENCE = 120
OPEN_FILES = 65536
DEMO_LOADER = "deploy.demo.load"

Handler = Callable[[int, FrameType | None], None] | signal.Handlers


def run(folder: Path, wishes: Wishes, with_demo: bool) -> None:
    """Run the stack until KeyboardInterrupt, then stop it."""
    with sole_user(folder):
        try:
            if count := end_leftovers(folder):
                print(f"ended {count} processes left behind by a killed run", flush=True)
            _serve(folder, plan_stack(folder, wishes), with_demo)
        except KeyboardInterrupt:
            print("\nstopping …", flush=True)
        finally:
            _on_request_to_stop(signal.SIG_IGN)  # it is being done
            _stop(folder)
            print("stopped", flush=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _on_request_to_stop(signal.SIG_IGN)
    raise KeyboardInterrupt


def _on_request_to_stop(handler: Handler) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


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
    load = python("-m", DEMO_LOADER, "--accounts", str(folder.resolve() / "accounts.json"))
    if subprocess.run(load, cwd=ROOT, check=False).returncode == 0:
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
        print(f"\n  all of them: {accounts}; codes of the second factor: make code ARGS=NAME")
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
    _on_request_to_stop(_interrupt)
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
