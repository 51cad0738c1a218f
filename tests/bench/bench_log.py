"""How fast the log is, each figure beside the limit of this machine measured in the same run.

Alone: `python -m tests.bench.bench_log mongodb://…` prints the figures as JSON.
"""

import json
import multiprocessing
import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from pymongo.collection import Collection

from shared.adapters.mongo import Document, connect, create_log_indexes
from shared.adapters.mongo_log import MongoLog
from shared.contracts.requests import RequestAccepted, RequestPlaced
from shared.event_codec import CODEC
from shared.event_log import NewCommit
from shared.verify_log import verify

Figure = dict[str, Any]
"""{name, value, unit, limit, limit_name, ratio}: ratio = value / limit, None without a limit."""

SECONDS: Final = 4.0
REPLAYED: Final = 20_000

PLACED = RequestPlaced(
    request_id="R-2026-000123",
    grid_id="grid-01-02",
    area_ids=("county", "center", "village-03", "grid-01-02"),
    service_code="legal_aid",
    urgency="normal",
    beneficiary_category="resident",
    particulars_id=uuid.uuid4().hex,
    placed_by="grid-worker-03",
)
ACCEPTED = RequestAccepted(
    **{name: value for name, value in PLACED if name in RequestAccepted.model_fields}
)


def run(mongodb_uri: str) -> list[Figure]:
    """Every figure of the log; takes about a minute. Its database is dropped afterwards."""
    database = f"bench{uuid.uuid4().hex[:8]}_log"
    with connect(mongodb_uri, "bench") as client:
        create_log_indexes(client[database])
        commits = client[database].commits
        try:
            raw = raw_inserts(client[database].raw)
            one = raw[0]["value"]
            single = [
                figure
                for writers in (1, 4, 16, 64)
                for figure in one_process(MongoLog(client, database), writers, one)
            ]
            several = four_processes(mongodb_uri, database, one)
            whole = gapless(commits)
            return [*raw, *single, *several, whole, replay(MongoLog(client, database))]
        finally:
            client.drop_database(database)


def raw_inserts(raw: Collection[Document]) -> list[Figure]:
    """What MongoDB does with documents of the same size, at majority and journal, one thread."""
    body: Document = {"text": "x" * len(CODEC.body(placing()))}
    one = rate(lambda: raw.insert_one(dict(body)))
    hundred = rate(lambda: raw.insert_many([dict(body) for _ in range(100)])) * 100
    return [
        figure("raw insert_one", one, "documents/s"),
        figure("raw insert_many(100)", hundred, "documents/s"),
    ]


def one_process(log: MongoLog, writers: int, insert_one: float) -> list[Figure]:
    say(f"{writers} writers in one process")
    appends, p99 = measured(latencies(log, writers))
    log.close()
    name = f"log: {writers} writers in one process"
    return [
        figure(name, appends, "appends/s", insert_one, "raw insert_one"),
        figure(f"{name}, p99", p99, "ms"),
    ]


def four_processes(mongodb_uri: str, database: str, insert_one: float) -> list[Figure]:
    say("4 writers in each of 4 processes")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        order = (mongodb_uri, database, time.time() + 3)
        found = pool.starmap(one_of_four, [order] * 4)
    appends, p99 = measured([latency for process in found for latency in process])
    name = "log: 4 writers in each of 4 processes"
    return [
        figure(name, appends, "appends/s", insert_one, "raw insert_one"),
        figure(f"{name}, p99", p99, "ms"),
    ]


def one_of_four(mongodb_uri: str, database: str, start: float) -> list[float]:
    with connect(mongodb_uri, "bench") as client:
        log = MongoLog(client, database)
        time.sleep(max(0.0, start - time.time()))
        found = latencies(log, 4)
        log.close()
        return found


def gapless(commits: Collection[Document]) -> Figure:
    say("verify")
    began = time.perf_counter()
    found = verify(commits.find(sort=[("_id", 1)]))
    if found.broken:
        raise SystemExit(f"the log does not hold: {found.broken}")
    return figure("log: verify", found.commits / (time.perf_counter() - began), "commits/s")


def replay(log: MongoLog) -> Figure:
    """Typed events, page by page, against the same commits as plain dictionaries."""
    say("replay")
    reach = min(log.head(), REPLAYED)
    plain = max(plain_rate(log, reach) for _ in range(3))
    typed = max(typed_rate(log, reach) for _ in range(3))
    return figure("log: replay of typed events", typed, "events/s", plain, "plain find")


def plain_rate(log: MongoLog, reach: int) -> float:
    began = time.perf_counter()
    read = sum(commit["n"] for commit in log.commits.find({"_id": {"$lte": reach}}))
    return float(read / (time.perf_counter() - began))


def typed_rate(log: MongoLog, reach: int) -> float:
    began, position, read = time.perf_counter(), 0, 0
    while position < reach:
        facts, position = log.read_after(position)
        read += len(facts)
    return read / (time.perf_counter() - began)


def placing() -> NewCommit:
    """One placed request on a stream of its own, every third time accepted at once."""
    key = uuid.uuid4().hex
    return NewCommit(
        stream=f"service_request-{key}",
        expected_version=0,
        events=(PLACED, ACCEPTED) if key < "5" else (PLACED,),
        command_id=uuid.uuid4().hex,
        command="PlaceRequest",
        digest="d" * 64,
        at=datetime.now(UTC),
        by="grid-worker-03",
        role="grid_worker",
        audience=tuple(f"area:{area}" for area in PLACED.area_ids),
        correlation_id=key,
    )


def latencies(log: MongoLog, writers: int) -> list[float]:
    """Seconds that each append took, of so many writers for SECONDS."""
    found: list[float] = []
    until = time.monotonic() + SECONDS

    def write() -> None:
        while time.monotonic() < until:
            new, began = placing(), time.perf_counter()
            log.append(new)
            found.append(time.perf_counter() - began)

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def measured(seconds: list[float]) -> tuple[float, float]:
    """Appends per second, and the 99th percentile in milliseconds."""
    return len(seconds) / SECONDS, sorted(seconds)[int(len(seconds) * 0.99)] * 1000


def rate(act: Callable[[], object]) -> float:
    """How often per second."""
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        act()
        count += 1
    return count / (time.perf_counter() - began)


def figure(
    name: str, value: float, unit: str, limit: float | None = None, limit_name: str | None = None
) -> Figure:
    ratio = round(value / limit, 2) if limit else None
    said = {"name": name, "value": round(value, 2), "unit": unit}
    limited = {"limit": limit and round(limit, 2), "limit_name": limit_name, "ratio": ratio}
    return {**said, **limited}


def say(what: str) -> None:
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(sys.argv[1]), indent=1) + "\n")
