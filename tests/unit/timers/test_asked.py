"""Asking again never floods, never ends, and never fills the memory."""

from datetime import timedelta

from services.timers.domain.asked import FIRST_PAUSE, LONGEST_PAUSE, Asked
from shared.testing.facts import NOON


def test_what_was_never_asked_may_be_asked():
    assert Asked().may_ask("C1", NOON)


def test_what_was_just_asked_is_left_alone_for_a_moment():
    asked = Asked()
    asked.remember("C1", NOON)
    assert not asked.may_ask("C1", NOON + FIRST_PAUSE - timedelta(seconds=1))
    assert asked.may_ask("C1", NOON + FIRST_PAUSE)
    assert asked.may_ask("C2", NOON)


def test_without_effect_it_is_asked_ever_more_rarely_but_for_ever():
    asked, now, times = Asked(), NOON, 0
    while now < NOON + timedelta(days=1):
        if asked.may_ask("C1", now):
            asked.remember("C1", now)
            times += 1
        asked.forget_the_settled(now)
        now += timedelta(seconds=1)
    a_day = timedelta(days=1) / LONGEST_PAUSE
    assert a_day - 1 < times < a_day + 10


def test_what_needs_no_more_asking_is_forgotten():
    asked = Asked()
    asked.remember("C1", NOON)
    asked.forget_the_settled(NOON + FIRST_PAUSE * 2)
    assert len(asked) == 1
    asked.forget_the_settled(NOON + FIRST_PAUSE * 3)
    assert len(asked) == 0
