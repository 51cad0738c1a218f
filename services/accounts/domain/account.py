"""One account: a post with a role, the part of the county it works for, and machines' tokens."""

from dataclasses import dataclass, replace

from services.accounts.domain.scope import (
    refuse_a_name_of_the_house,
    refuse_an_unfit_scope,
    refuse_to_mix_duties,
)
from services.accounts.domain.tokens import refuse_an_unfit_token
from services.accounts.domain.words import Wished, actor_in
from shared.contracts import accounts as msg
from shared.contracts.actor import Actor
from shared.decider import Decider
from shared.rejection import NotAllowedNow, NotFound, NotYours


@dataclass(frozen=True)
class Account:
    """The actor that this account signs in as; None before it is opened. Tokens not yet revoked."""

    actor: Actor | None = None
    is_disabled: bool = False
    tokens: frozenset[str] = frozenset()


def decide(
    command: msg.AccountCommand, account: Account, _knowledge: None
) -> list[msg.AccountEvent]:
    holder = account.actor
    match command:
        case _ if command.by.account_id == command.account_id:
            raise NotYours("不能给自己的账号授权或重置，请由另一位安全管理员办理")
        case msg.OpenAccount() if holder:
            return _opened_before(command, account)
        case msg.OpenAccount():
            return _open(command)
        case _ if holder is None:
            raise NotFound("没有找到这个账号，请核对账号名")
        case msg.RevokeToken():
            return _revoke(command, account)
        case _ if account.is_disabled:
            raise NotAllowedNow("这个账号已经停用，请开通新的账号")
        case msg.ChangeScope():
            return _change(command, holder)
        case msg.DisableAccount():
            return [msg.AccountDisabled(**command.said())]
        case msg.ResetSignIn():
            return [msg.SignInReset(**command.said())]
        case msg.IssueToken():
            return _issue(command, holder, account)


def evolve(account: Account, event: msg.AccountEvent) -> Account:
    """Never refuses: what happened, happened. Tokens fall with the rights they stood on."""
    match event:
        case msg.AccountOpened():
            return replace(account, actor=actor_in(event))
        case msg.ScopeChanged():
            return replace(account, actor=actor_in(event), tokens=frozenset())
        case msg.AccountDisabled():
            return replace(account, is_disabled=True, tokens=frozenset())
        case msg.TokenIssued(token_id=id):
            return replace(account, tokens=account.tokens | {id})
        case msg.TokenRevoked(token_id=id):
            return replace(account, tokens=account.tokens - {id})
        case msg.SignInReset():
            return account


def audience(_account: Account) -> tuple[str, ...]:
    """Accounts concern who gives out rights and who looks on; they need no tag."""
    return ()


def actor_of(account: Account) -> Actor | None:
    """Whom the gateway may vouch for; None when never opened or disabled."""
    return None if account.is_disabled else account.actor


def _open(command: msg.OpenAccount) -> list[msg.AccountEvent]:
    refuse_a_name_of_the_house(command.account_id)
    refuse_an_unfit_scope(command)
    return [msg.AccountOpened(**command.said())]


def _opened_before(command: msg.OpenAccount, account: Account) -> list[msg.AccountEvent]:
    """The same account arriving twice is not news; another one needs another name."""
    if actor_in(command) == account.actor and not account.is_disabled:
        return []
    raise NotAllowedNow(
        "这个账号名已经用过，请换一个；如要调整权限，请使用“调整权限”",
        account_id="请使用新的账号名",
    )


def _change(command: Wished, holder: Actor) -> list[msg.AccountEvent]:
    if actor_in(command) == holder:
        return []
    refuse_to_mix_duties(holder, command.role)
    refuse_an_unfit_scope(command)
    return [msg.ScopeChanged(**command.said())]


def _issue(command: msg.IssueToken, holder: Actor, account: Account) -> list[msg.AccountEvent]:
    if command.token_id in account.tokens:
        raise NotAllowedNow("这个令牌编号已经用过，请刷新页面后再试")
    refuse_an_unfit_token(command, holder, len(account.tokens))
    return [msg.TokenIssued(**command.said())]


def _revoke(command: msg.RevokeToken, account: Account) -> list[msg.AccountEvent]:
    if command.token_id not in account.tokens:
        raise NotFound("没有找到这个令牌，或它已经失效")
    return [msg.TokenRevoked(**command.said())]


account = Decider("account", Account(), decide, evolve, audience)
