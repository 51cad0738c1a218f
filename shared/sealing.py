"""Sealing: what is about a person lies under that person's key, bound to its place.

A sealed blob is `suite (1 byte) | nonce (12) | ciphertext and tag`. Its place (whose it is, in
which record) is authenticated along with it (NIST SP 800-38D, additional data), so a blob that is
moved to another place does not open. Keys are 256 bits; a suite with shorter keys takes what HKDF
(RFC 5869) makes of them.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SuiteName = Literal["aes-256-gcm", "sm4-gcm"]
AES_256_GCM: Final = 1
SM4_GCM: Final = 2
"""国密: GB/T 32907 in Galois/Counter mode, for counties that have to use it."""

SUITES: Final[dict[SuiteName, int]] = {"aes-256-gcm": AES_256_GCM, "sm4-gcm": SM4_GCM}
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class CannotOpen(Exception):  # noqa: N818 - says what is the matter
    """Another key, another place, another suite, or a changed byte: it is not told which."""


def new_key() -> bytes:
    """256 random bits."""
    return secrets.token_bytes(KEY_BYTES)


def place_of(*parts: str) -> bytes:
    """Where a blob belongs, as additional data; no two places read the same."""
    return b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)


def seal(key: bytes, plain: bytes, place: bytes, suite: int = AES_256_GCM) -> bytes:
    """The blob of `plain` at `place`. Raises KeyError for an unknown suite."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    head = bytes([suite]) + nonce
    bound = head[:1] + place
    match suite:
        case 1:
            return head + AESGCM(key).encrypt(nonce, plain, bound)
        case 2:
            sealing = Cipher(SM4(_shorter(key)), GCM(nonce)).encryptor()
            sealing.authenticate_additional_data(bound)
            return head + sealing.update(plain) + sealing.finalize() + sealing.tag
        case _:
            raise KeyError(suite)


def open_sealed(key: bytes, sealed: bytes, place: bytes) -> bytes:
    """What was sealed there. Raises CannotOpen."""
    suite, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if len(body) < TAG_BYTES:
        raise CannotOpen
    bound = suite + place
    try:
        match suite[0]:
            case 1:
                return AESGCM(key).decrypt(nonce, body, bound)
            case 2:
                ciphertext, tag = body[:-TAG_BYTES], body[-TAG_BYTES:]
                opening = Cipher(SM4(_shorter(key)), GCM(nonce, tag)).decryptor()
                opening.authenticate_additional_data(bound)
                return opening.update(ciphertext) + opening.finalize()
            case _:
                raise CannotOpen
    except InvalidTag:
        raise CannotOpen from None


def derived(key: bytes, purpose: str) -> bytes:
    """Another key that says nothing about the one it is made from."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def search_mark(key: bytes, kind: str, value: str) -> str:
    """What an exact value can be found by without being known: HMAC-SHA-256, 128 bits in hex.

    `value` comes normalised (`plain_number`, `plain_name`).
    """
    return hmac.new(key, place_of(kind, value), hashlib.sha256).hexdigest()[:32]


def plain_number(typed: str) -> str:
    """A phone or identity number as everybody means it: digits (and a final X) alone."""
    return re.sub(r"[^0-9X]", "", unicodedata.normalize("NFKC", typed).upper())


def plain_name(typed: str) -> str:
    """A name without the spaces and widths that people type differently."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", typed)).casefold()


def _shorter(key: bytes) -> bytes:
    """SM4 takes 128 bits."""
    return derived(key, "sm4")[:16]
