"""A small client that waits for each answer: for timers (eventlet) and command line tools."""

import contextlib
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import amqp

from shared.adapters import rpc_wire
from shared.adapters.amqp_link import BROKEN, be_impatient, connect
from shared.rejection import Rejected, Unavailable


class BlockingRpcClient:
    """One call at a time over one connection, opened when first needed and again when lost.

    Safe to share between threads; each waits for its turn.
    """

    def __init__(self, amqp_uri: str) -> None:
        self._uri = amqp_uri
        self._turn = threading.Lock()
        self._link: Any = None
        self._channel: Any = None
        self._reply_to = ""
        self._answers: dict[str, bytes | None] = {}

    def call(
        self, service: str, method: str, kwargs: Mapping[str, Any], deadline: float = 10.0
    ) -> Any:
        """What `service.method(**kwargs)` returns, within `deadline` seconds.

        Raises what RpcClient.call raises: the method's Rejected, Unavailable, ServiceFailed.
        """
        [answer] = self.call_all(service, method, [kwargs], deadline)
        if isinstance(answer, Rejected | rpc_wire.ServiceFailed):
            raise answer
        return answer

    def call_all(
        self, service: str, method: str, calls: Sequence[Mapping[str, Any]], deadline: float = 10.0
    ) -> list[Any]:
        """All calls at once, and when all are answered or the time is up: what came of each.

        In the order asked: what the method returned, or what `call` would have raised.
        """
        until = time.monotonic() + deadline
        with self._turn:
            self._answers.clear()
            try:
                self._be_connected()
                key = f"{service}.{method}"
                numbers = [self._ask(key, kwargs, deadline) for kwargs in calls]
                bodies = [self._wait(number, until) for number in numbers]
            except BROKEN:
                self._drop()
                return [Unavailable(rpc_wire.NO_BROKER) for _ in calls]
        return [_outcome(service, method, body) for body in bodies]

    def close(self) -> None:
        with self._turn:
            if self._link is not None:
                with contextlib.suppress(*BROKEN):  # lost before we could say goodbye
                    self._link.close()
                self._drop()

    def _be_connected(self) -> None:
        if self._link is not None and not self._is_lost():
            return
        self._drop()
        link = connect(self._uri, heartbeat=0)  # between calls nobody would be there to send any
        be_impatient(link)
        channel = link.channel()
        channel.auto_decode = False
        self._reply_to = f"reply.{uuid.uuid4().hex}"
        channel.exchange_declare(rpc_wire.EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.queue_declare(self._reply_to, exclusive=True, auto_delete=True)
        channel.queue_bind(self._reply_to, rpc_wire.EXCHANGE, self._reply_to)
        channel.events["basic_return"].add(self._on_return)
        channel.basic_consume(self._reply_to, no_ack=True, callback=self._on_answer)
        self._link, self._channel = link, channel

    def _is_lost(self) -> bool:
        """Whether the broker has hung up since the last call."""
        try:
            self._link.drain_events(timeout=0.001)
        except TimeoutError:
            return False
        except BROKEN:
            return True
        return False

    def _drop(self) -> None:
        if self._link is not None:
            self._link.collect()
        self._link = self._channel = None

    def _ask(self, routing_key: str, kwargs: Mapping[str, Any], seconds: float) -> str:
        number = uuid.uuid4().hex
        message = amqp.Message(
            rpc_wire.request(kwargs),
            content_type=rpc_wire.CONTENT_TYPE,
            content_encoding="utf-8",
            correlation_id=number,
            reply_to=self._reply_to,
            expiration=rpc_wire.expiration(seconds),
            application_headers=rpc_wire.headers(seconds, kwargs.get("correlation_id")),
        )
        self._channel.basic_publish(
            message, exchange=rpc_wire.EXCHANGE, routing_key=routing_key, mandatory=True
        )
        return number

    def _wait(self, number: str, until: float) -> bytes | Unavailable:
        while number not in self._answers:
            try:
                self._link.drain_events(timeout=max(0.001, until - time.monotonic()))
            except TimeoutError:
                if time.monotonic() >= until:
                    return Unavailable(rpc_wire.NO_ANSWER)
        body = self._answers.pop(number)
        return Unavailable(rpc_wire.NO_SERVICE) if body is None else body

    def _on_answer(self, message: Any) -> None:
        self._answers[message.properties.get("correlation_id", "")] = bytes(message.body)

    def _on_return(self, _error: Any, _exchange: str, _routing_key: str, message: Any) -> None:
        self._answers[message.properties.get("correlation_id", "")] = None


def _outcome(service: str, method: str, body: bytes | Unavailable) -> Any:
    if isinstance(body, Unavailable):
        return body
    try:
        return rpc_wire.understand(service, method, body)
    except (Rejected, rpc_wire.ServiceFailed) as reason:
        return reason
