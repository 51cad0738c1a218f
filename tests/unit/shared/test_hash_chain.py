"""The seal is exactly the SHA-256 that shared/hash_chain.py promises."""

import hashlib

import bson

from shared.hash_chain import GENESIS, hash_of, seal

BODY = bson.encode({"n": 1, "stream": "area-1", "at": None, "events": [{"t": "X", "d": {}}]})


def test_the_sealed_document_is_the_body_between_its_place_and_its_hash() -> None:
    document, digest = seal(7, BODY, GENESIS)
    commit = bson.decode(document)
    assert list(commit) == ["_id", "n", "stream", "at", "events", "prev", "hash"]
    assert (commit["_id"], commit["prev"], commit["hash"]) == (7, GENESIS, digest)


def test_anybody_can_compute_the_hash_from_the_stored_bytes() -> None:
    document, digest = seal(7, BODY, GENESIS)
    without = document[4 : -1 - len(b"\x02hash\x00") - 4 - 65]
    framed = (len(without) + 5).to_bytes(4, "little") + without + b"\x00"
    assert hashlib.sha256(framed).hexdigest() == digest == hash_of(bson.decode(document))


def test_the_same_commit_behind_another_has_another_hash() -> None:
    assert seal(7, BODY, GENESIS)[1] != seal(7, BODY, "1" * 64)[1]
    assert seal(7, BODY, GENESIS)[1] != seal(8, BODY, GENESIS)[1]
