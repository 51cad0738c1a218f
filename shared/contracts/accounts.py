"""What can be asked of, and said about, accounts: who may sign in, with which role and scope."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.actor import Role
from shared.contracts.message import Command, Event, Id

DisableReason = Literal["left_post", "lost_credentials", "misuse"]
ScopeReason = Literal["set_up", "new_post", "duties_changed", "correction"]
"""Why an account has the role and scope it has; `set_up`: the county's files say so."""

ResetReason = Literal["new_account", "forgotten", "phone_lost", "suspicion"]
RevokeReason = Literal["not_needed", "leaked", "replaced"]
TokenScope = Literal["read_figures", "read_register", "place_requests", "read_events"]

MOST_SCOPES = 10
Scopes = Annotated[tuple[TokenScope, ...], Field(min_length=1, max_length=MOST_SCOPES)]


class OpenAccount(Command):
    """`account_id` doubles as the sign-in name; it is a post (`grid-worker-03`), not a person."""

    account_id: Id
    role: Role
    organization_id: Id | None = None
    area_ids: tuple[Id, ...] = ()
    reason: ScopeReason = "set_up"


class ChangeScope(Command):
    account_id: Id
    role: Role
    organization_id: Id | None = None
    area_ids: tuple[Id, ...] = ()
    reason: ScopeReason = "set_up"


class DisableAccount(Command):
    account_id: Id
    reason: DisableReason


class ResetSignIn(Command):
    """A one-time password is given out; with `forgets_second_factor` also a new phone is bound."""

    account_id: Id
    reason: ResetReason
    forgets_second_factor: bool = False


class IssueToken(Command):
    """A machine may act as this account, within `scopes`, until `expires_at`."""

    account_id: Id
    token_id: Id
    scopes: Scopes
    expires_at: AwareDatetime


class RevokeToken(Command):
    account_id: Id
    token_id: Id
    reason: RevokeReason


class AccountOpened(Event):
    account_id: Id
    role: Role
    organization_id: Id | None
    area_ids: tuple[Id, ...]
    reason: ScopeReason = "set_up"


class ScopeChanged(Event):
    account_id: Id
    role: Role
    organization_id: Id | None
    area_ids: tuple[Id, ...]
    reason: ScopeReason = "set_up"


class AccountDisabled(Event):
    account_id: Id
    reason: DisableReason


class SignInReset(Event):
    account_id: Id
    reason: ResetReason
    forgets_second_factor: bool


class TokenIssued(Event):
    account_id: Id
    token_id: Id
    scopes: Scopes
    expires_at: AwareDatetime


class TokenRevoked(Event):
    account_id: Id
    token_id: Id
    reason: RevokeReason


AccountCommand = OpenAccount | ChangeScope | DisableAccount | ResetSignIn | IssueToken | RevokeToken
AccountEvent = (
    AccountOpened | ScopeChanged | AccountDisabled | SignInReset | TokenIssued | TokenRevoked
)
