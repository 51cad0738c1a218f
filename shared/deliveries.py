"""What leaves the county: to whom, how it is signed, and when it is tried again or given up."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, model_validator

from shared.contracts.message import Id
from shared.lifecycle import REQUEST_EVENTS, WORK_ORDER_EVENTS
from shared.public_address import USUAL_PORTS

KNOWN_TYPES = frozenset(kind.__name__ for kind in (*REQUEST_EVENTS, *WORK_ORDER_EVENTS))
TEXTED_TYPES = ("RequestPlaced", "RequestCompleted", "MainRequestCompleted")
SHORTEST_SECRET = 32

EndpointKind = Literal["webhook", "sms"]
State = Literal["waiting", "delivered", "given_up", "retry_requested"]
SETTLED: frozenset[State] = frozenset({"delivered", "given_up"})


class Endpoint(BaseModel):
    """Somebody else's address. `types`: the events a webhook gets; a text gateway has its own.

    `ports` other than 80 and 443 have to be named. Printing shows no secret.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    endpoint_id: Id
    kind: EndpointKind = "webhook"
    url: str
    secret: SecretStr = Field(min_length=SHORTEST_SECRET)
    types: tuple[str, ...] = ()
    ports: tuple[int, ...] = USUAL_PORTS

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "webhook" and (not self.types or not KNOWN_TYPES.issuperset(self.types)):
            raise ValueError("a webhook names the event types it gets, all of them known")
        if self.kind == "sms" and self.types:
            raise ValueError("a text gateway gets what there is a text for; leave types out")
        return self

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(self.types or TEXTED_TYPES)


def endpoints_from(configured: str) -> tuple[Endpoint, ...]:
    """Endpoints from JSON. Raises ValueError (pydantic's hides what was typed)."""
    found = _ENDPOINTS.validate_json(configured)
    if len({endpoint.endpoint_id for endpoint in found}) != len(found):
        raise ValueError("two endpoints have the same id")
    return found


_ENDPOINTS: TypeAdapter[tuple[Endpoint, ...]] = TypeAdapter(tuple[Endpoint, ...])


class Letter(NamedTuple):
    """What is sent, without where to and when."""

    content_type: str
    body: bytes


class Answer(NamedTuple):
    """`said` is the status code, or why there was none; the answer's body is nobody's business."""

    is_taken: bool
    said: str


class Unwritable(Exception):  # noqa: N818 - says what happened to a letter
    """The letter could not be written, which is a bug of ours; trying again may find it mended."""


class Delivery(Protocol):
    """The port: sends one letter and says what came of it. Never raises."""

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer: ...


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and HMAC-SHA256 (hex) of `<timestamp>.<body>`: who we are, and that it is fresh."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def headers_of(
    endpoint: Endpoint, delivery_id: str, letter: Letter, at: datetime
) -> dict[str, str]:
    """What a receiver checks a letter by; the delivery id is the same at every attempt."""
    timestamp = str(int(at.timestamp()))
    signed = signature(endpoint.secret.get_secret_value(), timestamp, letter.body)
    return {
        "Content-Type": letter.content_type,
        "User-Agent": "county-orders",
        "X-County-Delivery": delivery_id,
        "X-County-Timestamp": timestamp,
        "X-County-Signature": signed,
    }


@dataclass(frozen=True)
class Persistence:
    """Back-off doubles from `first` to `longest`, each wait half to one and a half times as long;
    a letter nobody has taken for `give_up_after` is given up."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)
    give_up_after: timedelta = timedelta(days=1)

    def pause(self, attempts: int, chance: float) -> timedelta:
        """After so many attempts; `chance` is between 0 and 1."""
        doubled: timedelta = self.first * (1 << min(attempts - 1, 30))
        return min(self.longest, doubled) * (0.5 + chance)


@dataclass(frozen=True)
class Tried:
    """One letter to one endpoint, and how it fared."""

    endpoint_id: str
    position: int
    type: str
    first_tried_at: datetime
    state: State = "waiting"
    attempts: int = 0
    last_tried_at: datetime | None = None
    next_try_at: datetime | None = None
    last_answer: str = ""

    @property
    def delivery_id(self) -> str:
        return delivery_id(self.endpoint_id, self.position)


def delivery_id(endpoint_id: str, position: int) -> str:
    return f"{endpoint_id}:{position}"


REFUSED_FROM, REFUSED_UP_TO = 400, 499
ASK_AGAIN = {"408", "425", "429"}


def is_final(kind: EndpointKind, answer: Answer) -> bool:
    """A text gateway that refuses a text (a number that does not exist) will not think again; a
    webhook that answers 4xx is most likely being repaired."""
    is_refusal = answer.said.isdigit() and REFUSED_FROM <= int(answer.said) <= REFUSED_UP_TO
    return kind == "sms" and is_refusal and answer.said not in ASK_AGAIN


def after_attempt(  # noqa: PLR0913, PLR0917 - an attempt is made of these
    before: Tried,
    answer: Answer,
    kind: EndpointKind,
    now: datetime,
    persistence: Persistence,
    chance: float,
) -> Tried:
    """The letter after one more attempt. One that was retried by hand is not tried again by us."""
    tried = replace(
        before, attempts=before.attempts + 1, last_tried_at=now, last_answer=answer.said
    )
    if answer.is_taken:
        return replace(tried, state="delivered", next_try_at=None)
    pause = persistence.pause(tried.attempts, chance)
    is_late = now + pause - before.first_tried_at > persistence.give_up_after
    if is_late or before.state == "retry_requested" or is_final(kind, answer):
        return replace(tried, state="given_up", next_try_at=None)
    return replace(tried, next_try_at=now + pause)


class Book(Protocol):
    """Cursors and deliveries. Every method raises Unavailable when it cannot be reached."""

    def cursor(self, endpoint_id: str) -> int | None: ...

    def begin(self, endpoint: Endpoint, position: int) -> None:
        """A new endpoint gets what happens from here on."""
        ...

    def move(self, endpoint_id: str, before: int, after: int) -> bool:
        """False when somebody has set the cursor elsewhere meanwhile."""
        ...

    def find(self, endpoint_id: str, position: int) -> Tried | None: ...

    def record(self, tried: Tried) -> None: ...

    def requested(self, endpoint_id: str) -> Sequence[Tried]:
        """Letters that a person wants tried once more."""
        ...
