"""Callers in line: each wakes the next, and nobody is overlooked because somebody has left."""

import threading
import time
from datetime import UTC, datetime

import pytest

from shared.adapters.mongo_waiting import Outcome, Waiting, settle_in_line
from shared.event_log import Appended, NewCommit, StreamConflict
from shared.rejection import Unavailable

PATIENCE = 60.0
"""Seconds; whoever is overlooked would wait so long, and then be told that nothing is known."""


def waiting(name: str, patience: float = PATIENCE) -> Waiting:
    at = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    new = NewCommit(name, 0, (), name, "PlaceRequest", "digest", at, "admin-1", "administrator")
    return Waiting(new, b"", time.monotonic() + patience)


def placed(several: list[Waiting]) -> list[tuple[Waiting, Outcome]]:
    return [(one, Appended(one.new.stream, n, 1)) for n, one in enumerate(several, start=1)]


def answers(several: list[Waiting]) -> list[threading.Thread]:
    """A thread for each that waits; all of them have ended when everybody has been answered."""

    def wait(one: Waiting) -> None:
        one.result()
        one.leave()

    threads = [threading.Thread(target=wait, args=[one], daemon=True) for one in several]
    for thread in threads:
        thread.start()
    return threads


def everybody_wakes(threads: list[threading.Thread]) -> bool:
    for thread in threads:
        thread.join(PATIENCE / 2)
    return not any(thread.is_alive() for thread in threads)


def test_everybody_in_line_gets_his_own_answer() -> None:
    several = [waiting(f"request-{n}") for n in range(64)]
    threads = answers(several)
    settle_in_line(placed(several))
    assert everybody_wakes(threads)
    assert [one.outcome for one in several] == [outcome for _, outcome in placed(several)]


def test_who_left_before_the_answer_came_holds_nobody_up() -> None:
    several = [waiting(f"request-{n}") for n in range(6)]
    for gone in (several[0], several[2], several[3]):
        gone.leave()
    threads = answers([several[1], several[4], several[5]])
    settle_in_line(placed(several))
    assert everybody_wakes(threads)


def test_who_leaves_while_the_line_moves_hands_it_on() -> None:
    several = [waiting(f"request-{n}") for n in range(3)]
    settle_in_line(placed(several))  # the first is awake, but has not run yet
    threads = answers([several[2]])
    several[1].leave()
    assert everybody_wakes(threads)


def test_a_refusal_is_raised_and_no_answer_at_all_is_unavailable() -> None:
    refused = waiting("request-1")
    refused.settle(StreamConflict("request-1"))
    with pytest.raises(StreamConflict):
        refused.result()
    with pytest.raises(Unavailable):
        waiting("request-2", patience=0).result()
