"""What people write into cells, as codes, phones and days; a refusal says what to write instead."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d+")
AS_TEXT = "请在 Excel 里把这一列设为“文本”格式后重新填写"

_DAY = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?"
    r"(?:\s*(?:星期|周)[一二三四五六日天])?(?:[T\s]*\d{1,2}[:时].*)?"
)
_TOGETHER = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_MOBILE = re.compile(r"(?:(?:\+86|0086|86)-?)?(1\d{2}-?\d{4}-?\d{4})")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}")
_WHOLE = re.compile(r"^(\d+)\.0+$")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_BEFORE_DAY_1 = date(1899, 12, 30)
"""Excel counts days from here; it believes in a 29 February 1900, so day 1 is not the 1st."""

OLDEST_YEARS = 20


C = TypeVar("C", bound=str)
Reader = Callable[[str], str]
"""From a filled cell to what it means; raises Unreadable."""


class Unreadable(ValueError):  # noqa: N818 - the author's, not the program's
    """The cell cannot be meant like this; the message (Chinese) says what to write instead."""


def plain(text: str) -> str:
    """Full-width letters and digits as half-width ones, without any space."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def code(text: str) -> str:
    """A code as text: `７０１２` → `7012`. Raises Unreadable for what Excel has rounded."""
    said = plain(text)
    if SCIENTIFIC.fullmatch(said):
        raise Unreadable(f"编码被 Excel 变成了科学计数，原来的数字已丢失；{AS_TEXT}")
    return _WHOLE.sub(r"\1", said)


@dataclass(frozen=True)
class Choices:
    """What a cell may choose from: names by code, and the codes behind each name."""

    names: Mapping[str, str]
    codes: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, names: Mapping[C, str]) -> "Choices":
        codes: dict[str, list[str]] = defaultdict(list)
        for known, name in names.items():
            codes[plain(name)].append(known)
        return cls({str(known): name for known, name in names.items()}, dict(codes))


def choice(text: str, choices: Choices) -> str:
    """The code of what was written as a code or by its name. Raises Unreadable."""
    said = code(text)
    if said in choices.names:
        return said
    match choices.codes.get(said, ()):
        case [only]:
            return only
        case []:
            raise Unreadable(_unknown(said, choices.names))
        case several:
            raise Unreadable(f"有 {len(several)} 个叫这个名称，请填写编码")


FEW = 12
"""Choices that fit into one sentence."""


def _unknown(said: str, names: Mapping[str, str]) -> str:
    if len(names) <= FEW:
        return f"请填写其中之一：{'、'.join(names.values())}"
    zeros = "；如果编码以 0 开头，" + AS_TEXT if said.isdigit() else ""
    return f"没有这个编码或名称，请核对{zeros}"


def phone(text: str) -> str:
    """A mobile number or a landline with its area code. Raises Unreadable, never guesses."""
    said = re.sub(r"[‐–—－]", "-", plain(text))
    if SCIENTIFIC.fullmatch(said):
        raise Unreadable(f"号码被 Excel 变成了科学计数，后几位已丢失；{AS_TEXT}")
    said = _WHOLE.sub(r"\1", said)
    if mobile := _MOBILE.fullmatch(said):
        return mobile[1].replace("-", "")
    if _LANDLINE.fullmatch(said):
        return said
    raise Unreadable(_no_phone(said))


def _no_phone(said: str) -> str:
    if re.search(r"[、,;/]", said):
        return "只能填一个号码，其余请写进诉求内容"
    if re.fullmatch(r"[2-9]\d{8,10}", said):
        return f"座机号码缺少区号开头的 0，可能被 Excel 去掉了；{AS_TEXT}"
    return "请填写 11 位手机号，或带区号的座机，如 0371-12345678"


def day(text: str, today: date) -> str:
    """`2026年3月5日`, `2026/3/5 10:30`, `20260305` or Excel's `46086` → `2026-03-05`.

    Raises Unreadable for a day that does not exist, is still to come or is long past.
    """
    said = unicodedata.normalize("NFKC", text).strip()
    found = _calendar_day(said)
    if found > today:
        raise Unreadable("日期还没有到，请核对年份和月份")
    if found.year < today.year - OLDEST_YEARS:
        raise Unreadable("日期太早，请核对年份")
    return found.isoformat()


def _calendar_day(said: str) -> date:
    if _SERIAL.fullmatch(said):
        return _BEFORE_DAY_1 + timedelta(days=int(float(said)))
    written = _DAY.fullmatch(said) or _TOGETHER.fullmatch(said)
    if written is None:
        raise Unreadable("看不懂这个日期，请写成 2026-11-25 这样")
    try:
        return date(int(written["year"]), int(written["month"]), int(written["day"]))
    except ValueError:
        raise Unreadable("没有这一天，请核对月份和日期") from None
