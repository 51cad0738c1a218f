"""The county board: counts that are nothing but the register, counted."""

from dataclasses import dataclass, replace
from typing import Protocol

from services.ledger.domain.register import Wanted


class Counts(Protocol):
    """How the register is counted, whoever stores it."""

    def count(self, wanted: Wanted) -> int: ...

    def count_by(self, field: str, wanted: Wanted) -> dict[str, int]: ...


@dataclass(frozen=True)
class Figure:
    """A number and the question whose register rows are exactly the cases behind it."""

    name: str
    count: int
    wanted: Wanted


@dataclass(frozen=True)
class Board:
    day: str
    headline: tuple[Figure, ...]
    by_status: tuple[Figure, ...]
    by_organization: tuple[Figure, ...]


def board(counts: Counts, day: str) -> Board:
    """Today's requests by state, open work by organisation, and what the day moved."""
    placed, is_open = Wanted(placed_on=day), Wanted(is_open=True)
    asked = {
        "placed_today": placed,
        "completed_today": Wanted(completed_on=day),
        "closed_today": Wanted(closed_on=day),
        "open_now": is_open,
        "needs_ruling": Wanted(is_open=True, needs_ruling=True),
    }
    return Board(
        day=day,
        headline=tuple(Figure(name, counts.count(q), q) for name, q in asked.items()),
        by_status=tuple(
            Figure(status, count, replace(placed, status=status))
            for status, count in _largest_first(counts.count_by("status", placed))
        ),
        by_organization=tuple(
            Figure(organization, count, replace(is_open, organization_id=organization))
            for organization, count in _largest_first(counts.count_by("organization_id", is_open))
        ),
    )


def _largest_first(found: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
