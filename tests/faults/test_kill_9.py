"""kill -9 in the middle of load: nothing acknowledged is lost, and all goes on without a hand."""

import pytest

from tests.faults.county import County

BEFORE, AFTER = 12, 12
"""Writes acknowledged before the fault and after it, at least."""


@pytest.mark.parametrize("name", ["requests", "dispatch", "ledger", "relay"])
def test_a_process_of_ours_dies(county: County, name: str):
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


def test_the_gateway_dies_and_its_worker_is_left_behind(county: County):
    process = county.stack.process("gateway")
    with county.load() as load:
        load.wait_for_more(BEFORE)
        killed = process.kill()
        process.wait_restarted(killed)
        load.wait_for_more(AFTER)
    county.must_have_survived()


@pytest.mark.parametrize("name", ["mongodb", "rabbitmq"])
def test_what_we_stand_on_dies(county: County, name: str):
    process = county.stack.process(name)
    with county.load() as load:
        load.wait_for_more(BEFORE)
        killed = process.kill()
        process.wait_restarted(killed)
        load.wait_for_more(AFTER)
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
