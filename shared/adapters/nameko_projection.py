"""`@projection(VIEW, "database")`: a subscription that keeps one view folded."""

from collections.abc import Callable
from typing import Any, TypeVar

from shared.adapters.nameko_subscription import subscription
from shared.event_log import Recorded
from shared.lanes import Patience
from shared.views import AnyView

FOLDING = Patience(lanes=1, gather=0.03, batch=4000, in_flight=6000)
"""One lane folds rows of many keys in one write; more lanes would only make smaller batches.

Four thousand facts are some days of a county. The facts of a case lie near each other in the log,
so its row is read and written once for several of them: that is what makes a rebuild quick.
"""

F = TypeVar("F", bound=Callable[..., Any])


def projection(view: AnyView, database: str) -> Callable[[F], F]:
    """Hand the view's facts to the method, in log order."""

    def lane(fact: Recorded) -> str:
        return view.key(fact) or ""

    decorate: Callable[[F], F] = subscription(
        view.collection,
        types=view.handles,
        database=database,
        lane=lane,
        is_talkative=False,
        patience=FOLDING,
    )
    return decorate
