"""Machines come with `Authorization: Bearer`: what each scope opens, and nothing else."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import Request

from services.gateway.problems import SignInNeeded
from shared.access_log import AccessLog
from shared.adapters.mongo_tokens import Token, Tokens
from shared.contracts.access_log import TokenUsed
from shared.contracts.accounts import TokenScope
from shared.contracts.actor import Actor
from shared.labels import TOKEN_SCOPE
from shared.rejection import NotYours

SCHEME = "bearer "
API = "/api/v1"

READS_THE_REGISTER = ("/requests", "/requests/{request_id}", "/requests/{request_id}/story")
READS_FIGURES = (
    *("/figures", "/figures/cases", "/figures.csv"),
    *("/figures/assessment", "/figures/assessment.csv", "/board"),
)
NAMES_OF_THINGS = ("/grids", "/organizations", "/directory")

OPENS: Mapping[TokenScope, frozenset[tuple[str, str]]] = {
    "read_figures": frozenset(("GET", f"{API}{path}") for path in READS_FIGURES),
    "read_register": frozenset(
        ("GET", f"{API}{path}") for path in (*READS_THE_REGISTER, *NAMES_OF_THINGS)
    ),
    "place_requests": frozenset(
        {("POST", f"{API}/requests"), *(("GET", f"{API}{path}") for path in NAMES_OF_THINGS)}
    ),
    "read_events": frozenset({("GET", f"{API}/events")}),
}
"""A route that is not named here is closed to machines; exports of people's cases always are."""


def is_from_a_machine(request: Request) -> bool:
    return request.headers.get("authorization", "").lower().startswith(SCHEME)


def token_in(request: Request) -> str:
    return request.headers["authorization"][len(SCHEME) :].strip()


async def admitted(request: Request, tokens: Tokens, access_log: AccessLog, at: datetime) -> Actor:
    """Whom the token acts as. Raises SignInNeeded, or NotYours where its scopes do not reach."""
    token = await tokens.find(token_in(request))
    if token is None:
        raise SignInNeeded("接口令牌不存在、已撤销或已过期，请联系安全管理员")
    hour = at.replace(minute=0, second=0, microsecond=0)
    if token.used_at != hour:
        await access_log.record(_used(request, token), token.actor.role)
        await tokens.note_use(token.token_id, hour)
    place = (request.method, request.scope["route"].path)
    if not any(place in OPENS[scope] for scope in token.scopes):
        held = "、".join(sorted(TOKEN_SCOPE[scope] for scope in token.scopes))
        raise NotYours(f"这个接口令牌只能：{held}；需要更多，请联系安全管理员另发")
    return token.actor


def _used(request: Request, token: Token) -> TokenUsed:
    """The first use in an hour is an entry of the access log."""
    return TokenUsed(
        account_id=token.actor.account_id,
        token_id=token.token_id,
        address=request.client.host if request.client else "",
    )
