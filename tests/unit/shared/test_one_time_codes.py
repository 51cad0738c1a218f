"""Codes of an authenticator app: RFC 6238's own examples, a little early or late, and no more."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from shared.one_time_codes import (
    address_for_apps,
    code_of,
    hash_of_recovery_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    step_at,
)

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
AT = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_examples_of_the_rfc(seconds: int, digits: str):
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_of(RFC_SECRET, step_at(at)) == digits
    assert matching_step(RFC_SECRET, digits, at) == seconds // 30


@pytest.mark.parametrize(("steps", "is_good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_half_a_minute_off(steps: int, is_good: bool):
    code = code_of(RFC_SECRET, step_at(AT) + steps)
    assert (matching_step(RFC_SECRET, code, AT) is not None) == is_good


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}{1}", "{0}\u3000{1}"])
def test_a_code_is_read_as_people_type_it(typed: str):
    code = code_of(RFC_SECRET, step_at(AT))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert matching_step(RFC_SECRET, typed.format(code[:3], code[3:]), AT)
    assert matching_step(RFC_SECRET, wide, AT)


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２", "1234567", "\U0001f511" * 6])
def test_anything_else_is_wrong(typed: str):
    assert matching_step(RFC_SECRET, typed, AT) is None


def test_secrets_and_recovery_codes_are_long_and_never_the_same():
    assert len({new_secret() for _ in range(50)}) == 50
    assert len(base64.b32decode(new_secret())) == 20
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(len(code.replace("-", "")) == 16 for code in codes)


def test_a_recovery_code_is_read_with_or_without_its_dashes():
    (code, *_) = new_recovery_codes()
    kept = hash_of_recovery_code(code)
    assert hash_of_recovery_code(code.upper().replace("-", " ")) == kept
    assert code.replace("-", "") not in kept


def test_an_app_learns_whose_code_it_is():
    address = address_for_apps(RFC_SECRET, "leader-1", "群团派送")
    assert address.startswith("otpauth://totp/")
    assert f"secret={RFC_SECRET}" in address
    assert matching_step(
        RFC_SECRET, code_of(RFC_SECRET, 5), datetime.fromtimestamp(0, UTC) + timedelta(seconds=160)
    )
