"""A subscription's queue on RabbitMQ: durable, quorum, one active consumer, made when missing."""

from collections.abc import Sequence
from typing import Any

import amqp

from shared.adapters.amqp_link import BROKEN, be_impatient, connect
from shared.cloud_events import EXCHANGE
from shared.contracts.registry import routing_key
from shared.rejection import Unavailable
from shared.subscriptions import Delivery
from shared.telemetry import CONNECTED, get_logger

QUEUE = {"x-queue-type": "quorum", "x-single-active-consumer": True}


class AmqpInbox:
    """Implements shared.subscriptions.Inbox on one connection, used by one thread.

    Whenever the connection, the channel or the queue is gone, the next `receive` raises
    Unavailable once, and the one after it declares everything again.
    """

    def __init__(self, uri: str, queue: str, types: frozenset[str], prefetch: int = 300) -> None:
        self._uri = uri
        self._queue = queue
        self._routes = sorted(routing_key(name) for name in types)
        self._prefetch = prefetch
        self._link: Any = None
        self._channel: Any = None
        self._arrived: list[Delivery] = []
        self._outstanding: list[int] = []

    def receive(self, timeout: float) -> list[Delivery]:
        try:
            self._open()
            self._drain(timeout)
        except BROKEN as trouble:
            self.close()
            raise Unavailable("消息服务暂时不可用,恢复后会自动继续") from trouble
        arrived, self._arrived = self._arrived, []
        return arrived

    def _drain(self, timeout: float) -> None:
        """Wait for the first message, then take what is there without waiting.

        py-amqp reads a frame in pieces, and a timeout inside one loses nothing: it keeps them.
        """
        self._link.heartbeat_tick()
        try:
            self._link.drain_events(timeout=timeout or 0.0001)
            while len(self._arrived) < self._prefetch:
                self._link.drain_events(timeout=0.0001)
        except TimeoutError:
            pass
        if not self._channel.is_open:
            raise ConnectionError("the broker closed the channel")

    def acknowledge(self, tags: Sequence[int]) -> None:
        """One acknowledgement for the oldest without a gap, single ones for the others."""
        done = set(tags)
        try:
            upto = 0
            while self._outstanding and self._outstanding[0] in done:
                upto = self._outstanding.pop(0)
                done.remove(upto)
            if upto:
                self._channel.basic_ack(upto, multiple=True)
            for tag in done.intersection(self._outstanding):
                self._outstanding.remove(tag)
                self._channel.basic_ack(tag)
        except BROKEN as trouble:
            self.close()
            raise Unavailable("消息服务暂时不可用,恢复后会自动继续") from trouble

    def close(self) -> None:
        link, self._link, self._channel = self._link, None, None
        self._arrived, self._outstanding = [], []
        if link is not None:
            CONNECTED.labels(self._queue).set(0)
            try:
                link.close()
            except BROKEN:
                link.collect()

    def _open(self) -> None:
        if self._link is not None:
            return
        self._link = connect(self._uri)
        be_impatient(self._link)
        channel = self._link.channel()
        channel.auto_decode = False
        channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.queue_declare(self._queue, durable=True, auto_delete=False, arguments=QUEUE)
        for route in self._routes:
            channel.queue_bind(self._queue, EXCHANGE, route)
        channel.basic_qos(0, self._prefetch, False)
        channel.basic_consume(self._queue, callback=self._take, on_cancel=self._on_cancel)
        self._channel = channel
        CONNECTED.labels(self._queue).set(1)
        get_logger().info("connected", queue=self._queue)

    def _take(self, message: Any) -> None:
        tag = message.delivery_tag
        self._outstanding.append(tag)
        body = message.body
        self._arrived.append(
            Delivery(
                tag,
                str(message.delivery_info.get("routing_key", "")),
                message.properties.get("content_type"),
                body if isinstance(body, bytes) else bytes(str(body), "utf-8", "replace"),
            )
        )

    def _on_cancel(self, _consumer_tag: str) -> None:
        raise amqp.ConsumerCancelled("the queue was deleted")
