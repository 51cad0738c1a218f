"""The county's files and rules against a running system: loaded, read, changed, and remembered."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.county.check import DEMO
from deploy.county.dry_run import main as dry_run
from deploy.county.load import main as load
from tests.integration.api.people import County

TRAINING = {
    "grid_id": "539901001201-01",
    "service_code": "skill-training",
    "particulars": {
        "name": "李大山",
        "phone": "13700003333",
        "address": "东门路3号",
        "text": "想学电工技能，请问近期有没有培训。",
    },
}


@pytest.fixture(scope="module", autouse=True)
def as_before(county: County) -> Iterator[None]:
    """Other tests meet the demo county's own rules again."""
    yield
    assert load([str(DEMO), "--accounts", str(county.accounts)]) == 0


def test_everybody_reads_the_rules_that_the_files_brought(county: County):
    for name in ("grid-worker-01", "auditor-1", "red-cross-staff-1"):
        rules = county.person(name).get("/rules").json()
        assert rules["version"] == "yunling-2026-1"
        assert rules["levels"][2]["complete"] == {"amount": 5, "unit": "working_day"}
    old = county.person("leader-1").get("/rules/versions/default-1").json()
    assert "best_past_outcome" not in old["matching"]
    assert county.person("leader-1").get("/rules/versions/nobody-s").status_code == 404


def test_the_same_files_again_change_nothing(county: County, capsys: pytest.CaptureFixture[str]):
    head = county.head()
    assert load([str(DEMO), "--accounts", str(county.accounts)]) == 0
    assert county.head() == head
    assert load([str(DEMO), "--dry-run"]) == 0
    assert "共 0 项改动" in capsys.readouterr().out


def test_only_what_differs_is_changed_and_remembered(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = Path(shutil.copytree(DEMO, tmp_path / "county"))
    change(folder / "rules.yaml", "version: yunling-2026-1", "version: yunling-2026-2")
    change(folder / "rules.yaml", "reopen_days: 15", "reopen_days: 20")
    change(
        folder / "areas.yaml",
        "  - {area_id: 539901001202, ",
        "  - {area_id: 539901001201-03, kind: grid, name: 东门社区第三网格, "
        "parent_id: 539901001201}\n  - {area_id: 539901001202, ",
    )
    change(folder / "organizations.yaml", "name: 云岭县归国华侨联合会", "name: 云岭县侨联")
    head = county.head()
    assert load([str(folder), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "云岭县归国华侨联合会 → 云岭县侨联" in told
    assert "将登记区域 539901001201-03 东门社区第三网格" in told
    assert "reopen_days：15 → 20" in told
    assert county.head() == head
    assert load([str(folder), "--accounts", str(county.accounts)]) == 0
    assert county.head() == head + 3
    county.until(lambda: "云岭县侨联" in county.person("leader-1").get("/directory").text)
    newest = county.person("auditor-1").get("/rules/adoptions").json()[0]
    assert (newest["version"], newest["adopted_by"]) == ("yunling-2026-2", "county-setup")
    assert newest["changes"] == [{"field": "reopen_days", "before": "15", "after": "20"}]


def test_a_used_version_and_a_broken_file_stop_everything(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = Path(shutil.copytree(DEMO, tmp_path / "county"))
    change(folder / "rules.yaml", "reopen_days: 15", "reopen_days: 16")
    head = county.head()
    assert load([str(folder)]) == 1
    assert "规则版本 yunling-2026-1 已经用于另一套规则" in capsys.readouterr().out
    change(folder / "rules.yaml", "reopen_days: 16", "reopen_days: 160")
    assert load([str(folder)]) == 1
    assert "rules.yaml:55 reopen_days：160 太大。最大为 90" in capsys.readouterr().out
    assert county.head() == head


def test_an_administrator_adopts_rules_in_own_name(county: County):
    administrator = county.person("administrator-1")
    rules = administrator.get("/rules").json() | {"version": "yunling-2026-3", "max_extensions": 1}
    for other in ("center-dispatcher-1", "leader-1"):
        assert county.person(other).try_post("/rules", rules).status_code == 403
    adopted = administrator.post("/rules", rules)
    assert adopted["version"] == "yunling-2026-3"
    assert administrator.repeat_last_post()["is_repeat"]
    assert county.log_entry(adopted["position"])["by"] == "administrator-1"
    newest = administrator.get("/rules/adoptions").json()[0]
    assert newest["adopted_by"] == "administrator-1"


def test_rules_nobody_could_work_by_are_refused_with_their_fields(county: County):
    administrator = county.person("administrator-1")
    rules = administrator.get("/rules").json() | {"version": "yunling-2026-4"}
    unsound = administrator.try_post("/rules", {**rules, "matching": ["offers_the_service"]})
    assert (unsound.status_code, [*unsound.json()["fields"]]) == (422, ["matching"])
    misshapen = administrator.try_post("/rules", {**rules, "reopen_days": "15"})
    assert (misshapen.status_code, [*misshapen.json()["fields"]]) == (422, ["reopen_days"])
    used = administrator.try_post("/rules", {**rules, "version": "default-1"})
    assert used.status_code == 409


def test_a_dry_run_shows_what_would_go_elsewhere_and_switches_nothing_on(
    county: County, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    send_until_the_busier_one_is_spared(county)
    centre = county.person("center-dispatcher-1")
    rules = centre.get("/rules").json() | {"version": "yunling-trial"}
    by_id = [rule for rule in rules["matching"] if rule != "least_busy"]
    before = centre.get("/rules").json()
    answer = centre.try_post("/rules/dry-run", {**rules, "matching": by_id})
    assert answer.status_code == 200, answer.text
    tried = answer.json()
    assert [one["field"] for one in tried["changes"]] == ["matching"]
    shift = next(one for one in tried["dispatching"]["shifts"] if one["from_id"] == "trade-union")
    assert shift["to_id"] == "commerce-federation"
    example = tried["dispatching"]["examples"][-1]
    assert (example["before"], example["after"]) == (
        {"organization_id": "trade-union", "rule": "least_busy"},
        {"organization_id": "commerce-federation", "rule": "first_by_id"},
    )
    assert centre.get("/rules").json() == before
    folder = Path(shutil.copytree(DEMO, tmp_path / "county"))
    change(folder / "rules.yaml", "  - least_busy\n", "")
    assert dry_run([str(folder)]) == 0
    assert "云岭县总工会 → 云岭县工商业联合会" in capsys.readouterr().out


def test_a_dry_run_is_for_those_who_answer_for_the_rules(county: County):
    rules = county.person("leader-1").get("/rules").json() | {"version": "yunling-trial"}
    assert county.person("leader-1").try_post("/rules/dry-run", rules).status_code == 403
    assert county.person("administrator-1").try_post("/rules/dry-run", rules).status_code == 200
    unsound = {**rules, "matching": ["first_by_id"]}
    assert county.person("administrator-1").try_post("/rules/dry-run", unsound).status_code == 422


def send_until_the_busier_one_is_spared(county: County) -> None:
    """Two organisations train skills; the first by id gets all of it until it is busier."""
    worker, clerk = county.person("grid-worker-01"), county.person("desk-clerk-01")
    for _ in range(12):
        placed = worker.post("/requests", TRAINING)
        clerk.post(f"/requests/{placed['request_id']}/acceptance")
        case = worker.wait(f"/requests/{placed['request_id']}", status="dispatched")
        if case["organization_id"] == "trade-union":
            return
    raise AssertionError("never the other one")


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
