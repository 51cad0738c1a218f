"""Passwords of accounts: choosing one's own, and one-time passwords to begin with."""

import secrets
from typing import Any

from services.gateway.edge import Edge, now
from services.gateway.problems import CodeWrong
from services.gateway.signing_in import delays
from services.gateway.signing_in.steps import Opened, Visitor, anew, owed
from shared.adapters.mongo_sessions import Session
from shared.contracts.access_log import PasswordChanged, PasswordChangeRefused
from shared.contracts.actor import SYSTEM
from shared.one_time_codes import LETTERS
from shared.passwords import fault_of
from shared.rejection import InvalidInput, NotAllowedNow

ONE_TIME_LENGTH = 16
"""79 bits."""

OLD_IS_WRONG = "原密码不正确，请重新填写"


def one_time_password() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(ONE_TIME_LENGTH))


async def change(edge: Edge, visitor: Visitor, session: Session, old: str, new: str) -> Opened:
    """Everybody else with this account is signed out. Raises InvalidInput, TooManyAttempts."""
    checked_old = await require_password(edge, visitor, session, old)
    if old == new:
        raise InvalidInput("新密码不能与原密码相同", new_password="请换一个新密码")
    names = (session.actor.account_id, *await _names(edge))
    if fault := fault_of(new, names):
        raise InvalidInput("新密码不符合要求", new_password=fault)
    account_id = session.actor.account_id
    entry = PasswordChanged(
        account_id=account_id, was_one_time=checked_old, address=visitor.address
    )
    await edge.access_log.record(entry, session.actor.role)
    await edge.credentials.change(account_id, new)
    is_bound = await edge.second_factors.is_bound(account_id)
    return await anew(edge, visitor, session, owed(session.actor, False, is_bound))


async def require_password(edge: Edge, visitor: Visitor, session: Session, typed: str) -> bool:
    """Whoever changes the locks shows the key once more; whether it was a one-time password.

    Raises InvalidInput, TooManyAttempts.
    """
    account_id = session.actor.account_id
    tried = await delays.begin(edge.attempts, delays.at_own_desk(account_id), now())
    checked = await edge.credentials.check(account_id, typed)
    if not checked.is_right:
        refused = PasswordChangeRefused(account_id=account_id, address=visitor.address)
        await edge.access_log.record(refused, session.actor.role)
        raise InvalidInput(OLD_IS_WRONG, old_password=OLD_IS_WRONG)
    await tried.was_good()
    return checked.is_one_time


async def require_code(edge: Edge, session: Session, code: str) -> None:
    """The same with the second factor. Raises CodeWrong, TooManyAttempts."""
    account_id = session.actor.account_id
    tried = await delays.begin(edge.attempts, delays.at_own_desk(account_id), now())
    if await edge.second_factors.try_code(account_id, code) not in {"code", "recovery_code"}:
        raise CodeWrong("动态码不正确或已经用过，请等下一个再试", code="请填写新的动态码")
    await tried.was_good()


async def give_out(edge: Edge, account_id: str, position: int) -> str:
    """A one-time password for the reset at this position; a retry of it gives out another.

    Raises NotAllowedNow when what was given out then has been used already.
    """
    before = await edge.credentials.given_out(account_id)
    if before and (before.position, before.is_unused) == (position, False):
        raise NotAllowedNow("这次发放的一次性密码已经用过；如果还需要，请再重置一次")
    if before and before.position > position:
        raise NotAllowedNow("之后又重置过，请使用最近一次发放的一次性密码")
    password = one_time_password()
    await edge.credentials.give_out(account_id, password, position)
    return password


async def _names(edge: Edge) -> list[str]:
    """What the county's places and organisations are called."""
    directory: dict[str, Any] = await edge.ask("ledger", "directory", SYSTEM)
    things = (*directory["areas"].values(), *directory["organizations"].values())
    return [edge.settings.county, *(thing["name"] for thing in things)]
