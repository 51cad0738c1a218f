"""Commits to write, and what a process writes that is one of several."""

import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from shared.adapters.mongo import connect
from shared.adapters.mongo_log import MongoLog
from shared.contracts.grid import GridWorkerAssigned, GridWorkerRelieved
from shared.contracts.message import Event
from shared.event_log import EventLog, NewCommit

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def assigned(worker: str = "worker-1") -> Event:
    return GridWorkerAssigned(grid_id="grid-1", worker_id=worker)


def relieved(worker: str = "worker-1") -> Event:
    return GridWorkerRelieved(grid_id="grid-1", worker_id=worker)


def commit(stream: str, expected_version: int, *events: Event, **other: Any) -> NewCommit:
    """A commit with an id of its own, unless `command_id` says otherwise."""
    fields: dict[str, Any] = {
        "command_id": uuid.uuid4().hex,
        "command": "AssignGridWorker",
        "digest": "d1",
        "at": AT,
        "by": "admin-1",
        "role": "administrator",
        **other,
    }
    return NewCommit(stream, expected_version, events or (assigned(),), **fields)


def write_many(log: EventLog, writers: int, each: int) -> None:
    """Writers side by side; every second commit holds two events, so positions are uneven."""

    def write() -> None:
        for number in range(each):
            events = (assigned(), relieved())[: 1 + number % 2]
            log.append(commit(f"area-{uuid.uuid4().hex}", 0, *events))

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def shares(logs: Sequence[EventLog], writers: int, commits: int) -> list[int]:
    """How many of so many commits each log has written, with as many writers for each."""
    written: list[list[int]] = [[] for _ in logs]
    all_here = threading.Barrier(writers * len(logs))

    def write(log: EventLog, own: list[int]) -> None:
        all_here.wait()
        while sum(map(len, written)) < commits:
            own.append(log.append(commit(f"area-{uuid.uuid4().hex}", 0)).position)

    side_by_side = list(zip(logs, written, strict=True)) * writers
    threads = [threading.Thread(target=write, args=one) for one in side_by_side]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [len(own) for own in written]


def write_alone(uri: str, database: str) -> None:
    """What one process of several does."""
    with connect(uri, "tests") as client:
        log = MongoLog(client, database, deadline=20)
        write_many(log, writers=4, each=15)
        if not log.wait_for_more(log.head() - 1, 5):
            raise SystemExit("the doorbell did not ring")
        log.close()
