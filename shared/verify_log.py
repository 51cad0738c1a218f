"""Walk a log from its first commit and name the first position that does not hold."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from shared.event_codec import last_position, last_version
from shared.hash_chain import GENESIS, hash_of

Fault = Literal["gap", "overlap", "count", "version", "command_id", "prev", "hash"]

PROGRESS_EVERY = 10_000
"""Commits between two calls of `progress`."""


class Broken(NamedTuple):
    """The first commit that does not fit behind those before it, and why."""

    position: int
    fault: Fault
    detail: str


class Verified(NamedTuple):
    """How much was walked, where it ended, and what was wrong, if anything."""

    commits: int
    head: int
    broken: Broken | None


@dataclass
class _Walk:
    head: int = 0
    prev: str = GENESIS
    versions: dict[str, int] = field(default_factory=dict)
    commands: dict[str, int] = field(default_factory=dict)


def verify(
    commits: Iterable[Mapping[str, Any]], progress: Callable[[int, int], None] = lambda _n, _p: None
) -> Verified:
    """Check stored commits in the order of `_id`: positions, versions, command ids, hash chain.

    `progress(commits, head)` is called now and then. Memory grows with the number of commits:
    every command id and stream is remembered, some 200 bytes a commit.
    """
    walk, count = _Walk(), 0
    for commit in commits:
        if broken := _fault_of(commit, walk):
            return Verified(count, walk.head, broken)
        _step(commit, walk)
        count += 1
        if count % PROGRESS_EVERY == 0:
            progress(count, walk.head)
    return Verified(count, walk.head, None)


def _fault_of(commit: Mapping[str, Any], walk: _Walk) -> Broken | None:
    position, expected = int(commit["_id"]), walk.head + 1
    version = walk.versions.get(commit["stream"], 0) + 1
    earlier = walk.commands.get(commit["command_id"])
    checks: tuple[tuple[Fault, bool, str], ...] = (
        ("gap", position > expected, f"positions {expected} to {position - 1} are missing"),
        ("overlap", position < expected, f"position {expected} was expected"),
        ("count", commit["n"] != len(commit["events"]) or commit["n"] < 1, "n is not the number"),
        ("version", commit["version"] != version, f"{commit['stream']} was expected at {version}"),
        ("command_id", earlier is not None, f"already used at position {earlier}"),
        ("prev", commit["prev"] != walk.prev, "does not name the commit before it"),
        ("hash", commit["hash"] != hash_of(commit), "the commit is not what was written"),
    )
    return next((Broken(position, fault, why) for fault, is_so, why in checks if is_so), None)


def _step(commit: Mapping[str, Any], walk: _Walk) -> None:
    walk.head = last_position(commit)
    walk.prev = commit["hash"]
    walk.versions[commit["stream"]] = last_version(commit)
    walk.commands[commit["command_id"]] = int(commit["_id"])
