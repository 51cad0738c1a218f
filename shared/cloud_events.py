"""How an event looks on the broker: CloudEvents 1.0, structured mode, JSON.

Beside the standard attributes a message carries what a subscriber needs to handle it without the
log, and to notice when something is missing:

- `position`, `previous`: place in the county's log, and the last one sent on the same route;
- `recent`: marks of the routes of up to RECENT events before this one, nearest last (see `mark`);
- the commit: `streamversion`, `commitposition`, `commandid`, `command`, `commanddigest`, `by`,
  `role`, `audience` (tags, separated by spaces), `correlationid`, `causedby`.

The same fact comes out of a message and out of the log.
"""

import zlib
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from typing import Any, Final, NamedTuple

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.registry import EVENTS, context_of, routing_key
from shared.event_codec import CODEC, UnknownEvent
from shared.event_log import Commit, Recorded

CONTENT_TYPE: Final = "application/cloudevents+json"
EXCHANGE: Final = "events"
RECENT: Final = 32
"""How many events back a message vouches for."""

MARK: Final = 3
"""Characters in one route's mark."""


class Malformed(Exception):  # noqa: N818 - says what the message is, as the parking lot does
    """These bytes are no event of ours. The text names the reason and repeats no value."""


class Received(NamedTuple):
    """A fact as it came by message, with what the message says about those before it.

    `fact` is None when it was written in a schema version that this release does not know:
    then only the log can tell.
    """

    county: str
    position: int
    event_type: str
    fact: Recorded | None
    previous: int
    recent: str


class _Envelope(BaseModel):
    """The attributes a message must have. Others are allowed: CloudEvents may be extended."""

    model_config = ConfigDict(extra="ignore", strict=True)

    specversion: str = Field(pattern=r"^1\.0$")
    id: str
    source: str = Field(pattern=r"^/[^/]+/[^/]+$")
    type: str
    subject: str = Field(min_length=1)
    time: AwareDatetime
    position: int = Field(ge=1)
    previous: int = Field(ge=0)
    recent: str = ""
    streamversion: int = Field(ge=1)
    dataschemaversion: int = Field(ge=1)
    commitposition: int = Field(ge=1)
    commandid: str
    command: str
    commanddigest: str
    by: str
    role: str
    audience: str = ""
    correlationid: str = ""
    causedby: int | None = None


@cache
def mark(event_type: str) -> str:
    """Three characters that stand for a type's route. Two types may share a mark.

    A subscriber only concludes from a mark's *absence* that an event is not its own; a shared mark
    costs a look into the log and no more.
    """
    return f"{zlib.crc32(routing_key(event_type).encode()) & 0xFFF:03x}"


@cache
def _schema_version(event_type: str) -> int:
    return CODEC.version_of(event_type)


def encode(fact: Recorded, county: str, previous: int, recent: str) -> bytes:
    """The body of a message. `previous` is 0 and `recent` empty when there was nothing before."""
    position, version, event, commit = fact
    kind = type(event).__name__
    message: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(position),
        "source": f"/{county}/{context_of(kind)}",
        "type": kind,
        "subject": commit.stream,
        "time": commit.at,
        "datacontenttype": "application/json",
        "position": position,
        "previous": previous,
        "recent": recent,
        "streamversion": version,
        "dataschemaversion": _schema_version(kind),
        "commitposition": commit.position,
        "commandid": commit.command_id,
        "command": commit.command,
        "commanddigest": commit.digest,
        "by": commit.by,
        "role": commit.role,
    }
    if commit.audience:
        message["audience"] = " ".join(commit.audience)
    if commit.correlation_id:
        message["correlationid"] = commit.correlation_id
    if commit.caused_by is not None:
        message["causedby"] = commit.caused_by
    message["data"] = orjson.Fragment(event.model_dump_json())
    return orjson.dumps(message, option=orjson.OPT_UTC_Z)


def decode(body: bytes, content_type: str | None) -> Received:
    """The fact in a message. Raises Malformed for anything that is not an event of ours."""
    if content_type != CONTENT_TYPE:
        raise Malformed("content type is not application/cloudevents+json")
    message = _parse(body)
    try:
        envelope = _Envelope.model_validate_json(body)
    except ValidationError as error:
        raise Malformed(f"attributes do not fit: {_fields(error)}") from None
    if envelope.id != str(envelope.position):
        raise Malformed("id is not the position")
    if envelope.type not in EVENTS:
        raise Malformed("unknown event type")
    fact = _fact(envelope, message.get("data"))
    return Received(
        county=envelope.source.split("/")[1],
        position=envelope.position,
        event_type=envelope.type,
        fact=fact,
        previous=envelope.previous,
        recent=envelope.recent,
    )


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("no JSON") from None
    if not isinstance(message, dict):
        raise Malformed("no JSON object")
    return message


def _fact(envelope: _Envelope, fields: Any) -> Recorded | None:
    """None for a schema version from the future. Raises Malformed when the data do not fit."""
    try:
        event = CODEC.event(envelope.type, envelope.dataschemaversion, fields)
    except UnknownEvent:
        return None
    except ValidationError as error:
        raise Malformed(f"data do not fit: {_fields(error)}") from None
    return Recorded(envelope.position, envelope.streamversion, event, _commit(envelope))


def _commit(envelope: _Envelope) -> Commit:
    return Commit(
        position=envelope.commitposition,
        stream=envelope.subject,
        version=envelope.streamversion - (envelope.position - envelope.commitposition),
        command_id=envelope.commandid,
        command=envelope.command,
        digest=envelope.commanddigest,
        at=envelope.time.astimezone(UTC),
        by=envelope.by,
        role=envelope.role,
        audience=tuple(envelope.audience.split()),
        correlation_id=envelope.correlationid,
        caused_by=envelope.causedby,
    )


def _fields(error: ValidationError) -> str:
    """Which fields, without their values: `data.score, type`."""
    return ", ".join(
        sorted({".".join(map(str, problem["loc"])) or "body" for problem in error.errors()})
    )
