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
    "security_administrator",
    "resident",
    "system",
]
"""The roles of domain.md. Two never sign in: `system` is a policy or a timer, `resident` somebody
with a one-time link to rate one request."""


class Actor(BaseModel):
    """The person (or policy) behind a command or a query, as the gateway vouches for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str
    role: Role
    organization_id: str | None = None
    area_ids: tuple[str, ...] = ()
    request_id: str | None = None
    """A resident's: the one request this is about."""


SYSTEM = Actor(account_id="system", role="system")
