"""The directory: what areas, organisations and services are called, so that screens show names."""

from pydantic import Field

from shared.contracts.dispatch import OrganizationRegistered, OrganizationRenamed, ServiceMenuSet
from shared.contracts.grid import AreaRegistered, AreaRemoved, AreaRenamed
from shared.event_log import Recorded
from shared.views import Row, View


class DirectoryRow(Row):
    """`services` (code → name) is filled for organisations only; `parent_id` for areas only."""

    id: str
    kind: str
    name: str
    parent_id: str | None = None
    services: dict[str, str] = Field(default_factory=dict)


def key(fact: Recorded) -> str | None:
    match fact.event:
        case (
            AreaRegistered(area_id=area_id)
            | AreaRemoved(area_id=area_id)
            | AreaRenamed(area_id=area_id)
        ):
            return f"area:{area_id}"
        case (
            OrganizationRegistered(organization_id=id)
            | OrganizationRenamed(organization_id=id)
            | ServiceMenuSet(organization_id=id)
        ):
            return f"org:{id}"
        case _:
            return None


def project(row: DirectoryRow | None, fact: Recorded) -> DirectoryRow | None:
    match fact.event:
        case AreaRegistered() as area:
            return DirectoryRow(
                id=area.area_id, kind=area.kind, name=area.name, parent_id=area.parent_id
            )
        case AreaRemoved():
            return None
        case OrganizationRegistered() as organization:
            return DirectoryRow(
                id=organization.organization_id, kind=organization.kind, name=organization.name
            )
        case AreaRenamed(name=name) | OrganizationRenamed(name=name) if row:
            return row.model_copy(update={"name": name})
        case ServiceMenuSet(offers=offers) if row:
            named = {offer.service_code: offer.name for offer in offers}
            return row.model_copy(update={"services": named})
        case _:
            return row


DIRECTORY = View(
    name="directory",
    version=3,
    row=DirectoryRow,
    handles=(
        AreaRegistered,
        AreaRemoved,
        AreaRenamed,
        OrganizationRegistered,
        OrganizationRenamed,
        ServiceMenuSet,
    ),
    key=key,
    project=project,
)
