"""kill -9 in the middle of load: nothing acknowledged is lost, and all goes on without a hand."""

import pytest

from tests.faults.county import County

BEFORE, AFTER = 12, 12
"""Writes acknowledged before the fault and after it, at least."""


# of the gateway only the master is hit here: its worker is left behind
@pytest.mark.parametrize(
    "name", ["requests", "dispatch", "ledger", "relay", "gateway", "mongodb", "rabbitmq"]
)
def test_one_process_dies(county: County, name: str):
    process = county.stack.process(name)
    with county.load() as load:
        load.wait_for_more(BEFORE)
        killed = process.kill()
        process.wait_restarted(killed)
        load.wait_for_more(AFTER)
    county.must_have_survived()


def test_the_gateway_dies_with_its_worker(county: County):
    process, connected = county.stack.process("gateway"), county.watcher.times_connected
    with county.load() as load:
        load.wait_for_more(BEFORE)
        killed = process.kill_with_children()
        process.wait_restarted(killed)
        load.wait_for_more(AFTER)
    assert county.watcher.times_connected > connected
    county.must_have_survived()


def test_everything_dies_at_once(county: County):
    processes = [county.stack.process(name) for name in county.stack.processes()]
    with county.load() as load:
        load.wait_for_more(BEFORE)
        killed = [(process, process.kill_with_children()) for process in processes]
        for process, pid in killed:
            process.wait_restarted(pid)
        load.wait_for_more(AFTER)
    county.must_have_survived()
