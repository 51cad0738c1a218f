"""Events survive the way to BSON and back; old ones are read as today's; unknown ones are named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import bson
import pytest
from pydantic import AwareDatetime

from shared.contracts.message import Event, Id
from shared.event_codec import CODEC, MAX_COMMIT_BYTES, EventCodec, UnknownEvent
from shared.event_log import NewCommit, Recorded
from shared.hash_chain import GENESIS, seal
from shared.rejection import InvalidInput

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


class VisitPlanned(Event):
    visit_id: Id
    staff_ids: tuple[Id, ...]
    due_at: AwareDatetime


class VisitDone(Event):
    visit_id: Id


def staff_became_many(fields: dict[str, Any]) -> dict[str, Any]:
    return {"visit_id": fields["visit_id"], "staff_ids": [fields["staff_id"]], "day": fields["day"]}


def days_became_times(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "visit_id": fields["visit_id"],
        "staff_ids": fields["staff_ids"],
        "due_at": f"{fields['day']}T16:00:00Z",
    }


KNOWN: dict[str, type[Event]] = {"VisitPlanned": VisitPlanned, "VisitDone": VisitDone}
UPCASTERS = {("VisitPlanned", 1): staff_became_many, ("VisitPlanned", 2): days_became_times}
codec = EventCodec(KNOWN, UPCASTERS)
planned = VisitPlanned(visit_id="v1", staff_ids=("s1", "s2"), due_at=AT)
done = VisitDone(visit_id="v1")
new = NewCommit("visit-v1", 4, [planned, done], "c1", "PlanVisit", "d", AT, "a1", "desk_clerk")


def stored(commit: NewCommit = new, position: int = 7) -> dict[str, Any]:
    document, _ = seal(position, codec.body(commit), GENESIS)
    return bson.decode(document, bson.CodecOptions(tz_aware=True))


def test_events_come_back_as_they_went_with_positions_and_versions() -> None:
    facts = codec.facts(stored(replace(new, audience=("area:g1",), caused_by=2**40)))
    assert [(f.position, f.version, f.event) for f in facts] == [(7, 5, planned), (8, 6, done)]
    commit = facts[0].commit
    assert (commit.position, commit.stream, commit.version) == (7, "visit-v1", 5)
    assert (commit.audience, commit.caused_by, commit.at) == (("area:g1",), 2**40, AT)


def test_only_what_lies_after_a_position_and_is_of_a_type_is_read() -> None:
    def read(*asked: Any) -> list[Recorded]:
        return codec.facts(stored(), *asked)

    assert [fact.position for fact in read(7)] == [8]
    assert [fact.position for fact in read(0, frozenset({"VisitPlanned"}))] == [7]
    assert read(7, frozenset({"VisitPlanned"})) == []


def test_old_versions_are_read_through_every_upcaster_after_them() -> None:
    first = codec.event("VisitPlanned", 1, {"visit_id": "v", "staff_id": "s", "day": "2026-03-02"})
    second = codec.event(
        "VisitPlanned", 2, {"visit_id": "v", "staff_ids": ["s"], "day": "2026-03-02"}
    )
    assert first == second
    assert first.model_dump()["due_at"] == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_new_events_carry_the_version_behind_the_last_upcaster() -> None:
    assert codec.stored(planned)["v"] == 3
    assert codec.stored(done)["v"] == 1


@pytest.mark.parametrize(("name", "version"), [("Nonsense", 1), ("VisitDone", 2), ("VisitDone", 0)])
def test_what_this_release_cannot_read_is_named(name: str, version: int) -> None:
    with pytest.raises(UnknownEvent, match=name):
        codec.event(name, version, {})


def test_an_event_that_nobody_registered_is_not_written() -> None:
    with pytest.raises(UnknownEvent, match="VisitDone"):
        CODEC.body(replace(new, events=[done]))


def test_a_commit_needs_events_and_a_zone() -> None:
    for mistake in (replace(new, events=[]), replace(new, at=AT.replace(tzinfo=None))):
        with pytest.raises(ValueError, match="at least one event"):
            codec.body(mistake)


def test_a_time_is_stored_in_utc_to_the_millisecond() -> None:
    beijing = timezone(timedelta(hours=8))
    late = replace(new, at=datetime(2026, 3, 2, 9, 30, 0, 123_456, beijing))
    assert codec.facts(stored(late))[0].commit.at == AT.replace(microsecond=123_000)


def test_a_commit_that_no_document_can_hold_is_refused() -> None:
    huge = VisitPlanned.model_construct(
        visit_id="v", staff_ids=("s" * MAX_COMMIT_BYTES,), due_at=AT
    )
    with pytest.raises(InvalidInput):
        codec.body(replace(new, events=[huge]))
