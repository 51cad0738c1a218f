"""Every view of every service, with the database it lives in: for verifying and rebuilding."""

from services.dispatch.domain import views as dispatch
from services.grid.domain import views as grid
from services.ledger.domain.directory import DIRECTORY
from services.ledger.domain.measures import MEASURES
from services.ledger.domain.register import REGISTER
from services.requests.domain import views as requests
from services.timers.domain import views as timers
from shared.views import AnyView

VIEWS: dict[str, tuple[AnyView, ...]] = {
    "requests": (requests.known_areas, requests.offered_services),
    "dispatch": (dispatch.candidates, dispatch.loads, dispatch.organization_staff),
    "grid": (grid.areas, grid.tracking),
    "ledger": (REGISTER, DIRECTORY, MEASURES),
    "timers": (timers.deadlines,),
}
