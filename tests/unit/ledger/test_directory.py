"""What screens call areas, organisations and services."""

from services.ledger.domain.directory import DIRECTORY
from shared.contracts.dispatch import (
    Offer,
    OrganizationRegistered,
    OrganizationRenamed,
    ServiceMenuSet,
)
from shared.contracts.grid import AreaRegistered, AreaRenamed
from shared.testing.facts import log_of
from shared.views import rebuild

grid = AreaRegistered(area_id="g", kind="grid", name="旧名", parent_id="v", path=("v", "g"))
union = OrganizationRegistered(organization_id="u", name="总工会", kind="trade_union")
offer = Offer(service_code="relief", name="困难帮扶", area_ids=("v",))
menu = ServiceMenuSet(organization_id="u", offers=(offer,))


def test_a_new_name_is_shown_and_everything_else_stays():
    rows = rebuild(
        DIRECTORY,
        log_of(
            *(grid, union, menu),
            AreaRenamed(area_id="g", name="新名"),
            OrganizationRenamed(organization_id="u", name="县总工会"),
        ),
    )
    assert (rows["area:g"].name, rows["area:g"].parent_id) == ("新名", "v")
    assert (rows["org:u"].name, rows["org:u"].services) == ("县总工会", {"relief": "困难帮扶"})
