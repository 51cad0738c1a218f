"""Looking for what is due costs what is due, not what is waiting."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from services.timers.domain.due import due_for_order, ripe
from services.timers.domain.order_clocks import OrderClocks, order_clocks
from shared.adapters.mongo import Document
from shared.adapters.mongo_views import HERE, ViewStore
from shared.contracts.dispatch import WorkOrderCompleted, WorkOrderDispatched
from shared.event_log import Recorded
from shared.testing.facts import NOON, recorded
from tests.unit.timers.story import DEADLINES, dispatched

WAITING = 100_000
BATCH = 5_000
ORDER = [("next_at", 1), ("work_order_id", 1)]


@pytest.fixture
def rows(mongodb: MongoClient[Document], county: str) -> ViewStore[OrderClocks]:
    store = ViewStore(mongodb[f"{county}_timers"], order_clocks)
    store.create_indexes()
    return store


def order(number: int, days: int) -> Recorded:
    """Dispatched so that its first warning comes an hour and some days after noon."""
    moved = DEADLINES.accept
    assert moved is not None
    later = timedelta(days=days)
    accept = moved.model_copy(update={"yellow_at": moved.yellow_at + later})
    event = dispatched.model_copy(
        update={
            "work_order_id": f"W{number:06}",
            "deadlines": DEADLINES.model_copy(
                update={"accept": accept, "contact": None, "report_by": None}
            ),
        }
    )
    return recorded(event, number + 1)


def batches(count: int) -> Iterator[list[Recorded]]:
    for first in range(0, count, BATCH):
        yield [order(number, 1 + number % 30) for number in range(first, first + BATCH)]


def explained(mongodb: MongoClient[Document], county: str, where: dict[str, Any]) -> dict[str, Any]:
    """How the database answered the very question the timer asks."""
    find = {
        "find": order_clocks.collection,
        "filter": {**HERE, **where},
        "sort": dict(ORDER),
        "limit": 50,
    }
    said = mongodb[f"{county}_timers"].command("explain", find, verbosity="executionStats")
    stats: dict[str, Any] = said["executionStats"]
    return stats


def test_beside_a_hundred_thousand_waiting_only_what_is_due_is_looked_at(
    mongodb: MongoClient[Document], county: str, rows: ViewStore[OrderClocks]
):
    for batch in batches(WAITING):
        rows.fold(batch)
    rows.fold([order(WAITING, 0)])
    now = NOON + timedelta(hours=1)
    [found] = rows.find(ripe(now, "work_order_id"), sort=ORDER, limit=50)
    assert found.work_order_id == f"W{WAITING:06}"
    assert [due.at for due in due_for_order(found, now)] == [now]
    stats = explained(mongodb, county, dict(ripe(now, "work_order_id")))
    assert (stats["nReturned"], stats["totalDocsExamined"]) == (1, 1)
    assert stats["totalKeysExamined"] <= 2


def test_pages_meet_every_row_once_even_when_all_are_due_at_the_same_time(
    mongodb: MongoClient[Document], county: str, rows: ViewStore[OrderClocks]
):
    rows.fold([order(number, 1) for number in range(500)])
    now = NOON + timedelta(days=2)
    seen: list[str] = []
    after = None
    while page := rows.find(ripe(now, "work_order_id", after), sort=ORDER, limit=50):
        seen += [row.work_order_id for row in page]
        assert page[-1].next_at
        after = (page[-1].next_at, page[-1].work_order_id)
    assert seen == [f"W{number:06}" for number in range(500)]
    assert after
    behind = ripe(now, "work_order_id", (after[0], "W000449"))
    stats = explained(mongodb, county, dict(behind))
    assert stats["nReturned"] == 50
    assert stats["totalDocsExamined"] <= 60


def test_rows_come_back_as_they_were_folded(rows: ViewStore[OrderClocks]):
    rows.fold([order(1, 0)])
    row = rows.get("W000001")
    assert row == order_clocks.project(None, order(1, 0))


def test_a_finished_order_is_not_found_again(rows: ViewStore[OrderClocks]):
    rows.fold([order(1, 0)])
    sent = order(1, 0).event
    assert isinstance(sent, WorkOrderDispatched)
    done = WorkOrderCompleted(
        request_id=sent.request_id,
        work_order_id=sent.work_order_id,
        organization_id=sent.organization_id,
        outcome="solved",
        note_id="N1",
    )
    rows.fold([recorded(done, 9)])
    assert rows.find(ripe(NOON + timedelta(days=9), "work_order_id")) == []
