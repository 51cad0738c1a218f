"""Requests and grid trees from files: looked at first, placed once, and taken back."""

import io
import time
import uuid
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
import openpyxl
import pytest

from shared.adapters.mongo_vault import Wanted
from tests.integration.api.people import County, Person
from tests.integration.api.test_bad_input import stored

TITLES = ("网格", "服务", "姓名", "电话", "地址", "诉求内容", "诉求日期")
GRID = "539901001201-01"
PATIENCE_SECONDS = 60.0


def rows(count: int, **changes: str) -> list[tuple[str, ...]]:
    """Rows that nobody has imported before."""
    mark = uuid.uuid4().hex[:8]
    row = {
        "grid": GRID,
        "service": "青年志愿服务",
        "name": "王小明",
        "phone": "13812345678",
        "address": "东门路12号",
        "text": "请志愿者帮忙换灯泡",
        "day": "2026/1/5",
        **changes,
    }
    return [
        (*list(row.values())[:5], f"{row['text']}，第{number}件，{mark}", row["day"])
        for number in range(1, count + 1)
    ]


def csv(lines: Iterable[tuple[str, ...]], encoding: str = "gbk") -> bytes:
    return "\n".join(",".join(line) for line in (TITLES, *lines)).encode(encoding)


def workbook(lines: Iterable[tuple[Any, ...]], titles: tuple[str, ...] = TITLES) -> bytes:
    book = openpyxl.Workbook()
    for line in (titles, *lines):
        book.worksheets[0].append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def send(person: Person, path: str, content: bytes) -> httpx.Response:
    return person.http.post(f"/api/v1/imports/{path}", files={"file": ("王小明.csv", content)})


def imported(person: Person, content: bytes, path: str = "requests") -> dict[str, Any]:
    """Sent, and waited for."""
    answer = send(person, path, content)
    assert answer.status_code == 202, answer.text
    return finished(person, answer.json()["import_id"])


def finished(person: Person, import_id: str) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        found: dict[str, Any] = person.get(f"/imports/{import_id}").json()
        if found["status"] in {"done", "undone", "stopped"}:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.1)


def undone(person: Person, import_id: str) -> dict[str, Any]:
    answer = person.http.post(f"/api/v1/imports/{import_id}/undo")
    assert answer.status_code == 202, answer.text
    return finished(person, import_id)


def placed(county: County, import_id: str) -> list[str]:
    found = county.mongo[f"{county.stack.county}_gateway"].import_rows.find(
        {"import_id": import_id}, sort=[("order", 1)]
    )
    return [row["body"].get("request_id", row["body"].get("area_id")) for row in found]


def test_a_preview_judges_every_row_and_stores_nothing(county: County):
    worker, before = county.person("grid-worker-01"), stored(county)
    good, twice = rows(2)
    wrong = rows(1, phone="1.38E+10", day="明天")[0]
    elsewhere = rows(1, grid="539901001202-01")[0]
    answer = send(worker, "requests/preview", csv([good, twice, wrong, elsewhere, good]))
    told = answer.json()
    assert (told["total"], told["ok"], told["errors"], told["duplicates"]) == (5, 2, 2, 1)
    by_row = {row["row"]: row for row in told["rows"]}
    assert {p["column"] for p in by_row[4]["problems"]} == {"电话", "诉求日期"}
    assert by_row[5]["problems"] == [
        {"column": "网格", "remedy": "不在您的工作范围内，请核对，或请负责的同事导入"}
    ]
    assert "第 2 行" in by_row[6]["reason"]
    assert "王小明" not in answer.text
    assert stored(county) == before


@pytest.mark.parametrize("name", ["grid-worker-01", "desk-clerk-01", "center-dispatcher-1"])
def test_whoever_may_place_a_request_there_may_import_it(county: County, name: str):
    person = county.person(name)
    done = imported(person, csv(rows(3)))
    assert (done["status"], done["counts"]) == ("done", {"placed": 3})
    for request_id in placed(county, done["import_id"]):
        case = person.wait(f"/requests/{request_id}", status="placed")
        assert case["particulars"]["phone"] == "138****5678"
        assert case["stated_on"] == "2026-01-05"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("leader-1", "requests"),
        ("administrator-1", "requests"),
        ("trade-union", "requests"),
        ("grid-worker-01", "areas"),
        ("center-dispatcher-1", "areas"),
    ],
)
def test_whoever_may_not_is_told_before_the_file_is_read(county: County, name: str, path: str):
    for step in (path, f"{path}/preview"):
        assert send(county.person(name), step, b"\xff").status_code == 403


def test_one_wrong_row_places_nothing_unless_that_was_asked_for(county: County):
    worker, before = county.person("grid-worker-01"), stored(county)
    content = workbook([*rows(2), *rows(1, service="洗车")])
    refused = send(worker, "requests", content)
    assert refused.status_code == 422
    assert refused.json()["fields"].keys() == {"第 4 行 服务"}
    assert stored(county) == before
    done = imported(worker, content, "requests?only_valid=true")
    assert (done["counts"], done["left_out"]) == ({"placed": 2}, 1)


def test_the_same_file_again_is_the_same_import(county: County):
    worker, content = county.person("grid-worker-01"), csv(rows(3))
    first = imported(worker, content)
    before = stored(county)
    again = send(worker, "requests", content).json()
    assert (again["import_id"], again["is_repeat"]) == (first["import_id"], True)
    assert stored(county) == before


def test_a_row_of_an_earlier_file_is_not_placed_again(county: County):
    worker, (old, new) = county.person("grid-worker-01"), rows(2)
    imported(worker, csv([old]))
    told = send(worker, "requests/preview", csv([old, new])).json()
    assert (told["ok"], told["duplicates"]) == (1, 1)
    assert "以前导入过" in told["rows"][0]["reason"]
    assert imported(worker, csv([old, new]))["counts"] == {"placed": 1}


def test_an_undo_withdraws_what_may_be_withdrawn_and_says_why_not_of_the_rest(county: County):
    worker, clerk = county.person("grid-worker-01"), county.person("desk-clerk-01")
    content = csv(rows(3))
    made = imported(worker, content)
    declined, *others = placed(county, made["import_id"])
    clerk.post(f"/requests/{declined}/decline", {"reason": "out_of_scope"})
    told = undone(worker, made["import_id"])
    assert (told["status"], told["counts"]) == ("undone", {"withdrawn": 2, "kept": 1})
    assert [row["row"] for row in told["failed"]] == [2]
    assert "不予受理" in told["failed"][0]["reason"]
    for request_id in others:
        worker.wait(f"/requests/{request_id}", status="withdrawn")


def test_after_an_undo_the_file_may_be_imported_again(county: County):
    worker, content = county.person("grid-worker-01"), csv(rows(2))
    first = imported(worker, content)
    undone(worker, first["import_id"])
    second = imported(worker, content)
    assert second["import_id"] != first["import_id"]
    assert second["counts"] == {"placed": 2}
    assert set(placed(county, first["import_id"])).isdisjoint(placed(county, second["import_id"]))


def test_an_import_is_its_accounts_own(county: County):
    made = imported(county.person("grid-worker-01"), csv(rows(1)))
    for name in ("grid-worker-02", "desk-clerk-01", "administrator-1"):
        person = county.person(name)
        assert person.get(f"/imports/{made['import_id']}").status_code == 404
        undo = person.http.post(f"/api/v1/imports/{made['import_id']}/undo")
        assert undo.status_code == 404
    listed = county.person("grid-worker-01").get("/imports").json()
    assert made["import_id"] in {known["import_id"] for known in listed}


def bomb() -> bytes:
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([]))) as book,
        zipfile.ZipFile(file, "w", 8) as made,
    ):
        for name in book.namelist():
            made.writestr(name, b" " * 100_000_000 if "sheet1" in name else book.read(name))
    return file.getvalue()


BAD_FILES = [
    ("zip_bomb", bomb, 422, "解压后过大"),
    ("100000_rows", lambda: csv(rows(1) * 100_000), 413, "8 MB"),
    ("100000_short_rows", lambda: b"a,b\n" * 100_000, 422, "5000 行"),
    (
        "cell_of_a_megabyte",
        lambda: csv(rows(1, text="长" * 1_000_000), "utf-8"),
        422,
        "第 2 行 F 列",
    ),
    ("no_text", lambda: b"\x89PNG\r\n\x1a\n\0\0", 422, "认不出"),
    ("no_titles", lambda: csv([]).partition(b"\n")[2] + b"1,2\n3,4", 422, "标题行"),
    ("empty", lambda: b"", 422, "空"),
]


@pytest.mark.parametrize(
    ("make", "status", "why"), [bad[1:] for bad in BAD_FILES], ids=[bad[0] for bad in BAD_FILES]
)
@pytest.mark.parametrize("path", ["requests", "requests/preview"])
def test_a_bad_file_is_explained_and_leaves_nothing(
    county: County, path: str, make: Any, status: int, why: str
):
    before = stored(county)
    answer = send(county.person("grid-worker-01"), path, make())
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert why in problem["detail"] + str(problem["fields"])
    assert stored(county) == before


def test_what_is_no_form_with_a_file_is_explained(county: County):
    worker = county.person("grid-worker-01")
    for wrong in ({"json": {}}, {"files": {"other": b"x"}}, {"data": {"file": "x"}}, {}):
        answer = worker.http.post("/api/v1/imports/requests", **wrong)
        assert answer.status_code == 422, answer.text
        assert "file" in answer.json()["fields"]


def test_nothing_of_a_file_is_stored_in_clear(county: County):
    worker, name = county.person("grid-worker-01"), "欧阳娜娜"
    imported(worker, csv(rows(2, name=name)))
    for database in ("gateway", "log", "ledger", "requests", "relay", "vault"):
        stored_there = county.mongo[f"{county.stack.county}_{database}"]
        for collection in stored_there.list_collection_names():
            found = str(list(stored_there[collection].find()))
            assert name not in found, (database, collection)
            assert "13812345678" not in found, (database, collection)
    for log in county.stack.folder.rglob("*.log"):
        assert name not in log.read_text(errors="replace"), log


AREA_TITLES = ("区域编码", "类别", "名称", "上级编码")


def tree(town: str) -> list[tuple[str, str, str, str]]:
    """Children before parents, as sheets sorted by name are."""
    return [
        (f"{town}201-01", "网格", "石桥村第一网格", f"{town}201"),
        (f"{town}201", "村", "石桥村", town),
        (town, "乡镇群团综合服务中心", "石桥镇中心", "539901-center"),
    ]


def test_a_tree_is_imported_from_the_top_and_undone_from_the_bottom(county: County):
    administrator, town = county.person("administrator-1"), f"0{uuid.uuid4().int % 10**8}"
    made = imported(administrator, workbook(tree(town), AREA_TITLES), "areas")
    assert made["counts"] == {"placed": 3}
    known = {area["area_id"]: area for area in administrator.get("/grids").json()}
    assert known[f"{town}201-01"]["path"][-3:] == [town, f"{town}201", f"{town}201-01"]
    told = undone(administrator, made["import_id"])
    assert told["counts"] == {"withdrawn": 3}
    county.until(lambda: town not in {a["area_id"] for a in administrator.get("/grids").json()})


def test_areas_on_which_something_hangs_by_now_are_kept(county: County):
    administrator, town = county.person("administrator-1"), f"0{uuid.uuid4().int % 10**8}"
    made = imported(administrator, workbook(tree(town), AREA_TITLES), "areas")
    centre = county.person("center-dispatcher-1")
    place = workbook(rows(1, grid=f"{town}201-01"))
    county.until(lambda: send(centre, "requests/preview", place).json().get("ok") == 1)
    imported(centre, place)
    told = undone(administrator, made["import_id"])
    assert told["counts"] == {"kept": 3}
    reasons = {row["row"]: row["reason"] for row in told["failed"]}
    assert "已经有过诉求" in reasons[2]
    assert "下级" in reasons[3]


def test_a_tree_with_mistakes_names_them(county: County):
    administrator = county.person("administrator-1")
    lines = [
        ("x1", "网格", "甲", "539901001"),
        ("x2", "村", "乙", "nowhere"),
        ("x3", "村", "丙", "x4"),
        ("x4", "村", "丁", "x3"),
        ("539901", "县", "云岭县", ""),
        ("999999", "县", "另一个县", ""),
        ("539901001201", "村", "换了名称", "539901001"),
    ]
    told = send(administrator, "areas/preview", workbook(lines, AREA_TITLES)).json()
    verdicts = {row["row"]: row for row in told["rows"]}
    assert verdicts[6]["verdict"] == "unchanged"
    wrong = {
        number: row["problems"][0]["remedy"]
        for number, row in verdicts.items()
        if row["verdict"] == "error"
    }
    assert set(wrong) == {2, 3, 4, 5, 7, 8}
    assert "不能设在" in wrong[2]
    assert "没有找到上级" in wrong[3]
    assert "圈" in wrong[4]
    assert "只设一个县" in wrong[7]
    assert "换一个编码" in wrong[8]


def left_behind(county: County, status: str, has_people: bool) -> tuple[str, str]:
    """What a gateway leaves that dies while it takes a file in: one row, and perhaps its person."""
    mark, then = f"I{uuid.uuid4().hex}", datetime(2026, 1, 1, tzinfo=UTC)
    import_id, record_id = f"{mark}-1", f"P{uuid.uuid4().hex}"
    body = {
        "request_id": f"R{uuid.uuid4().hex}",
        "grid_id": GRID,
        "service_code": "volunteer-help",
        "urgency": "normal",
        "beneficiary_category": "resident",
        "particulars_id": record_id,
        "stated_on": None,
    }
    made = {"file": mark, "attempt": 1, "kind": "requests", "account_id": "grid-worker-01"}
    row = {"import_id": import_id, "account_id": "grid-worker-01", "order": 0, "row": 2}
    gateway = county.mongo[f"{county.stack.county}_gateway"]
    if has_people:
        person = dict(zip(("name", "phone", "address", "text"), rows(1)[0][2:6], strict=True))
        county.vault.keep([Wanted(record_id, "particulars", body["request_id"], person)])
    gateway.import_rows.insert_one(
        {
            **row,
            "_id": f"{import_id}:000002",
            "command_id": f"grid-worker-01:{uuid.uuid4().hex}",
            "body": body,
            "record_id": record_id,
            "outcome": "waiting",
            "reason": "",
        }
    )
    times = {"begun_at": then, "held_until": then, "total": 1, "left_out": 0}
    gateway.imports.insert_one({**made, **times, "_id": import_id, "status": status})
    return import_id, record_id


def test_an_import_that_was_never_made_ready_is_taken_back(county: County):
    import_id, record_id = left_behind(county, "preparing", has_people=True)
    told = finished(county.person("grid-worker-01"), import_id)
    assert (told["status"], told["counts"]) == ("stopped", {"refused": 1})
    assert county.vault.read([record_id]) == {}


def test_an_import_that_was_ready_is_gone_on_with(county: County):
    import_id, _ = left_behind(county, "running", has_people=True)
    told = finished(county.person("grid-worker-01"), import_id)
    assert (told["status"], told["counts"]) == ("done", {"placed": 1})


def test_no_request_is_placed_without_its_person(county: County):
    import_id, _ = left_behind(county, "running", has_people=False)
    told = finished(county.person("grid-worker-01"), import_id)
    assert (told["status"], told["counts"]) == ("done", {"refused": 1})
    assert "没有保存完整" in told["failed"][0]["reason"]


def test_an_import_goes_on_where_a_killed_gateway_left_it(county: County):
    worker, count = county.person("grid-worker-01"), 600
    answer = send(worker, "requests", csv(rows(count)))
    import_id = answer.json()["import_id"]
    gateway = county.stack.process("gateway")
    before = gateway.kill_with_children()
    log = county.mongo[f"{county.stack.county}_log"].commits
    streams = [f"service_request-{request_id}" for request_id in placed(county, import_id)]
    assert log.count_documents({"stream": {"$in": streams}}) < count  # it was in the middle
    gateway.wait_restarted(before)
    county.until(lambda: is_answering(worker))
    assert finished(worker, import_id)["counts"] == {"placed": count}
    assert log.count_documents({"stream": {"$in": streams}}) == count


def is_answering(person: Person) -> bool:
    try:
        return person.get("/session").is_success
    except httpx.TransportError:
        return False
