"""Every view of every service, with the database it lives in: for verifying and rebuilding."""

from services.accounts.domain import views as accounts
from services.dispatch.domain import views as dispatch
from services.grid.domain import views as grid
from services.ledger.domain.directory import DIRECTORY
from services.ledger.domain.measures import MEASURES
from services.ledger.domain.register import REGISTER
from services.notices.domain.cases import cases
from services.notices.domain.reader import read_marks
from services.requests.domain import views as requests
from services.timers.domain.closings import closings
from services.timers.domain.order_clocks import order_clocks
from shared.rules_in_force import rules_in_force
from shared.views import AnyView

VIEWS: dict[str, tuple[AnyView, ...]] = {
    "requests": (
        requests.known_areas,
        requests.offered_services,
        requests.return_visit_callers,
        rules_in_force,
    ),
    "dispatch": (
        dispatch.candidates,
        dispatch.loads,
        dispatch.outcomes,
        dispatch.organization_staff,
        dispatch.provisional_orders,
        rules_in_force,
    ),
    "accounts": (accounts.accounts,),
    "grid": (grid.areas, grid.tracking),
    "ledger": (REGISTER, DIRECTORY, MEASURES),
    "timers": (order_clocks, closings),
    "notices": (cases, read_marks),
}
