"""The access log: who came in, was refused, or carried something out; a log of its own.

Entries are never removed: the law wants six months (网络安全法 §21), the project at least
KEPT_AT_LEAST, and nothing here, no index and no role can delete one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from shared.contracts.access_log import ACCESS_EVENTS, AccessEvent
from shared.contracts.message import Event
from shared.event_codec import EventCodec

KEPT_AT_LEAST: Final = timedelta(days=400)
ACCESS_CODEC: Final = EventCodec(ACCESS_EVENTS)

NOBODY: Final = "nobody"
"""Who an entry about an unknown name is by."""


class Entry(NamedTuple):
    """One thing that happened. `position` is its commit's, in the log it was read from."""

    position: int
    at: datetime
    by: str
    role: str
    event: Event


@dataclass(frozen=True)
class Wanted:
    """Which entries: all of these conditions; None and empty mean any. Times are a half-open span.

    `before`: only positions below it, for the next page.
    """

    by: str | None = None
    about: str | None = None
    types: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


class AccessLog(Protocol):
    """Record and read. The implementation is shared.adapters.mongo_access_log."""

    async def create_indexes(self) -> None:
        """Those that keep an entry from being there twice. Raises Unavailable."""
        ...

    async def record(self, event: AccessEvent, role: str = "") -> None:
        """Durable on return. Raises Unavailable: then what it is about must not happen."""
        ...

    async def entries(self, wanted: Wanted) -> list[Entry]:
        """The newest first. Raises Unavailable."""
        ...
