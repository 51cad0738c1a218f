"""What a process says about itself: one JSON line per message handled, and figures to scrape.

Only the keys listed here ever reach a line, so a payload or a name cannot slip into the logs.
"""

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Literal, cast

import orjson
import structlog
from prometheus_client import Counter, Gauge, Histogram

from shared.lines import Lines

ALLOWED_KEYS = frozenset(
    {
        *("event", "level", "timestamp", "service", "instance", "dropped_keys"),
        *("command", "query", "method", "rule", "outcome", "code", "ms", "seconds"),
        *("stream", "events", "position", "version", "previous", "commits", "repeat"),
        *("command_id", "correlation_id", "traceparent", "caused_by", "role", "by"),
        *("subscription", "view", "lane", "type", "queue", "routing_key", "count", "lag"),
        *("reason", "attempt", "retry_in", "error_type", "error_types", "traceback"),
        *("dependency", "port", "route", "http_method", "status", "is_ready", "signal"),
        *("logger", "template", "endpoint"),
    }
)
"""Ids, numbers and names of our own making. A key that may hold what a person typed stays out."""

MAX_TEXT = 400
"""Characters of one value in a log line; what is longer was not meant for a log."""

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

HANDLED = Histogram(
    "county_handled_seconds",
    "Time to handle one message, by what it was and how it ended",
    ("service", "kind", "name", "outcome"),
    buckets=SECONDS,
)
RPC_CALLS = Histogram(
    "county_rpc_call_seconds",
    "Time from a call to its answer, as the caller sees it",
    ("service", "method", "outcome"),
    buckets=SECONDS,
)
MALFORMED = Counter(
    "county_malformed_messages", "Messages that could not be understood", ("service", "reason")
)
CONNECTED = Gauge(
    "county_connected", "1 while a connection is there, 0 while it is sought", ("purpose",)
)

Kind = Literal["command", "query", "fact"]
Log = structlog.typing.FilteringBoundLogger

_service = "unnamed"
_lines = Lines(sys.stdout)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


def configure(service_name: str, level: str = "INFO", instance: str = "") -> None:
    """Send our own lines and those of libraries to stdout as JSON.

    `level` is a name of the logging module; lines below it cost next to nothing.
    """
    global _service, _lines
    _service, _lines = service_name, Lines(sys.stdout)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _named(service_name, instance),
            allow_listed,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: _lines,
        cache_logger_on_first_use=False,
    )
    logging.root.handlers[:] = [_Library()]
    logging.root.setLevel(max(threshold, logging.WARNING))


def get_logger() -> Log:
    """The logger of this process; use fields of ALLOWED_KEYS instead of prose."""
    return cast(Log, structlog.get_logger())


def flush() -> None:
    """Every line said so far is written when this returns."""
    _lines.flush()


def service_name() -> str:
    """What `configure` called this process; the `service` label of its metrics."""
    return _service


def allow_listed(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the allowed keys, cut long texts, and say in `dropped_keys` how many others came."""
    kept = {key: _short(value) for key, value in line.items() if key in ALLOWED_KEYS}
    if dropped := len(line) - len(kept):
        kept["dropped_keys"] = dropped
    return kept


def handled(kind: Kind, name: str, outcome: str, seconds: float, **fields: Any) -> None:
    """One message is done: its one log line and its one observation.

    `outcome` is "ok", a refusal's code, "expired" or "error"; an "error" also carries
    `blame(error)` among `fields`.
    A process of several services says by `service` which of them it was.
    """
    HANDLED.labels(fields.get("service", _service), kind, name, outcome).observe(seconds)
    say = get_logger().error if outcome == "error" else get_logger().info
    label = "type" if kind == "fact" else kind
    say("handled", **{label: name}, outcome=outcome, ms=round(seconds * 1000, 1), **fields)


def blame(error: BaseException) -> dict[str, Any]:
    """Where an error came from, as log fields: types, files, lines. No messages, no locals."""
    chain = list(_causes(error))
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__, limit=-12)
    ]
    return {
        "error_type": type(error).__name__,
        "error_types": [type(cause).__name__ for cause in chain[1:]],
        "traceback": frames,
    }


@contextlib.contextmanager
def tracing(correlation_id: object, traceparent: object = None) -> Iterator[None]:
    """Put both ids on every line said inside; a value of another shape is left out."""
    known = {
        "correlation_id": correlation_id if _fits(_PLAIN_ID, correlation_id) else None,
        "traceparent": traceparent if _fits(_TRACEPARENT, traceparent) else None,
    }
    with structlog.contextvars.bound_contextvars(**{k: v for k, v in known.items() if v}):
        yield


def trace() -> Mapping[str, str]:
    """The ids that `tracing` put here, to be sent along: `correlation_id`, `traceparent`."""
    around = structlog.contextvars.get_contextvars()
    return {k: around[k] for k in ("correlation_id", "traceparent") if k in around}


class _Library(logging.Handler):
    """Lines of libraries: their template without its arguments, which may be anything."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        get_logger().log(
            record.levelno,
            "library",
            logger=record.name,
            template=str(record.msg).partition("\n")[0],
            **(blame(error) if error else {}),
        )


def _named(service: str, instance: str) -> structlog.typing.Processor:
    def name(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.setdefault("service", service)
        if instance:
            line["instance"] = instance
        return line

    return name


def _as_json(_: object, __: str, line: MutableMapping[str, Any]) -> str:
    # an object of unknown shape prints as its type: its content was not meant for a log
    return orjson.dumps(dict(line), default=lambda value: f"<{type(value).__name__}>").decode()


def _short(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    printable = value.encode("utf-8", "replace").decode()  # a lone surrogate is no JSON
    return printable if len(printable) <= MAX_TEXT else printable[:MAX_TEXT] + "…"


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
