"""Back from the identity provider: an account that exists already, or a clear word."""

from collections.abc import Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from services.gateway.edge import Edge
from services.gateway.problems import SignInNeeded
from services.gateway.signing_in.provider import NotAuthenticated, SingleSignOn
from services.gateway.signing_in.steps import Opened, Visitor, actor_of, proceed, refused
from shared.contracts.access_log import SignInRefused
from shared.contracts.message import Id
from shared.telemetry import get_logger

NO_ACCOUNT = "您已通过统一身份认证，但没有与之对应的账号。请联系安全管理员开通，再重新登录。"
NAME: Final = TypeAdapter(Id)

log = get_logger()


async def arrive(
    edge: Edge,
    sso: SingleSignOn,
    visitor: Visitor,
    answer: Mapping[str, str],
    state: str | None,
) -> tuple[Opened, str]:
    """The session and the page that was wanted. Raises SignInNeeded; no account is ever made.

    The second factor stays ours: what the provider asked for is not known here.
    """
    try:
        name, wanted = await sso.arrive(answer, state)
    except NotAuthenticated as fault:
        log.warning("single_sign_on_failed", reason=fault.fault)
        entry = SignInRefused(
            account_id=None,
            name_mark=None,
            reason="single_sign_on_failed",
            address=visitor.address,
        )
        await edge.access_log.record(entry)
        raise
    actor = await actor_of(edge, name) if _is_name(name) else None
    if actor is None:
        await refused(edge, visitor, name, "no_account_for_identity", is_known=False)
        raise SignInNeeded(NO_ACCOUNT)
    return await proceed(edge, visitor, actor, ("single_sign_on",)), wanted


def _is_name(claimed: str) -> bool:
    try:
        NAME.validate_python(claimed)
    except ValidationError:
        return False
    return True
