"""Binding a phone: a secret is offered as a picture, and counts once a code of it was shown."""

import io
from dataclasses import dataclass

import segno

from services.gateway.edge import Edge
from services.gateway.problems import CodeWrong
from services.gateway.signing_in.passwords import require_code, require_password
from services.gateway.signing_in.steps import Opened, Visitor, anew
from shared.adapters.mongo_sessions import Session
from shared.contracts.access_log import RecoveryCodesRenewed, SecondFactorBound
from shared.one_time_codes import address_for_apps

PLACE = "群团派送"
WRONG = "动态码不对，请核对手机时间是否自动校准，再填写现在的 6 位数字"


@dataclass(frozen=True)
class Offer:
    """What an authenticator app takes: a picture to scan, or the secret to type."""

    secret: str
    address: str
    picture: str


@dataclass(frozen=True)
class Bound:
    """Shown once: the session goes on under a new id, and ten codes for the day a phone is lost."""

    opened: Opened
    recovery_codes: tuple[str, ...]


async def offer(edge: Edge, visitor: Visitor, session: Session, shown: str) -> Offer:
    """`shown`: the password, or a code of the phone bound so far; a fresh sign-in needs neither.

    Raises InvalidInput, CodeWrong, TooManyAttempts.
    """
    account_id = session.actor.account_id
    if await edge.second_factors.is_bound(account_id):
        await require_code(edge, session, shown)
    elif session.owes != "second_factor":
        await require_password(edge, visitor, session, shown)
    return _offer(await edge.second_factors.offer(account_id), account_id)


async def offered(edge: Edge, session: Session) -> Offer | None:
    """The offer that waits for its first code, so that looking twice shows the same picture."""
    account_id = session.actor.account_id
    secret = await edge.second_factors.offered(account_id)
    return _offer(secret, account_id) if secret else None


async def accept(edge: Edge, visitor: Visitor, session: Session, code: str) -> Bound:
    """Raises CodeWrong. Everybody else with this account is signed out."""
    account_id = session.actor.account_id
    was_bound = await edge.second_factors.is_bound(account_id)
    codes = await edge.second_factors.accept(account_id, code)
    if codes is None:
        raise CodeWrong(WRONG, code="请重新填写")
    entry = SecondFactorBound(
        account_id=account_id, is_replacement=was_bound, address=visitor.address
    )
    await edge.access_log.record(entry, session.actor.role)
    return Bound(await anew(edge, visitor, session, None), codes)


async def renew(edge: Edge, visitor: Visitor, session: Session, code: str) -> tuple[str, ...]:
    """New recovery codes, for a code of the phone. Raises CodeWrong, TooManyAttempts."""
    await require_code(edge, session, code)
    codes = await edge.second_factors.renew_recovery_codes(session.actor.account_id)
    entry = RecoveryCodesRenewed(account_id=session.actor.account_id, address=visitor.address)
    await edge.access_log.record(entry, session.actor.role)
    return codes


def _offer(secret: str, account_id: str) -> Offer:
    address = address_for_apps(secret, account_id, PLACE)
    return Offer(secret, address, picture_of(address))


def picture_of(address: str) -> str:
    """A QR code as SVG, dark on white in every colour scheme, because cameras need that.

    Without a size of its own, so that the page gives it one and nothing is cut off.
    """
    drawn = io.BytesIO()
    segno.make(address, error="m").save(
        drawn,
        kind="svg",
        scale=5,
        border=4,
        light="white",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
    )
    return drawn.getvalue().decode()
