"""Events at their place in a log, made by hand: what views and policies are tested with."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.contracts.message import Event
from shared.event_log import Commit, Recorded

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
"""Twelve o'clock in Beijing."""


def recorded(
    event: Event, position: int = 1, at: datetime = NOON, audience: tuple[str, ...] = ()
) -> Recorded:
    """One event alone in its commit."""
    commit = Commit(
        position=position,
        stream="",
        version=position,
        command_id=f"C{position}",
        command="",
        digest="",
        at=at,
        by="system",
        role="system",
        audience=audience,
        correlation_id="",
        caused_by=None,
    )
    return Recorded(position, position, event, commit)


def log_of(*events: Event) -> Sequence[Recorded]:
    """The events as one log from position 1."""
    return [recorded(event, position) for position, event in enumerate(events, start=1)]
