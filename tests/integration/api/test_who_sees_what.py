"""Every role sees its part of the county and no more, in every answer."""

from typing import Any

import pytest

from shared.contracts.registry import EVENTS
from tests.integration.api.people import County, Person

PLACE = {
    "grid_id": "539901001201-01",
    "service_code": "assistive-device",
    "beneficiary_category": "disabled_person",
    "particulars": {
        "name": "周小花",
        "phone": "13700002222",
        "address": "文昌巷8号",
        "text": "轮椅坏了，电话13700002222，身份证53290119900101123X。",
    },
}


@pytest.fixture(scope="module")
def case(county: County) -> dict[str, Any]:
    """A request of grid worker 01, at the disabled people's federation."""
    placed = county.person("grid-worker-01").post("/requests", PLACE)
    path = f"/requests/{placed['request_id']}"
    county.person("desk-clerk-01").post(f"{path}/acceptance")
    found = county.person("grid-worker-01").wait(path, status="dispatched")
    return {**found, "path": path}


SEES = ["grid-worker-01", "desk-clerk-01", "disabled-federation", "center-dispatcher-1", "leader-1"]
DOES_NOT = [
    "grid-worker-02",
    "desk-clerk-02",
    "trade-union",
    "disabled-federation-staff-1",
    "auditor-1",
    "administrator-1",
]


@pytest.mark.parametrize("name", SEES)
def test_those_concerned_see_the_case(county: County, case: dict[str, Any], name: str):
    person = county.person(name)
    assert person.get(case["path"]).status_code == 200
    found = person.get("/requests", params={"case_number": case["case_number"]}).json()
    assert [row["request_id"] for row in found["rows"]] == [case["request_id"]]


@pytest.mark.parametrize("name", DOES_NOT)
def test_for_all_others_it_does_not_exist(county: County, case: dict[str, Any], name: str):
    person = county.person(name)
    assert person.get(case["path"]).status_code == 404
    assert person.get(f"{case['path']}/story").status_code == 404
    found = person.get("/requests", params={"case_number": case["case_number"]}).json()
    assert (found["rows"], found["total"]) == ([], 0)


def test_a_board_counts_only_what_its_viewer_sees(county: County, case: dict[str, Any]):
    concerned, stranger = county.person("disabled-federation"), county.person("auditor-1")
    assert headline(concerned, case)["placed_today"] >= 1
    assert set(headline(stranger, case).values()) == {0}


@pytest.mark.parametrize("name", DOES_NOT)
def test_none_of_them_can_act_on_it(county: County, case: dict[str, Any], name: str):
    person = county.person(name)
    order = f"{case['path']}/work-orders/{case['orders'][0]['work_order_id']}"
    for path, body in (
        (f"{case['path']}/expedite", {}),
        (f"{case['path']}/contact", {"purpose": "home_visit"}),
        (f"{order}/acceptance", {}),
        (f"{order}/completion", {"outcome": "solved", "note": "不是我的事"}),
    ):
        assert person.try_post(path, body).status_code in {403, 404}, path


def test_seeing_is_not_doing(county: County, case: dict[str, Any]):
    leader, federation = county.person("leader-1"), county.person("disabled-federation")
    assert leader.try_post(f"{case['path']}/expedite", {}).status_code == 403
    assert leader.try_post(f"{case['path']}/contact", {"purpose": "home_visit"}).status_code == 403
    assert federation.try_post(f"{case['path']}/closing", {}).status_code == 403


def test_a_grid_worker_places_only_in_own_grids(county: County):
    answer = county.person("grid-worker-02").try_post("/requests", PLACE)
    assert answer.status_code == 404


@pytest.mark.parametrize("name", SEES)
def test_particulars_are_masked_for_everybody(county: County, case: dict[str, Any], name: str):
    shown = county.person(name).get(case["path"])
    assert shown.json()["particulars"]["name"] == "周*花"
    assert shown.json()["particulars"]["phone"] == "137****2222"
    assert "13700002222" not in shown.text
    assert "19900101" not in shown.text


def test_the_stream_of_another_grid_stays_silent(county: County, case: dict[str, Any]):
    """Its own later case arrives, and nothing of this one before it."""
    other = county.person("grid-worker-02")
    own = other.post("/requests", {**PLACE, "grid_id": "539901001202-01"})
    before = log_position_of(case)
    seen = other.events(after=before - 1, until=own["position"])
    assert [event["event"]["request_id"] for event in seen] == [own["request_id"]]


def test_a_stream_can_be_narrowed(county: County, case: dict[str, Any]):
    centre, before = county.person("center-dispatcher-1"), log_position_of(case)
    later = county.person("grid-worker-01").post("/requests", PLACE)
    placed = centre.events(before - 1, later["position"], type="RequestPlaced")
    assert {event["type"] for event in placed} == {"RequestPlaced"}
    by_category = centre.events(before - 1, later["position"], category="service_request")
    assert {event["stream"].partition("-")[0] for event in by_category} == {"service_request"}
    assert len(EVENTS) > len({event["type"] for event in by_category})


def test_nobody_without_a_session_gets_anything(county: County, case: dict[str, Any]):
    person = county.sign_in("grid-worker-01")
    person.http.delete("/api/v1/session")
    for path in ("/requests", case["path"], "/board", "/grids", "/organizations", "/events"):
        assert person.get(path).status_code == 401, path
    assert person.try_post("/requests", PLACE).status_code == 401
    person.http.close()


def test_a_wrong_password_and_an_unknown_name_sound_the_same(county: County):
    person = county.person("grid-worker-01")
    wrong = person.http.post("/api/v1/session", json={"name": "leader-1", "password": "x"})
    unknown = person.http.post("/api/v1/session", json={"name": "nobody", "password": "x"})
    assert (wrong.status_code, wrong.text) == (unknown.status_code, unknown.text)
    assert wrong.status_code == 401


def test_a_disabled_account_is_signed_out_everywhere(county: County):
    person = county.sign_in("red-cross-staff-2")
    assert person.get("/session").is_success
    county.disable("red-cross-staff-2")
    county.until(lambda: person.get("/session").status_code == 401)
    answer = person.http.post(
        "/api/v1/session",
        json={"name": "red-cross-staff-2", "password": county.password("red-cross-staff-2")},
    )
    assert answer.status_code == 401
    person.http.close()


def log_position_of(case: dict[str, Any]) -> int:
    """Where the case begins in the log."""
    return int(case["case_number"].partition("-")[2])


def headline(person: Person, case: dict[str, Any]) -> dict[str, int]:
    board = person.get("/board", params={"day": case["placed_on"]}).json()
    return {figure["name"]: figure["count"] for figure in board["headline"]}
