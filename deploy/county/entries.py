"""What the files of a county may say. Fields are named as in the contracts they become."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field

from shared.contracts.actor import Role
from shared.contracts.county import Rules
from shared.contracts.dispatch import Offer, OrganizationKind
from shared.contracts.grid import AreaKind
from shared.contracts.message import Id, Message, Name


class AreaEntry(Message):
    """One node of the 1+4+N tree; only the county has no parent."""

    area_id: Id
    kind: AreaKind
    name: Name
    parent_id: Id | None = None


class OrganizationEntry(Message):
    """One mass organisation with its whole service menu."""

    organization_id: Id
    kind: OrganizationKind
    name: Name
    offers: tuple[Offer, ...] = Field(default=(), max_length=200)


class AccountEntry(Message):
    """One post; a grid worker's areas are the grids that worker takes care of."""

    account_id: Id
    role: Role
    organization_id: Id | None = None
    area_ids: tuple[Id, ...] = ()


class AreasFile(Message):
    areas: tuple[AreaEntry, ...] = Field(min_length=1)


class OrganizationsFile(Message):
    organizations: tuple[OrganizationEntry, ...] = Field(min_length=1)


class AccountsFile(Message):
    accounts: tuple[AccountEntry, ...] = Field(min_length=1)


AREAS, ORGANIZATIONS, ACCOUNTS, RULES = (
    "areas.yaml",
    "organizations.yaml",
    "accounts.yaml",
    "rules.yaml",
)
MODELS: Mapping[str, type[AreasFile | OrganizationsFile | AccountsFile | Rules]] = MappingProxyType(
    {AREAS: AreasFile, ORGANIZATIONS: OrganizationsFile, ACCOUNTS: AccountsFile, RULES: Rules}
)
"""Every file of a county's folder, and what it may say."""


@dataclass(frozen=True)
class CountyFiles:
    """Everything that a county's folder says."""

    areas: tuple[AreaEntry, ...]
    organizations: tuple[OrganizationEntry, ...]
    accounts: tuple[AccountEntry, ...]
    rules: Rules

    @property
    def grids_by_worker(self) -> dict[str, tuple[str, ...]]:
        """Grid worker → the grids of that worker."""
        return {one.account_id: one.area_ids for one in self.accounts if one.role == "grid_worker"}
