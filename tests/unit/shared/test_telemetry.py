"""What may reach a log line, and what never does."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from shared import telemetry


@pytest.fixture(autouse=True)
def _left_as_found() -> Iterator[None]:
    """Logging belongs to the whole process: later tests must not write to this test's stdout."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    telemetry.flush()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_json_with_time_level_and_service(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("requests")
    telemetry.get_logger().info("handled", command="PlaceRequest", events=1)
    (line,) = said(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "handled",
        "level": "info",
        "service": "requests",
        "command": "PlaceRequest",
        "events": 1,
    }


def test_an_unknown_key_is_dropped_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("requests")
    telemetry.get_logger().info("handled", phone="13812345678", text="王小明", stream="s-1")
    (line,) = said(capsys)
    assert line["dropped_keys"] == 2
    assert line["stream"] == "s-1"
    assert "13812345678" not in str(line)


def test_a_value_without_json_prints_as_its_type(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("requests")
    telemetry.get_logger().info("handled", reason=object(), code="\ud800", stream="x" * 9_999)
    (line,) = said(capsys)
    assert line["reason"] == "<object>"
    assert len(line["stream"]) == telemetry.MAX_TEXT + 1


def test_lines_below_the_level_are_not_said(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("requests", "WARNING")
    telemetry.get_logger().info("handled")
    assert said(capsys) == []


def test_a_library_says_its_template_and_no_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("requests")
    logging.getLogger("nameko.containers").warning("error handling %s", "王小明 13812345678")
    (line,) = said(capsys)
    assert line["template"] == "error handling %s"
    assert "王小明" not in str(line)


def failing(text: str) -> None:
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError("13812345678") from error


def test_an_error_is_told_by_type_and_place() -> None:
    with pytest.raises(RuntimeError) as caught:
        failing("王小明")
    told = telemetry.blame(caught.value)
    assert told["error_type"] == "RuntimeError"
    assert told["error_types"] == ["ValueError"]
    assert told["traceback"][-1].startswith("test_telemetry.py:")
    assert "138" not in str(told)


def test_ids_of_a_trace_are_on_every_line_inside_it(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("requests")
    with telemetry.tracing("case-7", "not a traceparent"):
        telemetry.get_logger().info("handled")
        assert telemetry.trace() == {"correlation_id": "case-7"}
    telemetry.get_logger().info("handled")
    inside, outside = said(capsys)
    assert inside["correlation_id"] == "case-7"
    assert "traceparent" not in inside
    assert "correlation_id" not in outside


def test_a_handled_message_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure("counting")
    telemetry.handled("command", "PlaceRequest", "not_allowed_now", 0.0123, stream="s-1")
    (line,) = said(capsys)
    assert (line["command"], line["outcome"], line["ms"]) == (
        "PlaceRequest",
        "not_allowed_now",
        12.3,
    )
    labels = {
        "service": "counting",
        "kind": "command",
        "name": "PlaceRequest",
        "outcome": "not_allowed_now",
    }
    assert REGISTRY.get_sample_value("county_handled_seconds_count", labels) == 1
