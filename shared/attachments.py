"""Which photos and documents a case has now, told once for rules, lists and downloads."""

from collections.abc import Iterable

from shared.contracts.message import Event
from shared.contracts.requests import AttachmentAdded, AttachmentRemoved


def attached(events: Iterable[Event]) -> tuple[AttachmentAdded, ...]:
    """What was added and not removed again, in the order of adding."""
    there: dict[str, AttachmentAdded] = {}
    for event in events:
        match event:
            case AttachmentAdded(attachment_id=id):
                there[id] = event
            case AttachmentRemoved(attachment_id=id):
                there.pop(id, None)
            case _:
                pass
    return tuple(there.values())
