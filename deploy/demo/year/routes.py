"""Which aggregate decides a command, as each service says for itself, in one place for the year."""

from typing import Any, NamedTuple

from services.accounts.domain.account import account
from services.county.domain.county_rules import county_rules
from services.dispatch.domain.organization import organization
from services.dispatch.domain.work_orders import work_orders
from services.grid.domain.area import area
from services.requests.domain.service_request import service_request
from shared.contracts import accounts, county, dispatch, grid, requests
from shared.contracts.message import Command
from shared.decider import Decider
from shared.rules_in_force import KEY

AnyDecider = Decider[Any, Any, Any, Any]


class Route(NamedTuple):
    """The decider, and the stream of the thing that the command is about."""

    decider: AnyDecider
    key: str

    @property
    def stream(self) -> str:
        return f"{self.decider.category}-{self.key}"


def route_of(command: Command) -> Route:  # noqa: PLR0911 - a table: one line per aggregate
    match command:
        case county.AdoptRules():
            return Route(county_rules, KEY)
        case grid.RegisterArea(area_id=id):
            return Route(area, id)
        case grid.AssignGridWorker(grid_id=id) | grid.RelieveGridWorker(grid_id=id):
            return Route(area, id)
        case (
            accounts.OpenAccount(account_id=id)
            | accounts.ChangeScope(account_id=id)
            | accounts.DisableAccount(account_id=id)
        ):
            return Route(account, id)
        case (
            dispatch.RegisterOrganization(organization_id=id)
            | dispatch.SetServiceMenu(organization_id=id)
        ):
            return Route(organization, id)
        case _ if isinstance(command, requests.RequestCommand):
            return Route(service_request, command.request_id)
        case _ if isinstance(command, dispatch.WorkOrderCommand):
            return Route(work_orders, command.request_id)
        case _:
            raise LookupError(f"nobody decides {type(command).__name__}")
