"""The low watermark, and when a message proves that nothing is missing."""

from hypothesis import given
from hypothesis import strategies as st

from shared.cloud_events import RECENT, Received, mark
from shared.progress import Progress, follows

OURS = frozenset({mark("RequestClosed")})
OTHER = mark("RequestPlaced")
OWN = mark("RequestClosed")


def message(position: int, previous: int, recent: str) -> Received:
    return Received("county", position, "RequestClosed", None, previous, recent)


def test_the_very_next_position_follows() -> None:
    assert follows(message(8, 0, ""), 7, OURS)


def test_a_previous_beyond_what_was_reached_is_a_hole() -> None:
    assert not follows(message(10, 9, OTHER * RECENT), 7, OURS)


def test_foreign_events_in_between_are_no_hole() -> None:
    assert follows(message(10, 3, OTHER * 2), 7, OURS)


def test_an_own_event_in_between_is_a_hole_even_on_another_route() -> None:
    assert not follows(message(10, 3, OTHER + OWN), 7, OURS)
    assert follows(message(10, 3, OWN + OTHER + OTHER), 7, OURS)


def test_a_gap_wider_than_what_the_message_vouches_for_is_looked_up() -> None:
    assert not follows(message(100, 3, OTHER * RECENT), 7, OURS)


def test_nothing_settled_is_above_a_hole() -> None:
    progress = Progress(10)
    progress.take([12, 15, 16], 20)
    progress.settle([15, 16])
    assert progress.low() == 11
    assert progress.is_settled(15)
    assert not progress.is_settled(12)
    progress.settle([12])
    assert progress.low() == 20


@given(st.lists(st.integers(1, 60), unique=True), st.randoms(use_true_random=False))
def test_the_low_watermark_is_just_below_the_first_unsettled(
    positions: list[int], random: object
) -> None:
    taken = sorted(positions)
    progress = Progress(0)
    progress.take(taken, 60)
    order = list(taken)
    random.shuffle(order)  # type: ignore[attr-defined] # hypothesis hands out a Random
    left = set(taken)
    for position in order:
        progress.settle([position])
        left.remove(position)
        assert progress.low() == (min(left) - 1 if left else 60)
        assert progress.in_flight == len(left)
