"""How fast figures are with a year loaded: the view's fold, the board of now, and of any day.

Alone: `python -m tests.bench.bench_figures mongodb://…` prints the figures as JSON.
"""

import gc
import json
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, Final

import orjson

from services.ledger.domain.directory import DirectoryRow
from services.ledger.domain.figures import Names, names_in
from services.ledger.domain.figures_told import assessment_told, figures_told
from services.ledger.domain.measures import MEASURES
from services.ledger.known import known
from shared.adapters.mongo import connect
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_views import ViewStore
from shared.adapters.remembered import Remembered
from shared.contracts.actor import Actor
from shared.contracts.county import RulesAdopted
from shared.contracts.working_time import OfficeHours, Span
from shared.county_rules import DEFAULT_RULES
from shared.event_log import EventLog, NewCommit, Recorded
from shared.testing.memory_log import MemoryLog
from tests.county_year import ORGANIZATIONS, STATIONS, TOWNSHIPS, year

Figure = dict[str, Any]
"""{name, value, unit, limit, limit_name, ratio}, as in bench_log."""

BATCH: Final = 1000
"""Events in one fold while a view catches up (shared.subscriptions)."""

LAST_DAY: Final = datetime(2026, 12, 30, tzinfo=UTC)
ASKED: Final = {"from": "2026-01-01", "to": "2026-12-31", "as_of": None}
LEADER: Final = Actor(account_id="leader-1", role="leader")
DAYS: Final = ("2026-01-15", "2026-03-02", "2026-06-30", "2026-09-09", "2026-12-01")
GROUPS: Final = ("organization", "desk", "service", "beneficiary", "month")
TIMES: Final = 100


def run(mongodb_uri: str) -> list[Figure]:
    """Takes about a minute and a half, most of it to make the year up."""
    database = f"bench{uuid.uuid4().hex[:8]}_ledger"
    with connect(mongodb_uri, "bench") as client:
        rows = ViewStore(client[database], MEASURES)
        checkpoints = MongoCheckpoints(client[database])
        rows.create_indexes()
        try:
            say("making up a year")
            folding = fold(rows, checkpoints)
            gc.collect()
            memory = Remembered(rows, partial(checkpoints.load, MEASURES.collection))
            return [*folding, *asking(rows, memory)]
        finally:
            client.drop_database(database)


def fold(rows: ViewStore[Any], checkpoints: MongoCheckpoints) -> list[Figure]:
    """The year into the view, as it happened: all requests side by side."""
    facts, spent, total, requests = year(), 0.0, 0, set[str]()
    while batch := list(islice(facts, BATCH)):
        taken = [fact for fact in batch if type(fact.event) in MEASURES.handles]
        requests.update(key for fact in taken if (key := MEASURES.key(fact)))
        began = time.perf_counter()
        rows.fold(taken)
        spent += time.perf_counter() - began
        total += len(batch)
        _settle(checkpoints, batch[-1])
    say(f"{total} events of {len(requests)} requests")
    return [
        figure("figures: requests in the year", len(requests), "requests"),
        figure("figures: events in the year", total, "events"),
        figure("figures: fold of the view into MongoDB", total / spent, "events/s"),
    ]


def _settle(checkpoints: MongoCheckpoints, last: Recorded) -> None:
    checkpoints.store(MEASURES.collection, last.position)


def asking(rows: ViewStore[Any], memory: Remembered[Any, Any]) -> list[Figure]:
    log, names = MemoryLog(), county_names()
    say("asking")
    ask = partial(answered, log, rows, memory, names)
    first = timed(lambda: ask("organization"))
    every = [timed(partial(ask, by)) for _ in range(TIMES // len(GROUPS)) for by in GROUPS]
    past = [timed(partial(ask, by, day)) for day in DAYS for by in GROUPS]
    lists = [timed(lambda: ranked(log, rows, memory, names)) for _ in range(10)]
    adopt_other_hours(log)
    ask("organization")
    anew = [timed(partial(ask, "organization", day)) for day in DAYS]
    return [
        figure("figures: first answer of a process", first, "ms"),
        figure("figures: a table with comparisons, median", middle(every), "ms"),
        figure("figures: a table with comparisons, p99", p99(every), "ms"),
        figure("figures: as of a past day, median", middle(past), "ms"),
        figure("figures: as of a past day, longest", max(past), "ms"),
        figure("figures: as of a day with other rules, longest", max(anew), "ms"),
        figure("figures: assessment with all lists, longest", max(lists), "ms"),
    ]


def answered(  # noqa: PLR0913, PLR0917 - what a service asks with
    log: EventLog,
    rows: ViewStore[Any],
    memory: Remembered[Any, Any],
    names: Names,
    by: str,
    as_of: str | None = None,
) -> bytes:
    """What the service does for one question, up to the bytes it answers with."""
    asked = {**ASKED, "as_of": as_of}
    told = figures_told(LEADER, asked, by, known(as_of, log, rows, memory), names)
    return orjson.dumps(told)


def ranked(
    log: EventLog, rows: ViewStore[Any], memory: Remembered[Any, Any], names: Names
) -> bytes:
    return orjson.dumps(assessment_told(LEADER, ASKED, known(None, log, rows, memory), names))


def adopt_other_hours(log: EventLog) -> None:
    """From now on hours are counted otherwise, so nothing remembered is of use for the past."""
    hours = OfficeHours(spans=(Span(opens="09:00", closes="17:00"),))
    rules = DEFAULT_RULES.model_copy(update={"version": "other", "office_hours": hours})
    log.append(
        NewCommit(
            stream="county_rules-county",
            expected_version=0,
            events=(RulesAdopted(rules=rules),),
            command_id="other",
            command="AdoptRules",
            digest="",
            at=LAST_DAY,
            by="administrator-1",
            role="administrator",
        )
    )


def county_names() -> Names:
    kinds = {**dict.fromkeys(STATIONS, "station"), **dict.fromkeys(TOWNSHIPS, "township_center")}
    areas = {f"area:{id}": DirectoryRow(id=id, kind=kind, name=id) for id, kind in kinds.items()}
    organizations = {
        f"org:{id}": DirectoryRow(id=id, kind="trade_union", name=id) for id in ORGANIZATIONS
    }
    return names_in({**areas, **organizations})


def timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def figure(name: str, value: float, unit: str) -> Figure:
    nothing = {"limit": None, "limit_name": None, "ratio": None}
    return {"name": name, "value": round(value, 2), "unit": unit, **nothing}


def say(what: str) -> None:
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(sys.argv[1]), indent=1) + "\n")
