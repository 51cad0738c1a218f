"""Timers: ask twice a second what is due, and send the commands; by their ids, twice is once."""

from functools import partial

from nameko.timer import timer

from services.timers.domain.closings import closings
from services.timers.domain.due import due_for_closing, due_for_order
from services.timers.domain.order_clocks import order_clocks
from services.timers.ringing import Ringing
from shared.adapters.nameko_dependencies import Calls, LeaseHeld, Log, Progress, Rows
from shared.adapters.nameko_projection import projection
from shared.event_log import Recorded
from shared.rejection import Unavailable
from shared.telemetry import get_logger

SECONDS = 0.5

for_orders = Ringing("dispatch", "work_order_id", due_for_order)
for_closings = Ringing("requests", "request_id", due_for_closing)

lines = get_logger()


class TimersService:
    """Work orders and closings each have their own round, lease and connection: neither waits
    while the other's service is stuck. Of all timer processes one acts."""

    name = "timers"

    log = Log()
    progress = Progress("timers")
    orders = Rows(order_clocks, "timers")
    completed = Rows(closings, "timers")
    to_dispatch = Calls()
    to_requests = Calls()
    tenure = LeaseHeld("timers")
    closing_tenure = LeaseHeld("timers", "closing")

    @projection(order_clocks, "timers")
    def fold_orders(self, facts: list[Recorded]) -> None:
        self.orders.fold(facts)

    @projection(closings, "timers")
    def fold_closings(self, facts: list[Recorded]) -> None:
        self.completed.fold(facts)

    @timer(interval=SECONDS)  # type: ignore[untyped-decorator]  # nameko has no types
    def ring_for_orders(self) -> None:
        try:
            if for_orders.may_begin(self.log.head, partial(self.progress.of, order_clocks)):
                for_orders.look(self.tenure, self.orders, self.to_dispatch)
        except Unavailable as trouble:
            lines.warning("timer_waits", reason=trouble.code)

    @timer(interval=SECONDS)  # type: ignore[untyped-decorator]  # nameko has no types
    def ring_for_closings(self) -> None:
        try:
            if for_closings.may_begin(self.log.head, partial(self.progress.of, closings)):
                for_closings.look(self.closing_tenure, self.completed, self.to_requests)
        except Unavailable as trouble:
            lines.warning("timer_waits", reason=trouble.code)
