"""What requests knows of the other contexts: the areas of the county, and what is on offer."""

from shared.contracts import accounts, dispatch, grid
from shared.contracts.grid import AreaKind
from shared.event_log import Recorded
from shared.views import Row, View


class KnownArea(Row):
    """One area; `path` is every area from the county down to this one."""

    area_id: str
    kind: AreaKind
    path: tuple[str, ...]
    name: str


class OfferedServices(Row):
    """The service codes on one organisation's menu (服务菜单)."""

    organization_id: str
    service_codes: tuple[str, ...]


def _area_key(fact: Recorded) -> str | None:
    match fact.event:
        case (
            grid.AreaRegistered(area_id=area_id)
            | grid.AreaRemoved(area_id=area_id)
            | grid.AreaRenamed(area_id=area_id)
        ):
            return area_id
        case _:
            return None


def _area(row: KnownArea | None, fact: Recorded) -> KnownArea | None:
    match fact.event:
        case grid.AreaRegistered(area_id=area_id, kind=kind, path=path, name=name):
            return KnownArea(area_id=area_id, kind=kind, path=path, name=name)
        case grid.AreaRemoved():
            return None
        case grid.AreaRenamed(name=name) if row:
            return row.model_copy(update={"name": name})
        case _:
            return row


def _menu_key(fact: Recorded) -> str | None:
    match fact.event:
        case dispatch.ServiceMenuSet(organization_id=organization_id):
            return organization_id
        case _:
            return None


def _menu(row: OfferedServices | None, fact: Recorded) -> OfferedServices | None:
    match fact.event:
        case dispatch.ServiceMenuSet(organization_id=organization_id, offers=offers):
            codes = tuple(offer.service_code for offer in offers)
            return OfferedServices(organization_id=organization_id, service_codes=codes)
        case _:
            return row


known_areas = View(
    name="known_areas",
    version=3,
    row=KnownArea,
    handles=(grid.AreaRegistered, grid.AreaRemoved, grid.AreaRenamed),
    key=_area_key,
    project=_area,
)
"""Key: area_id."""

offered_services = View(
    name="offered_services",
    version=1,
    row=OfferedServices,
    handles=(dispatch.ServiceMenuSet,),
    key=_menu_key,
    project=_menu,
    indexes=(("service_codes",),),
)
"""Key: organization_id; a service is offered when any row holds its code."""


class CallerRow(Row):
    """An account that makes return visits (回访员)."""

    account_id: str


def _caller_key(fact: Recorded) -> str | None:
    match fact.event:
        case (
            accounts.AccountOpened(account_id=id)
            | accounts.ScopeChanged(account_id=id)
            | accounts.AccountDisabled(account_id=id)
        ):
            return id
        case _:
            return None


def _caller(_row: CallerRow | None, fact: Recorded) -> CallerRow | None:
    match fact.event:
        case (
            accounts.AccountOpened(account_id=id, role="return_visit_caller")
            | accounts.ScopeChanged(account_id=id, role="return_visit_caller")
        ):
            return CallerRow(account_id=id)
        case _:
            return None


return_visit_callers = View(
    name="return_visit_callers",
    version=1,
    row=CallerRow,
    handles=(accounts.AccountOpened, accounts.ScopeChanged, accounts.AccountDisabled),
    key=_caller_key,
    project=_caller,
)
"""Key: account_id."""
