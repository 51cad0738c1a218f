"""Who fails often waits longer and longer, and never for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.signing_in.delays import Counted, showing_a_code, signing_in, wait_of

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
KEYS = {one.key: one for one in showing_a_code("leader-1", "10.0.0.7")}


def failed(times: int, last: datetime = NOON) -> list[datetime]:
    return [last - timedelta(seconds=n) for n in range(times)]


def seconds(times: int, counted: Counted, since: int = 0) -> float:
    return wait_of(failed(times), counted, NOON + timedelta(seconds=since)).total_seconds()


def test_the_first_five_failures_cost_nothing():
    assert [seconds(n, Counted("k", 5)) for n in range(5)] == [0] * 5


def test_then_each_failure_doubles_the_wait_up_to_a_minute():
    assert [seconds(n, Counted("k", 5)) for n in range(5, 13)] == [2, 4, 8, 16, 32, 60, 60, 60]


def test_waiting_is_enough():
    assert seconds(9, Counted("k", 5), since=31) == 1
    assert seconds(9, Counted("k", 5), since=32) == 0


@pytest.mark.parametrize("counted", KEYS.values(), ids=KEYS)
def test_nobody_is_ever_locked_out(counted: Counted):
    assert 0 < seconds(counted.most, counted) == seconds(10_000, counted) == counted.longest


def test_an_account_is_slowed_down_wherever_the_tries_come_from():
    here, there = (signing_in("leader-1", address) for address in ("10.0.0.7", "10.0.0.8"))
    assert {one.key for one in here} & {one.key for one in there} == {"sign-in|leader-1"}


def test_getting_in_wipes_only_what_is_ones_own():
    assert [one.key for one in KEYS.values() if one.is_shared] == ["sign-in-from|10.0.0.7"]
