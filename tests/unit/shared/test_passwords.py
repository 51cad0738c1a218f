"""A password is long, not common, and says nothing about the place."""

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from shared.passwords import ABOUT_US, COMMONEST, TOO_COMMON, TOO_LONG, TOO_SHORT, fault_of

NAMES = ("grid-worker-01", "云岭县", "云岭县总工会", "county")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "门前 柳树 三月 雨", "tR4kv9-wq2x", "2026年春天种的树很高"],
)
def test_a_long_and_uncommon_password_is_good(password: str):
    assert fault_of(password, NAMES) is None


def test_nine_characters_are_too_few_and_two_hundred_the_most():
    assert fault_of("tR4kv9-wq") == TOO_SHORT
    assert fault_of("长" * 201) == TOO_LONG


def test_none_of_the_commonest_passwords_is_taken_in_any_dress():
    for common in FREQUENCY_LISTS["passwords"][:COMMONEST]:
        for dressed in (common, common.upper(), f"{common}2026!", f"!!{common}123456"):
            assert fault_of(dressed) is not None, dressed


def test_all_known_leaks_that_are_long_enough_are_refused():
    long = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= 10]
    assert len(long) > 1000
    assert {fault_of(one) for one in long} == {TOO_COMMON}


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaaaa", "12341234123412", "13812345678", "密码密码密码密码密码"]
)
def test_repetition_and_bare_numbers_are_guessed_first(password: str):
    assert fault_of(password) == TOO_COMMON


@pytest.mark.parametrize(
    "password",
    ["GridWorker01-blue", "我在云岭县种了一棵树", "the County of trees", "云岭县总工会的小王呀"],
)
def test_names_of_the_place_and_the_post_are_not_in_it(password: str):
    assert fault_of(password, NAMES) == ABOUT_US
