"""Residents without an account: they look up their own case and rate it once."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.api.people import County
from tests.integration.api.test_notices import PLACE

TAIL = "4321"
PUBLIC_URL = "https://orders.example.org"


@pytest.fixture(scope="module")
def case(county: County) -> dict[str, Any]:
    """A case that has been delivered and waits for its rating."""
    return completed(county)


def completed(county: County) -> dict[str, Any]:
    worker, clerk = county.person("grid-worker-01"), county.person("desk-clerk-01")
    path = f"/requests/{worker.post('/requests', PLACE)['request_id']}"
    clerk.post(f"{path}/acceptance")
    order = worker.wait(path, status="dispatched")["orders"][0]["work_order_id"]
    return deliver(county, path, order)


def deliver(county: County, path: str, order: str) -> dict[str, Any]:
    worker, federation = county.person("grid-worker-01"), county.person("disabled-federation")
    federation.post(f"{path}/work-orders/{order}/acceptance")
    worker.wait(path, status="taken_up")
    federation.post(f"{path}/work-orders/{order}/first-contact")
    said = {"outcome": "solved", "note": "已经上门。"}
    federation.post(f"{path}/work-orders/{order}/completion", said)
    return {**worker.wait(path, status="completed"), "path": path}


@pytest.fixture
def resident(county: County) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=county.stack.gateway_url, timeout=20) as http:
        http.headers["accept"] = "text/html"
        yield http


@pytest.fixture(autouse=True)
def patience(county: County) -> Iterator[None]:
    """What earlier tests have tried does not count."""
    county.mongo[f"{county.stack.county}_gateway"].attempts.delete_many({})
    yield
    county.mongo[f"{county.stack.county}_gateway"].attempts.delete_many({})


def track(resident: httpx.Client, case_number: str, tail: str) -> httpx.Response:
    return resident.post("/track", data={"case_number": case_number, "tail": tail})


def test_who_knows_number_and_phone_sees_where_it_stands(
    resident: httpx.Client, case: dict[str, Any]
):
    shown = track(resident, case["case_number"], TAIL)
    assert shown.status_code == 200
    assert "已经办好，请您评价" in shown.text
    assert "云岭县残疾人联合会" in shown.text
    for personal in ("郑小兰", "郑", "13911114321", "东门路", "上门康复", "grid-worker"):
        assert personal not in shown.text
    assert shown.headers["cache-control"] == "no-store"


def test_numbers_may_be_typed_as_phones_write_them(resident: httpx.Client, case: dict[str, Any]):
    wide = case["case_number"].translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    assert track(resident, f" {wide} ", "４３２１").status_code == 200


def test_a_wrong_ending_and_an_unknown_case_sound_the_same(
    resident: httpx.Client, case: dict[str, Any]
):
    wrong = track(resident, case["case_number"], "9999")
    unknown = track(resident, "20200101-999999", TAIL)
    assert wrong.status_code == unknown.status_code == 404
    same = wrong.text.replace(case["case_number"], "20200101-999999")
    assert same == unknown.text


def test_nobody_guesses_the_ending(resident: httpx.Client, case: dict[str, Any]):
    answers = [track(resident, case["case_number"], f"{n:04d}").status_code for n in range(6)]
    assert answers == [404] * 5 + [429]
    right = track(resident, case["case_number"], TAIL)
    assert right.status_code == 429
    assert right.headers["retry-after"] == "900"


def test_nobody_tries_one_case_after_the_other(resident: httpx.Client):
    numbers = [f"20200101-{n:06d}" for n in range(31)]
    answers = [track(resident, number, TAIL).status_code for number in numbers]
    assert answers == [404] * 30 + [429]


def test_looking_often_is_no_offence(resident: httpx.Client, case: dict[str, Any]):
    answers = {track(resident, case["case_number"], TAIL).status_code for _ in range(12)}
    assert answers == {200}


def test_nothing_is_asked_in_the_address(resident: httpx.Client, case: dict[str, Any]):
    asked = {"case_number": case["case_number"], "tail": TAIL}
    shown = resident.get("/track", params=asked)
    assert shown.status_code == 200
    assert "已经办好" not in shown.text


def link(county: County, case: dict[str, Any]) -> str:
    """The path of a new link; the address before it is where residents reach the county."""
    made = county.person("grid-worker-01").try_post(f"{case['path']}/rating-link", {})
    assert made.status_code == 201, made.text
    url = str(made.json()["url"])
    assert url.startswith(f"{PUBLIC_URL}/rate/")
    return url.removeprefix(PUBLIC_URL)


def test_only_who_might_rate_for_the_resident_makes_a_link(county: County, case: dict[str, Any]):
    path = f"{case['path']}/rating-link"
    refused = {"grid-worker-02": 404, "disabled-federation": 404, "leader-1": 403}
    for name, status in refused.items():
        assert county.person(name).try_post(path, {}).status_code == status, name


def test_there_is_no_link_before_completion(county: County):
    worker = county.person("grid-worker-01")
    path = f"/requests/{worker.post('/requests', PLACE)['request_id']}"
    county.until(lambda: worker.get(path).is_success)
    county.until(lambda: worker.try_post(f"{path}/rating-link", {}).status_code == 409)


def test_a_link_rates_once_and_a_repeat_is_a_repeat(
    county: County, resident: httpx.Client, case: dict[str, Any]
):
    url, other = link(county, case), link(county, case)
    assert "这次服务您满意吗" in resident.get(url).text
    rated = resident.post(url, data={"score": "5", "note": "康复师很耐心"})
    assert "谢谢您的评价" in rated.text
    again = resident.post(url, data={"score": "5", "note": "康复师很耐心"})
    assert again.status_code in {200, 409}  # the first answer again, or that it is over
    assert resident.post(other, data={"score": "1"}).status_code == 409
    worker = county.person("grid-worker-01")
    county.until(lambda: worker.get(case["path"]).json()["score"] == 5)
    county.until(lambda: "不能再评价了" in resident.get(url).text)


def test_a_poor_rating_by_link_reopens_and_the_link_is_over(county: County, resident: httpx.Client):
    case = completed(county)
    url = link(county, case)
    assert resident.post(url, data={"score": "1"}).status_code == 200
    worker = county.person("grid-worker-01")
    county.until(lambda: worker.get(case["path"]).json()["round"] == 2)
    county.until(lambda: "不能再评价了" in resident.get(url).text)
    assert resident.post(url, data={"score": "5"}).status_code == 409
    assert worker.get(case["path"]).json()["score"] == 1


def test_a_link_of_an_earlier_round_rates_no_later_one(county: County, resident: httpx.Client):
    case = completed(county)
    url = link(county, case)
    worker, federation = county.person("grid-worker-01"), county.person("disabled-federation")
    worker.post(f"{case['path']}/rating", {"score": 2})
    county.until(lambda: worker.get(case["path"]).json()["status"] == "dispatched")
    again = worker.get(case["path"]).json()["orders"][-1]["work_order_id"]
    deliver(county, case["path"], again)
    answer = resident.post(url, data={"score": "5"})
    assert (answer.status_code, federation.get(case["path"]).json()["status"]) == (409, "completed")


def test_a_token_nobody_made_is_nothing(resident: httpx.Client):
    for token in ("A" * 22, "short", "..%2f..%2fadmin"):
        assert resident.get(f"/rate/{token}").status_code == 404


def test_a_link_is_kept_as_a_hash(county: County):
    token = link(county, completed(county)).rpartition("/")[2]
    kept = list(county.mongo[f"{county.stack.county}_notices"].rating_links.find())
    assert kept
    assert token not in str(kept)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)


def test_the_rating_page_is_not_passed_on(county: County, resident: httpx.Client):
    shown = resident.get(link(county, completed(county)))
    assert shown.headers["referrer-policy"] == "same-origin"
    assert shown.headers["x-robots-tag"] == "noindex"
