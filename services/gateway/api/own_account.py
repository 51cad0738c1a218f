"""One's own password and second factor."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.gateway.api import bodies
from services.gateway.api.session import Session
from services.gateway.edge import FinishedSession, TheEdge, TheSession
from services.gateway.problems import SignInUnfinished
from services.gateway.signing_in import passwords, second_factor
from services.gateway.signing_in.visitors import hand_out, visitor_of
from services.gateway.strict import StrictRoute
from shared.access import NEEDS_SECOND_FACTOR
from shared.adapters.mongo_sessions import Session as Known

router = APIRouter(route_class=StrictRoute, prefix="/api/v1/account", tags=["session"])


class Standing(BaseModel):
    """Whether a phone is bound, must be, and how many recovery codes are left."""

    is_bound: bool
    is_required: bool
    recovery_codes_left: int


class Offered(BaseModel):
    """For an authenticator app: scan `svg`, open `address`, or type `secret`."""

    secret: str
    address: str
    svg: str


class RecoveryCodes(BaseModel):
    """Each good once; shown only now."""

    recovery_codes: tuple[str, ...]


@router.post("/password", summary="修改自己的密码")
async def post_password(
    edge: TheEdge,
    session: TheSession,
    request: Request,
    response: Response,
    body: bodies.ChangePassword,
) -> Session:
    """Every other session of the account ends; this one goes on under a new id."""
    refuse_half(session)
    visitor = visitor_of(request)
    opened = await passwords.change(edge, visitor, session, body.old_password, body.new_password)
    hand_out(request, response, opened)
    return Session.of(opened.session)


@router.get("/second-factor", summary="动态码是否已绑定")
async def get_second_factor(edge: TheEdge, session: TheSession) -> Standing:
    refuse_half(session)
    left = await edge.second_factors.recovery_codes_left(session.actor.account_id)
    return Standing(
        is_bound=left is not None,
        is_required=session.actor.role in NEEDS_SECOND_FACTOR,
        recovery_codes_left=left or 0,
    )


@router.post("/second-factor", summary="生成动态码二维码")
async def post_second_factor(
    edge: TheEdge, session: TheSession, request: Request, response: Response, body: bodies.Shown
) -> Offered:
    """`shown`: the password, or a code of the phone that is bound so far."""
    refuse_password_owed(session)
    made = await second_factor.offer(edge, visitor_of(request), session, body.shown)
    response.headers["Cache-Control"] = "no-store"
    return Offered(secret=made.secret, address=made.address, svg=made.picture)


@router.post("/second-factor/confirmation", summary="绑定动态码")
async def post_confirmation(
    edge: TheEdge, session: TheSession, request: Request, response: Response, body: bodies.Code
) -> RecoveryCodes:
    """Every other session of the account ends; this one goes on under a new id."""
    refuse_password_owed(session)
    bound = await second_factor.accept(edge, visitor_of(request), session, body.code)
    hand_out(request, response, bound.opened)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodes(recovery_codes=bound.recovery_codes)


@router.post("/second-factor/recovery-codes", summary="重新生成恢复码")
async def post_recovery_codes(
    edge: TheEdge,
    session: FinishedSession,
    request: Request,
    response: Response,
    body: bodies.Code,
) -> RecoveryCodes:
    codes = await second_factor.renew(edge, visitor_of(request), session, body.code)
    response.headers["Cache-Control"] = "no-store"
    return RecoveryCodes(recovery_codes=codes)


def refuse_half(session: Known) -> None:
    """Somebody who has not shown the code yet changes nothing. Raises SignInUnfinished."""
    if session.owes == "code":
        raise SignInUnfinished("code")


def refuse_password_owed(session: Known) -> None:
    """A password that another has seen binds no phone. Raises SignInUnfinished."""
    if session.owes in {"code", "new_password"}:
        raise SignInUnfinished(session.owes)
