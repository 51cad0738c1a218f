"""Accounts, for the security administrator: open, change, disable, reset, and machines' tokens."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from services.gateway.api import bodies
from services.gateway.edge import Asking, Edge, SignedIn, TheAsking, TheEdge, derived_id, now
from services.gateway.signing_in.passwords import give_out
from services.gateway.signing_in.steps import actor_of
from services.gateway.strict import StrictRoute
from shared.access import SEES_ACCOUNTS
from shared.calendar import BEIJING
from shared.contracts import accounts as msg
from shared.contracts.actor import Actor, Role
from shared.contracts.message import Id
from shared.rejection import NotAllowedNow, NotFound, NotYours

router = APIRouter(route_class=StrictRoute, prefix="/api/v1/accounts", tags=["accounts"])

AccountId = Annotated[Id, Path(description="账号名")]
TokenId = Annotated[Id, Path(description="令牌编号")]


class Changed(BaseModel):
    """Where the change is in the county's log; 0 when nothing had to change."""

    account_id: str
    position: int
    is_repeat: bool


class GivenOut(Changed):
    """`one_time_password` is shown only now; whoever signs in with it chooses another at once."""

    one_time_password: str


class Issued(Changed):
    """`token` is shown only now."""

    token_id: str
    token: str


async def all_accounts(edge: Edge, actor: Actor, role: Role | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await edge.ask("accounts", "all", actor)
    return [row for row in rows if role in {None, row["role"]}]


async def one_account(edge: Edge, actor: Actor, account_id: str) -> dict[str, Any]:
    """With whether a phone is bound, and when its tokens were used last. Raises NotFound."""
    row: dict[str, Any] = await edge.ask("accounts", "one", actor, account_id=account_id)
    uses = await edge.tokens.last_uses(account_id)
    bound = await edge.second_factors.is_bound(account_id)
    tokens = [{**token, "used_at": uses.get(token["token_id"])} for token in row["tokens"]]
    return {**row, "tokens": tokens, "has_second_factor": bound}


async def open_account(asked: Asking, body: bodies.OpenAccount) -> GivenOut:
    """Open it and give out its first password."""
    command = msg.OpenAccount(at=now(), by=asked.actor, **body.model_dump())
    changed = await _give(asked, command)
    if not changed.position:
        raise NotAllowedNow(
            "这个账号已经按同样的权限开通；如需密码，请使用“重置登录”", account_id="账号已存在"
        )
    password = await give_out(asked.edge, body.account_id, changed.position)
    return GivenOut(one_time_password=password, **changed.model_dump())


async def change_scope(asked: Asking, account_id: str, body: bodies.ChangeScope) -> Changed:
    said = body.model_dump()
    changed = await _give(
        asked, msg.ChangeScope(at=now(), by=asked.actor, account_id=account_id, **said)
    )
    if changed.position:
        await sign_out(asked.edge, account_id)
    return changed


async def disable(asked: Asking, account_id: str, body: bodies.Disable) -> Changed:
    command = msg.DisableAccount(
        at=now(), by=asked.actor, account_id=account_id, reason=body.reason
    )
    changed = await _give(asked, command)
    await sign_out(asked.edge, account_id)
    return changed


async def reset(asked: Asking, account_id: str, body: bodies.ResetSignIn) -> GivenOut:
    """A new one-time password; on wish the bound phone is forgotten too."""
    said = body.model_dump()
    command = msg.ResetSignIn(at=now(), by=asked.actor, account_id=account_id, **said)
    changed = await _give(asked, command)
    password = await give_out(asked.edge, account_id, changed.position)
    if body.forgets_second_factor:
        await asked.edge.second_factors.forget(account_id)
    await asked.edge.sessions.end_all_of(account_id)
    return GivenOut(one_time_password=password, **changed.model_dump())


async def issue(asked: Asking, account_id: str, body: bodies.IssueToken) -> Issued:
    token_id = derived_id("T", asked.command_id)
    end = datetime.combine(date.fromisoformat(body.expires_on), time(), BEIJING) + timedelta(days=1)
    command = msg.IssueToken(
        at=now(),
        by=asked.actor,
        account_id=account_id,
        token_id=token_id,
        scopes=body.scopes,
        expires_at=end,
    )
    changed = await _give(asked, command)
    holder = await actor_of(asked.edge, account_id)
    if holder is None:
        raise NotFound("没有这个账号，或它已经停用")
    token = await asked.edge.tokens.make(token_id, holder, body.scopes, end)
    if token is None:
        raise NotAllowedNow("令牌只显示一次；没有记下的，请撤销后另发一个")
    return Issued(token_id=token_id, token=token, **changed.model_dump())


async def revoke(
    asked: Asking, account_id: str, token_id: str, body: bodies.RevokeToken
) -> Changed:
    command = msg.RevokeToken(
        at=now(), by=asked.actor, account_id=account_id, token_id=token_id, reason=body.reason
    )
    changed = await _give(asked, command)
    await asked.edge.tokens.end(token_id)
    return changed


async def sign_out(edge: Edge, account_id: str) -> None:
    """Rights changed: nobody goes on with the old ones, in no process, man or machine."""
    await edge.sessions.end_all_of(account_id)
    await edge.tokens.end_all_of(account_id)


async def _give(asked: Asking, command: msg.AccountCommand) -> Changed:
    answer = await asked.edge.give(command, asked.command_id, None, asked.expected_version)
    return Changed(
        account_id=command.account_id,
        position=answer["position"],
        is_repeat=answer["is_repeat"],
    )


def require_sight(actor: Actor) -> None:
    """Raises NotYours."""
    if actor.role not in SEES_ACCOUNTS:
        raise NotYours("您的岗位不能查看账号，请联系安全管理员")


@router.get("", summary="账号")
async def get_accounts(
    edge: TheEdge, actor: SignedIn, role: Annotated[Role | None, Query()] = None
) -> list[dict[str, Any]]:
    return await all_accounts(edge, actor, role)


@router.get("/{account_id}", summary="一个账号")
async def get_account(edge: TheEdge, actor: SignedIn, account_id: AccountId) -> dict[str, Any]:
    require_sight(actor)
    return await one_account(edge, actor, account_id)


@router.post("", status_code=201, summary="开通账号")
async def post_account(asked: TheAsking, body: bodies.OpenAccount, response: Response) -> GivenOut:
    response.headers["Cache-Control"] = "no-store"
    return await open_account(asked, body)


@router.post("/{account_id}/scope", summary="调整权限")
async def post_scope(asked: TheAsking, account_id: AccountId, body: bodies.ChangeScope) -> Changed:
    """Whoever is signed in with the account is signed out at once; its tokens fall."""
    return await change_scope(asked, account_id, body)


@router.post("/{account_id}/disabling", summary="停用账号")
async def post_disabling(asked: TheAsking, account_id: AccountId, body: bodies.Disable) -> Changed:
    return await disable(asked, account_id, body)


@router.post("/{account_id}/sign-in-reset", summary="重置登录")
async def post_sign_in_reset(
    asked: TheAsking, account_id: AccountId, body: bodies.ResetSignIn, response: Response
) -> GivenOut:
    response.headers["Cache-Control"] = "no-store"
    return await reset(asked, account_id, body)


@router.post("/{account_id}/tokens", status_code=201, summary="签发接口令牌")
async def post_token(
    asked: TheAsking, account_id: AccountId, body: bodies.IssueToken, response: Response
) -> Issued:
    response.headers["Cache-Control"] = "no-store"
    return await issue(asked, account_id, body)


@router.post("/{account_id}/tokens/{token_id}/revocation", summary="撤销接口令牌")
async def post_revocation(
    asked: TheAsking, account_id: AccountId, token_id: TokenId, body: bodies.RevokeToken
) -> Changed:
    return await revoke(asked, account_id, token_id, body)
