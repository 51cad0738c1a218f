"""How a letter is signed, and when it is tried again or given up."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from pydantic import ValidationError

from shared.deliveries import (
    Answer,
    Endpoint,
    EndpointKind,
    Letter,
    Persistence,
    Tried,
    after_attempt,
    endpoints_from,
    headers_of,
)
from shared.testing.facts import NOON
from shared.testing.memory_deliveries import BROKEN, TAKEN

SECRET = "a secret of more than thirty-two characters"
HOOK = {
    "endpoint_id": "county-platform",
    "url": "https://hooks.example.org/county",
    "secret": SECRET,
    "types": ["RequestPlaced"],
}
HALF = 0.5
"""The chance that leaves a pause as long as it is."""

new = Tried("county-platform", 7, "RequestPlaced", NOON)


def test_a_receiver_can_check_a_letter():
    (endpoint,) = endpoints_from(json.dumps([HOOK]))
    headers = headers_of(endpoint, "county-platform:7", Letter("text/plain", b"hello"), NOON)
    timestamp = headers["X-County-Timestamp"]
    signed = hmac.new(SECRET.encode(), f"{timestamp}.hello".encode(), hashlib.sha256)
    assert timestamp == str(int(NOON.timestamp()))
    assert headers["X-County-Signature"] == f"v1={signed.hexdigest()}"
    assert headers["X-County-Delivery"] == "county-platform:7"


def test_an_endpoint_never_shows_its_secret():
    (endpoint,) = endpoints_from(json.dumps([HOOK]))
    assert SECRET not in f"{endpoint!r} {endpoint}"
    with pytest.raises(ValidationError) as refusal:
        endpoints_from(json.dumps([{**HOOK, "ports": "443"}]))
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "short"},
        {"types": []},
        {"types": ["AccountOpened"]},
        {"types": ["NoSuchEvent"]},
        {"kind": "sms"},
        {"kind": "pigeon"},
        {"extra": 1},
    ],
)
def test_a_misconfigured_endpoint_is_refused(wrong: dict[str, object]):
    with pytest.raises(ValidationError):
        endpoints_from(json.dumps([{**HOOK, **wrong}]))


def test_two_endpoints_do_not_share_a_cursor():
    with pytest.raises(ValueError, match="same id"):
        endpoints_from(json.dumps([HOOK, HOOK]))


def test_a_text_gateway_gets_what_there_is_a_text_for():
    (gateway,) = endpoints_from(json.dumps([{**HOOK, "kind": "sms", "types": []}]))
    assert gateway.wanted == {"RequestPlaced", "RequestCompleted", "MainRequestCompleted"}


def attempt(
    before: Tried, answer: Answer, minutes: float = 0, kind: EndpointKind = "webhook"
) -> Tried:
    now = NOON + timedelta(minutes=minutes)
    return after_attempt(before, answer, kind, now, Persistence(), HALF)


def test_what_is_taken_is_delivered():
    taken = attempt(new, TAKEN)
    assert (taken.state, taken.attempts, taken.last_answer) == ("delivered", 1, "204")


def test_pauses_double_up_to_an_hour():
    pauses = [Persistence().pause(n, HALF).total_seconds() for n in (1, 2, 3, 10, 11, 500)]
    assert pauses == [5, 10, 20, 2560, 3600, 3600]


def test_a_pause_is_half_to_one_and_a_half_times_as_long():
    assert [Persistence().pause(1, chance).total_seconds() for chance in (0, 1)] == [2.5, 7.5]


def test_what_nobody_takes_for_a_day_is_given_up():
    late = attempt(new, BROKEN, minutes=24 * 60)
    in_time = attempt(new, BROKEN, minutes=12 * 60)
    assert (late.state, in_time.state) == ("given_up", "waiting")
    assert in_time.next_try_at == NOON + timedelta(hours=12, seconds=5)


@pytest.mark.parametrize("status", ["400", "404", "410"])
def test_a_text_that_is_refused_is_given_up_at_once_and_a_webhook_is_not(status: str):
    answer = Answer(False, status)
    assert attempt(new, answer, kind="sms").state == "given_up"
    assert attempt(new, answer).state == "waiting"


@pytest.mark.parametrize("said", ["408", "429", "500", "503", "timeout", "address_not_public"])
def test_a_text_gateway_in_trouble_is_asked_again(said: str):
    assert attempt(new, Answer(False, said), kind="sms").state == "waiting"


def test_what_a_person_has_retried_is_tried_once():
    asked = Tried("county-platform", 7, "RequestPlaced", NOON, state="retry_requested", attempts=30)
    assert attempt(asked, BROKEN).state == "given_up"
    assert attempt(asked, TAKEN).state == "delivered"


def test_endpoints_are_named_for_what_they_are():
    assert Endpoint.model_validate({**HOOK, "types": ("AlarmRaised",)}).wanted == {"AlarmRaised"}
