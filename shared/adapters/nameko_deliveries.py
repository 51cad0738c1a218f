"""`@deliveries("notices")`: a method that writes letters, and a courier for each endpoint."""

import functools
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import eventlet
from eventlet.event import Event as Outcome
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from shared import telemetry
from shared.adapters.http_delivery import HttpDelivery
from shared.adapters.mongo_deliveries import MongoBook
from shared.adapters.mongo_lease import MongoLease, owner_of
from shared.adapters.nameko_dependencies import process_client, process_log
from shared.courier import Courier
from shared.deliveries import (
    Answer,
    Delivery,
    Endpoint,
    Letter,
    Unwritable,
    endpoints_from,
)
from shared.event_log import Recorded
from shared.lease import Tenure
from shared.rejection import Unavailable
from shared.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

LONGEST_POST = 30.0
"""Seconds for one attempt as a whole, however slowly an endpoint drips its answer."""


class InTime:
    """Implements shared.deliveries.Delivery: another one, bounded as a whole."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:
        with eventlet.Timeout(LONGEST_POST, False):
            return self._delivery.post(endpoint, headers, body)
        return Answer(False, "timeout")


class DeliveriesEntrypoint(Entrypoint):  # type: ignore[misc] # nameko has no types
    """Runs one shared.deliveries.Courier per configured endpoint, each in a thread of its own."""

    def __init__(self, database: str) -> None:
        super().__init__()
        self._database = database
        self._stop = threading.Event()
        self._couriers: list[Courier] = []

    def setup(self) -> None:
        settings = Settings()
        endpoints = endpoints_from(settings.endpoints)
        if not endpoints:
            return
        if not settings.public_url and any(each.kind == "sms" for each in endpoints):
            raise ValueError("texts lead to our pages: set PUBLIC_URL")
        database = process_client(settings)[settings.database(self._database)]
        book = MongoBook(database)
        book.create_indexes()
        for endpoint in endpoints:
            lease = MongoLease(database, f"delivery {endpoint.endpoint_id}")
            courier = Courier(
                endpoint,
                process_log(settings),
                book,
                InTime(HttpDelivery(settings.may_deliver_to_loopback)),
                functools.partial(self._write, endpoint),
                Tenure(lease, owner_of(settings)),
            )
            self._couriers.append(courier)

    def start(self) -> None:
        for courier in self._couriers:
            run = functools.partial(courier.run, self._stop)
            name = f"courier-{courier.endpoint.endpoint_id}"
            self.container.spawn_managed_thread(run, identifier=name)

    def stop(self) -> None:
        self._stop.set()

    def kill(self) -> None:
        self._stop.set()

    def _write(self, endpoint: Endpoint, fact: Recorded) -> Letter | None:
        """Run the service's method in a worker and wait."""
        outcome: Any = Outcome()
        try:
            self.container.spawn_worker(
                self, (endpoint, fact), {}, handle_result=functools.partial(_report, outcome)
            )
        except ContainerBeingKilled as dying:
            raise Unavailable("服务正在停止") from dying
        letter, error = outcome.wait()
        if isinstance(error, Unavailable):
            raise error
        if error is not None:
            telemetry.get_logger().error("letter", position=fact.position, **telemetry.blame(error))
            raise Unwritable(type(error).__name__) from error
        written: Letter | None = letter
        return written


def _report(outcome: Any, _worker: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    outcome.send((result, exc_info[1] if exc_info else None))
    return result, exc_info


def deliveries(database: str) -> Callable[[F], F]:
    """Call the method with `(endpoint, fact)`; it returns the Letter to send, or None.

    `database`: whose database keeps cursors and deliveries. Endpoints come from the settings.
    """
    decorate: Callable[[F], F] = DeliveriesEntrypoint.decorator(database)
    return decorate
