"""Timers: asks every second what is due, and sends the commands; by their ids, twice is once."""

from datetime import UTC, datetime

from nameko.timer import timer

from services.timers.domain import views
from services.timers.domain.due import due
from shared.adapters.nameko_dependencies import Calls, LeaseHeld, Rows
from shared.adapters.nameko_projection import projection
from shared.event_log import Recorded
from shared.handling import Instruction, to_wire
from shared.rejection import NotAllowedNow, Unavailable
from shared.telemetry import get_logger

SECONDS = 1.0
AT_A_TIME = 200

log = get_logger()


class TimersService:
    name = "timers"

    deadlines = Rows(views.deadlines, "timers")
    calls = Calls()
    tenure = LeaseHeld("timers")

    @projection(views.deadlines, "timers")
    def fold_deadlines(self, facts: list[Recorded]) -> None:
        self.deadlines.fold(facts)

    @timer(interval=SECONDS)  # type: ignore[untyped-decorator]  # nameko has no types
    def ring(self) -> None:
        """One of all timer processes acts (a lease); what cannot be sent now is due again later."""
        try:
            if self.tenure.hold() is None:
                return
            now = datetime.now(UTC)
            ripe = {"due_at": {"$lte": now}}
            rows = self.deadlines.find(ripe, sort=[("due_at", 1)], limit=AT_A_TIME)
            for command_id, command in due(rows, now):
                self._send(Instruction(command, command_id))
        except Unavailable as trouble:
            log.warning("timer_waits", reason=trouble.code)

    def _send(self, asked: Instruction) -> None:
        try:
            self.calls.call("requests", "handle", to_wire(asked))
        except NotAllowedNow:
            log.info("timer_late", command=asked.name, command_id=asked.command_id)
