"""Real RabbitMQ and MongoDB, a county of its own, and relays and subscriptions on top of them."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import amqp
import pytest
from pymongo import MongoClient

from services.relay import open_relay
from shared.adapters.amqp_consumer import AmqpInbox
from shared.adapters.amqp_link import connect as connect_broker
from shared.adapters.mongo import Document, create_log_indexes
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_lease import MongoLease
from shared.adapters.mongo_log import MongoLog
from shared.adapters.mongo_parked import MongoParked
from shared.contracts.requests import RequestClosed, RequestDispatched
from shared.event_log import NewCommit, Recorded
from shared.lanes import Patience
from shared.lease import Tenure
from shared.settings import Settings
from shared.subscriptions import Subscription

TYPES = frozenset({"RequestDispatched", "RequestClosed"})
BRISK = Patience(tries=2, first_pause=0.01, longest_pause=0.02, poll=0.3)


def eventually(is_so: Callable[[], object], within: float = 60.0) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def amqp_uri() -> str:
    """AMQP_URI. Without it a run in CI fails, and any other says aloud what it left out."""
    uri = os.environ.get("AMQP_URI", "")
    if uri:
        return uri
    if os.environ.get("CI"):
        pytest.fail("AMQP_URI is not set: in CI the integration tests must run")
    pytest.skip("AMQP_URI IS NOT SET: nothing was tested against RabbitMQ; use `make test`")


@dataclass
class Broker:
    """What an administrator may do to a queue, and what a stranger may put into it."""

    uri: str

    def channel(self) -> Any:
        return connect_broker(self.uri, heartbeat=0).channel()

    def purge(self, queue: str) -> int:
        channel = self.channel()
        try:
            return int(channel.queue_purge(queue))
        finally:
            channel.connection.close()

    def delete(self, queue: str) -> None:
        channel = self.channel()
        channel.queue_delete(queue)
        channel.connection.close()

    def waiting(self, queue: str) -> int:
        """Messages that are ready; -1 when there is no such queue."""
        channel = self.channel()
        try:
            return int(channel.queue_declare(queue, passive=True).message_count)
        except amqp.NotFound:
            return -1
        finally:
            channel.connection.close()

    def publish(self, queue: str, body: bytes, content_type: str) -> None:
        """Straight into one queue."""
        channel = self.channel()
        channel.basic_publish(amqp.Message(body, content_type=content_type), "", queue)
        channel.connection.close()


@dataclass
class Town:
    """One county with its log; `subscribe` and `relay` run in threads of this process."""

    county: str
    client: MongoClient[Document]
    settings: Settings
    service: str
    seen: list[Recorded] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    runs: list[tuple[threading.Event, threading.Thread]] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        create_log_indexes(self.client[self.settings.database("log")])
        self.log = MongoLog(self.client, self.settings.database("log"))
        self.database = self.client[self.settings.database(self.service)]
        self.parked = MongoParked(self.database)
        self.checkpoints = MongoCheckpoints(self.database)
        self.broker = Broker(self.settings.amqp_uri)

    @property
    def queue(self) -> str:
        return f"{self.service}.policy"

    @property
    def positions(self) -> list[int]:
        return [fact.position for fact in self.seen]

    def happen(self, request: str, is_closed: bool = False) -> int:
        """One commit of one event; returns its position."""
        stream = f"service_request-{request}"
        version = len(self.log.read_stream(stream))
        event = (
            RequestClosed(request_id=request)
            if is_closed
            else RequestDispatched(
                request_id=request, work_order_id=f"W{version}", organization_id="o1"
            )
        )
        commit = NewCommit(
            stream=stream,
            expected_version=version,
            events=[event],
            command_id=f"{request}-{version}",
            command="Test",
            digest="d",
            at=datetime.now(UTC),
            by="a1",
            role="system",
        )
        return self.log.append(commit).position

    def subscription(self, patience: Patience = BRISK) -> Subscription:
        return Subscription(
            county=self.county,
            service=self.service,
            name="policy",
            types=TYPES,
            log=self.log,
            inbox=AmqpInbox(self.settings.amqp_uri, self.queue, TYPES),
            checkpoints=self.checkpoints,
            parked=self.parked,
            tenure=Tenure(MongoLease(self.database, "policy"), f"owner-{len(self.runs)}", 2.0),
            lane_of=lambda fact: fact.commit.stream,
            handle_batch=self.handle,
            patience=patience,
        )

    def subscribe(self, patience: Patience = BRISK) -> Subscription:
        """A running subscription that is live and has its queue."""
        subscription = self.subscription(patience)
        self.run(subscription.run)
        eventually(lambda: subscription.is_live and self.broker.waiting(self.queue) >= 0)
        return subscription

    def handle(self, facts: list[Recorded]) -> None:
        if self.refused.intersection(fact.position for fact in facts):
            raise KeyError("SECRET")
        self.seen += facts

    def relay(self) -> None:
        def run(stop: threading.Event) -> None:
            with open_relay(self.settings, lease_seconds=2.0) as relay:
                relay.run(stop)

        self.run(run)

    def run(self, target: Callable[[threading.Event], None]) -> None:
        stop = threading.Event()
        thread = threading.Thread(target=target, args=(stop,))
        thread.start()
        self.runs.append((stop, thread))

    def spawn(self, *module: str, **more: str) -> subprocess.Popen[bytes]:
        """`python -m …` in this county."""
        environment = {
            **os.environ,
            "COUNTY": self.county,
            "MONGODB_URI": self.settings.mongodb_uri,
            "AMQP_URI": self.settings.amqp_uri,
            **more,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", *module], env=environment, stdout=subprocess.PIPE
        )
        self.processes.append(process)
        return process

    def end(self) -> None:
        """Stop the latest first: whatever runs, in threads and in processes."""
        for stop, _ in self.runs:
            stop.set()
        for _, thread in self.runs:
            thread.join(30)
            assert not thread.is_alive()
        self.runs.clear()
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def town(
    county: str, mongodb: MongoClient[Document], mongodb_uri: str, amqp_uri: str
) -> Iterator[Town]:
    settings = Settings(county=county, mongodb_uri=mongodb_uri, amqp_uri=amqp_uri)
    town = Town(county, mongodb, settings, service=f"s{county}")
    yield town
    town.end()
    town.log.close()
    town.broker.delete(town.queue)
