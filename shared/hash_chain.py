"""Each commit is sealed with the hash of the one before, so nobody can change the past unseen.

The exact bytes: a commit is one BSON document whose first field is `_id` (int64) and whose last
two are `prev` and `hash` (strings of 64 hex digits). Its hash is the SHA-256 of that document as
BSON, in the stored order of fields, without `hash`; as `prev` is inside, every hash covers all
commits before it. The first commit of a log has `prev` = GENESIS.
"""

import hashlib
from collections.abc import Mapping
from struct import Struct
from typing import Any, Final

import bson

GENESIS: Final = "0" * 64
"""What the first commit of a log names as the one before."""

_INT32, _INT64 = Struct("<i"), Struct("<q")


def seal(position: int, body: bytes, prev: str) -> tuple[bytes, str]:
    """The commit's document as BSON, and its hash.

    `body` is BSON of every field except `_id`, `prev` and `hash`. Nothing is encoded anew, so
    this costs about a microsecond.
    """
    fields = b"\x12_id\x00" + _INT64.pack(position) + body[4:-1] + _text(b"prev", prev)
    digest = hashlib.sha256(_document(fields)).hexdigest()
    return _document(fields + _text(b"hash", digest)), digest


def hash_of(commit: Mapping[str, Any]) -> str:
    """The hash that a stored commit should carry, from its other fields in their order."""
    content = {name: value for name, value in commit.items() if name != "hash"}
    return hashlib.sha256(bson.encode(content)).hexdigest()


def _document(fields: bytes) -> bytes:
    return _INT32.pack(len(fields) + 5) + fields + b"\x00"


def _text(name: bytes, value: str) -> bytes:
    text = value.encode()
    return b"\x02" + name + b"\x00" + _INT32.pack(len(text) + 1) + text + b"\x00"
