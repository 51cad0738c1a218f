"""Rows of a sheet as areas of the county's grid tree, parents before children."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from services.gateway.exchange import cells
from services.gateway.exchange.cells import Choices, Unreadable
from services.gateway.exchange.columns import Column, Problem, SheetRow
from shared.contracts.grid import AreaKind
from shared.contracts.message import Id, Name
from shared.labels import AREA_KIND

COLUMNS: Sequence[Column] = (
    Column(
        "area_id", "区域编码", "由字母、数字和 - _ . 组成，列格式设为文本", ("编码", "网格编码")
    ),
    Column("kind", "类别", "、".join(AREA_KIND.values()), ("区域类别", "级别")),
    Column("name", "名称", "最多 80 字", ("区域名称", "网格名称")),
    Column("parent_id", "上级编码", "县留空，其余必填", ("上级", "上级区域"), is_required=False),
)
_TITLES = {column.field: column.title for column in COLUMNS}
_ID: TypeAdapter[str] = TypeAdapter(Id)
_NAME: TypeAdapter[str] = TypeAdapter(Name)

_KINDS = Choices.of(AREA_KIND)
_ALSO: Mapping[str, AreaKind] = {
    "县中心": "center",
    "服务站": "station",
    "党群服务站": "station",
    "乡镇中心": "township_center",
    "村": "village",
    "社区": "village",
    "村社区": "village",
}


@dataclass(frozen=True)
class AreaRow:
    """One area as it was filled in, or everything that is wrong with the row."""

    number: int
    area_id: str
    kind: AreaKind | None
    name: str
    parent_id: str | None
    problems: tuple[Problem, ...] = ()

    def with_problem(self, field: str, remedy: str) -> "AreaRow":
        return replace(self, problems=(*self.problems, Problem(_TITLES[field], remedy)))


def areas_from(rows: Sequence[SheetRow], known: Iterable[str]) -> list[AreaRow]:
    """Rows in an order in which each can be registered; those that cannot come last.

    `known` are the codes that are registered already.
    """
    read = _without_doubles([_area(row) for row in rows])
    return _parents_first(read, frozenset(known))


def _area(row: SheetRow) -> AreaRow:
    problems: list[Problem] = []

    def take(field: str, read: cells.Reader, is_required: bool = True) -> str:
        if not row[field]:
            if is_required:
                problems.append(Problem(_TITLES[field], f"请填写{_TITLES[field]}"))
            return ""
        try:
            return read(row[field])
        except Unreadable as remedy:
            problems.append(Problem(_TITLES[field], str(remedy)))
            return ""

    area_id, kind = take("area_id", _id), _kind(take("kind", _kind_code))
    name = take("name", _name)
    parent = take("parent_id", _id, is_required=False) or None
    if kind not in {None, "county"} and not row["parent_id"]:
        problems.append(Problem(_TITLES["parent_id"], "请填写上级区域的编码，只有县留空"))
    return AreaRow(row.number, area_id, kind, name, parent, tuple(problems))


def _id(cell: str) -> str:
    try:
        return _ID.validate_python(cells.code(cell))
    except ValidationError:
        raise Unreadable("编码只能用字母、数字和 - _ . : ，最多 64 个，不能有汉字") from None


def _name(cell: str) -> str:
    try:
        return _NAME.validate_python(cell)
    except ValidationError as error:
        (found, *_) = error.errors()
        said = found["msg"].removeprefix("Value error, ")
        too_long = found["type"] == "string_too_long"
        raise Unreadable("最多 80 个字，请缩短" if too_long else said) from None


def _kind_code(cell: str) -> str:
    return _ALSO.get(cells.plain(cell)) or cells.choice(cell, _KINDS)


def _kind(code: str) -> AreaKind | None:
    return next((kind for kind in AREA_KIND if kind == code), None)


def _without_doubles(rows: Sequence[AreaRow]) -> list[AreaRow]:
    """The same row again is left out later; another area under the same code is a mistake."""
    first: dict[str, AreaRow] = {}
    told: list[AreaRow] = []
    for row in rows:
        before = first.setdefault(row.area_id, row) if row.area_id else row
        if before is row:
            told.append(row)
        else:
            told.append(row.with_problem("area_id", f"与第 {before.number} 行的编码重复，请换一个"))
    return told


def _parents_first(rows: Sequence[AreaRow], known: frozenset[str]) -> list[AreaRow]:
    ready, waiting = list[AreaRow](), [row for row in rows if not row.problems]
    reached = {*known}
    while True:
        now = [row for row in waiting if row.parent_id is None or row.parent_id in reached]
        if not now:
            break
        ready += now
        reached |= {row.area_id for row in now}
        waiting = [row for row in waiting if row not in now]
    wrong = [row for row in rows if row.problems]
    return [*ready, *_unreached(waiting, {row.area_id for row in wrong}), *wrong]


def _unreached(waiting: Sequence[AreaRow], wrong: set[str]) -> list[AreaRow]:
    """What hangs under nothing that will be registered, each with the reason."""
    parents = {row.area_id: row.parent_id for row in waiting}
    return [row.with_problem("parent_id", _why(row.area_id, parents, wrong)) for row in waiting]


def _why(area_id: str, parents: Mapping[str, str | None], wrong: set[str]) -> str:
    seen, at = set[str](), area_id
    while at in parents and at not in seen:
        seen.add(at)
        at = parents[at] or ""
    if at in seen:
        return "上级关系绕成了一个圈，请核对上级编码"
    if at in wrong:
        return "上级区域那一行有错误，请先改好"
    return "没有找到上级区域，请核对编码，或在表中补上上级区域"


def column_of(field: str) -> str:
    """The column that the service's refusal is about, by the field it names."""
    return _TITLES.get(field, _TITLES["area_id"])
