"""What other systems and residents are told by a running county, while it is being told."""

import json
from typing import Any

import pytest

from tests.integration.api.people import County
from tests.integration.api.test_residents import PUBLIC_URL, completed
from tests.integration.deliveries.receiver import Got

PHONE = "13911114321"


@pytest.fixture(scope="module")
def case(county: County) -> dict[str, Any]:
    return completed(county)


def hooks(county: County, case: dict[str, Any]) -> list[dict[str, Any]]:
    told = [json.loads(got.body) for got in county.outside.got if got.path == "/hook"]
    return [event for event in told if event["data"]["request_id"] == case["request_id"]]


def texts(county: County, case: dict[str, Any]) -> list[dict[str, Any]]:
    told = [json.loads(got.body) for got in county.outside.got if got.path == "/sms"]
    return [text for text in told if text["parameters"]["case_number"] == case["case_number"]]


def test_the_webhook_hears_what_it_asked_for_in_order(county: County, case: dict[str, Any]):
    expected = ["RequestPlaced", "WorkOrderDispatched", "RequestCompleted"]
    county.until(lambda: [event["type"] for event in hooks(county, case)] == expected)
    positions = [event["position"] for event in hooks(county, case)]
    assert positions == sorted(positions)


def test_nothing_about_a_person_leaves_by_webhook(county: County, case: dict[str, Any]):
    county.until(lambda: bool(hooks(county, case)))
    said = b"".join(got.body for got in county.outside.got if got.path == "/hook").decode()
    row = county.person("grid-worker-01").get(case["path"]).json()
    for personal in ("郑小兰", PHONE, "东门路", row["particulars_id"]):
        assert personal not in said


def test_the_resident_is_told_by_text(county: County, case: dict[str, Any]):
    county.until(lambda: len(texts(county, case)) == 2)
    received, done = texts(county, case)
    assert (received["template"], done["template"]) == ("request_received", "request_completed")
    assert received["phone"] == done["phone"] == PHONE
    assert received["parameters"]["address"] == f"{PUBLIC_URL}/track"


def test_the_link_in_the_text_rates(county: County, case: dict[str, Any]):
    county.until(lambda: len(texts(county, case)) == 2)
    address = texts(county, case)[1]["parameters"]["address"]
    path = address.removeprefix(PUBLIC_URL)
    worker = county.person("grid-worker-01")
    rated = worker.http.post(path, data={"score": "4"}, headers={"accept": "text/html"})
    assert "谢谢您的评价" in rated.text
    county.until(lambda: worker.get(case["path"]).json()["score"] == 4)


def test_the_phone_is_kept_nowhere(county: County, case: dict[str, Any]):
    county.until(lambda: len(texts(county, case)) == 2)
    prefix = f"{county.stack.county}_"
    for name in county.mongo.list_database_names():
        if not name.startswith(prefix):
            continue
        for collection in county.mongo[name].list_collection_names():
            assert PHONE not in str(list(county.mongo[name][collection].find())), collection
    logs = [path.read_text() for path in (county.stack.folder / "log").glob("*.log")]
    assert not any(PHONE in log for log in logs)
    tokens = [text["parameters"]["address"].rpartition("/")[2] for text in texts(county, case)]
    assert not any(tokens[1] in log for log in logs)


def test_every_letter_is_taken_once(county: County, case: dict[str, Any]):
    county.until(lambda: len(texts(county, case)) == 2)
    ids = [got.delivery_id for got in county.outside.got]
    assert len(ids) == len(set(ids))


def test_a_process_killed_in_between_loses_nothing(county: County):
    timers = county.stack.process("timers")
    county.outside.answers = [500, 500, 500, 500]
    before = timers.kill()
    case = completed(county)
    timers.wait_restarted(before)
    county.until(lambda: len({id_of(got) for got in letters_about(county, case)}) == 5)
    assert [event["type"] for event in once(hooks(county, case))] == [
        "RequestPlaced",
        "WorkOrderDispatched",
        "RequestCompleted",
    ]


def letters_about(county: County, case: dict[str, Any]) -> list[Got]:
    marks = (case["request_id"].encode(), case["case_number"].encode())
    return [got for got in county.outside.got if any(mark in got.body for mark in marks)]


def id_of(got: Got) -> str:
    return got.delivery_id


def once(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each event when it first came."""
    return list({event["id"]: event for event in told}.values())
