"""Time-based codes of six digits (RFC 6238, 30 seconds, SHA-1 as every authenticator app knows it).

A code is good one step early or late, because phones' clocks are; and it is good once: whoever
accepts a code remembers its step and takes only later ones.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
EARLY_OR_LATE: Final = 1
RECOVERY_CODES: Final = 10
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like others."""

GROUPS, GROUP_LENGTH = 4, 4
"""Sixteen of 31 letters: 79 bits, so a plain hash keeps a recovery code safe."""


def new_secret() -> str:
    """160 bits in base32, as an authenticator app takes it."""
    return pyotp.random_base32()


def step_at(at: datetime) -> int:
    """Which 30 seconds since 1970 a moment lies in."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(secret: str, step: int) -> str:
    """The six digits of one step."""
    return pyotp.HOTP(secret).at(step)


def matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The step that a code is of, if it is one around `at`; None when it is wrong."""
    now = step_at(at)
    around = range(now - EARLY_OR_LATE, now + EARLY_OR_LATE + 1)
    found = [step for step in around if hmac.compare_digest(code_of(secret, step), tidy(code))]
    return found[-1] if found else None


def address_for_apps(secret: str, account_id: str, place: str) -> str:
    """The `otpauth:` address that a QR code hands to an authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_id, issuer_name=place)


def new_recovery_codes() -> tuple[str, ...]:
    """Ten words for the day the phone is lost, each good once: `abcd-efgh-jkmn-pqrs`."""
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def hash_of_recovery_code(code: str) -> str:
    """What is kept of one."""
    return hashlib.sha256(tidy(code).replace("-", "").encode()).hexdigest()


def tidy(typed: str) -> str:
    """As people type it: full-width digits, spaces, capitals."""
    plain = unicodedata.normalize("NFKC", typed)
    return re.sub(r"\s", "", plain).casefold().encode("ascii", "replace").decode()


def _recovery_code() -> str:
    return "-".join(
        "".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS)
    )
