"""Two processes of a service share the work; either of them may die."""

from collections.abc import Iterator

import pytest

from deploy.local.waiting import wait_until
from tests.faults.beside import Process, running_beside, timers_in_office
from tests.faults.county import County

SERVICES = ("requests", "ledger", "timers")
BEFORE, AFTER = 12, 12
"""Writes acknowledged before the fault and after it, at least."""


@pytest.fixture
def seconds(county: County) -> Iterator[dict[str, Process]]:
    """A second process of each service, beside the supervised one."""
    with running_beside(county, *SERVICES) as started:
        yield started


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
        wait_until(lambda: timers_in_office(county).endswith("/timers-2"), "the other timers", 15)
        for first in firsts:
            first.start()
        for second in seconds.values():
            second.kill()
        load.wait_for_more(AFTER)
    wait_until(lambda: timers_in_office(county).endswith("/timers-1"), "the first timers", 15)
    county.must_have_survived()
