"""The one log of a county: what a commit is, what appending promises, and its hash chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from shared.contracts.message import Event


@dataclass(frozen=True)
class NewCommit:
    """Events that one command wants to add to one stream, all or none.

    `expected_version` is the version of the stream's last event when it was read (0: no stream).
    `digest` is the hash of the command's body, so the same id with another body is noticed.
    `caused_by` is the position of the event a policy reacted to.
    """

    stream: str
    expected_version: int
    events: Sequence[Event]
    command_id: str
    command: str
    digest: str
    at: datetime
    by: str
    role: str
    audience: tuple[str, ...] = ()
    correlation_id: str = ""
    caused_by: int | None = None


class Commit(NamedTuple):
    """Who, when and why: what the events of one commit share. `position` is its first event's."""

    position: int
    stream: str
    version: int
    command_id: str
    command: str
    digest: str
    at: datetime
    by: str
    role: str
    audience: tuple[str, ...]
    correlation_id: str
    caused_by: int | None


class Recorded(NamedTuple):
    """One event at its place: `position` counts the county's events, `version` the stream's."""

    position: int
    version: int
    event: Event
    commit: Commit


class Appended(NamedTuple):
    """Where a command's events are: position and version of the last one.

    `is_repeat` says that this command id had been stored before and nothing was added now.
    A command that changed nothing has position 0.
    """

    stream: str
    position: int
    version: int
    is_repeat: bool = False


class Page(NamedTuple):
    """Facts in order, and the position up to which the log was read to find them."""

    facts: list[Recorded]
    reached: int


class StreamConflict(Exception):  # noqa: N818 - not an error: somebody was faster, read again
    """The stream has moved past `expected_version`."""


class EventLog(Protocol):
    """Append and read. Implementations: shared.adapters.mongo_log, shared.testing.memory_log."""

    def append(self, commit: NewCommit) -> Appended:
        """Add the events at the tail, durable on return.

        Raises StreamConflict, CommandIdReused (same id, other digest) or Unavailable (not reachable
        or outcome unknown within the deadline: repeat with the same command id).
        """
        ...

    def read_stream(self, stream: str) -> list[Recorded]:
        """Every event of a stream, oldest first; empty when unknown. Raises Unavailable."""
        ...

    def read_after(
        self, position: int, limit: int = 1000, types: frozenset[str] | None = None
    ) -> Page:
        """Up to about `limit` events with a position > `position`, at majority, in order.

        With `types` only events of these names come back, but `reached` still says how far
        the log was read, so a reader can skip what does not concern it.
        """
        ...

    def head(self) -> int:
        """Position of the last event; 0 for an empty log."""
        ...

    def wait_for_more(self, position: int, timeout: float) -> bool:
        """Block until the log has an event after `position`, at most `timeout` seconds.

        A doorbell, not a reader: False may also mean that the log could not be reached.
        """
        ...
