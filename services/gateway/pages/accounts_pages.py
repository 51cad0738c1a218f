"""Accounts by form, for the security administrator; the auditor looks on."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api import accounts, bodies
from services.gateway.edge import Asking, Edge, SignedIn, TheEdge, now
from services.gateway.pages.forms import asking_of, filled_in, typed_into
from services.gateway.pages.names import Names
from services.gateway.pages.rendering import render
from services.gateway.problems import STATUS
from shared.access import MAY, SEPARATED
from shared.calendar import beijing_day
from shared.contracts.actor import SYSTEM, Actor, Role
from shared.contracts.message import Id
from shared.labels import ROLE
from shared.rejection import NotYours, Rejected, Unavailable

router = APIRouter(include_in_schema=False)

AccountId = Annotated[Id, Path()]
Act = Callable[[Asking, Mapping[str, Any]], Awaitable[Any]]

SIGNS_IN: tuple[Role, ...] = tuple(
    role for role in get_args(Role) if role not in {"resident", "system"}
)
DONE = {
    "scope": "权限已调整，该账号已在所有设备退出，接口令牌已失效。",
    "disabling": "账号已停用，已在所有设备退出。",
    "revocation": "接口令牌已撤销。",
}


@router.get("/accounts")
async def get_accounts(
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    role: Annotated[Role | None, Query()] = None,
    q: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    rows = await accounts.all_accounts(edge, actor, role)
    found = [row for row in rows if q.casefold() in row["account_id"].casefold()]
    shown: dict[str, Any] = {
        "rows": found,
        "role": role,
        "q": q,
        "names": await _names(edge, request),
    }
    return render(request, "accounts.html", actor, roles=_roles(), **shown)


@router.get("/accounts/new")
async def get_new(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    if actor.role not in MAY["OpenAccount"]:
        raise NotYours("只有安全管理员可以开通账号")
    return await _new(edge, actor, request, {}, None)


@router.post("/accounts")
async def post_account(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    typed = await typed_into(request)
    try:
        body = filled_in(bodies.OpenAccount, _as_said(typed))
        made = await accounts.open_account(asking_of(edge, actor, typed), body)
    except Unavailable:
        raise
    except Rejected as refusal:
        return await _new(edge, actor, request, typed, refusal)
    return _shown_once(request, actor, made.account_id, made.one_time_password, "一次性密码")


@router.get("/accounts/{account_id}")
async def get_account(
    edge: TheEdge, actor: SignedIn, request: Request, account_id: AccountId, done: str = ""
) -> Response:
    return await _one(edge, actor, request, account_id, done=done)


@router.post("/accounts/{account_id}/scope")
async def post_scope(
    edge: TheEdge, actor: SignedIn, request: Request, account_id: AccountId
) -> Response:
    async def change(asked: Asking, typed: Mapping[str, Any]) -> None:
        body = filled_in(bodies.ChangeScope, _as_said(typed))
        await accounts.change_scope(asked, account_id, body)

    return await _act(edge, actor, request, account_id, "scope", change)


@router.post("/accounts/{account_id}/disabling")
async def post_disabling(
    edge: TheEdge, actor: SignedIn, request: Request, account_id: AccountId
) -> Response:
    async def disable(asked: Asking, typed: Mapping[str, Any]) -> None:
        await accounts.disable(asked, account_id, filled_in(bodies.Disable, typed))

    return await _act(edge, actor, request, account_id, "disabling", disable)


@router.post("/accounts/{account_id}/tokens/{token_id}/revocation")
async def post_revocation(
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    account_id: AccountId,
    token_id: Annotated[Id, Path()],
) -> Response:
    async def revoke(asked: Asking, typed: Mapping[str, Any]) -> None:
        body = filled_in(bodies.RevokeToken, typed)
        await accounts.revoke(asked, account_id, token_id, body)

    return await _act(edge, actor, request, account_id, "revocation", revoke)


@router.post("/accounts/{account_id}/sign-in-reset")
async def post_reset(
    edge: TheEdge, actor: SignedIn, request: Request, account_id: AccountId
) -> Response:
    typed = await typed_into(request)
    try:
        body = filled_in(bodies.ResetSignIn, typed)
        made = await accounts.reset(asking_of(edge, actor, typed), account_id, body)
    except Unavailable:
        raise
    except Rejected as refusal:
        return await _one(edge, actor, request, account_id, refusal)
    return _shown_once(request, actor, account_id, made.one_time_password, "一次性密码")


@router.post("/accounts/{account_id}/tokens")
async def post_token(
    edge: TheEdge, actor: SignedIn, request: Request, account_id: AccountId
) -> Response:
    typed = await typed_into(request)
    try:
        body = filled_in(bodies.IssueToken, _as_said(typed))
        made = await accounts.issue(asking_of(edge, actor, typed), account_id, body)
    except Unavailable:
        raise
    except Rejected as refusal:
        return await _one(edge, actor, request, account_id, refusal)
    return _shown_once(request, actor, account_id, made.token, "接口令牌")


async def _act(  # noqa: PLR0913, PLR0917 - one form, one act
    edge: Edge, actor: Actor, request: Request, account_id: str, name: str, act: Act
) -> Response:
    typed = await typed_into(request)
    try:
        await act(asking_of(edge, actor, typed), typed)
    except Unavailable:
        raise
    except Rejected as refusal:
        return await _one(edge, actor, request, account_id, refusal)
    return RedirectResponse(f"/accounts/{account_id}?done={name}", 303)


async def _one(  # noqa: PLR0913, PLR0917 - what the page shows
    edge: Edge,
    actor: Actor,
    request: Request,
    account_id: str,
    refusal: Rejected | None = None,
    done: str = "",
) -> Response:
    accounts.require_sight(actor)
    row = await accounts.one_account(edge, actor, account_id)
    shown: dict[str, Any] = {
        "row": row,
        "names": await _names(edge, request),
        "problem": refusal,
        "done": DONE.get(done),
        "may_change": actor.role in MAY["ChangeScope"] and actor.account_id != account_id,
        "roles": {row["role"]: ROLE[row["role"]]} if row["role"] in SEPARATED else _business(),
        "may_have_tokens": row["role"] not in SEPARATED,
        "today": beijing_day(now()),
        "everybody": SYSTEM,
    }
    status = STATUS[refusal.code] if refusal else 200
    return render(request, "account_of.html", actor, status, **shown)


async def _new(
    edge: Edge,
    actor: Actor,
    request: Request,
    typed: Mapping[str, str],
    refusal: Rejected | None,
) -> Response:
    shown: dict[str, Any] = {
        "typed": defaultdict(str, typed),
        "problem": refusal,
        "names": await _names(edge, request),
        "everybody": SYSTEM,
    }
    status = STATUS[refusal.code] if refusal else 200
    return render(request, "account_new.html", actor, status, roles=_roles(), **shown)


def _shown_once(
    request: Request, actor: Actor, account_id: str, secret: str, what: str
) -> Response:
    shown: dict[str, Any] = {"account_id": account_id, "secret": secret, "what": what}
    return render(request, "shown_once.html", actor, **shown)


async def _names(edge: Edge, request: Request) -> Names:
    names: Names = await request.app.state.directory.names(edge, SYSTEM)
    return names


def _roles() -> dict[Role, str]:
    return {role: ROLE[role] for role in SIGNS_IN}


def _business() -> dict[Role, str]:
    return {role: name for role, name in _roles().items() if role not in SEPARATED}


def _as_said(typed: Mapping[str, str]) -> dict[str, Any]:
    """Lists travel through forms as lines."""
    lists = {
        name: tuple(filter(None, typed[name].split("\n")))
        for name in ("area_ids", "scopes")
        if name in typed
    }
    return {**typed, **lists}
