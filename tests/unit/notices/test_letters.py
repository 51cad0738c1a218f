"""What leaves the county says no more than it has to."""

import json
from datetime import UTC, datetime

from services.notices.domain import letters
from services.notices.domain.cases import CaseRow, cases
from shared.contracts import requests
from shared.contracts.message import Event
from shared.views import rebuild
from tests.unit.notices import story

PHONE = "13912345678"


def case(*events: Event) -> CaseRow:
    return rebuild(cases, story.facts(story.placed, *events))["R1"]


def test_a_webhook_is_a_cloud_event_without_names_of_personal_records():
    letter = letters.webhook(story.facts(story.placed)[0], "cloud-ridge")
    told = json.loads(letter.body)
    assert letter.content_type == "application/cloudevents+json"
    assert (told["id"], told["source"]) == ("1", "/cloud-ridge/requests")
    assert told["data"]["request_id"] == "R1"
    assert not {"particulars_id", "note_id"} & set(told["data"])


def test_it_is_the_same_at_every_attempt():
    fact = story.facts(story.placed)[0]
    assert letters.webhook(fact, "c") == letters.webhook(fact, "c")


def test_a_resident_is_told_the_number_and_where_to_look():
    told = json.loads(letters.received(case(), PHONE, "https://orders.example.org").body)
    assert told == {
        "template": "request_received",
        "phone": PHONE,
        "parameters": {
            "case_number": "20260501-000001",
            "address": "https://orders.example.org/track",
        },
    }


def test_a_resident_is_asked_to_rate_until_a_day_in_beijing():
    until = datetime(2026, 5, 16, 17, tzinfo=UTC)
    told = json.loads(letters.please_rate(case(), PHONE, "https://x/rate/t", until).body)
    assert told["template"] == "request_completed"
    assert told["parameters"]["until"] == "2026-05-17"


def test_nobody_is_asked_to_rate_what_is_over_or_done_again():
    assert letters.is_texted(story.completed, case(story.completed))
    assert not letters.is_texted(story.completed, case(story.completed, story.rated))
    assert not letters.is_texted(story.completed, case(story.completed, story.reopened))
    assert not letters.is_texted(story.accepted, case(story.accepted))


def test_whoever_asked_for_the_same_is_told_that_it_is_done():
    merged = requests.RequestMerged(request_id="R1", into_id="R2")
    done = requests.MainRequestCompleted(request_id="R1", into_id="R2", round=1)
    unmerged = requests.RequestUnmerged(request_id="R1", into_id="R2", reason="different_matter")
    assert letters.is_texted(done, case(merged, done))
    assert not letters.is_texted(done, case(merged, done, unmerged))
    told = json.loads(letters.done_with_others(case(merged, done), PHONE, "https://x").body)
    assert (told["template"], told["parameters"]["address"]) == (
        *("merged_request_completed", "https://x/track"),
    )


def test_a_landline_gets_no_text():
    assert letters.can_get_texts(PHONE)
    assert not letters.can_get_texts("0371-12345678")
