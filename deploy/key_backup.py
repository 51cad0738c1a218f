"""A backup of the vault's keys as one text: sealed under a passphrase, opened by nothing else."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from shared.sealing import KEY_BYTES, CannotOpen, open_sealed, place_of, seal

HEAD = "county-orders keys 1"
SALT_BYTES = 16
COST = 2**17
"""Of scrypt (RFC 7914): 128 MiB and some 0.4 s for each guess at the passphrase."""

HERE = place_of("key backup")


class NotABackup(Exception):  # noqa: N818 - says what the file is
    """The file is no backup of keys, was changed, or has another passphrase."""


@dataclass(frozen=True)
class Backup:
    """`root_key` in hexadecimal, the keys outside the database by file name, and every person's
    key as it lies in the database, wrapped."""

    county: str
    root_key: str = field(repr=False)
    keys: Mapping[str, bytes] = field(repr=False)
    persons: Sequence[Mapping[str, Any]] = field(repr=False)


def sealed(backup: Backup, passphrase: str) -> str:
    """Text for a file or for paper."""
    content = {
        "county": backup.county,
        "root_key": backup.root_key,
        "keys": {name: _text(key) for name, key in backup.keys.items()},
        "persons": [{**one, "key": _text(one["key"])} for one in backup.persons],
    }
    salt = secrets.token_bytes(SALT_BYTES)
    return f"{HEAD}\n{_text(salt + seal(_key(passphrase, salt), orjson.dumps(content), HERE))}\n"


def opened(text: str, passphrase: str) -> Backup:
    """What was sealed. Raises NotABackup."""
    head, _, body = text.strip().partition("\n")
    if head != HEAD:
        raise NotABackup("this is no backup of keys")
    try:
        raw = base64.b64decode(body, validate=True)
        plain = open_sealed(_key(passphrase, raw[:SALT_BYTES]), raw[SALT_BYTES:], HERE)
    except (CannotOpen, ValueError):
        raise NotABackup("another passphrase, or the file has been changed") from None
    found = orjson.loads(plain)
    return Backup(
        county=found["county"],
        root_key=found["root_key"],
        keys={name: base64.b64decode(key) for name, key in found["keys"].items()},
        persons=[{**one, "key": base64.b64decode(one["key"])} for one in found["persons"]],
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=COST, r=8, p=1).derive(passphrase.encode())
