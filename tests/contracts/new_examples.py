"""Write the missing frozen examples: `python -m tests.contracts.new_examples`.

An example is written once, when an event type or a version of it is new, and never changed again:
logs are full of facts that look like it. Look at what was written before you commit it.
"""

import json
import sys
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.access_log import ACCESS_CODEC
from shared.contracts.message import Event
from shared.event_codec import CODEC

EXAMPLES = Path(__file__).parent / "events"
KINDS = {**CODEC.events, **ACCESS_CODEC.events}
"""The county's log and the access log have their events in one folder, so no name means two."""


def file_of(event_type: str, version: int) -> Path:
    return EXAMPLES / f"{event_type}.v{version}.json"


def plausible(kind: type[BaseModel]) -> dict[str, Any]:
    """JSON fields of a message, the same at every call."""
    return {name: _value(name, field) for name, field in kind.model_fields.items()}


def _value(name: str, field: FieldInfo) -> Any:
    least = next((m.ge for m in field.metadata if hasattr(m, "ge")), 1)
    return _of(field.annotation, name, least)


def _of(annotation: Any, name: str, least: Any) -> Any:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return _of(next(kind for kind in inner if kind is not NoneType), name, least)
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        return [_of(inner[0], name.removesuffix("s"), least)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return plausible(annotation)
    return _plain(annotation, name, least)


def _plain(annotation: Any, name: str, least: Any) -> Any:
    if annotation is bool:
        return True
    if annotation in {int, float}:
        return least
    if getattr(annotation, "__name__", "") == "datetime" or "datetime" in str(annotation).lower():
        return "2026-03-02T01:30:00Z"
    if name.endswith("_mark"):
        return "0123456789abcdef"
    return "服务站" if name == "name" else f"{name.removesuffix('_id').replace('_', '-')}-1"


def write(kind: type[Event]) -> bool:
    """Whether an example was missing."""
    path = file_of(kind.__name__, CODEC.version_of(kind.__name__))
    if path.exists():
        return False
    path.write_text(json.dumps(plausible(kind), ensure_ascii=False, indent=2) + "\n", "utf-8")
    return True


if __name__ == "__main__":
    sys.stdout.writelines(f"new: {name}\n" for name, kind in KINDS.items() if write(kind))
