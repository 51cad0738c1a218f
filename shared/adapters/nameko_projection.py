"""`@projection(VIEW, "database")`: a subscription that keeps one view folded."""

from collections.abc import Callable
from typing import Any, TypeVar

from shared.adapters.nameko_subscription import subscription
from shared.event_log import Recorded
from shared.views import AnyView

F = TypeVar("F", bound=Callable[..., Any])


def projection(view: AnyView, database: str) -> Callable[[F], F]:
    """Hand the view's facts to the method, rows side by side, each row's facts in log order."""

    def lane(fact: Recorded) -> str:
        return view.key(fact) or ""

    decorate: Callable[[F], F] = subscription(
        view.collection, types=view.handles, database=database, lane=lane, is_talkative=False
    )
    return decorate
