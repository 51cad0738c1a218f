"""Notices on a running system: who is told, and what is read, which is the reader's own affair."""

from typing import Any

import pytest

from tests.integration.api.people import County, Person

PLACE = {
    "grid_id": "539901001201-01",
    "service_code": "home-rehabilitation",
    "urgency": "normal",
    "beneficiary_category": "disabled_person",
    "particulars": {
        "name": "郑小兰",
        "phone": "13911114321",
        "address": "东门路9号",
        "text": "希望上门康复。",
    },
}


@pytest.fixture(scope="module")
def case(county: County) -> dict[str, Any]:
    """Placed by the grid worker, accepted by the desk, dispatched by matching."""
    worker, clerk = county.person("grid-worker-01"), county.person("desk-clerk-01")
    path = f"/requests/{worker.post('/requests', PLACE)['request_id']}"
    clerk.post(f"{path}/acceptance")
    return {**worker.wait(path, status="dispatched"), "path": path}


def of_case(person: Person, case: dict[str, Any]) -> list[dict[str, Any]]:
    rows = person.get("/notices", params={"size": 100}).json()["rows"]
    return [row for row in rows if row["request_id"] == case["request_id"]]


def kinds(person: Person, case: dict[str, Any]) -> list[str]:
    return [row["kind"] for row in of_case(person, case)]


def test_the_desk_and_the_organisation_are_told(county: County, case: dict[str, Any]):
    clerk, federation = county.person("desk-clerk-01"), county.person("disabled-federation")
    county.until(lambda: kinds(federation, case) == ["new_order"])
    assert kinds(clerk, case) == ["new_request"]
    (notice,) = of_case(federation, case)
    assert notice["sentence"] == "派来一件新工单，请按时接单。"
    assert notice["case_number"] == case["case_number"]
    assert not notice["is_read"]


def test_nobody_else_is(county: County, case: dict[str, Any]):
    for stranger in ("grid-worker-02", "desk-clerk-02", "red-cross", "administrator-1"):
        assert kinds(county.person(stranger), case) == []


def test_reading_is_ones_own_and_counts(county: County, case: dict[str, Any]):
    federation = county.person("disabled-federation")
    (notice,) = of_case(federation, case)
    before = federation.get("/notices").json()["unread"]
    read = federation.post("/notices/read", {"positions": [notice["position"]]})
    found = federation.get("/notices", params={"at_least": read["position"]}).json()
    assert found["unread"] == before - 1
    assert of_case(federation, case)[0]["is_read"]
    assert not of_case(county.person("desk-clerk-01"), case)[0]["is_read"]


@pytest.mark.usefixtures("case")
def test_everything_up_to_a_position_is_read_at_once(county: County):
    clerk = county.person("desk-clerk-01")
    newest = clerk.get("/notices").json()["rows"][0]["position"]
    read = clerk.post("/notices/read", {"up_to": newest})
    assert clerk.repeat_last_post()["is_repeat"]
    found = clerk.get("/notices", params={"at_least": read["position"]}).json()
    assert found["unread"] == 0


def test_what_has_not_happened_cannot_be_read(county: County):
    answer = county.person("desk-clerk-01").try_post("/notices/read", {"up_to": 2**52})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.usefixtures("case")
def test_the_inbox_is_paged(county: County):
    clerk = county.person("desk-clerk-01")
    county.person("grid-worker-01").post("/requests", PLACE)
    county.until(lambda: len(clerk.get("/notices", params={"size": 2}).json()["rows"]) == 2)
    first = clerk.get("/notices", params={"size": 1}).json()
    second = clerk.get("/notices", params={"size": 1, "before": first["next_before"]}).json()
    assert second["rows"][0]["position"] < first["rows"][0]["position"]


@pytest.mark.usefixtures("case")
def test_no_personal_data_is_in_a_notice(county: County):
    said = county.person("disabled-federation").get("/notices").text
    assert "郑小兰" not in said
    assert "13911114321" not in said


def test_a_stranger_gets_nothing(county: County):
    person = county.sign_in("grid-worker-01")
    person.http.delete("/api/v1/session")
    assert person.get("/notices").status_code == 401
    assert person.try_post("/notices/read", {"up_to": 1}).status_code == 401
    person.http.close()


@pytest.mark.usefixtures("case")
def test_every_view_is_what_the_log_makes_of_it(county: County):
    assert county.vocabulary()["verify"]() == 0
