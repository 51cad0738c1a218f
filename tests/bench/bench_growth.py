"""What a new request costs when the log holds one year, and when it holds ten.

Alone: `python -m tests.bench.bench_growth 1 10`. The filled counties stay in `.local/growth`, so a
second run begins where the first one was interrupted, and does not build the views again.
"""

import asyncio
import json
import os
import shutil
import sys
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deploy.demo.signing_in import Entry, read_accounts
from deploy.demo.year.__main__ import REQUESTS, database, fill
from deploy.local.private import Stack
from deploy.local.program import LOCAL
from deploy.local.vault import with_keys
from deploy.views import VIEWS
from shared.adapters.mongo import connect
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_log import MongoLog
from shared.calendar import beijing_date
from shared.settings import Settings
from tests.bench.bench_gateway import (
    BODY,
    Connection,
    descendants,
    figure,
    median,
    p99,
)
from tests.bench.more_years import add_years
from tests.bench.saying import say

Figure = dict[str, Any]

YEARS: Final = (1, 10)
FOLDER: Final = LOCAL / "growth"
COUNTY: Final = "county"
NEW: Final = 600
PER_SECOND: Final = 20
"""A county's busiest hour, a hundred times over, and far from what the machine can do."""

CLIENTS: Final = 10
TELL_EVERY: Final = 10.0


def run(years: tuple[int, ...] = YEARS) -> list[Figure]:
    """Minutes the first time, most of them to make the years and to build every view of ten."""
    measured = [(count, measured_with(count)) for count in years]
    found = [figure for count, cost in measured for figure in cost.figures(count)]
    before, after = measured[0][1], measured[-1][1]
    ratio = after.processor / before.processor
    return [*found, figure("growth: processor time, most years to fewest", ratio, "×")]


@dataclass(frozen=True)
class Cost:
    """Of one new request, in ms: processor time of the whole stack, and what its people waited."""

    processor: float
    placed: list[float]
    accepted: list[float]
    events: int

    def figures(self, years: int) -> list[Figure]:
        name = f"growth: with {years} years, "
        return [
            figure(f"{name}events in the log", self.events, "events"),
            figure(f"{name}processor time of a new request", self.processor, "ms"),
            figure(f"{name}placing, median", median(self.placed), "ms"),
            figure(f"{name}placing, p99", p99(self.placed), "ms"),
            figure(f"{name}accepting, median", median(self.accepted), "ms"),
        ]


def measured_with(years: int) -> Cost:
    folder = FOLDER / str(years)
    fill_once(folder, years)
    with Stack(folder, county=COUNTY, with_demo=True) as stack:
        events = caught_up(stack)
        say(f"{years} years: {NEW} new requests, {PER_SECOND} in a second")
        asyncio.run(living(stack, PER_SECOND))  # warm, as a service is that has run for a while
        before = processor_seconds(stack)
        placed, accepted = asyncio.run(living(stack, NEW))
        caught_up(stack)
        spent = processor_seconds(stack) - before
    return Cost(spent / NEW * 1000, placed, accepted, events)


def fill_once(folder: Path, years: int) -> None:
    """A county with so many years in its log; what has been filled before is taken as it is."""
    done = folder / "filled"
    if done.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    say(f"making up a year of {REQUESTS} requests")
    with database(folder) as uri:
        settings = with_keys(folder / "vault", Settings(county=COUNTY, mongodb_uri=uri))
        fill(settings, beijing_date(datetime.now(UTC)) - timedelta(days=1), REQUESTS, seed=1)
        if years > 1:
            say(f"{years - 1} years more")
            add_years(settings, years - 1)
    done.touch()


def caught_up(stack: Stack) -> int:
    """Wait until every view is at the end of the log; the position there."""
    with connect(stack.mongodb_uri, "bench") as client:
        log = MongoLog(client, f"{COUNTY}_log")
        head, told = log.head(), 0.0
        while (low := slowest_view(client)) < head:
            if time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                say(f"views are at {low} of {head}")
            time.sleep(0.5)
        log.close()
    return head


def slowest_view(client: Any) -> int:
    reached = {name: MongoCheckpoints(client[f"{COUNTY}_{name}"]).all() for name in VIEWS}
    return min(
        reached[name].get(view.collection, 0) for name, views in VIEWS.items() for view in views
    )


async def living(stack: Stack, count: int) -> tuple[list[float], list[float]]:
    """So many requests placed and accepted at a steady rate: how many ms each answer took."""
    port = int(stack.gateway_url.rpartition(":")[2])
    accounts = read_accounts(stack.folder / "accounts.json")
    workers = await signed_in(port, accounts["grid-worker-01"])
    clerks = await signed_in(port, accounts["desk-clerk-01"])
    locks = [asyncio.Lock() for _ in workers]
    placed: list[float] = []
    accepted: list[float] = []

    async def one(number: int) -> None:
        await asyncio.sleep(number / PER_SECOND)
        which = number % CLIENTS
        async with locks[which]:
            began = time.perf_counter()
            key = {"Idempotency_Key": uuid.uuid4().hex}
            _, body = await workers[which].ask("POST", "/api/v1/requests", BODY, **key)
            placed.append((time.perf_counter() - began) * 1000)
            path = f"/api/v1/requests/{json.loads(body)['request_id']}/acceptance"
            began = time.perf_counter()
            key = {"Idempotency_Key": uuid.uuid4().hex}
            await clerks[which].ask("POST", path, b"{}", **key)
            accepted.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(one(number) for number in range(count)))
    return placed, accepted


async def signed_in(port: int, entry: Entry) -> list[Connection]:
    clients = [await Connection.open(port) for _ in range(CLIENTS)]
    await clients[0].sign_in(entry)
    for client in clients[1:]:
        client.cookie = clients[0].cookie
    return clients


def processor_seconds(stack: Stack) -> float:
    """User and system time so far of everything that the stack consists of."""
    ticks = sum(map(ticks_of, descendants(stack.pid)))
    return ticks / os.sysconf("SC_CLK_TCK")


def ticks_of(pid: int) -> int:
    """fields 14 and 15 of /proc/PID/stat (proc(5)); the name before them may hold spaces."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


if __name__ == "__main__":
    for found in run(tuple(map(int, sys.argv[1:])) or YEARS):
        print(found["name"], round(found["value"], 2), found["unit"])
