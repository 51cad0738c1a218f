"""The auditor's page: who came in, who was refused, who changed rights, who looked at whom."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.gateway.api.access_log import Question, Said, read, types_of
from services.gateway.edge import SignedIn, TheEdge
from services.gateway.pages.forms import filled_in
from services.gateway.pages.rendering import render
from shared.labels import ACCESS_EVENT, EVENT, LABELS

router = APIRouter(include_in_schema=False)

FIELDS: Mapping[str, tuple[str, str | None]] = {
    "account_id": ("账号", None),
    "name_mark": ("用户名标记", None),
    "reason": ("原因", None),
    "means": ("方式", "SignInMeans"),
    "cause": ("方式", "SignOutCause"),
    "address": ("来源地址", None),
    "role": ("岗位", "Role"),
    "organization_id": ("群团组织", None),
    "area_ids": ("区域", None),
    "token_id": ("令牌", None),
    "scopes": ("权限", "TokenScope"),
    "expires_at": ("到期", None),
    "kind": ("内容", None),
    "position": ("日志位置", None),
    "purpose": ("用途", "RevealPurpose"),
    "request_id": ("事项", None),
    "version": ("规则版本", None),
    "area_id": ("区域", None),
    "worker_id": ("网格员", None),
    "name": ("名称", None),
    "grid_id": ("网格", None),
    "session_id": ("登录编号", None),
}
"""What an entry's field is called, and the table that its codes are looked up in."""

TABLE_OF: Mapping[tuple[str, str], str] = {
    ("SignInRefused", "reason"): "SignInRefusal",
    ("AccountOpened", "reason"): "ScopeReason",
    ("ScopeChanged", "reason"): "ScopeReason",
    ("AccountDisabled", "reason"): "DisableReason",
    ("SignInReset", "reason"): "ResetReason",
    ("TokenRevoked", "reason"): "RevokeReason",
    ("TableExported", "kind"): "ExportKind",
    ("AreaRegistered", "kind"): "AreaKind",
    ("OrganizationRegistered", "kind"): "OrganizationKind",
}


@router.get("/access-log")
async def get_access_log(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    asked = filled_in(Question, as_numbers(request.query_params))
    page = await read(edge, actor, asked)
    said = asked.model_dump(exclude_none=True, exclude_defaults=True)
    shown: dict[str, Any] = {
        "question": asked,
        "entries": [_row(entry) for entry in page.entries],
        "types": {name: _name(name) for name in sorted(types_of(asked.log), key=_name)},
        "older": f"/access-log?{urlencode({**said, 'before': page.before})}"
        if page.before
        else None,
    }
    return render(request, "access_log.html", actor, **shown)


def as_numbers(typed: Mapping[str, str]) -> dict[str, Any]:
    """An empty field of the form means any; a position is digits."""
    before = typed.get("before", "")
    return {**typed, "before": int(before) if before.isascii() and before.isdigit() else None}


def _name(type: str) -> str:
    return ACCESS_EVENT.get(type) or EVENT[type]


def _row(entry: Said) -> dict[str, Any]:
    told = [
        (FIELDS[name][0], _text(entry.type, name, value))
        for name, value in entry.event.items()
        if name in FIELDS and value not in (None, [], "", entry.by)
    ]
    tone = "trouble" if entry.type.endswith("Refused") else "moving"
    return {"said": entry, "what": _name(entry.type), "told": told, "tone": tone}


def _text(type: str, field: str, value: Any) -> str:
    table = TABLE_OF.get((type, field)) or FIELDS[field][1]
    codes = value if isinstance(value, list) else [value]
    names: Mapping[Any, str] = LABELS[table] if table else {}
    return "、".join(str(names.get(code, code)) for code in codes)
