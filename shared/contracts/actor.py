"""Who asks: an account, its role, and the part of the county it works for."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Role = Literal[
    "grid_worker",
    "desk_clerk",
    "organization_dispatcher",
    "service_staff",
    "center_dispatcher",
    "leader",
    "return_visit_caller",
    "auditor",
    "administrator",
    "system",
]
"""The roles of domain.md; `system` is a policy or a timer and never signs in."""


class Actor(BaseModel):
    """The person (or policy) behind a command or a query, as the gateway vouches for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    role: Role
    organization_id: str | None = None
    area_ids: tuple[str, ...] = ()


SYSTEM = Actor(account_id="system", role="system")
