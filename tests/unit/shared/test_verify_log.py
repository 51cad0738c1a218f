"""Whoever changes the past is found out, and the position is named."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.contracts.grid import GridWorkerAssigned, GridWorkerRelieved
from shared.event_log import NewCommit
from shared.hash_chain import GENESIS, hash_of
from shared.testing.memory_log import MemoryLog
from shared.verify_log import verify

Commits = list[dict[str, Any]]
AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def commits() -> Commits:
    """Four commits of two events each, on two streams: positions 1, 3, 5, 7."""
    log = MemoryLog()
    for number in range(4):
        grid = f"grid-{number % 2}"
        facts = [
            GridWorkerAssigned(grid_id=grid, worker_id=f"worker-{number}"),
            GridWorkerRelieved(grid_id=grid, worker_id=f"worker-{number}"),
        ]
        new = NewCommit(
            f"area-{grid}", number // 2 * 2, facts, f"c{number}", "X", "d", AT, "a", "system"
        )
        log.append(new)
    return copy.deepcopy(log.commits)


def reseal(commits: Commits) -> None:
    """What a forger would do who knows how hashes are made."""
    prev = GENESIS
    for commit in commits:
        commit["prev"] = prev
        commit["hash"] = prev = hash_of(commit)


def lose_one(commits: Commits) -> None:
    del commits[1]


def repeat_one(commits: Commits) -> None:
    commits.insert(2, commits[1])


def lose_an_event(commits: Commits) -> None:
    commits[1]["events"].pop()


def skip_a_version(commits: Commits) -> None:
    commits[2]["version"] += 1
    reseal(commits)


def use_a_command_twice(commits: Commits) -> None:
    commits[2]["command_id"] = commits[0]["command_id"]
    reseal(commits)


def change_who_did_it(commits: Commits) -> None:
    commits[1]["by"] = "somebody-else"


def change_an_event(commits: Commits) -> None:
    commits[1]["events"][0]["d"]["worker_id"] = "worker-9"


def change_and_reseal_one(commits: Commits) -> None:
    commits[1]["by"] = "somebody-else"
    commits[1]["hash"] = hash_of(commits[1])


@pytest.mark.parametrize(
    ("tamper", "position", "fault"),
    [
        (lose_one, 5, "gap"),
        (repeat_one, 3, "overlap"),
        (lose_an_event, 3, "count"),
        (skip_a_version, 5, "version"),
        (use_a_command_twice, 5, "command_id"),
        (change_who_did_it, 3, "hash"),
        (change_an_event, 3, "hash"),
        (change_and_reseal_one, 5, "prev"),
    ],
)
def test_tampering_is_found_at_its_position(
    commits: Commits, tamper: Callable[[Commits], None], position: int, fault: str
) -> None:
    tamper(commits)
    broken = verify(commits).broken
    assert broken is not None
    assert (broken.position, broken.fault) == (position, fault)


def test_an_untouched_log_holds(commits: Commits) -> None:
    assert verify(commits) == (4, 8, None)


def test_an_empty_log_holds() -> None:
    assert verify([]) == (0, 0, None)
