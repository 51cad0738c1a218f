"""A second process of a service, beside the one that the stack supervises."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from deploy.local.ports import free_port
from deploy.local.program import Program, python, spawn
from deploy.local.waiting import wait_until
from tests.faults.county import County

Process = subprocess.Popen[bytes]


@contextmanager
def running_beside(county: County, *names: str) -> Iterator[dict[str, Process]]:
    """`{"ledger-2": process, …}`, ready for work; they end with the block."""
    programs = [_second(county, name) for name in names]
    started = {program.name: spawn(program, county.stack.folder) for program in programs}
    try:
        wait_until(lambda: all(map(_is_ready, programs)), "the second ones being ready", 60)
        yield started
    finally:
        for process in started.values():
            process.terminate()  # no harm to one that has been killed
            process.wait(timeout=60)


def timers_in_office(county: County) -> str:
    """Who holds the lease of the timers, as `<host>/<instance>`."""
    return str(county.database("timers").leases.find_one({"_id": "timers"})["owner"])


def _second(county: County, name: str) -> Program:
    environment = {
        **county.stack.addresses.environment(),
        "INSTANCE": f"{name}-2",
        "HEALTH_PORT": str(free_port()),
    }
    return Program(f"{name}-2", python("-m", "services.run", name), environment)


def _is_ready(program: Program) -> bool:
    try:
        url = f"http://127.0.0.1:{program.environment['HEALTH_PORT']}/readyz"
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False
