"""Two relays as processes: one leads, one stands by, and a kill -9 leaves nothing out."""

import signal
import threading
import time
from typing import Any

import amqp
import httpx
import orjson

from deploy.local.ports import free_port
from tests.integration.messaging.conftest import Town, eventually


class Listener:
    """A queue of its own on everything that is published, read by a thread."""

    def __init__(self, town: Town) -> None:
        self.bodies: list[bytes] = []
        self.messages: list[amqp.Message] = []
        self._is_over = False
        self._channel = town.broker.channel()
        self._channel.auto_decode = False
        self._channel.exchange_declare("events", "topic", durable=True, auto_delete=False)
        name = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(name, "events", "#")
        self._channel.basic_consume(name, no_ack=True, callback=self.messages.append)
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while not self._is_over:
            try:
                self._channel.connection.drain_events(timeout=0.1)
            except TimeoutError:
                continue

    def close(self) -> None:
        self._is_over = True
        self._thread.join()
        self._channel.connection.close()

    def all(self) -> list[dict[str, Any]]:
        return [orjson.loads(message.body) for message in list(self.messages)]

    def positions(self) -> list[int]:
        """In the order of arrival, each position when it came for the first time."""
        return list(dict.fromkeys(message["position"] for message in self.all()))


def test_a_relay_that_is_killed_is_replaced_and_nothing_is_missing(town: Town) -> None:
    listener = Listener(town)
    first = town.spawn("services.relay", "--lease-seconds", "1.5", INSTANCE="")
    town.happen("R0")
    eventually(lambda: listener.positions() == [1])
    second = town.spawn("services.relay", "--lease-seconds", "1.5", INSTANCE="")
    is_over = threading.Event()
    writer = threading.Thread(target=_write, args=(town, is_over))
    writer.start()
    time.sleep(1)
    first.send_signal(signal.SIGKILL)
    time.sleep(2)
    is_over.set()
    writer.join()
    head = town.log.head()
    eventually(lambda: listener.positions()[-1] == head)
    listener.close()
    assert listener.positions() == list(range(1, head + 1))
    _previous_tells_the_last_on_the_same_route(listener.all())
    second.terminate()
    assert second.wait(10) == 0


def test_messages_are_persistent_cloud_events_on_their_route(town: Town) -> None:
    listener = Listener(town)
    town.relay()
    town.happen("R1")
    eventually(lambda: listener.messages)
    listener.close()
    message = listener.messages[0]
    assert message.delivery_info["routing_key"] == "requests.RequestDispatched"
    assert message.properties["content_type"] == "application/cloudevents+json"
    assert message.properties["delivery_mode"] == 2
    said = orjson.loads(message.body)
    assert said["source"] == f"/{town.county}/requests"
    assert said["subject"] == "service_request-R1"
    assert said["data"] == {
        "request_id": "R1",
        "work_order_id": "W0",
        "organization_id": "o1",
        "part": "lead",
    }


def test_a_relay_tells_how_it_is_and_stops_cleanly(town: Town) -> None:
    port = free_port()
    relay = town.spawn("services.relay", HEALTH_PORT=str(port))
    eventually(lambda: _status(port, "readyz") == 200)
    assert _status(port, "livez") == 200
    assert "county_relay_leading 1.0" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
    relay.terminate()
    assert relay.wait(10) == 0


def test_it_starts_without_broker_and_database_and_waits(town: Town) -> None:
    nowhere = free_port()
    relay = town.spawn(
        "services.relay",
        HEALTH_PORT=str(port := free_port()),
        AMQP_URI=f"amqp://guest:guest@127.0.0.1:{nowhere}/",
        MONGODB_URI=f"mongodb://127.0.0.1:{nowhere}/?directConnection=true",
    )
    eventually(lambda: _status(port, "livez") == 200)
    time.sleep(0.5)
    assert _status(port, "readyz") == 503
    relay.terminate()
    assert relay.wait(20) == 0


def _write(town: Town, is_over: threading.Event) -> None:
    number = 0
    while not is_over.is_set():
        number += 1
        town.happen(f"R{number}", is_closed=number % 3 == 0)
        time.sleep(0.002)


def _previous_tells_the_last_on_the_same_route(messages: list[dict[str, Any]]) -> None:
    last: dict[str, int] = {}
    for message in sorted(messages, key=lambda each: each["position"]):
        if message["position"] != last.get(message["type"]):
            assert message["previous"] == last.get(message["type"], 0)
            last[message["type"]] = message["position"]


def _status(port: int, path: str) -> int:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/{path}", timeout=2).status_code
    except httpx.TransportError:
        return 0
