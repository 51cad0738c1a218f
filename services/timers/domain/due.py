"""What is due: rows and a time in, commands out; twice is once, by their ids."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.timers.domain.views import Deadline
from shared.contracts.actor import SYSTEM
from shared.contracts.requests import CloseRequest


class Due(NamedTuple):
    """A command whose time has come; the id is made from the rule, the request and the time."""

    command_id: str
    command: CloseRequest


def due(rows: Iterable[Deadline], now: datetime) -> list[Due]:
    """Everything due at `now`, the longest overdue first."""
    ripe = sorted((row for row in rows if row.due_at <= now), key=lambda row: row.due_at)
    return [Due(_command_id(row), _command(row, now)) for row in ripe]


def _command_id(row: Deadline) -> str:
    """To the millisecond, which is as fine as the database keeps time."""
    return f"{row.rule}:{row.request_id}:{row.due_at.isoformat(timespec='milliseconds')}"


def _command(row: Deadline, now: datetime) -> CloseRequest:
    match row.rule:
        case "close_unrated":
            return CloseRequest(at=now, by=SYSTEM, request_id=row.request_id)
