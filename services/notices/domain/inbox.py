"""The inbox of one reader: which notices are asked for, and how they are shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.notices.domain.notices import Notice
from services.notices.domain.reader import ReadMark
from services.notices.domain.sentences import sentence

MOST_COUNTED = 100
"""Unread notices: nobody needs to know how many more."""

SHOWN = ("case_number", "service_code", "urgency")
"""What an entry says about its case."""


def wanted(
    addresses: tuple[str, ...], since: datetime, before: int | None = None
) -> dict[str, object]:
    """The filter of the notices to any of these addresses, as old as `since` at most."""
    older = {} if before is None else {"position": {"$lt": before}}
    return {"to": {"$in": list(addresses)}, "at": {"$gte": since}, **older}


def unread(addresses: tuple[str, ...], since: datetime, mark: ReadMark) -> dict[str, object]:
    beyond = {"position": {"$gt": mark.up_to, "$nin": list(mark.also)}}
    return {**wanted(addresses, since), **beyond}


def entry(found: Mapping[str, Any], mark: ReadMark) -> dict[str, Any]:
    """One line of the inbox, from a notice as it lies in its case's row."""
    notice = Notice.model_validate(found["notices"])
    return {
        "position": notice.position,
        "at": notice.at.isoformat(),
        "kind": notice.kind,
        "sentence": sentence(notice),
        "due_at": notice.due_at.isoformat() if notice.due_at else None,
        "organization_id": notice.organization_id,
        "request_id": found["_id"],
        "is_read": mark.has_read(notice.position),
        **{name: found[name] for name in SHOWN},
    }
