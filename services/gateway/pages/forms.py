"""From what somebody typed into a form to a body of the API, with remedies in Chinese."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from services.gateway.edge import Asking, Edge
from shared.contracts.actor import Actor
from shared.rejection import InvalidInput

B = TypeVar("B", bound=BaseModel)
COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

REMEDIES: Mapping[str, str] = {
    "grid_id": "请选择网格",
    "service_code": "请选择需要的服务",
    "name": "请填写服务对象姓名",
    "phone": "请填写 11 位手机号，或带区号的座机，如 0371-12345678",
    "address": "请填写详细地址",
    "text": "请写明需要什么帮助",
    "note": "请填写说明",
    "reason": "请选择原因",
    "outcome": "请选择办理结果",
    "score": "请选择满意程度",
    "purpose": "请选择查看用途",
    "organization_id": "请选择群团组织",
    "into_id": "请填写另一件事项的编号",
    "level": "请选择督办到哪一级",
    "review_on": "请选择复核日期",
    "amount": "请填写数字，如 2",
    "is_reached": "请选择是否接通",
    "staff_id": "请填写服务人员的账号，由字母、数字和 - 组成",
    "password": "请填写密码",
    "code": "请填写动态码",
    "old_password": "请填写原密码",
    "new_password": "请填写新密码",
    "role": "请选择岗位",
    "account_id": "账号名由字母、数字和 - 组成，最多 64 个字符",
    "scopes": "请至少选择一项",
    "expires_on": "请选择到期日期",
}
"""What to do when a field is empty or has the wrong shape."""


async def typed_into(request: Request) -> dict[str, str]:
    """The fields of a form, with plain line breaks, without files; several values, a line each."""
    return typed_of(await request.form())


def typed_of(form: FormData) -> dict[str, str]:
    """The same of a form that was read already."""
    said: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            plain = value.replace("\r\n", "\n").replace("\r", "\n")
            said.setdefault(name, []).append(plain)
    return {name: "\n".join(values) for name, values in said.items()}


def as_said(typed: Mapping[str, str]) -> dict[str, Any]:
    """A form knows only text: numbers, lists and limits again, as bodies of the API have them."""
    said: dict[str, Any] = dict(typed)
    if "score" in typed:
        said["score"] = _number(typed["score"])
    if "amount" in typed:
        said["extra"] = {"amount": _number(typed["amount"]), "unit": typed.get("unit")}
    if "supporting_ids" in typed:
        said["supporting_ids"] = tuple(filter(None, typed["supporting_ids"].split("\n")))
    if "evidence" in typed:
        said["evidence"] = [*map(_proof, filter(None, typed["evidence"].split("\n")))]
    return said


def _proof(chosen: str) -> dict[str, str]:
    kind, _, evidence_id = chosen.partition(":")
    return {"kind": kind, "evidence_id": evidence_id}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def asking_of(edge: Edge, actor: Actor, typed: Mapping[str, str]) -> Asking:
    """The write that a form stands for: its hidden `command_id` makes sending it twice once."""
    command_id = typed.get("command_id", "")
    if not COMMAND_ID.fullmatch(command_id):
        raise InvalidInput("页面已过期，请刷新后再提交")
    return Asking(edge, actor, f"{actor.account_id}:{command_id}")


def filled_in(kind: type[B], typed: Mapping[str, Any]) -> B:
    """A body from form fields; what was left empty counts as not said. Raises InvalidInput."""
    said = {name: typed[name] for name in kind.model_fields if not _is_blank(typed.get(name))}
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        raise InvalidInput("还有几处需要修改，请看红色提示", **_remedies(error)) from None


def as_phone(typed: str) -> str:
    """Full-width digits and spaces are how phones and people write numbers."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", typed))


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _remedies(error: ValidationError) -> dict[str, str]:
    return {
        str(found["loc"][-1]): _remedy(
            str(found["loc"][-1]), found["type"], found.get("ctx", {}), found["msg"]
        )
        for found in error.errors()
    }


def _remedy(field: str, kind: str, limits: Mapping[str, Any], message: str) -> str:
    match kind:
        case "string_too_long":
            return f"最多 {limits['max_length']} 个字，请缩短"
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return REMEDIES.get(field, "请检查这一项")
