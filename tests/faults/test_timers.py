"""Whatever happens to the timers, every alarm comes once: on time or late, never not at all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from deploy.local.waiting import wait_until
from shared.adapters.mongo import connect
from shared.adapters.mongo_log import MongoLog
from shared.contracts.deadlines import Clock, Deadlines, Supervision
from shared.contracts.dispatch import AlarmRaised, DeadlinesRecomputed, SupervisionOrdered
from shared.contracts.working_time import Limit
from shared.event_log import EventLog, NewCommit
from tests.faults.beside import running_beside, timers_in_office
from tests.faults.county import County

ORDERS = 8
FIRST = 4.0
"""Seconds until the first warning of the first order."""

RINGS = [
    *(("accept", "yellow"), ("accept", "orange"), ("accept", "red")),
    *(("complete", "yellow"), ("complete", "orange"), ("complete", "red")),
    *(("ladder", "organization_head"), ("ladder", "center"), ("ladder", "committee_secretary")),
]
APART = 4.0
"""Seconds between two rings of one order."""

Rung = tuple[str, str, str]


class Order(NamedTuple):
    request_id: str
    work_order_id: str


@contextmanager
def log_of(county: County) -> Iterator[MongoLog]:
    with connect(county.stack.mongodb_uri, "fault tests") as client:
        log = MongoLog(client, f"{county.stack.county}_log")
        try:
            yield log
        finally:
            log.close()


def deadlines_from(first: datetime) -> Deadlines:
    """The rings of RINGS, one after the other."""
    times = [first + timedelta(seconds=APART * number) for number in range(len(RINGS))]
    limit = Limit(amount=1, unit="natural_hour")
    ladder = [
        Supervision.model_validate({"level": level, "at": at})
        for (_, level), at in zip(RINGS[6:], times[6:], strict=True)
    ]
    accept, complete = (
        Clock(limit=limit, yellow_at=yellow, orange_at=orange, due_at=due)
        for yellow, orange, due in (times[:3], times[3:6])
    )
    return Deadlines(
        rules_version="fault-test",
        started_at=first,
        accept=accept,
        complete=complete,
        return_by=first,
        supervise_at=tuple(ladder),
    )


def shorten(log: EventLog, order: Order, deadlines: Deadlines) -> None:
    """As if the calendar had turned out that way."""
    stream = f"work_orders-{order.request_id}"
    facts = log.read_stream(stream)
    event = DeadlinesRecomputed(
        request_id=order.request_id,
        work_order_id=order.work_order_id,
        organization_id=next(
            fact.event.organization_id  # type: ignore[attr-defined]  # its dispatch says to whom
            for fact in facts
            if getattr(fact.event, "work_order_id", None) == order.work_order_id
        ),
        deadlines=deadlines,
    )
    commit = NewCommit(
        stream=stream,
        expected_version=facts[-1].version,
        events=(event,),
        command_id=f"fault-test:{order.work_order_id}",
        command="RecomputeDeadlines",
        digest="fault-test",
        at=datetime.now(UTC),
        by="system",
        role="system",
        audience=facts[-1].commit.audience,
    )
    log.append(commit)


def rung(log: EventLog, orders: list[Order]) -> list[Rung]:
    """(order, what, level) of everything that has rung for these orders, as the log has it."""
    found: list[Rung] = []
    for order in orders:
        for fact in log.read_stream(f"work_orders-{order.request_id}"):
            match fact.event:
                case AlarmRaised(limit=limit, level=level):
                    found.append((order.work_order_id, limit, level))
                case SupervisionOrdered(level=supervised_by):
                    found.append((order.work_order_id, "ladder", supervised_by))
                case _:
                    pass
    return found


def test_every_alarm_comes_once_whatever_dies(county: County):
    first = county.stack.process("timers")
    cast = county.cast()
    with log_of(county) as log, running_beside(county, "timers") as seconds:
        orders = [Order(*cast.have_dispatched()) for _ in range(ORDERS)]
        cast.close()
        due = datetime.now(UTC) + timedelta(seconds=FIRST)
        for number, order in enumerate(orders):
            shorten(log, order, deadlines_from(due + timedelta(seconds=number / 2)))

        def have_rung(count: int) -> None:
            wait_until(lambda: len(rung(log, orders)) >= count, f"{count} alarms", 60)

        have_rung(ORDERS // 2)
        first.wait_restarted(first.kill())
        have_rung(2 * ORDERS)
        first.stop()
        wait_until(lambda: timers_in_office(county).endswith("/timers-2"), "the other timers", 15)
        have_rung(4 * ORDERS)
        seconds["timers-2"].kill()  # nobody is left
        missed = deadlines_from(due).supervise_at[-1].at + timedelta(seconds=1)
        wait_until(lambda: datetime.now(UTC) > missed, "more alarms being due", 60)
        first.start()
        have_rung(len(RINGS) * ORDERS)
        found = rung(log, orders)
    expected = [(order.work_order_id, *ring) for order in orders for ring in RINGS]
    assert Counter(found) == Counter(expected)
    assert found == expected  # and each order's in their order
    county.must_have_survived()
