"""What was written once can be read for ever: one frozen example per event type and version.

A new event type has no example yet: `python -m tests.contracts.new_examples` writes one. If an
example no longer reads, the change would make existing logs unreadable: write an upcaster instead.
"""

import json
from pathlib import Path
from typing import Any

import bson
import pytest

from shared.access_log import ACCESS_CODEC
from shared.event_codec import CODEC, EventCodec
from tests.contracts.new_examples import EXAMPLES, KINDS, file_of

FROZEN = sorted(EXAMPLES.glob("*.json"))


def codec_of(event_type: str) -> EventCodec:
    return ACCESS_CODEC if event_type in ACCESS_CODEC.events else CODEC


def test_no_name_means_two_things():
    assert len(KINDS) == len(CODEC.events) + len(ACCESS_CODEC.events)


@pytest.mark.parametrize("event_type", sorted(KINDS))
def test_every_version_of_an_event_has_an_example(event_type: str) -> None:
    for version in range(1, codec_of(event_type).version_of(event_type) + 1):
        assert file_of(event_type, version).exists(), "run python -m tests.contracts.new_examples"


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_a_frozen_example_still_reads_and_goes_through_bson_unchanged(path: Path) -> None:
    event_type, version = path.stem.split(".v")
    codec = codec_of(event_type)
    event = codec.event(event_type, int(version), json.loads(path.read_text("utf-8")))
    stored: dict[str, Any] = bson.decode(
        bson.encode(codec.stored(event)), bson.CodecOptions(tz_aware=True)
    )
    assert codec.event(stored["t"], stored["v"], stored["d"]) == event
