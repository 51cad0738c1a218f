"""县级规则: which rules the county works by, which it had before, and adopting others."""

from datetime import timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ValidationError

from services.gateway.edge import SignedIn, TheAsking, TheEdge, now
from services.gateway.strict import StrictRoute
from shared.contracts.county import AdoptRules, Rules
from shared.contracts.message import Id
from shared.handling import fields_of
from shared.rejection import InvalidInput

router = APIRouter(route_class=StrictRoute, prefix="/api/v1", tags=["county"])

REHEARSAL_SECONDS = 60.0
"""A year of 15,000 requests takes some seconds of the dispatch service's spare time."""

PARTS = "#/paths/~1api~1v1~1rules/post/requestBody/content/application~1json/schema/$defs/{model}"
RULES_IN_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Rules.model_json_schema(ref_template=PARTS)},
        },
    }
}


class Adopted(BaseModel):
    """`position`: where it is in the log; 0 when these rules were in force already."""

    version: str
    position: int
    is_repeat: bool


async def rules_said(request: Request) -> Rules:
    """Rules as strict as in a command, which FastAPI's own reading of JSON would not be."""
    try:
        orjson.loads(body := await request.body())  # RFC 8259, as everywhere (StrictRoute)
        return Rules.model_validate_json(body)
    except orjson.JSONDecodeError:
        raise InvalidInput("提交的内容不是有效的 JSON，请检查后重试") from None
    except ValidationError as error:
        raise InvalidInput("规则有误，请按字段提示修改后重试", **fields_of(error)) from None


RulesSaid = Annotated[Rules, Depends(rules_said)]


@router.get("/rules", summary="现行县级规则")
async def get_rules(edge: TheEdge, actor: SignedIn) -> dict[str, Any]:
    """Office hours, limits, ladder, sampling, proofs and matching, as they hold now."""
    rules: dict[str, Any] = await edge.ask("county", "rules", actor)
    return rules


@router.get("/rules/adoptions", summary="规则变更记录")
async def get_adoptions(edge: TheEdge, actor: SignedIn) -> list[dict[str, Any]]:
    """Who adopted which version when, and what it changed; the newest first."""
    told: list[dict[str, Any]] = await edge.ask("county", "adoptions", actor)
    return told


@router.get("/rules/versions/{version}", summary="某一版本的规则")
async def get_version(
    edge: TheEdge, actor: SignedIn, version: Annotated[Id, Path()]
) -> dict[str, Any]:
    """A case names the version that its deadlines were computed by."""
    rules: dict[str, Any] = await edge.ask("county", "rules", actor, version=version)
    return rules


@router.post("/rules", summary="启用县级规则", openapi_extra=RULES_IN_BODY)
async def post_rules(asked: TheAsking, rules: RulesSaid) -> Adopted:
    """For administrators, under their own name. Running cases keep their deadlines."""
    command = AdoptRules(at=now(), by=asked.actor, rules=rules)
    answer = await asked.edge.give(command, asked.command_id)
    return Adopted(
        version=rules.version, position=answer["position"], is_repeat=answer["is_repeat"]
    )


@router.post("/rules/dry-run", summary="试算派单规则", openapi_extra=RULES_IN_BODY)
async def post_dry_run(
    edge: TheEdge,
    actor: SignedIn,
    rules: RulesSaid,
    days: Annotated[int, Query(ge=1, le=3660, description="看最近多少天的诉求")] = 365,
) -> dict[str, Any]:
    """What these rules would change, and where past requests would have gone by them.

    For the centre and administrators; nothing is switched on. Every request is looked at alone, as
    things stood when it was accepted.
    """
    wanted, since = rules.model_dump(mode="json"), (now() - timedelta(days=days)).isoformat()
    changes = await edge.ask("county", "check", actor, rules=wanted)
    dispatching = await edge.ask(
        "dispatch", "rehearse", actor, deadline=REHEARSAL_SECONDS, rules=wanted, since=since
    )
    return {"version": rules.version, "changes": changes, "dispatching": dispatching}
