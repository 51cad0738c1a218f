"""Whatever comes in: a clear 4xx that names the field, nothing stored, nothing broken."""

import re
import socket
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.api.people import County

GOOD: dict[str, Any] = {
    "grid_id": "539901001201-01",
    "service_code": "volunteer-help",
    "particulars": {
        "name": "李四",
        "phone": "13900001111",
        "address": "东门路1号",
        "text": "请志愿者帮忙换灯泡。",
    },
}


def changed(**changes: Any) -> dict[str, Any]:
    """The good request with some fields changed; `particulars__x` reaches inside."""
    body = {**GOOD, "particulars": dict(GOOD["particulars"])}
    for name, value in changes.items():
        outer, _, inner = name.partition("__")
        if inner:
            body[outer][inner] = value
        else:
            body[outer] = value
    return body


BAD_BODIES = [
    ("unknown_field", changed(colour="red"), "colour"),
    ("wrong_type", changed(grid_id=7), "grid_id"),
    ("operator_for_a_string", changed(grid_id={"$ne": None}), "grid_id"),
    ("operator_inside", changed(particulars__name={"$gt": ""}), "particulars.name"),
    ("text_over_its_limit", changed(particulars__text="长" * 4001), "particulars.text"),
    ("empty_text", changed(particulars__text="  "), "particulars.text"),
    ("bad_phone", changed(particulars__phone="12345"), "particulars.phone"),
    ("invalid_code", changed(urgency="yesterday"), "urgency"),
    ("id_with_spaces", changed(grid_id="a b"), "grid_id"),
    ("unknown_grid", changed(grid_id="no-such-grid"), "grid_id"),
    ("a_village_is_no_grid", changed(grid_id="539901001201"), "grid_id"),
    ("unknown_service", changed(service_code="no-such-service"), "service_code"),
    ("nul_character", changed(particulars__name="王\x00明"), "particulars.name"),
    ("direction_override", changed(particulars__text="abc\u202edef"), "particulars.text"),
    ("not_an_object", [], "body"),
    ("missing_particulars", {"grid_id": "g", "service_code": "s"}, "particulars"),
]


@pytest.mark.parametrize(
    ("body", "field"), [case[1:] for case in BAD_BODIES], ids=[case[0] for case in BAD_BODIES]
)
def test_a_bad_request_names_its_field_and_stores_nothing(county: County, body: Any, field: str):
    worker, before = county.person("grid-worker-01"), stored(county)
    answer = worker.try_post("/requests", body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.json()["fields"], answer.text
    assert stored(county) == before


RAW_BODIES = [
    ("lone_surrogate", b'{"grid_id": "\\ud800"}', 422),
    ("nested_10000_deep", b"[" * 10_000 + b"]" * 10_000, 422),
    ("not_json", b"{grid_id: 1}", 422),
    ("nan", b'{"grid_id": NaN}', 422),
    ("ten_megabytes", b'{"grid_id": "' + b"x" * 10_000_000 + b'"}', 413),
    ("not_utf8", b'{"grid_id": "\xff\xfe"}', 422),
    ("empty", b"", 422),
]


@pytest.mark.parametrize(
    ("raw", "status"), [case[1:] for case in RAW_BODIES], ids=[case[0] for case in RAW_BODIES]
)
def test_a_body_that_is_no_json_is_refused_clearly(county: County, raw: bytes, status: int):
    worker, before = county.person("grid-worker-01"), stored(county)
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
    answer = worker.http.post("/api/v1/requests", content=raw, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["fields"], answer.text
    assert stored(county) == before


def test_a_body_that_hides_its_length_is_cut_off(county: County):
    worker = county.person("grid-worker-01")
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
    pieces = (b"x" * 65_536 for _ in range(16))
    answer = worker.http.post("/api/v1/requests", content=pieces, headers=headers)
    assert answer.status_code == 413


def test_an_answer_before_the_whole_body_says_that_the_connection_ends(county: County):
    """Otherwise the client's next request would go into nothing."""
    where = urlsplit(county.stack.gateway_url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as line:
        head = "POST /api/v1/requests HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n"
        line.sendall(f"{head}Origin: http://elsewhere.example\r\n\r\nhalf".encode())
        said = b"".join(iter(lambda: line.recv(4096), b"")).lower()
    assert said.startswith(b"http/1.1 403")
    assert b"connection: close" in said


def test_a_write_without_a_key_is_refused(county: County):
    worker = county.person("grid-worker-01")
    answer = worker.http.post("/api/v1/requests", json=GOOD)
    assert answer.status_code == 422
    assert "header.idempotency-key" in answer.json()["fields"]


@pytest.mark.parametrize("key", ["short", "x" * 65, "spaces in it", "{$ne:1}xx"])
def test_a_key_has_a_shape(county: County, key: str):
    answer = county.person("grid-worker-01").try_post("/requests", GOOD, **{"Idempotency-Key": key})
    assert answer.status_code == 422


def test_the_same_key_and_body_get_the_same_answer(county: County):
    worker, key = county.person("grid-worker-01"), uuid.uuid4().hex
    first = worker.try_post("/requests", GOOD, **{"Idempotency-Key": key}).json()
    second = worker.try_post("/requests", GOOD, **{"Idempotency-Key": key}).json()
    assert second == {**first, "is_repeat": True}


@pytest.mark.parametrize("other", [changed(urgency="urgent"), changed(particulars__name="赵六")])
def test_the_same_key_with_another_body_is_a_conflict(county: County, other: dict[str, Any]):
    worker, key = county.person("grid-worker-01"), uuid.uuid4().hex
    first = worker.try_post("/requests", GOOD, **{"Idempotency-Key": key})
    before = stored(county)
    answer = worker.try_post("/requests", other, **{"Idempotency-Key": key})
    assert first.status_code == 201
    assert answer.status_code == 409
    assert answer.json()["code"] == "command_id_reused"
    assert stored(county) == before


def test_of_two_who_decide_at_once_one_wins_and_the_other_hears_who_it_was(county: County):
    request_id = county.person("grid-worker-01").post("/requests", GOOD)["request_id"]
    path = f"/requests/{request_id}/acceptance"
    clerk, center = county.person("desk-clerk-01"), county.person("center-dispatcher-1")
    with ThreadPoolExecutor() as both:
        answers = list(both.map(lambda person: person.try_post(path, {}), (clerk, center)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    told = next(answer.json()["detail"] for answer in answers if answer.status_code == 409)
    assert re.search(
        r"最近一次操作：(受理员|县中心调度员)（[\w-]+）于\d+月\d+日\d\d:\d\d受理", told
    )


def test_a_stale_version_is_told_so(county: County):
    worker, clerk = county.person("grid-worker-01"), county.person("desk-clerk-01")
    placed = worker.post("/requests", GOOD)
    path = f"/requests/{placed['request_id']}"
    worker.post(f"{path}/expedite")
    answer = clerk.try_post(f"{path}/acceptance", {}, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")
    assert clerk.try_post(f"{path}/acceptance", {}, **{"If-Match": '"2"'}).is_success


@pytest.mark.parametrize("version", ["-1", "x", "9" * 40, '"'])
def test_a_version_is_a_number(county: County, version: str):
    worker = county.person("grid-worker-01")
    answer = worker.try_post("/requests/R1/expedite", {}, **{"If-Match": version})
    assert answer.status_code == 422
    assert "If-Match" in answer.json()["fields"]


def test_unknown_ids_are_not_found(county: County):
    clerk, federation = county.person("desk-clerk-01"), county.person("disabled-federation")
    assert clerk.get("/requests/R-unknown").status_code == 404
    assert clerk.get("/requests/R-unknown/story").status_code == 404
    assert clerk.try_post("/requests/R-unknown/acceptance", {}).status_code == 404
    path = "/requests/R-unknown/work-orders/W-unknown/acceptance"
    assert federation.try_post(path, {}).status_code == 404


@pytest.mark.parametrize("position", ["-1", "1e3", "999999999999999999999", "999999999", "x", "١"])
def test_a_last_event_id_that_is_no_position_is_refused(county: County, position: str):
    centre = county.person("center-dispatcher-1")
    headers = {"Last-Event-ID": position.encode()}
    answer = centre.http.get("/api/v1/events", headers=headers)
    assert answer.status_code == 422
    assert "Last-Event-ID" in answer.json()["fields"]


@pytest.mark.parametrize(
    "query",
    ["status=nonsense", "page=0", "size=101", "size=x", "placed_on=today", "sort=audience", "x=1"],
)
def test_a_register_question_is_checked(county: County, query: str):
    answer = county.person("center-dispatcher-1").get(f"/requests?{query}")
    assert answer.status_code == 422
    assert answer.json()["fields"]


def test_an_operator_in_a_query_is_only_text(county: County):
    centre = county.person("center-dispatcher-1")
    answer = centre.get("/requests", params={"case_number": '{"$ne":null}'})
    assert answer.json()["total"] == 0


def test_another_sites_page_cannot_write(county: County):
    answer = county.person("grid-worker-01").try_post(
        "/requests", GOOD, Origin="http://evil.example"
    )
    assert answer.status_code == 403


def test_what_is_not_there_is_a_problem_document_too(county: County):
    answer = county.person("grid-worker-01").get("/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def stored(county: County) -> tuple[int, int]:
    """How many commits and personal records there are."""
    databases = (county.mongo[f"{county.stack.county}_{name}"] for name in ("log", "vault"))
    log, vault = databases
    return log.commits.count_documents({}), vault.records.count_documents({})
