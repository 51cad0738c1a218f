"""Several processes at one tail: who has written lets the others go before he writes again.

Nobody tells a process how many others there are. It suspects one when the tail has moved without
it, and more with every lost race. For so many turns it stays away after its own, while its callers
gather into one larger group; then it reads the tail again, as what it remembers is old. A loser
tries again as soon as the winner is through. So after a few losses the rests interlock, and hardly
anybody loses. Too short a rest costs races, too long a rest idle time: suspicion grows with every
lost race and fades with every turn without one.
"""

from dataclasses import dataclass
from typing import Final

SUSPICION: Final = 0.1
"""Rivals more with every lost race."""

FADING: Final = 0.1
"""Share of the rivals that a turn without a lost race makes us forget."""

CONTESTED: Final = 0.5
"""Rivals below which there are none."""

UNCHALLENGED: Final = 64
"""Turns in a row after which a winner stays away for once: who never loses would never learn."""

LEAST_REST: Final = 1.3
"""Turns. After exactly one, the fastest would be back before the one whom it lets go ahead."""

LONGEST_REST: Final = 0.1
LONGEST_TURN: Final = 0.02
"""Seconds. Longer ones come from a database that hangs, not from rivals."""


@dataclass
class Turns:
    """When this process may go to the tail. Seconds; `now` from a clock that never goes back.

    `rivals`: how many others seem to write at the same time. `turn`: how long it takes to learn
    the tail and write behind it, smoothed.
    """

    rivals: float = 0.0
    turn: float = 0.001
    _lost: int = 0
    _unchallenged: int = 0
    _rested_at: float = 0.0

    @property
    def is_contested(self) -> bool:
        """Whether others are likely to have moved the tail since we last saw it."""
        return self.rivals > 0

    def rest(self, now: float) -> float:
        """How long to stay away yet, for the sake of the others."""
        return max(0.0, self._rested_at - now)

    def won(self, now: float, took: float, *, has_moved: bool) -> None:
        """We have written, which took so long from learning the tail on.

        `has_moved`: the tail was no longer where we had left it.
        """
        self.turn += (min(took, LONGEST_TURN) - self.turn) / 10
        self.rivals = self._suspected(has_moved)
        self._lost = 0
        self._unchallenged = 0 if has_moved else self._unchallenged + 1
        self._rested_at = now + min(self._turns_of_others() * self.turn, LONGEST_REST)

    def lost(self) -> None:
        """Somebody was faster."""
        self._lost += 1

    def _suspected(self, has_moved: bool) -> float:
        rivals = self.rivals + SUSPICION * self._lost if self._lost else self.rivals * (1 - FADING)
        if has_moved:
            return max(1.0, rivals)
        return rivals if rivals >= CONTESTED else 0.0

    def _turns_of_others(self) -> float:
        if not self.is_contested and self._unchallenged < UNCHALLENGED:
            return 0.0
        self._unchallenged = 0
        return max(LEAST_REST, self.rivals)
