"""Frames come out whole, however the stream is cut, and nonsense is called nonsense."""

from typing import Any

import pamqp.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.adapters.amqp_frames import (
    LARGEST,
    STILL_THERE,
    Frame,
    Frames,
    NoAmqp,
    body_size,
    correlation_id,
)

DELIVERED = Basic.Deliver(consumer_tag="c", delivery_tag=7, exchange="e", routing_key="reply.1")
PROPERTIES = {
    "content_type": st.sampled_from(["application/json", ""]),
    "content_encoding": st.just("utf-8"),
    "headers": st.dictionaries(st.sampled_from("abc"), st.text("xyz"), min_size=1),
    "delivery_mode": st.sampled_from([1, 2]),
    "priority": st.integers(0, 9),
    "reply_to": st.just("reply.2"),
    "expiration": st.just("8000"),
    "message_id": st.just("9"),
}


def answer(number: str, body: bytes) -> bytes:
    header = ContentHeader(properties=Basic.Properties(correlation_id=number), body_size=len(body))
    return b"".join(pamqp.frame.marshal(part, 1) for part in (DELIVERED, header, ContentBody(body)))


STREAM = b"".join(
    (
        answer("1", b"first"),
        STILL_THERE,
        answer("22", b"\xce" * 300),
        STILL_THERE,
        answer("3", b"x"),
    )
)
WHOLE = list(Frames().of(STREAM))


def test_a_stream_is_cut_into_its_frames():
    assert [frame.kind for frame in WHOLE] == [1, 2, 3, 8, 1, 2, 3, 8, 1, 2, 3]
    assert [frame.payload for frame in WHOLE if frame.kind == 3] == [b"first", b"\xce" * 300, b"x"]
    headers = [frame.payload for frame in WHOLE if frame.kind == 2]
    assert [(correlation_id(h), body_size(h)) for h in headers] == [("1", 5), ("22", 300), ("3", 1)]


def test_cut_in_two_anywhere_it_is_the_same():
    for at in range(len(STREAM) + 1):
        frames = Frames()
        assert [*frames.of(STREAM[:at]), *frames.of(STREAM[at:])] == WHOLE


def test_byte_by_byte_it_is_the_same():
    frames = Frames()
    assert [frame for byte in STREAM for frame in frames.of(bytes([byte]))] == WHOLE


@given(st.lists(st.integers(1, 400), max_size=30))
def test_in_pieces_of_any_size_it_is_the_same(sizes: list[int]):
    frames, found, at = Frames(), list[Frame](), 0
    for size in (*sizes, len(STREAM)):
        found += frames.of(STREAM[at : at + size])
        at += size
    assert found == WHOLE


@pytest.mark.parametrize(
    "nonsense",
    [
        b"AMQP\x00\x00\x09\x01",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        STILL_THERE[:-1] + b"\x00",
        b"\x03\x00\x01" + (LARGEST + 1).to_bytes(4, "big"),
    ],
)
def test_what_is_no_amqp_is_refused(nonsense: bytes):
    with pytest.raises(NoAmqp):
        list(Frames().of(nonsense))


@given(
    st.fixed_dictionaries({}, optional=PROPERTIES), st.from_regex(r"[0-9a-f]{1,36}", fullmatch=True)
)
def test_a_call_is_known_by_its_number_whatever_else_is_said(others: dict[str, Any], number: str):
    properties = Basic.Properties(correlation_id=number, **others)
    assert correlation_id(ContentHeader(properties=properties, body_size=1).marshal()) == number
    without = Basic.Properties(**others)
    assert correlation_id(ContentHeader(properties=without, body_size=1).marshal()) is None


@given(st.binary(max_size=60))
def test_a_header_that_makes_no_sense_belongs_to_no_call_and_breaks_nothing(header: bytes):
    assert isinstance(correlation_id(header), str | None)
