"""What can be asked of, and said about, accounts: who may sign in, with which role and scope."""

from typing import Literal

from shared.contracts.actor import Role
from shared.contracts.message import Command, Event, Id

DisableReason = Literal["left_post", "lost_credentials", "misuse"]


class OpenAccount(Command):
    """`account_id` doubles as the sign-in name; it is a post (`grid-worker-03`), not a person."""

    account_id: Id
    role: Role
    organization_id: Id | None = None
    area_ids: tuple[Id, ...] = ()


class ChangeScope(Command):
    account_id: Id
    role: Role
    organization_id: Id | None = None
    area_ids: tuple[Id, ...] = ()


class DisableAccount(Command):
    account_id: Id
    reason: DisableReason


class AccountOpened(Event):
    account_id: Id
    role: Role
    organization_id: Id | None
    area_ids: tuple[Id, ...]


class ScopeChanged(Event):
    account_id: Id
    role: Role
    organization_id: Id | None
    area_ids: tuple[Id, ...]


class AccountDisabled(Event):
    account_id: Id
    reason: DisableReason


AccountCommand = OpenAccount | ChangeScope | DisableAccount
AccountEvent = AccountOpened | ScopeChanged | AccountDisabled
