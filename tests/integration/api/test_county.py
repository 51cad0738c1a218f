"""The county's files and rules against a running system: loaded, read, changed, and remembered."""

import shutil
from pathlib import Path

import pytest

from deploy.county.check import DEMO
from deploy.county.load import main as load
from tests.integration.api.people import County


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
    head = county.head()
    assert load([str(folder), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "将登记区域 539901001201-03 东门社区第三网格" in told
    assert "reopen_days：15 → 20" in told
    assert county.head() == head
    assert load([str(folder), "--accounts", str(county.accounts)]) == 0
    assert county.head() == head + 2
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
    assert "rules.yaml:56 reopen_days：160 太大。最大为 90" in capsys.readouterr().out
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


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
