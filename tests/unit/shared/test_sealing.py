"""What is sealed opens at its place, with its key, unchanged, and in no other case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sealing import (
    AES_256_GCM,
    SM4_GCM,
    CannotOpen,
    derived,
    new_key,
    open_sealed,
    place_of,
    plain_name,
    plain_number,
    seal,
    search_mark,
)

suites = st.sampled_from([AES_256_GCM, SM4_GCM])
keys = st.binary(min_size=32, max_size=32)
HERE = place_of("county", "P1", "R1", "particulars")
ELSEWHERE = place_of("county", "P2", "R1", "particulars")


@given(keys, st.binary(), suites)
def test_it_opens_at_its_place(key: bytes, plain: bytes, suite: int):
    assert open_sealed(key, seal(key, plain, HERE, suite), HERE) == plain


@given(keys, st.binary(min_size=1), suites)
def test_it_does_not_open_elsewhere(key: bytes, plain: bytes, suite: int):
    with pytest.raises(CannotOpen):
        open_sealed(key, seal(key, plain, HERE, suite), ELSEWHERE)


@given(keys, st.binary(), suites, st.data())
def test_a_changed_byte_is_noticed_wherever_it_is(
    key: bytes, plain: bytes, suite: int, data: st.DataObject
):
    sealed = bytearray(seal(key, plain, HERE, suite))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        open_sealed(key, bytes(sealed), HERE)


@given(keys, keys, suites)
def test_another_key_does_not_open_it(key: bytes, other: bytes, suite: int):
    sealed = seal(key, b"secret", HERE, suite)
    if key != other:
        with pytest.raises(CannotOpen):
            open_sealed(other, sealed, HERE)


@pytest.mark.parametrize("cut", [0, 1, 12, 13, 20])
def test_what_was_cut_off_does_not_open(cut: int):
    key = new_key()
    with pytest.raises(CannotOpen):
        open_sealed(key, seal(key, b"secret", HERE)[:cut], HERE)


def test_the_same_text_is_never_sealed_alike():
    key = new_key()
    assert len({seal(key, b"secret", HERE) for _ in range(100)}) == 100


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_no_two_places_read_the_same(one: list[str], other: list[str]):
    assert (place_of(*one) == place_of(*other)) == (one == other)


def test_derived_keys_differ_by_purpose():
    key = new_key()
    assert len({key, derived(key, "a"), derived(key, "b")}) == 3


def test_people_type_the_same_number_differently():
    same = {"138 1234 5678", "１３８１２３４５６７８", "138-1234-5678"}
    assert {plain_number(one) for one in same} == {"13812345678"}
    assert plain_number("11010519491231002x") == "11010519491231002X"
    assert plain_name(" 欧阳 小明 ") == plain_name("欧阳小明")


def test_a_mark_tells_values_kinds_and_keys_apart():
    key, other = new_key(), new_key()
    marks = [
        search_mark(key, "phone", "13812345678"),
        search_mark(key, "phone", "13812345679"),
        search_mark(key, "identity", "13812345678"),
        search_mark(other, "phone", "13812345678"),
    ]
    assert len(set(marks)) == len(marks)
    assert search_mark(key, "phone", "13812345678") == marks[0]
