"""One case in the year's world: who acts on it, and how long people take."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.demo.year.world import World
from services.dispatch.domain.state import WorkOrder, WorkOrders
from services.requests.domain.state import ServiceRequest
from shared.contracts.actor import Actor
from shared.contracts.message import Command
from shared.county_rules import working_time

Story = Iterator[datetime]
"""Yields when it goes on."""


@dataclass
class Case:
    """`chance` is its own, so that one case's luck does not change another's."""

    world: World
    request_id: str
    actors: dict[str, Actor]
    worker: Actor
    clerk: Actor
    chance: random.Random
    keep_note: Callable[[str, str, str], None]
    _said: int = 0
    _noted: int = 0

    @property
    def request(self) -> ServiceRequest:
        found: ServiceRequest = self.world.state("service_request", self.request_id)
        return found

    @property
    def orders(self) -> WorkOrders:
        found: WorkOrders | None = self.world.state("work_orders", self.request_id)
        return found or WorkOrders()

    def order(self, work_order_id: str) -> WorkOrder:
        return next(one for one in self.orders.orders if one.work_order_id == work_order_id)

    def say(self, kind: type[Command], by: Actor, **fields: Any) -> bool:
        """A command about this case, now."""
        self._said += 1
        about: dict[str, Any] = {"request_id": self.request_id, **fields}
        command = kind(at=self.world.now, by=by, **about)
        return self.world.say(command, f"{by.account_id}:{self.request_id}-{self._said}")

    def note(self, text: str) -> str:
        """A remark, kept apart from the log; its id."""
        self._noted += 1
        note_id = f"N{self.request_id[1:]}-{self._noted}"
        self.keep_note(note_id, self.request_id, text)
        return note_id

    def later(self, hours: float) -> datetime:
        """So many working hours from now, some minutes more or less."""
        wait = timedelta(hours=hours * self.chance.uniform(0.6, 1.4))
        whole = timedelta(seconds=int(wait.total_seconds()))
        return working_time(self.world.known.rules).shifted(self.world.now, whole).at

    def happens(self, percent: float) -> bool:
        return self.chance.uniform(0, 100) < percent

    def one_of(self, shares: dict[Any, int]) -> Any:
        return self.chance.choices([*shares], [*shares.values()])[0]
