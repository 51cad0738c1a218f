"""`@subscription(…)`: a method that gets the county's facts, whatever dies in between.

It takes the place of nameko's `@event_handler`, which loses an event when its handler raises, when
the queue does not exist yet, and mixes up the order as soon as there are two workers.
"""

import functools
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from eventlet.event import Event as Outcome
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint

from shared.adapters import health
from shared.adapters.amqp_consumer import AmqpInbox
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_lease import MongoLease, owner_of
from shared.adapters.mongo_parked import MongoParked
from shared.adapters.nameko_dependencies import process_client, process_log
from shared.contracts.message import Event
from shared.event_log import Recorded
from shared.lanes import Patience
from shared.lease import Tenure
from shared.parking import LaneOf
from shared.rejection import Unavailable
from shared.settings import Settings
from shared.subscriptions import Subscription

F = TypeVar("F", bound=Callable[..., Any])

LONGEST_STOP = 20.0
"""Seconds that batches under way get to finish."""


class SubscriptionEntrypoint(Entrypoint):  # type: ignore[misc] # nameko has no types
    """Runs one shared.subscriptions.Subscription; each batch is a worker with its dependencies."""

    def __init__(  # noqa: PLR0913 - a subscription is made of these
        self,
        name: str,
        *,
        types: Iterable[type[Event]],
        database: str,
        lane: LaneOf,
        is_talkative: bool = True,
        patience: Patience | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self._types = frozenset(kind.__name__ for kind in types)
        self._database = database
        self._lane = lane
        self._is_talkative = is_talkative
        self._patience = patience or Patience()
        self._stop = threading.Event()
        self._stopped = threading.Event()
        self._stopped.set()

    def setup(self) -> None:
        settings = Settings()
        service = self.container.service_name
        database = process_client(settings)[settings.database(self._database)]
        self._subscription = Subscription(
            county=settings.county,
            service=service,
            name=self.name,
            types=self._types,
            log=process_log(settings),
            inbox=AmqpInbox(settings.amqp_uri, f"{service}.{self.name}", self._types),
            checkpoints=MongoCheckpoints(database),
            parked=MongoParked(database),
            tenure=Tenure(MongoLease(database, self.name), owner_of(settings)),
            lane_of=self._lane,
            handle_batch=self._handle,
            patience=self._patience,
            is_talkative=self._is_talkative,
        )

    def start(self) -> None:
        self._stopped.clear()
        health.add_check(f"subscription {self.name}", self._is_ready)
        self.container.spawn_managed_thread(self._run, identifier=f"subscription-{self.name}")

    def stop(self) -> None:
        self._stop.set()
        self._stopped.wait(LONGEST_STOP)

    def kill(self) -> None:
        self._stop.set()

    def _is_ready(self) -> bool:
        """Caught up, or standing by while another instance works."""
        return self._subscription.is_live or not self._subscription.tenure.is_running()

    def _run(self) -> None:
        try:
            self._subscription.run(self._stop)
        finally:
            self._stopped.set()

    def _handle(self, facts: list[Recorded]) -> None:
        """Run the service's method in a worker and wait; raises what the method raised."""
        outcome: Any = Outcome()
        try:
            self.container.spawn_worker(
                self, (facts,), {}, handle_result=functools.partial(_report, outcome)
            )
        except ContainerBeingKilled as dying:
            raise Unavailable("服务正在停止") from dying
        if (error := outcome.wait()) is not None:
            raise error


def _report(outcome: Any, _worker: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    outcome.send(exc_info[1] if exc_info else None)
    return result, exc_info


def subscription(  # noqa: PLR0913 - a subscription is made of these
    name: str,
    *,
    types: Iterable[type[Event]],
    database: str,
    lane: LaneOf,
    is_talkative: bool = True,
    patience: Patience | None = None,
) -> Callable[[F], F]:
    """Call the method with `facts: list[Recorded]`, at least once each, in order inside a lane.

    `types`: event classes; `database`: whose database keeps checkpoint, lease and parked facts
    ("requests" → `<county>_requests`); `lane(fact)`: the key inside which order matters. The method
    must be idempotent; it may raise Unavailable, which is waited out. The queue is
    `<service>.<name>`.
    """
    decorate: Callable[[F], F] = SubscriptionEntrypoint.decorator(
        name,
        types=tuple(types),
        database=database,
        lane=lane,
        is_talkative=is_talkative,
        patience=patience,
    )
    return decorate
