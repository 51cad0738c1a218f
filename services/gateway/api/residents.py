"""What somebody without an account may do: look up one case, and rate once by a link."""

import asyncio
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel

from services.gateway.api import bodies
from services.gateway.edge import Edge, SignedIn, TheEdge, derived_id, now
from services.gateway.problems import TooManyAttempts
from services.gateway.strict import StrictRoute
from shared.adapters.mongo_attempts import Allowance
from shared.adapters.mongo_secret_links import hash_of
from shared.contracts.actor import Actor
from shared.contracts.message import Id
from shared.contracts.requests import RateService
from shared.personal import PersonalRecord
from shared.rejection import InvalidInput, NotFound

router = APIRouter(route_class=StrictRoute, prefix="/api/v1", tags=["residents"])

CASE_NUMBER = re.compile(r"[0-9]{8}-[0-9]{6,12}")
TAIL = re.compile(r"[0-9]{4}")
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")

PER_CASE = (Allowance(5, timedelta(minutes=15)), Allowance(20, timedelta(days=1)))
"""Wrong answers about one case number: at this pace 10,000 endings take more than a year."""

PER_ADDRESS = (Allowance(30, timedelta(minutes=15)),)

NOT_FOUND = "没有找到。请核对编号和点单时留的手机号后四位；如不清楚，请问您的网格员。"
LINK_UNKNOWN = "这个评价链接不存在或已经过期。需要评价，请联系您的网格员。"
ANYBODY = Actor(account_id="resident", role="resident")


class Link(BaseModel):
    """Shown once; what is kept of it is a hash."""

    url: str
    expires_at: str


class Invitation(NamedTuple):
    """What a rating link stands for."""

    request_id: str
    round: int
    case_number: str
    standing: Literal["open", "over", "expired"]

    @property
    def by(self) -> Actor:
        """Whoever holds the link: may rate this one request, and nothing else."""
        return Actor(account_id="resident", role="resident", request_id=self.request_id)

    @property
    def command_id(self) -> str:
        """One for each round, so whatever link is used, it is rated once."""
        return f"rating:{self.request_id}:{self.round}"


def tidy(typed: str) -> str:
    """Full-width digits, spaces and long dashes are how phones and people write numbers."""
    plain = unicodedata.normalize("NFKC", typed)
    return re.sub(r"[‐-―−]", "-", re.sub(r"\s", "", plain))[:40]


async def track(edge: Edge, address: str, case_number: str, tail: str) -> dict[str, Any]:
    """Where a case stands, for who knows its number and how the asker's phone ends.

    An unknown case and a wrong ending take the same steps and get the same answer. Raises
    InvalidInput, TooManyAttempts, NotFound.
    """
    _refuse_misshapen(case_number, tail)
    attempts = [
        await _begin(edge, f"track|{case_number}", PER_CASE),
        await _begin(edge, f"track-from|{address}", PER_ADDRESS),
    ]
    found = await edge.ask("notices", "tracked", ANYBODY, case_number=case_number)
    particulars_id = found["particulars_id"] if found else "nobody"
    is_right = await edge.vault.ends_with(particulars_id, tail)
    if not is_right or found is None:
        raise NotFound(NOT_FOUND)
    await asyncio.gather(*map(edge.attempts.forgive, attempts))
    return {name: value for name, value in found.items() if name != "particulars_id"}


def _refuse_misshapen(case_number: str, tail: str) -> None:
    wrong = {}
    if not CASE_NUMBER.fullmatch(case_number):
        wrong["case_number"] = "编号像这样：20261122-000123"
    if not TAIL.fullmatch(tail):
        wrong["tail"] = "请填写手机号的最后四位数字"
    if wrong:
        raise InvalidInput("还有需要修改的地方，请看红色提示", **wrong)


async def _begin(edge: Edge, key: str, allowed: tuple[Allowance, ...]) -> Any:
    attempt = await edge.attempts.begin(key)
    for allowance in allowed:
        if await edge.attempts.is_too_many(key, allowance):
            await edge.attempts.forgive(attempt)  # who only knocks keeps nobody locked out
            raise TooManyAttempts(int(allowance.within.total_seconds()), "查询")
    return attempt


async def make_link(edge: Edge, actor: Actor, request_id: str, base_url: str) -> Link:
    """A new link for the round that waits for its rating. Raises NotFound, NotAllowedNow."""
    token = secrets.token_urlsafe(16)
    asked: dict[str, Any] = {
        "request_id": request_id,
        "token_hash": hash_of(token),
        "at": now().isoformat(),
    }
    kept = await edge.ask("notices", "keep_rating_link", actor, **asked)
    return Link(url=f"{base_url}/rate/{token}", expires_at=kept["expires_at"])


def base_url(edge: Edge, request: Request) -> str:
    """Where residents reach us: as configured, or as this request did."""
    return edge.settings.public_url or str(request.base_url).rstrip("/")


async def invitation(edge: Edge, token: str) -> Invitation:
    """What a link stands for. Raises NotFound for one that is unknown or past its time."""
    if not TOKEN.fullmatch(token):
        raise NotFound(LINK_UNKNOWN)
    asked: dict[str, Any] = {"token_hash": hash_of(token), "at": now().isoformat()}
    found = await edge.ask("notices", "rating_link", ANYBODY, **asked)
    if found is None or found["standing"] == "expired":
        raise NotFound(LINK_UNKNOWN)
    return Invitation(**found)


async def rate(edge: Edge, invited: Invitation, body: bodies.Rate) -> None:
    """Rate once: sending it again is a repeat. Raises CommandIdReused for another opinion."""
    records: dict[str, PersonalRecord] = {}
    note_id = None
    if note := bodies.note_of(body):
        note_id = derived_id("N", invited.command_id)
        records[note_id] = note
    rating = RateService(
        at=now(),
        by=invited.by,
        request_id=invited.request_id,
        score=body.score,
        note_id=note_id,
    )
    await edge.give(rating, invited.command_id, records)


@router.post("/requests/{request_id}/rating-link", status_code=201, summary="生成评价链接")
async def post_rating_link(
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    response: Response,
    request_id: Annotated[Id, Path()],
) -> Link:
    """For the resident to rate without an account; any number may be made, one rating counts."""
    response.headers["Cache-Control"] = "no-store"
    return await make_link(edge, actor, request_id, base_url(edge, request))
