"""What a machine may be trusted with: part of what its account may do, for a limited time."""

from collections.abc import Mapping
from datetime import timedelta

from shared.access import MAY, SEES_FIGURES, SEPARATED
from shared.contracts.accounts import IssueToken, TokenScope
from shared.contracts.actor import Actor, Role
from shared.labels import ROLE, TOKEN_SCOPE
from shared.rejection import InvalidInput, NotAllowedNow

LONGEST = timedelta(days=366)
MOST_TOKENS = 20

WITHIN_REACH: Mapping[TokenScope, frozenset[Role]] = {
    "place_requests": MAY["PlaceRequest"],
    "read_figures": SEES_FIGURES,
}
"""A scope that a role could not use would only confuse; what is not named suits every role."""


def refuse_an_unfit_token(command: IssueToken, holder: Actor, live: int) -> None:
    """Raises InvalidInput or NotAllowedNow."""
    if holder.role in SEPARATED:
        raise NotAllowedNow(f"{ROLE[holder.role]}的账号不能签发接口令牌，请换一个业务账号")
    if live >= MOST_TOKENS:
        raise NotAllowedNow(f"一个账号最多 {MOST_TOKENS} 个令牌，请先撤销不用的或过期的")
    if not timedelta(0) < command.expires_at - command.at <= LONGEST:
        raise InvalidInput("令牌的到期时间不正确", expires_at="请选择今后一年以内的日期")
    if beyond := [one for one in command.scopes if not _is_within_reach(one, holder.role)]:
        named = "、".join(TOKEN_SCOPE[one] for one in beyond)
        raise InvalidInput("这个账号的岗位用不了所选权限", scopes=f"请去掉：{named}")


def _is_within_reach(scope: TokenScope, role: Role) -> bool:
    return role in WITHIN_REACH.get(scope, {role})
