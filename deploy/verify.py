"""Walk both logs and compare every view with a rebuild; say what does not hold.

Checks positions, stream versions, command ids and the hash chain of every commit of the county's
log and of the access log, and every row of every view against the fold of its facts. Safe while
the system works. Exit code 0: all holds; 1: something does not; 2: the views are still catching up.
"""

import argparse
import sys
import time
from collections.abc import Iterator

from deploy.views import VIEWS
from shared.adapters.mongo import connect
from shared.adapters.mongo_access_log import open_access_log
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_log import MongoLog
from shared.adapters.mongo_views import ViewStore
from shared.event_log import Recorded
from shared.settings import Settings
from shared.verify_log import verify
from shared.verify_views import Comparison
from shared.views import AnyView

PAGE = 2000
MOST_SHOWN = 20
PROGRESS_EVERY = 20_000


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.verify", description=__doc__)
    parser.add_argument(
        "--wait",
        type=float,
        default=10.0,
        metavar="SECONDS",
        help="how long the views may take to reach the end of the log (default: 10)",
    )
    waiting: float = parser.parse_args(arguments).wait
    settings = Settings()
    client = connect(settings.mongodb_uri, "verify")
    log = MongoLog(client, settings.database("log"))
    access = open_access_log(client, settings)
    try:
        holds = [_log_holds(log, "log"), _log_holds(access, "access log")]
        late = _still_late(settings, log, waiting)
        for view in late:
            _say(f"view {view}: still catching up; run again, or look at `make parked`")
        differ = _views_differ(settings, log)
    finally:
        log.close()
        access.close()
        client.close()
    if not all(holds) or differ:
        return 1
    return 2 if late else 0


def _log_holds(log: MongoLog, name: str) -> bool:
    """Every commit, in order, as it is stored."""
    began = time.monotonic()
    walked = verify(
        log.commits.find(sort=[("_id", 1)], batch_size=PAGE),
        lambda commits, head: _say(f"{name}: {commits} commits, position {head} …"),
    )
    seconds = time.monotonic() - began
    if walked.broken:
        position, fault, detail = walked.broken
        _say(f"{name}: BROKEN at position {position}: {fault}: {detail}")
        return False
    _say(f"{name}: {walked.commits} commits up to position {walked.head} hold ({seconds:.1f} s)")
    return True


def _still_late(settings: Settings, log: MongoLog, seconds: float) -> list[str]:
    """Views that have not come to where the log ended when we began to wait."""
    head, until = log.head(), time.monotonic() + seconds
    while True:
        late = [
            view.collection
            for database, view in _all_views()
            if _checkpoint(settings, log, database, view) < head
        ]
        if not late or time.monotonic() > until:
            return late
        time.sleep(0.1)


def _views_differ(settings: Settings, log: MongoLog) -> bool:
    """One walk through the log for all views."""
    compared = [
        (view, _comparison(settings, log, database, view)) for database, view in _all_views()
    ]
    for number, fact in enumerate(_facts(log), start=1):
        for _, comparison in compared:
            comparison.see(fact)
        if number % PROGRESS_EVERY == 0:
            _say(f"views: {number} events …")
    told = [_tell(view, comparison) for view, comparison in compared]
    return any(told)


def _comparison(settings: Settings, log: MongoLog, database: str, view: AnyView) -> Comparison:
    client = log.commits.database.client
    checkpoint = _checkpoint(settings, log, database, view)
    stored = ViewStore(client[settings.database(database)], view).everything()
    return Comparison(view, stored, checkpoint)


def _tell(view: AnyView, comparison: Comparison) -> bool:
    """Say what differs; whether anything does."""
    found = comparison.differences()
    for difference in found[:MOST_SHOWN]:
        _say(f"view {difference.view}: {difference.key} {difference.detail}")
    _say(f"view {view.collection}: {len(found)} rows differ from their rebuild")
    return bool(found)


def _facts(log: MongoLog) -> Iterator[Recorded]:
    """The whole log, page by page."""
    position = 0
    while (page := log.read_after(position, PAGE)).reached > position:
        yield from page.facts
        position = page.reached


def _checkpoint(settings: Settings, log: MongoLog, database: str, view: AnyView) -> int:
    client = log.commits.database.client
    checkpoints = MongoCheckpoints(client[settings.database(database)])
    return checkpoints.load(view.collection)


def _all_views() -> list[tuple[str, AnyView]]:
    return [(database, view) for database, views in VIEWS.items() for view in views]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
