"""A line to the broker, told byte by byte what a broker may say: every call has its end."""

import asyncio
import re
from collections.abc import Callable

import pamqp.frame
import pytest
from pamqp.body import ContentBody
from pamqp.commands import Basic, Connection
from pamqp.header import ContentHeader

from shared.adapters.rpc_line import Line
from shared.rejection import Unavailable


class Wire(asyncio.Transport):
    """Keeps what was sent, and hangs up when told to."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.sent = b""
        self._line = line
        self._is_closing = False
        line.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True
        self._line.connection_lost(None)

    abort = close

    def reply_to(self) -> str:
        found = re.search(rb"reply\.[0-9a-f]{32}", self.sent)
        assert found
        return found[0].decode()


def content(method: Basic.Deliver | Basic.Return, number: str, *parts: bytes) -> bytes:
    size = sum(map(len, parts))
    header = ContentHeader(properties=Basic.Properties(correlation_id=number), body_size=size)
    frames = (method, header, *map(ContentBody, parts))
    return b"".join(pamqp.frame.marshal(frame, 1) for frame in frames)


DELIVERED = Basic.Deliver(consumer_tag="c", delivery_tag=1, exchange="e", routing_key="reply")
RETURNED = Basic.Return(reply_code=312, reply_text="NO_ROUTE", exchange="e", routing_key="a.b")
FAREWELL = pamqp.frame.marshal(Connection.Close(320, "CONNECTION_FORCED", 0, 0), 0)


def told(said: bytes, calls: int = 1) -> list[bytes | BaseException]:
    """What becomes of the calls 1, 2, … when the broker says this."""

    async def story() -> list[bytes | BaseException]:
        line = Line()
        wire = Wire(line)
        asked = [asyncio.ensure_future(line.ask("echo", "say", {}, 5)) for _ in range(calls)]
        await asyncio.sleep(0)
        assert wire.reply_to()
        line.data_received(said)
        wire.close()
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(story())


def test_answers_find_their_calls_in_any_order():
    said = content(DELIVERED, "2", b"two") + content(DELIVERED, "1", b"one")
    assert told(said, calls=2) == [b"one", b"two"]


def test_an_answer_of_many_parts_or_of_none_is_one_answer():
    said = content(DELIVERED, "1", b"a" * 9, b"b" * 9, b"c") + content(DELIVERED, "2")
    assert told(said, calls=2) == [b"a" * 9 + b"b" * 9 + b"c", b""]


def test_a_returned_call_finds_no_service():
    (outcome,) = told(content(RETURNED, "1", b"the call"))
    assert isinstance(outcome, Unavailable)
    assert "没有启动" in outcome.message


@pytest.mark.parametrize("said", [b"", FAREWELL, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_when_the_line_is_lost_nobody_waits_on(said: bytes):
    (outcome,) = told(said)
    assert isinstance(outcome, Unavailable)
    assert "中断" in outcome.message


def test_an_answer_to_nobody_is_passed_over():
    said = content(DELIVERED, "77", b"late") + content(DELIVERED, "1", b"one")
    assert told(said) == [b"one"]


@pytest.mark.parametrize("event", [Line.pause_writing, Line.leave, Line.hang_up])
def test_a_line_that_is_full_or_left_takes_no_more_calls(event: Callable[[Line], None]):
    async def story() -> None:
        line = Line()
        wire = Wire(line)
        event(line)
        sent = wire.sent
        with pytest.raises(Unavailable, match="中断"):
            await line.ask("echo", "say", {}, 5)
        assert wire.sent == sent

    asyncio.run(story())
