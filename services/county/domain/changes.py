"""What one set of rules says differently from another, line by line, in the words of the files."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from shared.contracts.county import Rules

NAMES = ("urgency", "level", "beneficiary_category", "outcome", "day", "year")
"""What a line of a list is called by; a list without any of these is told as a whole."""


class Change(NamedTuple):
    """One field (`levels.normal.accept`) and what it said before and after; None: nothing."""

    field: str
    before: str | None
    after: str | None


def changes(before: Rules, after: Rules) -> list[Change]:
    """Everything but the version, in the order of the fields."""
    old, new = (
        dict(_lines("", rules.model_dump(exclude={"version"}))) for rules in (before, after)
    )
    return [
        Change(field, old.get(field), new.get(field))
        for field in dict.fromkeys((*old, *new))
        if old.get(field) != new.get(field)
    ]


def _lines(path: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case None:
            return
        case {"amount": amount, "unit": unit}:
            yield path, f"{amount} {unit}"
        case {"opens": opens, "closes": closes}:
            yield path, f"{opens}-{closes}"
        case dict():
            for name, inner in value.items():
                yield from _lines(f"{path}.{name}".lstrip("."), inner)
        case tuple() if all(_name_in(one) for one in value):
            for one in value:
                called = _name_in(one)
                rest = {name: inner for name, inner in one.items() if name != called}
                yield from _lines(f"{path}.{one[called]}", rest)
        case tuple():
            yield path, "、".join(said for one in value for _, said in _lines(path, one))
        case _:
            yield path, str(value)


def _name_in(line: Any) -> str:
    """The field that a line is called by; empty when it has none."""
    return next((name for name in NAMES if name in line), "") if isinstance(line, dict) else ""
