"""The steps of signing in: password or single sign-on, then a code, then what is still owed.

Every step that fails is in the access log with its kind of reason, and says the same to whoever
tries: an unknown name, a wrong password and a disabled account look and take alike.
"""

from dataclasses import dataclass

from services.gateway.edge import QUERY_SECONDS, Edge, now
from services.gateway.problems import CodeNeeded, CodeUsed, CodeWrong, SignInNeeded
from services.gateway.signing_in import delays
from shared.access import NEEDS_SECOND_FACTOR
from shared.adapters.credentials import Checked
from shared.adapters.mongo_sessions import Owes, Session
from shared.contracts.access_log import (
    SignedIn,
    SignInMeans,
    SignInRefusal,
    SignInRefused,
)
from shared.contracts.actor import Actor
from shared.rejection import NotFound

WRONG = "用户名或密码不正确，请检查后重试"
EXPIRED = "一次性密码已过期，请联系安全管理员重新发放"
WRONG_CODE = "动态码不正确，请看手机上现在的 6 位数字，或使用恢复码"
USED_CODE = "这个动态码已经用过，请等下一个（最多 30 秒）"


@dataclass(frozen=True)
class Visitor:
    """From where somebody comes, and with what; `device` is a word for the list of sessions."""

    address: str
    device: str


@dataclass(frozen=True)
class Opened:
    """A new session and the token for its cookie."""

    token: str
    session: Session


async def with_password(edge: Edge, visitor: Visitor, name: str, password: str) -> Opened:
    """A session, which owes a code if a second factor is bound. Raises SignInNeeded and kin."""
    tried = await delays.begin(edge.attempts, delays.signing_in(name, visitor.address), now())
    checked = await edge.credentials.check(name, password)
    actor = await actor_of(edge, name) if checked.is_right else None
    if actor is None or checked.is_expired:
        reason = _reason(checked, actor)
        await refused(edge, visitor, name, reason, is_known=checked.is_known)
        raise SignInNeeded(EXPIRED if reason == "expired_password" else WRONG)
    opened = await proceed(edge, visitor, actor, ("password",), owes_password=checked.is_one_time)
    await (tried.does_not_count() if opened.session.owes == "code" else tried.was_good())
    return opened


async def with_password_and_code(
    edge: Edge, visitor: Visitor, name: str, password: str, code: str | None
) -> Opened:
    """All at once, for programs. Raises CodeNeeded when a code is missing."""
    opened = await with_password(edge, visitor, name, password)
    if opened.session.owes != "code":
        return opened
    if not code:
        await edge.sessions.end(opened.token)
        raise CodeNeeded("还需要动态码，请连同密码一起提交", code="请填写动态码")
    return await with_code(edge, visitor, opened, code)


async def with_code(edge: Edge, visitor: Visitor, half: Opened, code: str) -> Opened:
    """The second step of a session that owes a code; it goes on under another token."""
    actor = half.session.actor
    counted = delays.showing_a_code(actor.account_id, visitor.address)
    tried = await delays.begin(edge.attempts, counted, now())
    verdict = await edge.second_factors.try_code(actor.account_id, code)
    match verdict:
        case "wrong":
            await refused(edge, visitor, actor.account_id, "wrong_code")
            raise CodeWrong(WRONG_CODE, code="请重新填写")
        case "used":
            await tried.does_not_count()
            await refused(edge, visitor, actor.account_id, "used_code")
            raise CodeUsed(USED_CODE, code="请等下一个动态码")
        case "code" | "recovery_code":
            await tried.was_good()
            await edge.sessions.end(half.token)
            means = (*half.session.means, verdict)
            given = await edge.credentials.given_out(actor.account_id)
            is_one_time = "password" in means and given is not None and given.is_unused
            owes = owed(actor, is_one_time, is_bound=True)
            return await enter(edge, visitor, actor, means, owes)


async def proceed(
    edge: Edge,
    visitor: Visitor,
    actor: Actor,
    means: tuple[SignInMeans, ...],
    *,
    owes_password: bool = False,
) -> Opened:
    """The first step is done: now the code, or what this account still owes."""
    is_bound = await edge.second_factors.is_bound(actor.account_id)
    if is_bound:
        half = edge.sessions.new(actor, means, "code", visitor.device)
        return Opened(await edge.sessions.keep(half), half)
    return await enter(edge, visitor, actor, means, owed(actor, owes_password, is_bound))


def owed(actor: Actor, owes_password: bool, is_bound: bool) -> Owes | None:
    """A password of one's own first, then the second factor that the role needs."""
    if owes_password:
        return "new_password"
    needs_one = actor.role in NEEDS_SECOND_FACTOR and not is_bound
    return "second_factor" if needs_one else None


async def enter(
    edge: Edge,
    visitor: Visitor,
    actor: Actor,
    means: tuple[SignInMeans, ...],
    owes: Owes | None,
) -> Opened:
    """A session under a new id, first into the access log. Raises SignInNeeded.

    The account may have been disabled or changed meanwhile, before there was a session to end.
    """
    session = edge.sessions.new(actor, means, owes, visitor.device)
    entry = SignedIn(
        account_id=actor.account_id,
        session_id=session.session_id,
        means=means,
        address=visitor.address,
    )
    await edge.access_log.record(entry, actor.role)
    opened = Opened(await edge.sessions.keep(session), session)
    if await actor_of(edge, actor.account_id) != actor:
        await edge.sessions.end(opened.token)
        raise SignInNeeded("您的账号刚刚有变动，请重新登录")
    return opened


async def anew(edge: Edge, visitor: Visitor, session: Session, owes: Owes | None) -> Opened:
    """After a change of credentials: every session ends, this browser gets a new one."""
    await edge.sessions.end_all_of(session.actor.account_id)
    fresh = edge.sessions.new(session.actor, session.means, owes, visitor.device)
    return Opened(await edge.sessions.keep(fresh), fresh)


async def actor_of(edge: Edge, account_id: str) -> Actor | None:
    """The account's state as its service knows it; None when disabled or never opened."""
    try:
        asked = {"account_id": account_id}
        found = await edge.rpc.call("accounts", "actor", asked, deadline=QUERY_SECONDS)
    except NotFound:
        return None
    return Actor.model_validate(found)


async def refused(
    edge: Edge, visitor: Visitor, name: str, reason: SignInRefusal, *, is_known: bool = True
) -> None:
    """Into the access log; a name that is no account only as its mark."""
    entry = SignInRefused(
        account_id=name if is_known else None,
        name_mark=None if is_known else await edge.name_marks.mark(name),
        reason=reason,
        address=visitor.address,
    )
    await edge.access_log.record(entry)


def _reason(checked: Checked, actor: Actor | None) -> SignInRefusal:
    if not checked.is_known:
        return "unknown_name"
    if not checked.is_right:
        return "wrong_password"
    return "account_disabled" if actor is None else "expired_password"
