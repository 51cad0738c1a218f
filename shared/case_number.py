"""The number people quote for a case (编号)."""

from datetime import datetime

from shared.calendar import beijing_day


def case_number(placed_at: datetime, position: int) -> str:
    """The day and the place in the county's one log, so never twice: `20261122-000123`."""
    return f"{beijing_day(placed_at).replace('-', '')}-{position:06d}"
