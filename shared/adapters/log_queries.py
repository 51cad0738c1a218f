"""What the log is asked for, said once for plain and for asynchronous readers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from shared.event_codec import EventCodec, last_position
from shared.event_log import Page, Recorded

Query = dict[str, Any]

NEWEST_FIRST: Final = [("_id", -1)]
OLDEST_FIRST: Final = [("_id", 1)]
PLACE: Final = {"n": 1}
"""Enough of a commit to know where it ends."""


def starting_after(position: int, types: frozenset[str] | None) -> Query:
    """Commits that begin behind a position and hold an event of these types."""
    query: Query = {"_id": {"$gt": position}}
    return query if types is None else {**query, "events.t": {"$in": sorted(types)}}


def around(position: int) -> Query:
    """The newest of these holds the event at this position, and perhaps some behind it."""
    return {"_id": {"$lte": position}}


def is_seamless(position: int, found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what was found begins right behind the position, so no commit lies across it."""
    return position == 0 or (bool(found) and found[0]["_id"] == position + 1)


def batch_for(limit: int) -> int:
    """Commits in one answer: many hold more than one event, so the limit is reached earlier."""
    return max(100, limit // 2)


def page_of(
    commits: Iterable[Mapping[str, Any]],
    position: int,
    limit: int,
    types: frozenset[str] | None,
    codec: EventCodec,
) -> Page:
    """Whole commits until there are `limit` events, and the position behind the last one taken."""
    facts: list[Recorded] = []
    reached = position
    for commit in commits:
        if len(facts) >= limit:
            break
        facts += codec.facts(commit, position, types)
        reached = max(reached, last_position(commit))
    return Page(facts, reached)
