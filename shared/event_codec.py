"""Typed events to BSON and back; old versions are read through upcasters.

A commit is stored as `{_id, n, stream, version, command_id, command, digest, at, by, role,
audience, correlation_id, caused_by, events: [{t: type, v: schema version, d: {field: value}}],
prev, hash}`, all native BSON (shared.hash_chain says how it is sealed).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from typing import Any, Final

import bson

from shared.contracts.message import Event
from shared.contracts.registry import EVENTS
from shared.event_log import Appended, Commit, NewCommit, Recorded
from shared.rejection import CommandIdReused, InvalidInput

Fields = dict[str, Any]
Upcaster = Callable[[Fields], Fields]

MAX_COMMIT_BYTES: Final = 4 * 1024 * 1024
"""MongoDB takes 16 MiB a document; a commit near that is a mistake."""

UPCASTERS: Final[Mapping[tuple[str, int], Upcaster]] = {}
"""(event type, old schema version) → pure function from its fields to those of the next version."""


class UnknownEvent(Exception):  # noqa: N818 - names what is unknown
    """No such event type, or a schema version that this release cannot read (yet)."""


@dataclass(frozen=True)
class EventCodec:
    """Reads and writes the `events` it knows. Schema versions start at 1 and grow by upcasters."""

    events: Mapping[str, type[Event]]
    upcasters: Mapping[tuple[str, int], Upcaster] = field(default_factory=dict)
    _readers: dict[tuple[str, int], Callable[[Fields], Event]] = field(default_factory=dict)

    def version_of(self, event_type: str) -> int:
        """The schema version that is written today."""
        return 1 + max((old for name, old in self.upcasters if name == event_type), default=0)

    def body(self, new: NewCommit) -> bytes:
        """BSON of everything that is known before the commit has its place in the log.

        Raises InvalidInput when it is too large, UnknownEvent for a type that is not registered,
        ValueError for no events at all or a time without zone: those are mistakes in our code.
        """
        if not new.events or new.at.tzinfo is None:
            raise ValueError("a commit holds at least one event and a time with its zone")
        body = bson.encode(
            {
                "n": len(new.events),
                "stream": new.stream,
                "version": new.expected_version + 1,
                "command_id": new.command_id,
                "command": new.command,
                "digest": new.digest,
                "at": new.at,
                "by": new.by,
                "role": new.role,
                "audience": new.audience,
                "correlation_id": new.correlation_id,
                "caused_by": new.caused_by,
                "events": [self.stored(event) for event in new.events],
            }
        )
        if len(body) > MAX_COMMIT_BYTES:
            raise InvalidInput("一次提交的内容过大,请分几次提交")
        return body

    def stored(self, event: Event) -> Fields:
        """`{t, v, d}` of one event."""
        name = type(event).__name__
        if self.events.get(name) is not type(event):
            raise UnknownEvent(f"{name} is not in the registry, so nobody could read it again")
        return {"t": name, "v": self.version_of(name), "d": event.model_dump()}

    def event(self, event_type: str, schema_version: int, fields: Fields) -> Event:
        """The typed event, in today's version. Raises UnknownEvent or pydantic's ValidationError.

        Lists become tuples and ISO texts become times, so fields may come from BSON or JSON.
        """
        try:
            reader = self._readers[event_type, schema_version]
        except KeyError:
            reader = self._reader(event_type, schema_version)
            self._readers[event_type, schema_version] = reader
        return reader(fields)

    def facts(
        self, commit: Mapping[str, Any], after: int = 0, types: frozenset[str] | None = None
    ) -> list[Recorded]:
        """The events of one stored commit that lie after a position and are of these types."""
        shared = _shared_part(commit)
        first, version, read = shared.position, shared.version, self.event
        return [
            Recorded(first + i, version + i, read(stored["t"], stored["v"], stored["d"]), shared)
            for i, stored in enumerate(commit["events"])
            if first + i > after and (types is None or stored["t"] in types)
        ]

    def _reader(self, event_type: str, schema_version: int) -> Callable[[Fields], Event]:
        kind, today = self.events.get(event_type), self.version_of(event_type)
        if kind is None:
            raise UnknownEvent(f"the log holds a {event_type}, which this release does not know")
        if not 1 <= schema_version <= today:
            raise UnknownEvent(f"{event_type} version {schema_version}: known are 1 to {today}")
        steps = [self.upcasters[event_type, old] for old in range(schema_version, today)]
        # `strict=False`: BSON has no tuples; what was written has been validated strictly before
        validate = partial(kind.__pydantic_validator__.validate_python, strict=False)
        return partial(_upcast, steps, validate) if steps else validate


_SHARED = itemgetter(*(name.replace("position", "_id") for name in Commit._fields))
_AUDIENCE = Commit._fields.index("audience")


def last_position(commit: Mapping[str, Any]) -> int:
    """Position of a stored commit's last event."""
    return int(commit["_id"] + commit["n"] - 1)


def last_version(commit: Mapping[str, Any]) -> int:
    """The stream's version after a stored commit."""
    return int(commit["version"] + commit["n"] - 1)


def appended(commit: Mapping[str, Any]) -> Appended:
    """What the writer of a stored commit is told."""
    return Appended(commit["stream"], last_position(commit), last_version(commit))


def repeat_of(commit: Mapping[str, Any], digest: str) -> Appended:
    """What a second command with the id of a stored commit is told.

    Raises CommandIdReused when it asked something else (another digest).
    """
    if commit["digest"] != digest:
        raise CommandIdReused("这个操作编号已用于另一项内容,请刷新页面后重新提交")
    return appended(commit)._replace(is_repeat=True)


def _shared_part(commit: Mapping[str, Any]) -> Commit:
    position, *rest = _SHARED(commit)
    rest[_AUDIENCE - 1] = tuple(rest[_AUDIENCE - 1])
    return Commit(int(position), *rest)


def _upcast(steps: list[Upcaster], validate: Callable[[Fields], Event], fields: Fields) -> Event:
    for step in steps:
        fields = step(fields)
    return validate(fields)


CODEC: Final = EventCodec(EVENTS, UPCASTERS)
"""The codec of the product."""
