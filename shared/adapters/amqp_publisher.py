"""Publishing with pipelined confirms: send all, then count what the broker acknowledges."""

import time
from collections.abc import Sequence
from typing import Any

import amqp

from shared.adapters.amqp_link import BROKEN, be_impatient, connect, in_one_piece
from shared.cloud_events import CONTENT_TYPE, EXCHANGE
from shared.rejection import Unavailable
from shared.relay import Outgoing

CONFIRMED_WITHIN = 10.0
"""Seconds that a batch may take; a broker that is short of memory or disk confirms nothing."""

PERSISTENT = 2


class AmqpPublisher:
    """Implements shared.relay.Publisher on one connection that is made anew when it breaks.

    No heartbeat: nobody reads while the relay waits for the log, and a dead connection shows
    itself by confirms that do not come.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._link: amqp.Connection | None = None
        self._channel: amqp.Channel | None = None
        self._expected = 0
        self._confirmed = 0
        self._early: set[int] = set()
        self._is_refused = False

    def connect(self) -> None:
        try:
            self._open()
        except BROKEN as trouble:
            self.close()
            raise Unavailable("消息服务暂时不可用,恢复后会自动继续") from trouble

    def publish(self, messages: Sequence[Outgoing]) -> None:
        try:
            channel = self._open()
            with in_one_piece(channel.connection):
                for message in messages:
                    channel.basic_publish(_persistent(message.body), EXCHANGE, message.routing_key)
            self._await_confirms(len(messages))
        except BROKEN as trouble:
            self.close()
            raise Unavailable("消息服务暂时不可用,恢复后会自动继续") from trouble

    def _await_confirms(self, count: int) -> None:
        """Until all of them are acknowledged. Raises TimeoutError or ConnectionError."""
        assert self._link is not None
        deadline = time.monotonic() + CONFIRMED_WITHIN
        self._expected += count
        while self._confirmed < self._expected:
            self._link.drain_events(timeout=max(0.01, deadline - time.monotonic()))
            if self._is_refused:
                raise ConnectionError("the broker could not store a message")

    def _open(self) -> Any:
        if self._channel is not None and self._channel.is_open:
            return self._channel
        self.close()
        self._link = connect(self._uri, heartbeat=0)
        be_impatient(self._link)
        channel = self._link.channel()
        channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        self._expected, self._confirmed, self._is_refused = 0, 0, False
        self._early.clear()
        self._channel = channel
        return channel

    def _on_ack(self, tag: int, multiple: bool) -> None:
        """Tags count from 1. Single ones may overtake; `_confirmed` is the last without a gap."""
        if multiple:
            self._confirmed = max(self._confirmed, tag)
            self._early = {early for early in self._early if early > self._confirmed}
        else:
            self._early.add(tag)
        while self._confirmed + 1 in self._early:
            self._confirmed += 1
            self._early.remove(self._confirmed)

    def _on_nack(self, tag: int, multiple: bool) -> None:  # noqa: ARG002 - py-amqp calls it so
        self._is_refused = True

    def close(self) -> None:
        link, self._link, self._channel = self._link, None, None
        if link is not None:
            try:
                link.close()
            except BROKEN:
                link.collect()


def _persistent(body: bytes) -> amqp.Message:
    return amqp.Message(body, content_type=CONTENT_TYPE, delivery_mode=PERSISTENT)
