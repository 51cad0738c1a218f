"""One look at everything that is due: page after page, given to the service that decides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar

from prometheus_client import Histogram

from services.timers.domain.asked import Asked
from services.timers.domain.closings import Closing
from services.timers.domain.due import Due, ripe
from services.timers.domain.order_clocks import OrderClocks
from shared.adapters.mongo_views import ViewStore
from shared.adapters.rpc_wire import ServiceFailed
from shared.handling import Instruction, to_wire
from shared.lease import Tenure
from shared.rejection import Rejected, Unavailable
from shared.telemetry import get_logger

AT_ONCE = 100
"""Rows of a page, and so commands under way: the service answers others meanwhile."""

LATE = Histogram(
    "county_timer_late_seconds",
    "From the time something was due to the answer that it has happened",
    ("service",),
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 600, 3600, 86400),
)

R = TypeVar("R", OrderClocks, Closing)

log = get_logger()


class Asks(Protocol):
    """What a BlockingRpcClient does."""

    def call_all(self, service: str, method: str, calls: Sequence[Mapping[str, Any]]) -> list[Any]:
        """What came of each call, in the order asked: an answer, a Rejected or a ServiceFailed."""
        ...


@dataclass
class Ringing(Generic[R]):
    """Rows of one kind (`key` names the field they are told apart by) and who decides about them.

    `asked` lives as long as the process; the rest may be new each time.
    """

    service: str
    key: str
    due: Callable[[R, datetime], list[Due]]
    asked: Asked = field(default_factory=Asked)
    _begins_at: int | None = None
    _is_current: bool = False

    def may_begin(self, head: Callable[[], int], reached: Callable[[], int]) -> bool:
        """Whether the rows have come to where the log ended when this process first asked.

        Before that, while a view is rebuilt, they tell of the past: nearly all that they hold for
        due was done long ago, and asking for it again would be work for nothing.
        """
        if not self._is_current:
            if self._begins_at is None:
                self._begins_at = head()
            self._is_current = reached() >= self._begins_at
        return self._is_current

    def look(self, tenure: Tenure, rows: ViewStore[R], calls: Asks) -> None:
        """Give what is due, the longest overdue first, as long as the lease is ours and somebody
        answers; what is left is due next time. Raises Unavailable."""
        after: tuple[datetime, str] | None = None
        while tenure.hold() is not None:
            now = datetime.now(UTC)
            order = [("next_at", 1), (self.key, 1)]
            page = rows.find(ripe(now, self.key, after), sort=order, limit=AT_ONCE)
            if not page or not self._give(self._wanted(page, now), calls):
                break
            last = page[-1].next_at
            assert last is not None  # it was found by it
            after = (last, getattr(page[-1], self.key))
        self.asked.forget_the_settled(datetime.now(UTC))

    def _wanted(self, page: Sequence[R], now: datetime) -> list[list[Due]]:
        wanted = ([due for due in self.due(row, now) if self._may_ask(due, now)] for row in page)
        return [dues for dues in wanted if dues]

    def _may_ask(self, due: Due, now: datetime) -> bool:
        return self.asked.may_ask(due.command_id, now)

    def _give(self, groups: list[list[Due]], calls: Asks) -> bool:
        """Side by side over things, in order within one. False when nobody answered."""
        while groups:
            firsts = [group[0] for group in groups]
            answers = calls.call_all(self.service, "handle", [_wire(due) for due in firsts])
            are_answered = [self._settle(*both) for both in zip(firsts, answers, strict=True)]
            if not any(are_answered):
                return False
            pairs = zip(groups, are_answered, strict=True)
            groups = [group[1:] for group, is_answered in pairs if is_answered and group[1:]]
        return True

    def _settle(self, due: Due, answer: Any) -> bool:
        """Whether it was answered. Nothing but Unavailable would be any better at once."""
        if isinstance(answer, Unavailable):
            return False
        now = datetime.now(UTC)
        self.asked.remember(due.command_id, now)
        if isinstance(answer, Rejected | ServiceFailed):
            log.warning("timer_refused", command_id=due.command_id, reason=_reason(answer))
        elif answer["position"]:
            LATE.labels(self.service).observe((now - due.at).total_seconds())
        return True


def _wire(due: Due) -> dict[str, Any]:
    return to_wire(Instruction(due.command, due.command_id))


def _reason(answer: Rejected | ServiceFailed) -> str:
    return answer.code if isinstance(answer, Rejected) else answer.error_type
