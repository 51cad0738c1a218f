"""Fills an empty local county with a whole year: 15,000 requests and everything that befell them.

Run it while nothing runs (`make reset`, `make year`, `make run`). The year is made by the services'
own rules, ends yesterday, and is the same for the same seed and day. Nobody in it is real.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from deploy.county.check import DEMO
from deploy.county.folder import read_county
from deploy.demo.year.county_year import DAYS, CountyYear, midnight
from deploy.demo.year.people_file import PeopleFile
from deploy.demo.year.settled import mark_as_done
from deploy.demo.year.world import World
from deploy.local.leftovers import AlreadyRunningError, end_leftovers, sole_user
from deploy.local.mongodb import make_mongodb_ready, mongodb_program, mongodb_uri
from deploy.local.ports import Ports
from deploy.local.program import LOCAL, spawn
from deploy.local.vault import with_keys
from shared.adapters.mongo import connect
from shared.adapters.mongo_bulk import BulkLog
from shared.adapters.mongo_vault import open_vault
from shared.calendar import beijing_date
from shared.settings import Settings

REQUESTS = 15_000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make year", description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"default: {REQUESTS}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=date.fromisoformat, help="the last day; default: yesterday")
    parser.add_argument("--folder", type=Path, default=LOCAL, help="the folder of the stack")
    asked = parser.parse_args(arguments)
    last = asked.until or beijing_date(datetime.now(UTC)) - timedelta(days=1)
    folder = asked.folder.resolve()
    try:
        with database(folder) as uri:
            settings = with_keys(folder / "vault", Settings(mongodb_uri=uri))
            return fill(settings, last, asked.requests, asked.seed)
    except AlreadyRunningError:
        _say("the county is running: stop it first (Ctrl-C where it runs)")
        return 1


@contextlib.contextmanager
def database(folder: Path) -> Iterator[str]:
    """MONGODB_URI if it is set; otherwise the local stack's own MongoDB, and nothing else."""
    if given := os.environ.get("MONGODB_URI"):
        yield given
        return
    with sole_user(folder):
        end_leftovers(folder)
        port = Ports(folder).port("mongodb")
        process = spawn(mongodb_program(folder / "mongodb", port), folder)
        try:
            make_mongodb_ready(port)
            yield mongodb_uri(port)
        finally:
            process.terminate()
            process.wait(60)


def fill(settings: Settings, last: date, count: int, seed: int) -> int:
    """Write the year into an empty log; 1 when there is something in it."""
    first, began = last - timedelta(days=DAYS - 1), time.monotonic()
    with connect(settings.mongodb_uri, "year") as client:
        log = BulkLog(client[settings.database("log")])
        if log.position:
            _say("this county has a past already: `make reset` forgets it")
            return 1
        vault = open_vault(client, settings)
        vault.create_indexes()
        people = PeopleFile(vault)
        world = World(now=midnight(first), written=log.write)
        year = CountyYear(
            county=read_county(DEMO),
            world=world,
            seed=seed,
            count=count,
            keep_particulars=people.keep_particulars,
            keep_note=people.keep_note,
            on_day=lambda day: _show_progress((day - first).days + 1, log.position),
        )
        year.live(first)
        log.close()
        people.close()
        mark_as_done(client, settings, world.position, world.last_of_type)
    took = time.monotonic() - began
    _say(f"{count} requests, {log.position} events from {first} to {last} in {took:.0f} s")
    for refusal, times in world.refused.most_common():
        _say(f"  {times} × {refusal}")
    return 0


def _show_progress(days: int, events: int) -> None:
    if days < DAYS and not sys.stderr.isatty():
        return  # a log file wants one line, a person wants to see it move
    end = "\n" if days == DAYS else ""
    sys.stderr.write(f"\rday {days}/{DAYS}, {events} events{end}")
    sys.stderr.flush()


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
