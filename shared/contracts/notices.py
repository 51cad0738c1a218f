"""What can be asked of, and said about, notices (通知): which of them somebody has read."""

from typing import Literal

from pydantic import Field

from shared.contracts.message import Command, Event, Id

NoticeKind = Literal[
    "new_request",
    "resubmitted",
    "left_to_center",
    "new_order",
    "assigned",
    "alarm",
    "expedited",
    "help_asked",
    "returned",
    "ruled",
    "extension_asked",
    "extension_granted",
    "extension_refused",
    "hold_asked",
    "hold_granted",
    "hold_refused",
    "resumed",
    "supervised",
    "supervision_answered",
    "cancelled",
    "sent_back",
    "declined",
    "merged",
    "main_completed",
    "please_rate",
    "reopened",
    "visit_assigned",
]
"""What a notice is about; the facts that make them are in services/notices/domain/notices.py."""

MOST_AT_ONCE = 200


class MarkNoticesRead(Command):
    """Every notice up to a position, some by their positions, or both; each for oneself alone."""

    up_to: int = Field(default=0, ge=0)
    positions: tuple[int, ...] = Field(default=(), max_length=MOST_AT_ONCE)


class NoticesRead(Event):
    account_id: Id
    up_to: int = Field(ge=0)
    positions: tuple[int, ...] = ()


NoticeCommand = MarkNoticesRead
NoticeEvent = NoticesRead
