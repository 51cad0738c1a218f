"""The open times of one year, added up, so that any stretch of them is found by bisection."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

Moment = int
"""Milliseconds since 1970 in UTC: as fine as the log keeps time."""


@dataclass(frozen=True)
class OpenTime:
    """Spans in order, and how much (milliseconds) has been worked before each of them.

    `worked` has one entry more than there are spans: the last is the whole year's.
    """

    opens: tuple[Moment, ...]
    worked: tuple[int, ...]

    @property
    def total(self) -> int:
        """Milliseconds of the whole year."""
        return self.worked[-1]

    def worked_until(self, moment: Moment) -> int:
        """Milliseconds of open time before a moment."""
        span = bisect_right(self.opens, moment) - 1
        if span < 0:
            return 0
        return min(self.worked[span] + moment - self.opens[span], self.worked[span + 1])

    def reached(self, worked: int) -> Moment:
        """The first moment before which so much has been worked, more than 0, at most `total`."""
        span = bisect_left(self.worked, worked) - 1
        return self.opens[span] + worked - self.worked[span]


def open_time(spans: Iterable[tuple[Moment, Moment]]) -> OpenTime:
    """Adds up spans in any order; where they overlap, time counts once."""
    apart = _apart(sorted(spans))
    lengths = (closes - opens for opens, closes in apart)
    return OpenTime(tuple(opens for opens, _ in apart), tuple(accumulate(lengths, initial=0)))


def _apart(spans: Iterable[tuple[Moment, Moment]]) -> list[tuple[Moment, Moment]]:
    apart: list[tuple[Moment, Moment]] = []
    for opens, closes in spans:
        if apart and opens <= apart[-1][1]:
            opened, closed = apart.pop()
            apart.append((opened, max(closed, closes)))
        else:
            apart.append((opens, closes))
    return apart
