"""One account: a post with a role and the part of the county it works for."""

from dataclasses import dataclass, replace

from shared.contracts import accounts as msg
from shared.contracts.actor import Actor, Role
from shared.decider import Decider
from shared.labels import ROLE
from shared.rejection import InvalidInput, NotAllowedNow, NotFound

WORKS_IN_AREAS: frozenset[Role] = frozenset({"grid_worker", "desk_clerk"})
NEVER_SIGNS_IN: frozenset[Role] = frozenset({"system", "resident"})
WORKS_FOR_AN_ORGANIZATION: frozenset[Role] = frozenset({"organization_dispatcher", "service_staff"})


@dataclass(frozen=True)
class Account:
    """The actor that this account signs in as; None before it is opened."""

    actor: Actor | None = None
    is_disabled: bool = False


def decide(
    command: msg.AccountCommand, account: Account, _knowledge: None
) -> list[msg.AccountEvent]:
    match command:
        case msg.OpenAccount() if account.actor:
            return _opened_before(command, account)
        case msg.OpenAccount():
            _refuse_an_unfit_scope(command)
            return [msg.AccountOpened(**command.said())]
        case msg.ChangeScope() | msg.DisableAccount() if account.actor is None:
            raise NotFound("没有找到这个账号，请核对账号名")
        case msg.ChangeScope() | msg.DisableAccount() if account.is_disabled:
            raise NotAllowedNow("这个账号已经停用，请开通新的账号")
        case msg.ChangeScope() if _wanted(command) == account.actor:
            return []
        case msg.ChangeScope():
            _refuse_an_unfit_scope(command)
            return [msg.ScopeChanged(**command.said())]
        case msg.DisableAccount():
            return [msg.AccountDisabled(**command.said())]


def evolve(account: Account, event: msg.AccountEvent) -> Account:
    """Never refuses: what happened, happened."""
    match event:
        case msg.AccountOpened() | msg.ScopeChanged():
            return replace(account, actor=_wanted(event))
        case msg.AccountDisabled():
            return replace(account, is_disabled=True)


def audience(_account: Account) -> tuple[str, ...]:
    """Accounts concern administrators only, and they need no tag."""
    return ()


def actor_of(account: Account) -> Actor | None:
    """Whom the gateway may vouch for; None when never opened or disabled."""
    return None if account.is_disabled else account.actor


def _wanted(
    message: msg.OpenAccount | msg.ChangeScope | msg.AccountOpened | msg.ScopeChanged,
) -> Actor:
    return Actor(
        account_id=message.account_id,
        role=message.role,
        organization_id=message.organization_id,
        area_ids=message.area_ids,
    )


def _opened_before(command: msg.OpenAccount, account: Account) -> list[msg.AccountEvent]:
    """The same account arriving twice is not news; another one needs another name."""
    if _wanted(command) == account.actor and not account.is_disabled:
        return []
    raise NotAllowedNow(
        "这个账号名已经用过，请换一个；如要调整权限，请使用“调整权限”",
        account_id="请使用新的账号名",
    )


def _refuse_an_unfit_scope(command: msg.OpenAccount | msg.ChangeScope) -> None:
    """A role that works in areas names them, one that works for an organisation names that."""
    role = command.role
    if role in NEVER_SIGNS_IN:
        raise InvalidInput(f"“{ROLE[role]}”不是可以登录的岗位，请重新选择", role="请选择一个岗位")
    if problems := _area_problems(command) | _organization_problems(command):
        raise InvalidInput(f"“{ROLE[role]}”的工作范围不正确，请修改后再提交", **problems)


def _area_problems(command: msg.OpenAccount | msg.ChangeScope) -> dict[str, str]:
    needs_areas = command.role in WORKS_IN_AREAS
    if needs_areas == bool(command.area_ids):
        return {}
    return {"area_ids": "请填写负责的区域" if needs_areas else "这个岗位不分区域，请留空"}


def _organization_problems(command: msg.OpenAccount | msg.ChangeScope) -> dict[str, str]:
    needs_organization = command.role in WORKS_FOR_AN_ORGANIZATION
    if needs_organization == (command.organization_id is not None):
        return {}
    remedy = "请填写所在的群团组织" if needs_organization else "这个岗位不属于群团组织，请留空"
    return {"organization_id": remedy}


account = Decider("account", Account(), decide, evolve, audience)
