"""Rows of a sheet as requests (点单), each with what is wrong with it and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.gateway.api.bodies import Place
from services.gateway.exchange import cells
from services.gateway.exchange.cells import Choices, Unreadable
from services.gateway.exchange.columns import Column, Problem, SheetRow
from shared.labels import BENEFICIARY_CATEGORY, URGENCY

COLUMNS: Sequence[Column] = (
    Column("grid_id", "网格", "网格编码，或全县唯一的网格名称", ("网格编码", "网格名称")),
    Column(
        "service_code", "服务", "服务菜单中的名称或编码", ("服务编码", "服务名称", "需要的服务")
    ),
    Column("urgency", "紧急程度", "不填为“一般”", is_required=False),
    Column(
        "beneficiary_category", "服务对象类别", "不填为“普通群众”", ("对象类别",), is_required=False
    ),
    Column("name", "姓名", "服务对象的姓名", ("服务对象", "服务对象姓名")),
    Column("phone", "电话", "手机号或带区号的座机，列格式设为文本", ("联系电话", "手机", "手机号")),
    Column("address", "地址", "详细地址，最多 200 字", ("详细地址", "住址")),
    Column("text", "诉求内容", "最多 4000 字", ("具体情况", "诉求", "内容")),
    Column("stated_on", "诉求日期", "群众提出的日期，如 2026-11-25", ("日期",), is_required=False),
)

_URGENCIES = Choices.of(URGENCY)
_CATEGORIES = Choices.of(BENEFICIARY_CATEGORY)
_TITLES = {column.field: column.title for column in COLUMNS}


@dataclass(frozen=True)
class Known:
    """What a sheet may refer to by code or name, and which day it is."""

    grids: Choices
    services: Choices
    today: date


@dataclass(frozen=True)
class RequestRow:
    """A row with the body it stands for, or with everything that is wrong with it."""

    number: int
    body: Place | None
    problems: tuple[Problem, ...] = ()


def requests_from(rows: Sequence[SheetRow], known: Known) -> list[RequestRow]:
    return [_request(row, known) for row in rows]


def _request(row: SheetRow, known: Known) -> RequestRow:
    said, problems = _read(row, _readers(known))
    body, more = _body(said)
    found = tuple(Problem(_TITLES[name], remedy) for name, remedy in {**more, **problems}.items())
    return RequestRow(row.number, None if found else body, found)


def _readers(known: Known) -> dict[str, cells.Reader]:
    return {
        "grid_id": lambda cell: cells.choice(cell, known.grids),
        "service_code": lambda cell: cells.choice(cell, known.services),
        "urgency": lambda cell: cells.choice(cell, _URGENCIES),
        "beneficiary_category": lambda cell: cells.choice(cell, _CATEGORIES),
        "phone": cells.phone,
        "stated_on": lambda cell: cells.day(cell, known.today),
    }


def _read(
    row: SheetRow, readers: Mapping[str, cells.Reader]
) -> tuple[dict[str, str], dict[str, str]]:
    """What the cells mean, and what is wrong with the others, both by field."""
    said, problems = dict[str, str](), dict[str, str]()
    for column in COLUMNS:
        cell = row[column.field]
        if not cell and column.is_required:
            problems[column.field] = f"请填写{column.title}"
        if not cell:
            continue
        try:
            said[column.field] = readers.get(column.field, _as_it_is)(cell)
        except Unreadable as remedy:
            problems[column.field] = str(remedy)
    return said, problems


def _as_it_is(cell: str) -> str:
    return cell


def _body(said: Mapping[str, str]) -> tuple[Place | None, dict[str, str]]:
    """The body, or what the API would refuse about it, by field."""
    about = ("name", "phone", "address", "text")
    fields: dict[str, Any] = {name: value for name, value in said.items() if name not in about}
    fields["particulars"] = {name: said[name] for name in about if name in said}
    try:
        return Place.model_validate(fields), {}
    except ValidationError as error:
        return None, {
            str(found["loc"][-1]): _remedy(found["type"], found.get("ctx", {}), found["msg"])
            for found in error.errors()
            if found["type"] != "missing" and str(found["loc"][-1]) in _TITLES
        }


def _remedy(kind: str, limits: Mapping[str, Any], message: str) -> str:
    match kind:
        case "string_too_long":
            return f"最多 {limits['max_length']} 个字，请缩短"
        case "value_error":
            return message.removeprefix("Value error, ")
        case _:
            return "请检查这一项的写法"


def column_of(field: str) -> str:
    """The column that a service's refusal is about, by the field it names."""
    return _TITLES.get(field.rpartition(".")[2], _TITLES["grid_id"])
