"""Who waits for one event should not notice the rest; who brings many can be taken in portions."""

from shared.pacing import BUSY, pause_after


def test_the_rest_is_longer_when_many_come_and_never_long():
    pauses = [pause_after(count) for count in (1, BUSY - 1, BUSY, 500)]
    assert pauses == sorted(pauses)
    assert pauses[1] == pauses[0] < 0.01
    assert pauses[1] < pauses[2] == pauses[3] < 0.03
