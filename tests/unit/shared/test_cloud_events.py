"""A fact is the same whether it comes by message or out of the log; anything else is refused."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from shared.cloud_events import CONTENT_TYPE, Malformed, decode, encode
from shared.contracts.requests import RequestAccepted
from shared.event_log import Commit, Recorded

FACT = Recorded(
    position=11,
    version=4,
    event=RequestAccepted(
        request_id="R1",
        grid_id="g1",
        area_ids=("county", "g1"),
        service_code="s1",
        urgency="normal",
        beneficiary_category="resident",
    ),
    commit=Commit(
        position=10,
        stream="service_request-R1",
        version=3,
        command_id="c1",
        command="AcceptRequest",
        digest="d",
        at=datetime(2026, 11, 22, 8, 0, 0, 123000, tzinfo=UTC),
        by="a1",
        role="desk_clerk",
        audience=("area:county", "area:g1"),
        correlation_id="trace-1",
        caused_by=7,
    ),
)


def sent(**changes: Any) -> bytes:
    message = orjson.loads(encode(FACT, "county", 5, ""))
    message.update(changes)
    return orjson.dumps({key: value for key, value in message.items() if value is not ...})


def test_a_fact_survives_the_journey() -> None:
    received = decode(encode(FACT, "county", 5, "abc"), CONTENT_TYPE)
    assert received.fact == FACT
    assert (received.position, received.previous, received.recent) == (11, 5, "abc")


def test_a_fact_without_optional_parts_survives_too() -> None:
    commit = FACT.commit._replace(audience=(), correlation_id="", caused_by=None)
    bare = FACT._replace(commit=commit)
    assert decode(encode(bare, "county", 0, ""), CONTENT_TYPE).fact == bare


def test_the_message_is_a_cloud_event() -> None:
    message = orjson.loads(encode(FACT, "county", 5, ""))
    assert message["specversion"] == "1.0"
    assert message["id"] == "11"
    assert message["source"] == "/county/requests"
    assert message["type"] == "RequestAccepted"
    assert message["subject"] == "service_request-R1"
    assert message["time"] == "2026-11-22T08:00:00.123000Z"
    assert message["data"]["request_id"] == "R1"
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in message)
    assert not any(isinstance(v, list | dict) for k, v in message.items() if k != "data")


def test_a_version_from_the_future_is_left_to_the_log() -> None:
    assert decode(sent(dataschemaversion=2), CONTENT_TYPE).fact is None


@pytest.mark.parametrize(
    "changes",
    [
        {"specversion": "0.3"},
        {"id": "12"},
        {"position": "11"},
        {"position": 0},
        {"position": None},
        {"type": "Gossip"},
        {"type": "PlaceRequest"},
        {"time": "yesterday"},
        {"time": "2026-11-22T08:00:00"},
        {"previous": -1},
        {"data": None},
        {"data": {}},
        {"data": {"request_id": {"$ne": None}}},
        {"source": "county"},
        {"subject": ""},
        {"subject": ...},
        {"streamversion": ...},
    ],
)
def test_what_does_not_fit_is_malformed_and_no_value_is_repeated(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        decode(sent(**changes), CONTENT_TYPE)
    assert "yesterday" not in str(refused.value)
    assert "Gossip" not in str(refused.value)
