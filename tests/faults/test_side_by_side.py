"""Two processes of a service share the work; either of them may die."""

import subprocess
from collections.abc import Iterator

import httpx
import pytest

from deploy.local.ports import free_port
from deploy.local.program import Program, python, spawn
from deploy.local.waiting import wait_until
from tests.faults.county import County

SERVICES = ("requests", "ledger", "timers")
BEFORE, AFTER = 12, 12
"""Writes acknowledged before the fault and after it, at least."""

Process = subprocess.Popen[bytes]


@pytest.fixture
def seconds(county: County) -> Iterator[dict[str, Process]]:
    """A second process of each service, beside the supervised one."""
    programs = [_second(county, name) for name in SERVICES]
    started = {program.name: spawn(program, county.stack.folder) for program in programs}
    try:
        wait_until(lambda: all(map(_is_ready, programs)), "the second ones being ready", 60)
        yield started
    finally:
        for process in started.values():
            process.terminate()  # no harm to one that has been killed
            process.wait(timeout=60)


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


def _timers_in_office(county: County) -> str:
    return str(county.database("timers").leases.find_one({"_id": "timers"})["owner"])


def test_either_of_two_may_die(county: County, seconds: dict[str, Process]):
    firsts = [county.stack.process(name) for name in SERVICES]
    with county.load() as load:
        load.wait_for_more(BEFORE)
        for first, killed in [(first, first.kill()) for first in firsts]:
            first.wait_restarted(killed)
        load.wait_for_more(AFTER)
        for first in firsts:
            first.stop()
        load.wait_for_more(AFTER)  # the second ones alone
        wait_until(lambda: _timers_in_office(county).endswith("/timers-2"), "the other timers", 15)
        for first in firsts:
            first.start()
        for second in seconds.values():
            second.kill()
        load.wait_for_more(AFTER)
    wait_until(lambda: _timers_in_office(county).endswith("/timers-1"), "the first timers", 15)
    county.must_have_survived()
