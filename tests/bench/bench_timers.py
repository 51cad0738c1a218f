"""How late a timer fires, with a hundred thousand open deadlines waiting beside it.

From the time something is due to its event in the log. Runs what is needed of the product: log,
relay, dispatch, timers; all of it private, and thrown away.
"""

import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pymongo import MongoClient

from deploy.local.ports import free_port
from deploy.local.private import private_mongodb, private_rabbitmq
from deploy.local.program import Program, python, spawn
from services.timers.domain.order_clocks import order_clocks
from shared.adapters.mongo import Document, connect, create_log_indexes
from shared.adapters.mongo_log import MongoLog
from shared.contracts.deadlines import Clock, Deadlines
from shared.contracts.dispatch import AlarmRaised, WorkOrderDispatched
from shared.contracts.working_time import Limit
from shared.event_log import NewCommit
from shared.settings import Settings

Figure = dict[str, Any]

OPEN: Final = 100_000
SCATTERED: Final = 40
PER_SECOND: Final = 20
TOGETHER: Final = 1_000
AHEAD: Final = timedelta(seconds=8)
"""Time for the last orders to be taken in before the first of them is due."""

TARGET: Final = 2_000.0
COUNTY: Final = "bench"
FAR: Final = datetime.now(UTC) + timedelta(days=30)
LIMIT: Final = Limit(amount=1, unit="natural_hour")


def run(waiting: int = OPEN) -> list[Figure]:
    """Every figure of the timers; takes about two minutes."""
    with private_mongodb() as mongodb, private_rabbitmq() as rabbitmq:
        settings = Settings(county=COUNTY, mongodb_uri=mongodb.uri, amqp_uri=rabbitmq.uri)
        with connect(mongodb.uri, "bench") as client, running(settings):
            return measured(Bench(client, settings), waiting)


def measured(bench: "Bench", waiting: int) -> list[Figure]:
    say(f"{waiting} open work orders")
    bench.dispatch([FAR] * waiting)
    bench.wait_until_folded(waiting)
    say(f"{SCATTERED} fall due, {PER_SECOND} in a second")
    first = datetime.now(UTC) + AHEAD
    scattered = bench.late([first + timedelta(seconds=n / PER_SECOND) for n in range(SCATTERED)])
    say(f"{TOGETHER} fall due at once")
    together = bench.late([datetime.now(UTC) + AHEAD] * TOGETHER)
    bench.close()
    name = f"timers: due → in the log, {waiting} open"
    return [
        figure(f"{name}, median", statistics.median(scattered)),
        figure(f"{name}, p99", statistics.quantiles(scattered, n=100)[-1]),
        figure(f"{name}, {TOGETHER} at once, last", max(together)),
    ]


@dataclass
class Bench:
    """Orders whose first warning is the only thing that is near."""

    client: MongoClient[Document]
    settings: Settings
    numbered: int = 0

    def __post_init__(self) -> None:
        database = self.settings.database("log")
        create_log_indexes(self.client[database])
        self.log = MongoLog(self.client, database)

    def close(self) -> None:
        self.log.close()

    def dispatch(self, warned_at: Sequence[datetime]) -> None:
        """One order each, as dispatch would have written it."""
        first, self.numbered = self.numbered, self.numbered + len(warned_at)
        with ThreadPoolExecutor(64) as writers:
            list(
                writers.map(self.log.append, map(dispatched, range(first, first + OPEN), warned_at))
            )

    def wait_until_folded(self, rows: int) -> None:
        stored = self.client[self.settings.database("timers")][order_clocks.collection]
        while stored.estimated_document_count() < rows:
            time.sleep(0.5)

    def late(self, warned_at: Sequence[datetime]) -> list[float]:
        """How late, in ms, each of these warnings is seen in the log."""
        found: list[float] = []
        begin = self.log.head()
        reading = threading.Thread(target=self._read, args=(begin, len(warned_at), found))
        reading.start()
        self.dispatch(warned_at)
        say(f"all dispatched {(min(warned_at) - datetime.now(UTC)).total_seconds():.1f} s ahead")
        reading.join()
        return found

    def _read(self, position: int, count: int, found: list[float]) -> None:
        wanted = frozenset({AlarmRaised.__name__})
        while len(found) < count:
            self.log.wait_for_more(position, 0.005)
            facts, position = self.log.read_after(position, types=wanted)
            seen = time.time()
            for fact in facts:
                assert isinstance(fact.event, AlarmRaised)
                due = fact.event.due_at - HALF
                found.append((seen - due.timestamp()) * 1000)


HALF: Final = timedelta(days=1)
"""How long before `due_at` the warning is."""


def dispatched(number: int, warned_at: datetime) -> NewCommit:
    """A work order whose acceptance is half over at `warned_at`, and everything else is far."""
    request_id = f"B{number}"
    accept = Clock(limit=LIMIT, yellow_at=warned_at, orange_at=FAR, due_at=warned_at + HALF)
    complete = Clock(limit=LIMIT, yellow_at=FAR, orange_at=FAR, due_at=FAR)
    order = WorkOrderDispatched(
        work_order_id=f"{request_id}.1.1",
        request_id=request_id,
        organization_id="org-red",
        part="lead",
        round=1,
        chosen_by="person",
        deadlines=Deadlines(
            rules_version="bench",
            started_at=datetime.now(UTC),
            accept=accept,
            complete=complete,
            return_by=FAR,
        ),
    )
    return NewCommit(
        stream=f"work_orders-{request_id}",
        expected_version=0,
        events=(order,),
        command_id=f"bench-{number}",
        command="DispatchWorkOrder",
        digest="bench",
        at=datetime.now(UTC),
        by="system",
        role="system",
        audience=("org:org-red",),
    )


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Relay, dispatch and timers, as `make run` starts them."""
    environment = {
        "COUNTY": settings.county,
        "MONGODB_URI": settings.mongodb_uri,
        "AMQP_URI": settings.amqp_uri,
    }
    modules = (("services.relay",), ("services.run", "dispatch"), ("services.run", "timers"))
    with TemporaryDirectory(prefix="bench-") as folder:
        processes = [spawn(_program(module, environment), Path(folder)) for module in modules]
        try:
            yield
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(60)


def _program(module: tuple[str, ...], environment: dict[str, str]) -> Program:
    own = {"INSTANCE": f"{module[-1]}-1", "HEALTH_PORT": str(free_port())}
    return Program(module[-1], python("-m", *module), {**environment, **own})


def figure(name: str, value: float) -> Figure:
    said = {"name": name, "value": round(value, 1), "unit": "ms"}
    limited = {"limit": TARGET, "limit_name": "the 2 s promised", "ratio": round(value / TARGET, 3)}
    return {**said, **limited}


def say(line: str) -> None:
    sys.stderr.write(f"… {line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    for found in run(int(sys.argv[1]) if sys.argv[1:] else OPEN):
        print(found)
