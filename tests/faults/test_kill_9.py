"""kill -9 in the middle of load: nothing acknowledged is lost, and all goes on without a hand."""

import pytest

from shared.adapters.mongo import connect
from shared.adapters.mongo_views import ViewStore
from shared.contracts.accounts import ScopeChanged
from shared.event_log import Recorded
from shared.testing.facts import recorded
from shared.views import Row, View
from tests.faults.county import County

BEFORE, AFTER = 12, 12
"""Writes acknowledged before the fault and after it, at least."""


# of the gateway only the master is hit here: its worker is left behind
@pytest.mark.parametrize(
    "name", ["requests", "dispatch", "ledger", "vault", "relay", "gateway", "mongodb", "rabbitmq"]
)
def test_one_process_dies(county: County, name: str):
    process = county.stack.process(name)
    with county.load() as load:
        load.wait_for_more(BEFORE)
        killed = process.kill()
        process.wait_restarted(killed)
        load.wait_for_more(AFTER)
    county.must_have_survived()


class Latest(Row):
    role: str


def whose(fact: Recorded) -> str | None:
    return fact.event.account_id if isinstance(fact.event, ScopeChanged) else None


def latest(row: Latest | None, fact: Recorded) -> Latest | None:
    return Latest(role=fact.event.role) if isinstance(fact.event, ScopeChanged) else row


LATEST = View("latest", 1, Latest, (ScopeChanged,), whose, latest)
ROWS = 50


def promoted(account_id: str) -> ScopeChanged:
    return ScopeChanged(account_id=account_id, role="leader", organization_id=None, area_ids=())


def test_a_row_that_was_folded_is_there_after_mongodb_dies(county: County):
    """A reader that lives on never folds it again."""
    mongodb = county.stack.process("mongodb")
    with connect(county.stack.mongodb_uri, "fault tests") as client:
        rows = ViewStore(client["faults_rows"], LATEST)
        for number in range(1, ROWS + 1):
            rows.fold([recorded(promoted(f"account-{number}"), number)])
        killed = mongodb.kill()
        mongodb.wait_restarted(killed)
        assert len(rows.everything()) == ROWS
        client.drop_database("faults_rows")


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
