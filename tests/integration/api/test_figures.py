"""Figures of a county at work: by API, on the page and in the table, now and as of any day."""

import csv
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.private import Stack
from services.ledger.domain.measures import MEASURES
from shared.adapters.mongo import connect
from shared.adapters.mongo_log import MongoLog
from shared.adapters.mongo_views import ViewStore
from shared.event_log import NewCommit
from shared.verify_views import differences
from tests.county_year import Place, year
from tests.integration.api.people import County, Person
from tests.integration.deliveries.receiver import receiver

PLACE = Place(
    organizations=("trade-union", "youth-league", "womens-federation", "red-cross"),
    desks=("539901001", "539901101"),
    above=("539901", "539901-center"),
    services=("hardship-relief", "volunteer-help"),
)
BEGAN = datetime(2026, 1, 5, 0, 30, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("worked")
PERIOD = {"from": "2026-01-01", "to": "2026-03-31"}


@pytest.fixture(scope="module")
def county() -> Iterator[County]:
    """A county of its own, where nobody decides: what happened is written into its log by hand."""
    with (
        receiver() as there,
        Stack(county="figures", with_demo=True) as stack,
        MongoClient(stack.mongodb_uri) as mongo,
    ):
        for deciding in ("requests", "dispatch", "timers"):
            stack.process(deciding).stop()
        county = County(stack, mongo, there)
        yield county
        county.leave()


@pytest.fixture(scope="module")
def worked(county: County) -> int:
    """Three weeks of work in the log, told at their own time; the position they end at."""
    log = MongoLog(county.mongo, f"{county.stack.county}_log")
    position = 0
    for fact in year(requests_a_day=8, days=15, place=PLACE, first_day=BEGAN):
        tags = tuple(f"area:{area}" for area in ("539901", "539901-center"))
        said = fact.commit._asdict() | {"command_id": f"made-{fact.position}", "audience": tags}
        for name in ("position", "version"):
            said.pop(name)
        new = NewCommit(expected_version=fact.version - 1, events=(fact.event,), **said)
        position = log.append(new).position
    log.close()
    leader = county.person("leader-1")
    county.until(lambda: figures(leader)["position"] >= position)
    return position


def figures(person: Person, **asked: str) -> dict[str, Any]:
    answer = person.get("/figures", params={**PERIOD, **asked})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(line: dict[str, Any]) -> list[str]:
    return [figure["shown"] for figure in line["figures"]]


def test_page_and_table_show_what_the_api_says(county: County):
    leader = county.person("leader-1")
    said = figures(leader)
    table = leader.get("/figures.csv", params=PERIOD)
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(table.text.removeprefix("\ufeff"))))
    page = leader.http.get("/figures", params=PERIOD, headers={"accept": "text/html"}).text
    cells = re.findall(r"查看背后的工单\">([^<]+)</a>", page)
    lines = [*said["lines"], said["total"]]
    assert cells == [number for line in lines for number in shown(line)]
    names = [figure["name"] for figure in said["total"]["figures"]]
    place = names.index("score")
    assert [row["综合得分"].strip() for row in rows] == [
        shown(line)[place] for line in (said["total"], *said["lines"])
    ]
    assert {row["日志位置"] for row in rows} == {str(said["position"])}


def test_every_figure_opens_to_its_cases(county: County):
    leader = county.person("leader-1")
    for figure in [*figures(leader)["total"]["figures"], *figures(leader)["lines"][0]["figures"]]:
        found = leader.get("/figures/cases", params=figure["question"]).json()
        assert found["total"] == figure["denominator"], figure
        assert found["figure"]["shown"] == figure["shown"]


def test_a_case_behind_a_figure_can_be_read(county: County):
    leader = county.person("leader-1")
    question = figures(leader)["total"]["figures"][0]["question"]
    row = leader.get("/figures/cases", params=question).json()["rows"][0]
    assert leader.get(f"/requests/{row['request_id']}/story").status_code == 200


def test_any_past_day_is_what_its_log_said(county: County):
    """Each day's figures are those of a county whose work stopped that evening."""
    leader = county.person("leader-1")
    counts = []
    for after in range(0, 40, 8):
        day = (BEGAN + timedelta(days=after)).date().isoformat()
        began = time.monotonic()
        then = figures(leader, as_of=day)
        assert time.monotonic() - began < 20
        assert then["as_of"] == day
        counts.append(then["total"]["figures"][0]["value"])
        assert figures(leader, as_of=day) == then
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_as_of_a_day_after_everything_is_now(county: County):
    leader = county.person("leader-1")
    later, now = figures(leader, as_of="2026-04-15"), figures(leader)
    assert [shown(line) for line in later["lines"]] == [shown(line) for line in now["lines"]]


def test_everybody_sees_the_own_part(county: County):
    union, clerk = county.person("trade-union"), county.person("desk-clerk-01")
    assert [line["key"] for line in figures(union)["lines"]] == ["trade-union"]
    assert [line["key"] for line in figures(clerk, by="desk")["lines"]] == ["539901001"]
    places = union.get("/figures/assessment", params=PERIOD).json()["overall"]["places"]
    assert [place["key"] for place in places] == ["trade-union"]
    assert clerk.get("/figures/assessment", params=PERIOD).status_code == 403
    for nobody in ("auditor-1", "administrator-1", "trade-union-staff-1"):
        assert county.person(nobody).get("/figures").status_code == 403


def test_all_organisations_are_in_the_list_and_its_table(county: County):
    leader = county.person("leader-1")
    found = leader.get("/figures/assessment", params=PERIOD).json()
    assert len(found["overall"]["places"]) == 10
    table = leader.get("/figures/assessment.csv", params=PERIOD).text
    rows = list(csv.DictReader(StringIO(table.removeprefix("\ufeff"))))
    ranked = [row["单位"] for row in rows if row["榜单"] == "综合评价"]
    assert ranked == [place["name"] for place in found["overall"]["places"]]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "2026-05-02", "to": "2026-05-01"}, "to"),
        ({"from": "2000-01-01", "to": "2026-01-01"}, "from"),
        ({"as_of": "2999-01-01"}, "as_of"),
        ({"from": "2026-02-30"}, "from"),
        ({"by": "weather"}, "by"),
        ({"from": "2026-01-01", "to": "2026-12-31", "by": "day"}, "by"),
        ({"area_id": "a b"}, "area_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_named(county: County, asked: dict[str, str], field: str):
    answer = county.person("leader-1").get("/figures", params=asked)
    assert answer.status_code == 422
    assert any(field in name for name in answer.json()["fields"]), answer.text


def test_every_row_is_what_the_log_makes_of_it(county: County):
    """Also when work was told in another order than it was folded."""
    with connect(county.stack.mongodb_uri, "tests") as client:
        log = MongoLog(client, f"{county.stack.county}_log")
        head = log.head()
        county.until(lambda: figures(county.person("leader-1"))["position"] >= head)
        stored = ViewStore(client[f"{county.stack.county}_ledger"], MEASURES).everything()
        facts = log.read_after(0, limit=head).facts
        log.close()
    assert differences(MEASURES, facts, stored, head) == []
