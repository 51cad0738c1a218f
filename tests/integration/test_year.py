"""`make year`: a past made by the rules, on which the services go on as if it had been theirs."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from deploy.local.private import Stack
from deploy.local.program import ROOT, python
from deploy.local.waiting import wait_until
from deploy.verify import main as verify_main
from deploy.views import VIEWS
from tests.integration.api.people import County
from tests.integration.deliveries.receiver import receiver

REQUESTS = 300
UNTIL = "2026-11-20"


def year(folder: Path) -> subprocess.CompletedProcess[str]:
    apart = {name: said for name, said in os.environ.items() if name != "MONGODB_URI"}
    command = python("-m", "deploy.demo.year", "--folder", str(folder), "--until", UNTIL)
    return subprocess.run(
        [*command, "--requests", str(REQUESTS)],
        cwd=ROOT,
        env={**apart, "COUNTY": "year"},
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("year")
    said = year(folder)
    assert said.returncode == 0, said.stderr
    return folder


@pytest.fixture(scope="module")
def county(folder: Path) -> Iterator[County]:
    with (
        receiver() as there,
        Stack(folder, county="year", with_demo=True) as stack,
        MongoClient[dict[str, Any]](stack.mongodb_uri) as mongo,
    ):
        patch = pytest.MonkeyPatch()
        for name, said in {"MONGODB_URI": stack.mongodb_uri, "COUNTY": "year"}.items():
            patch.setenv(name, said)
        county = County(stack, mongo, there)
        yield county
        county.leave()
        patch.undo()


def head(county: County) -> int:
    newest = county.mongo.year_log.commits.find_one(sort=[("_id", -1)])
    assert newest
    return int(newest["_id"] + newest["n"] - 1)


def test_a_county_with_a_past_is_not_given_another(folder: Path):
    again = year(folder)
    assert again.returncode == 1
    assert "make reset" in again.stderr


def test_nothing_that_the_year_has_done_is_done_again(county: County):
    """The timers may say what became due since; a policy says nothing about the past."""
    wait_until(lambda: verify_main(["--wait", "30"]) == 0, "views at the end of the log", 90)
    commits = county.mongo.year_log.commits
    started = datetime.now(UTC) - timedelta(hours=1)
    of_today = list(commits.find({"at": {"$gte": started}}))
    assert {commit["role"] for commit in of_today} <= {"administrator", "system"}
    assert [commit["command"] for commit in of_today if commit["caused_by"]] == []


def test_policies_begin_behind_the_year_and_do_not_go_through_it_again(county: County):
    """Every checkpoint that the year has left is one that a subscription goes on from."""
    for service in ("requests", "dispatch"):
        known = {view.collection for view in VIEWS[service]}
        left = {row["_id"] for row in county.mongo[f"year_{service}"].checkpoints.find()}
        assert left - known == {"policy"}


def test_every_request_is_in_the_register_with_its_story(county: County):
    leader = county.person("leader-1")
    found = leader.get("/requests", params={"size": 1}).json()
    assert found["total"] == REQUESTS
    request_id = found["rows"][0]["request_id"]
    story = leader.get(f"/requests/{request_id}/story").json()
    assert story["entries"][0]["sentence"].startswith("网格员")


def test_figures_of_the_year_open_to_their_cases(county: County):
    leader = county.person("leader-1")
    period = {"from": "2025-11-21", "to": UNTIL}
    said: httpx.Response = leader.get("/figures", params=period)
    assert said.status_code == 200, said.text
    assert said.json()["total"]["figures"]


def test_life_goes_on_where_the_year_ended(county: County):
    before = head(county)
    worker = county.person("grid-worker-01")
    placed = worker.post(
        "/requests",
        {
            "grid_id": "539901001201-01",
            "service_code": "volunteer-help",
            "particulars": {"name": "王小明", "phone": "13812345678", "address": "东门路12号"}
            | {"text": "需要帮助"},
        },
    )
    assert placed["position"] > before
    clerk = county.person("desk-clerk-01")
    clerk.post(f"/requests/{placed['request_id']}/acceptance")
    worker.wait(f"/requests/{placed['request_id']}", status="dispatched")
