"""Turns at the tail of the log, played out on paper: one round is one commit that gets through."""

from collections import Counter
from random import Random

import pytest

from shared.adapters.tail_turns import LONGEST_REST, UNCHALLENGED, Turns

TURN = 0.001
"""Seconds that one round takes."""


def test_who_writes_alone_stays_away_once_in_many_turns_to_see_whether_he_is_alone() -> None:
    turns, rests = Turns(), 0
    for turn in range(10 * UNCHALLENGED):
        turns.won(turn * TURN, TURN, has_moved=False)
        rests += turns.rest(turn * TURN) > 0
    assert rests == 10
    assert not turns.is_contested


def test_who_had_to_lose_for_his_turn_lets_others_go_ahead_and_forgets_them_in_time() -> None:
    turns = Turns()
    for _ in range(5):
        turns.lost()
    turns.won(0, TURN, has_moved=True)
    assert turns.is_contested
    assert turns.rest(0) > 0

    for turn in range(UNCHALLENGED - 1):
        turns.won(turn, TURN, has_moved=False)
    assert turns.rest(turn) == 0
    assert not turns.is_contested


def test_no_rest_is_long_however_slow_the_database() -> None:
    turns = Turns()
    for _ in range(1000):
        turns.lost()
    turns.won(0, took=60, has_moved=True)
    assert turns.rest(0) == LONGEST_REST


@pytest.mark.parametrize("several", [2, 4, 12])
def test_nobody_starves_even_if_the_last_winner_is_always_the_fastest(several: int) -> None:
    everybody = [Turns() for _ in range(several)]
    rounds = 1000 * several
    turns_taken, losses = played(everybody, rounds, Random(several))
    assert min(turns_taken.values()) > 333, (turns_taken, losses)
    assert losses < rounds * (several - 1) / 2  # if nobody ever stayed away, it would be all of it


def played(everybody: list[Turns], rounds: int, random: Random) -> tuple[Counter[int], int]:
    """Everybody always has something to write. Who took how many turns; losses in all.

    Who remembers an old tail loses; of the others one gets through, the last winner if he tries.
    """
    taken = Counter(dict.fromkeys(range(len(everybody)), 0))
    left = [0] * len(everybody)
    remembered: list[int | None] = [None] * len(everybody)
    losses, now, last = 0, 0.0, 0
    while (tail := taken.total()) < rounds:
        now += TURN * random.uniform(0.9, 1.1)
        trying = [n for n, turns in enumerate(everybody) if not turns.rest(now)]
        knowing = [n for n in trying if remembered[n] in {None, tail}]
        if knowing:
            last = last if last in knowing else random.choice(knowing)
            taken[last] += 1
            everybody[last].won(now, TURN, has_moved=left[last] != tail)
            left[last] = tail + 1
            remembered[last] = None if everybody[last].is_contested else tail + 1
        for loser in {*trying} - ({last} if knowing else set()):
            losses += 1
            remembered[loser] = None
            everybody[loser].lost()
    return taken, losses
