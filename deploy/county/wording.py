"""What pydantic finds wrong, in words that somebody who sets up a county can act on."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from deploy.county.marked import WIDE_COLON, Path
from shared.labels import LABELS

ID = r"^[A-Za-z0-9_.:-]+$"
SPREADSHEET = re.compile(r"^\d+(\.\d+)?[eE]\+\d+$")


class Finding(NamedTuple):
    """Where something is wrong in a file, what, and what to do about it."""

    path: Path
    what: str
    remedy: str


def findings_of(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """One for each thing that does not fit the model."""
    found = (one for one in error.errors(include_url=False) if not _only_follows(one))
    return [_finding(one, model) for one in found]


def did_you_mean(word: str, known: Any) -> str:
    """“是不是…？”, or nothing when nothing known looks like it."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return f"是不是“{close[0]}”？" if close else ""


def _only_follows(error: ErrorDetails) -> bool:
    """pydantic calls a list too short when some of it is wrong: that has been told."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _finding(error: ErrorDetails, model: type[BaseModel]) -> Finding:
    path = tuple(error["loc"])
    if error["input"] is None and error["type"] not in {"missing", "extra_forbidden"}:
        return Finding(path, "没有填写", "请填写，或删去整个字段")
    word = SAYING.get(error["type"], _otherwise)
    return Finding(path, *word(error, model))


Said = tuple[str, str]


def _missing(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return f"缺少“{error['loc'][-1]}”", "请补上"


def _unknown(error: ErrorDetails, model: type[BaseModel]) -> Said:
    name, known = str(error["loc"][-1]), _fields_at(model, tuple(error["loc"][:-1]))
    remedy = did_you_mean(name, known) or f"可用的字段：{'、'.join(known)}"
    return f"没有“{name}”这个字段", WIDE_COLON if "：" in name else remedy


def _not_among(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    codes = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    labels = next((table for table in LABELS.values() if {*table} == {*codes}), {})
    listed = "、".join(f"{code}（{labels[code]}）" if labels else code for code in codes)
    meant = did_you_mean(str(error["input"]), codes)
    return f"“{error['input']}”不是可填的值", f"{meant}可填：{listed}"


def _pattern(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    said = str(error["input"])
    if SPREADSHEET.match(said):
        remedy = "请在原表中把这一列设为文本，重新填写完整编码"
        return f"“{said}”是被表格软件改写过的数字", remedy
    if error["ctx"]["pattern"] == ID:
        return f"“{said}”含有编码不允许的字符", "编码只用字母、数字和 _ . : -，不含空格和汉字"
    if ":" in error["ctx"]["pattern"]:
        return f"“{said}”不是时间", "请写成 08:30 这样，24:00 表示当天结束"
    return f"“{said}”不是日期", "请写成 2026-10-01 这样"


def _whole_number(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return f"“{error['input']}”不是整数", "请填写一个整数"


def _too_small(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return f"{error['input']} 太小", f"最小为 {error['ctx']['ge']}"


def _too_large(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return f"{error['input']} 太大", f"最大为 {error['ctx']['le']}"


def _too_long(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return "太长", f"最多 {error['ctx']['max_length']} 个字符"


def _too_few(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    context = error["ctx"]
    return f"只有 {context['actual_length']} 项", f"至少 {context['min_length']} 项，请补上"


def _too_many(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return "项数太多", f"最多 {error['ctx']['max_length']} 项"


def _no_list(_error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return "这里应当是一个列表", "每项一行，以“- ”开头；或写成 [甲, 乙]"


def _no_fields(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    if isinstance(error["input"], str) and "：" in error["input"]:
        return "这里应当是“字段: 值”", WIDE_COLON
    return "这里应当是“字段: 值”", "请写成几行“字段: 值”，或 {字段: 值, 字段: 值}"


def _no_text(_error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return "这里应当只有一个词或一句话", "请删去方括号、花括号或多余的缩进"


def _told_already(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    """The contracts' own sentences, most of which end in what to do."""
    said = str(error["ctx"]["error"])
    what, _, remedy = said.partition(",请")
    return (what, f"请{remedy}") if remedy else (said, "请修改后再检查")


def _otherwise(error: ErrorDetails, _model: type[BaseModel]) -> Said:
    return f"内容不符合要求（{error['type']}）", "请对照 docs/county.md 修改"


SAYING: Mapping[str, Callable[[ErrorDetails, type[BaseModel]], Said]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _not_among,
    "string_pattern_mismatch": _pattern,
    "int_parsing": _whole_number,
    "int_type": _whole_number,
    "int_from_float": _whole_number,
    "greater_than_equal": _too_small,
    "less_than_equal": _too_large,
    "string_too_long": _too_long,
    "too_short": _too_few,
    "too_long": _too_many,
    "tuple_type": _no_list,
    "model_type": _no_fields,
    "model_attributes_type": _no_fields,
    "dict_type": _no_fields,
    "string_type": _no_text,
    "value_error": _told_already,
}


def _fields_at(model: type[BaseModel], path: Path) -> list[str]:
    """The fields of the model that stands at a path inside another."""
    kind: Any = model
    for step in path:
        kind = _inside(kind.model_fields[step].annotation if isinstance(step, str) else kind)
    return list(kind.model_fields)


def _inside(annotation: Any) -> Any:
    """The model in `tuple[Model, ...]`, `Model | None` or `Model`."""
    if get_origin(annotation) in {tuple, Union, UnionType}:
        return _inside(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation
