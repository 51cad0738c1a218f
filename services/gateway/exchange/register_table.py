"""The register as a table for people: Chinese labels, names, Beijing time, everybody masked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.calendar import BEIJING
from shared.labels import BENEFICIARY_CATEGORY, EVENT, REQUEST_STATUS, URGENCY
from shared.personal import Particulars

Row = Mapping[str, Any]
ERASED = "已按规定删除"


@dataclass(frozen=True)
class Naming:
    """How ids are called: grids with their village, organisations, services."""

    place: Callable[[str], str]
    organization: Callable[[str | None], str]
    service: Callable[[str], str]


Reader = Callable[[Row, Particulars | None, Naming], str]


def _of(field: str) -> Reader:
    return lambda row, _who, _names: "" if row[field] is None else str(row[field])


def _time(field: str) -> Reader:
    return lambda row, _who, _names: moment(row[field])


def _about(field: str) -> Reader:
    return lambda _row, who, _names: str(getattr(who, field)) if who else ERASED


COLUMNS: Sequence[tuple[str, Reader]] = (
    ("编号", _of("case_number")),
    ("状态", lambda row, _who, _names: REQUEST_STATUS[row["status"]]),
    ("服务", lambda row, _who, names: names.service(row["service_code"])),
    ("服务编码", _of("service_code")),
    ("紧急程度", lambda row, _who, _names: URGENCY[row["urgency"]]),
    ("服务对象类别", lambda row, _who, _names: BENEFICIARY_CATEGORY[row["beneficiary_category"]]),
    ("网格", lambda row, _who, names: names.place(row["grid_id"])),
    ("网格编码", _of("grid_id")),
    ("承办单位", lambda row, _who, names: names.organization(row["organization_id"])),
    ("姓名", _about("name")),
    ("电话", _about("phone")),
    ("地址", _about("address")),
    ("诉求内容", _about("text")),
    ("诉求日期", _of("stated_on")),
    ("点单时间", _time("placed_at")),
    ("点单账号", _of("placed_by")),
    ("办结日期", _of("completed_on")),
    ("归档日期", _of("closed_on")),
    ("评分", _of("score")),
    ("催办次数", _of("times_expedited")),
    ("轮次", _of("round")),
    ("最近变化", _time("updated_at")),
    ("最近一步", lambda row, _who, _names: EVENT[row["last_event"]]),
    ("事项编号", _of("request_id")),
)

TITLES: Sequence[str] = tuple(title for title, _ in COLUMNS)


def cells(row: Row, who: Particulars | None, names: Naming) -> list[str]:
    """One row of the register; `who` has to be masked already, None where it was erased."""
    return [read(row, who, names) for _, read in COLUMNS]


def moment(at: str) -> str:
    """`2026-11-22 14:05:09` in Beijing."""
    return f"{datetime.fromisoformat(at).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class Provenance:
    """Where a file comes from; `began` and `reached` are positions of the log while it was read."""

    filters: Mapping[str, Any]
    by: str
    at: datetime
    count: int
    began: int
    reached: int


def about(file: Provenance) -> list[list[str]]:
    """What the file is, for whoever finds it a year later."""
    asked = "；".join(f"{FILTERS[name]}：{_said(name, v)}" for name, v in file.filters.items())
    return [
        ["项目", "内容"],
        ["导出时间（北京时间）", f"{file.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"],
        ["导出账号", file.by],
        ["筛选条件", asked or "无（账号能看到的全部事项）"],
        ["事项数", str(file.count)],
        ["日志位置（开始读取时）", str(file.began)],
        ["日志位置（读完时）", str(file.reached)],
        ["个人信息", "姓名、电话、地址和诉求内容已脱敏，与页面一致"],
    ]


FILTERS: Mapping[str, str] = {
    "status": "状态",
    "is_open": "正在办理",
    "needs_ruling": "等待人工派单",
    "area_id": "区域编码",
    "organization_id": "承办单位编码",
    "service_code": "服务编码",
    "urgency": "紧急程度",
    "placed_on": "点单日期",
    "completed_on": "办结日期",
    "closed_on": "归档日期",
    "case_number": "编号",
}


def _said(name: str, value: Any) -> str:
    match name, value:
        case "status", str(code):
            return next(label for known, label in REQUEST_STATUS.items() if known == code)
        case "urgency", str(code):
            return next(label for known, label in URGENCY.items() if known == code)
        case _, bool():
            return "是" if value else "否"
        case _:
            return str(value)
