"""One open connection to the broker with its reply queue, and the calls that wait on it.

A protocol of its own, because after the greeting hardly anything is ever said here: calls go out,
answers and returned calls come in. Reading them with a general client took a tenth of the
gateway's time. What is said in one moment leaves in one piece, as the transport gathers it.
"""

import asyncio
import functools
import itertools
import ssl
import uuid
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

import pamqp.frame
from pamqp.body import ContentBody
from pamqp.commands import Basic, Channel, Connection, Exchange, Queue
from pamqp.exceptions import PAMQPException
from pamqp.header import ContentHeader, ProtocolHeader

from shared.adapters import rpc_wire
from shared.adapters.amqp_frames import (
    BODY,
    HEADER,
    LARGEST,
    METHOD,
    STILL_THERE,
    Frame,
    Frames,
    NoAmqp,
    body_size,
    correlation_id,
)
from shared.rejection import Unavailable

BEAT: Final = 10
"""Seconds between two signs of life that both sides promise; after two of them we hang up."""

CHANNEL: Final = 1
MOST_UNSENT: Final = 4 * 1024 * 1024
"""Bytes that the broker may leave unread, before further calls are refused instead of stored."""

_DELIVER, _RETURN = (bytes((0, 60, 0, number)) for number in (60, 50))
_WITH_CONTENT: Final = (_DELIVER, _RETURN)
_LABEL: Final = 4
"""Bytes of class and number at the beginning of a method."""

PROPERTIES: Final[dict[str, Any]] = {
    "product": "county-orders",
    "capabilities": {"consumer_cancel_notify": True, "authentication_failure_close": True},
}


class BrokerRefused(Exception):  # noqa: N818 - says what happened
    """The broker hung up, or said something else than what was asked for."""


async def open_line(uri: str) -> "Line":
    """A line that answers can come in on. Raises OSError or BrokerRefused."""
    at = urlsplit(uri)
    secure = ssl.create_default_context() if at.scheme == "amqps" else None
    port = at.port or (5671 if secure else 5672)
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(Line, at.hostname or "127.0.0.1", port, ssl=secure)
    try:
        user, password = unquote(at.username or "guest"), unquote(at.password or "guest")
        await line.greet(user, password, unquote(at.path.removeprefix("/")) or "/")
        await line.listen()
    except BaseException:
        line.hang_up()
        raise
    return line


class Line(asyncio.Protocol):
    """Made by `open_line`. When it is lost, every waiting call becomes Unavailable."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport = asyncio.Transport()
        self._frames = Frames()
        self._said: asyncio.Queue[Any] = asyncio.Queue()
        self._heard_at = self._loop.time()
        self._beat: asyncio.TimerHandle | None = None
        self._is_full = False
        self._method, self._call, self._missing = b"", "", 0
        self._parts: list[bytes] = []
        self._part_size = LARGEST - 8
        self._reply_to = f"reply.{uuid.uuid4().hex}"
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._addressed = functools.lru_cache(maxsize=512)(_address)
        self.lost: asyncio.Future[None] = self._loop.create_future()

    async def greet(self, user: str, password: str, vhost: str) -> None:
        self._transport.write(ProtocolHeader().marshal())
        await self._hear(Connection.Start)
        self._say(Connection.StartOk(PROPERTIES, "PLAIN", f"\0{user}\0{password}"), 0)
        tuned = await self._hear(Connection.Tune)
        largest = min(tuned.frame_max or LARGEST, LARGEST)
        self._part_size = largest - 8
        self._say(Connection.TuneOk(tuned.channel_max, largest, BEAT), 0)
        self._say(Connection.Open(vhost), 0)
        await self._hear(Connection.OpenOk)
        self._keep_alive()

    async def listen(self) -> None:
        queue, exchange = self._reply_to, rpc_wire.EXCHANGE
        await self._ask_broker(Channel.Open(), Channel.OpenOk)
        declared = Exchange.Declare(exchange=exchange, exchange_type="topic", durable=True)
        await self._ask_broker(declared, Exchange.DeclareOk)
        own = Queue.Declare(queue=queue, exclusive=True, auto_delete=True)
        await self._ask_broker(own, Queue.DeclareOk)
        bound = Queue.Bind(queue=queue, exchange=exchange, routing_key=queue)
        await self._ask_broker(bound, Queue.BindOk)
        await self._ask_broker(Basic.Consume(queue=queue, no_ack=True), Basic.ConsumeOk)

    async def ask(
        self, service: str, method: str, kwargs: Mapping[str, Any], seconds: float
    ) -> bytes:
        """The raw answer. Raises Unavailable."""
        if self.lost.done() or self._is_full:
            raise Unavailable(rpc_wire.NO_BROKER)
        number = str(next(self._numbers))
        frames = self._call_frames(f"{service}.{method}", number, kwargs, seconds)
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._waiting[number] = answer
        timer = self._loop.call_later(seconds, self._fail, number, rpc_wire.NO_ANSWER)
        self._transport.write(frames)
        try:
            return await answer
        finally:
            timer.cancel()
            self._waiting.pop(number, None)

    def leave(self) -> None:
        """Say goodbye and go; what waits becomes Unavailable."""
        if not self._transport.is_closing():
            self._say(Connection.Close(200, "", 0, 0), 0)
            self._transport.close()
        self._give_up()

    def hang_up(self) -> None:
        """Go without a word: the broker does not listen, or speaks nonsense."""
        self._transport.abort()
        self._give_up()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are, without being its kind
        self._transport.set_write_buffer_limits(high=MOST_UNSENT)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._beat is not None:
            self._beat.cancel()
        if not self.lost.done():
            self.lost.set_result(None)
        self._said.put_nowait(None)
        self._give_up()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            for frame in self._frames.of(data):
                self._take(frame)
        except (NoAmqp, PAMQPException, ValueError):
            self.hang_up()

    def _take(self, frame: Frame) -> None:
        if frame.kind == BODY:
            self._parts.append(frame.payload)
            self._missing -= len(frame.payload)
            self._settle_if_complete()
        elif frame.kind == HEADER:
            self._parts, self._missing = [], body_size(frame.payload)
            self._call = correlation_id(frame.payload) or ""
            self._settle_if_complete()
        elif frame.kind == METHOD:
            self._method = frame.payload[:_LABEL]
            if self._method not in _WITH_CONTENT:
                self._hear_out(frame)

    def _settle_if_complete(self) -> None:
        if self._missing > 0:
            return
        if self._method == _RETURN:
            self._fail(self._call, rpc_wire.NO_SERVICE)
            return
        answer = self._waiting.get(self._call)
        if answer is not None and not answer.done():  # else: too late, nobody waits any more
            answer.set_result(self._parts[0] if len(self._parts) == 1 else b"".join(self._parts))

    def _hear_out(self, frame: Frame) -> None:
        """What else the broker says: an answer while the line is opened, a farewell afterwards."""
        whole = pamqp.frame.unmarshal(_framed(frame))[2]
        if isinstance(whole, Connection.Close | Channel.Close | Basic.Cancel):
            self.hang_up()
        else:
            self._said.put_nowait(whole)

    async def _ask_broker(self, question: Any, answer: type) -> None:
        self._say(question, CHANNEL)
        await self._hear(answer)

    def _say(self, method: Any, channel: int) -> None:
        self._transport.write(pamqp.frame.marshal(method, channel))

    async def _hear(self, expected: type) -> Any:
        said = await self._said.get()
        if not isinstance(said, expected):
            raise BrokerRefused(expected.__name__)
        return said

    def _keep_alive(self) -> None:
        """Show that we are there, and see whether the broker is."""
        if self._loop.time() - self._heard_at > 2 * BEAT:
            self.hang_up()
            return
        self._transport.write(STILL_THERE)
        self._beat = self._loop.call_later(BEAT / 2, self._keep_alive)

    def _call_frames(
        self, routing_key: str, number: str, kwargs: Mapping[str, Any], seconds: float
    ) -> bytes:
        body, size = rpc_wire.request(kwargs), self._part_size
        properties = Basic.Properties(
            content_type=rpc_wire.CONTENT_TYPE,
            correlation_id=number,
            reply_to=self._reply_to,
            expiration=rpc_wire.expiration(seconds),
            headers=rpc_wire.headers(seconds, kwargs.get("correlation_id")),
        )
        header = ContentHeader(properties=properties, body_size=len(body))
        parts = (ContentBody(body[at : at + size]) for at in range(0, len(body), size))
        return b"".join(
            (
                self._addressed(routing_key),
                pamqp.frame.marshal(header, CHANNEL),
                *(pamqp.frame.marshal(part, CHANNEL) for part in parts),
            )
        )

    def _give_up(self) -> None:
        """Nobody will answer any more."""
        for number in list(self._waiting):
            self._fail(number, rpc_wire.NO_BROKER)

    def _fail(self, number: str, message: str) -> None:
        answer = self._waiting.get(number)
        if answer is not None and not answer.done():
            answer.set_exception(Unavailable(message))


def _address(routing_key: str) -> bytes:
    publish = Basic.Publish(exchange=rpc_wire.EXCHANGE, routing_key=routing_key, mandatory=True)
    return pamqp.frame.marshal(publish, CHANNEL)


def _framed(frame: Frame) -> bytes:
    size = len(frame.payload).to_bytes(4, "big")
    return bytes((frame.kind, 0, frame.channel)) + size + frame.payload + b"\xce"
