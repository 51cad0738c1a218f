"""Personal records: who a request is about and what people wrote, kept apart and shown masked.

They live in the vault under the key of the person they are about, and are referred to by id; no
event, queue message, log line or URL holds them.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.contracts.text import MAX_NOTE_LENGTH, speakable

_MOBILE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_IDENTITY_NUMBER = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")

PersonName = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
Phone = Annotated[str, StringConstraints(pattern=r"^(1\d{10}|0\d{2,3}-?\d{7,8})$")]
"""A mobile number, or a landline with its area code."""

Place = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_NOTE_LENGTH, strip_whitespace=True)
]


class PersonalRecord(BaseModel):
    """What must never be printed: shows as `***` wherever it is logged or formatted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    __str__ = __repr__


class Particulars(PersonalRecord):
    """Who needs help, how to reach them, where, and what for (诉求内容)."""

    name: Annotated[PersonName, AfterValidator(speakable)] = Field(description="服务对象姓名")
    phone: Phone = Field(description="联系电话:11 位手机号,或带区号的座机")
    address: Annotated[Place, AfterValidator(speakable)] = Field(description="详细地址")
    text: Annotated[Text, AfterValidator(speakable)] = Field(description="诉求内容,4000 字以内")


class Note(PersonalRecord):
    """A remark that somebody wrote about a case."""

    text: Annotated[Text, AfterValidator(speakable)] = Field(description="说明,4000 字以内")


KINDS: Final[dict[str, type[PersonalRecord]]] = {"particulars": Particulars, "note": Note}
"""What a record in the vault may be."""


def kind_of(record: PersonalRecord) -> str:
    return type(record).__name__.lower()


def record_of(kind: str, fields: Mapping[str, Any]) -> PersonalRecord:
    """The record again, out of fields that the vault has kept or masked."""
    return KINDS[kind].model_construct(**fields)


def masked_fields(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same record as everybody who may see the case may see it."""
    return {name: _MASKS.get((kind, name), str)(value) for name, value in fields.items()}


def mask_name(name: str) -> str:
    """王小明 → 王*明, 王明 → 王*; a single character becomes `*`."""
    if len(name) <= 1:
        return "*"
    if len(name) == 2:  # noqa: PLR2004 - a two-character name has no middle
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; a landline keeps its last four digits."""
    return f"{phone[:3]}****{phone[-4:]}"


def mask_address(address: str) -> str:
    """Digits are what leads to a door: 幸福路12号3单元 → 幸福路*号*单元."""
    return re.sub(r"\d+|[零一二三四五六七八九十百]+(?=[号栋幢单室楼])", "*", address)


def mask_text(text: str) -> str:
    """Mobile and identity numbers inside free text lose their middle."""
    return _IDENTITY_NUMBER.sub(r"\1********\2", _MOBILE.sub(r"\1****\2", text))


_MASKS: Final = {
    ("particulars", "name"): mask_name,
    ("particulars", "phone"): mask_phone,
    ("particulars", "address"): mask_address,
    ("particulars", "text"): mask_text,
    ("note", "text"): mask_text,
}
