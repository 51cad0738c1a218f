"""The register as a file: what the viewer may see, as the screen shows it, and nothing runs."""

import csv
import io
from typing import Any

import httpx
import openpyxl
import pytest

from services.gateway import exports
from services.gateway.exchange.register_table import TITLES
from tests.integration.api.people import County, Person

PLACE: dict[str, Any] = {
    "grid_id": "539901001201-01",
    "service_code": "assistive-device",
    "urgency": "urgent",
    "beneficiary_category": "disabled_person",
    "particulars": {
        "name": "周小花",
        "phone": "13700002222",
        "address": "文昌巷8号",
        "text": "=HYPERLINK(1)，轮椅坏了，电话13700002222。\n请尽快。",
    },
}


def download(person: Person, **asked: str) -> httpx.Response:
    answer = person.get("/requests/export", params=asked)
    assert answer.is_success, answer.text
    return answer


def csv_rows(answer: httpx.Response) -> list[dict[str, str]]:
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def book_rows(answer: httpx.Response) -> list[dict[str, str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["台账"]
    titles, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(titles, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def case(county: County) -> dict[str, Any]:
    worker = county.person("grid-worker-01")
    return worker.wait(
        f"/requests/{worker.post('/requests', PLACE)['request_id']}", status="placed"
    )


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_case_is_exported_as_the_screen_shows_it(
    county: County, case: dict[str, Any], format: str
):
    answer = download(
        county.person("grid-worker-01"), format=format, case_number=case["case_number"]
    )
    (row,) = csv_rows(answer) if format == "csv" else book_rows(answer)
    assert tuple(row) == TITLES
    assert row["状态"] == "待受理"
    assert (row["服务"], row["服务编码"]) == ("辅具适配", "assistive-device")
    assert (row["紧急程度"], row["服务对象类别"]) == ("紧急", "残疾人")
    assert (row["网格"], row["网格编码"]) == ("东门社区第一网格", "539901001201-01")
    assert (row["姓名"], row["电话"], row["地址"]) == ("周*花", "137****2222", "文昌巷*号")
    quiet = "'" if format == "csv" else ""
    assert row["诉求内容"] == f"{quiet}=HYPERLINK(1)，轮椅坏了，电话137****2222。\n请尽快。"
    assert row["事项编号"] == case["request_id"]
    assert "13700002222" not in answer.text


def test_no_exported_cell_is_a_formula(county: County, case: dict[str, Any]):
    answer = download(county.person("grid-worker-01"), case_number=case["case_number"])
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert "f" not in {cell.data_type for sheet in book for row in sheet for cell in row}


def test_an_export_says_where_it_comes_from(county: County, case: dict[str, Any]):
    center, position = county.person("center-dispatcher-1"), int(case["case_number"][9:])
    county.until(lambda: center.get("/requests").json()["position"] >= position)  # it may lag
    answer = download(center, status="placed", is_open="true")
    about = dict(
        openpyxl.load_workbook(io.BytesIO(answer.content))["说明"].iter_rows(values_only=True)
    )
    assert about["导出账号"] == "center-dispatcher-1"
    assert about["筛选条件"] == "状态：待受理；正在办理：是"
    assert int(about["日志位置（开始读取时）"]) >= position
    assert int(about["事项数"]) == len(book_rows(answer))
    assert about["日志位置（开始读取时）"] in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("grid-worker-01", True),
        ("desk-clerk-01", True),
        ("center-dispatcher-1", True),
        ("leader-1", True),
        ("grid-worker-02", False),
        ("trade-union", False),
        ("auditor-1", False),
        ("administrator-1", False),
    ],
)
def test_everybody_exports_only_what_they_see(
    county: County, case: dict[str, Any], name: str, sees: bool
):
    rows = csv_rows(download(county.person(name), format="csv"))
    assert (case["request_id"] in {row["事项编号"] for row in rows}) is sees


def test_an_export_has_every_row_once_over_many_pages(county: County):
    worker = county.person("grid-worker-01")
    for _ in range(exports.PAGE + 5):
        worker.post("/requests", PLACE)
    centre = county.person("center-dispatcher-1")
    everything = {"format": "csv", "area_id": "539901001"}

    def is_complete() -> bool:
        total = centre.get("/requests", params={"area_id": "539901001"}).json()["total"]
        ids = [row["事项编号"] for row in csv_rows(download(centre, **everything))]
        return bool(len(ids) == len(set(ids)) == total > exports.PAGE)

    county.until(is_complete)
    down = [row["点单时间"] for row in csv_rows(download(centre, **everything))]
    up = [row["点单时间"] for row in csv_rows(download(centre, **everything, sort="placed_at"))]
    assert down == sorted(down, reverse=True)
    assert up == sorted(up)


@pytest.mark.parametrize("wrong", ["format=pdf", "status=nonsense", "x=1", "placed_on=today"])
def test_an_exports_question_is_checked(county: County, wrong: str):
    answer = county.person("center-dispatcher-1").get(f"/requests/export?{wrong}")
    assert answer.status_code == 422
    assert answer.json()["fields"]


def test_nobody_without_a_session_exports(county: County):
    stranger = Person(httpx.Client(base_url=county.stack.gateway_url))
    assert stranger.get("/requests/export").status_code == 401
    assert stranger.get("/imports/requests/template.xlsx").status_code == 401
    stranger.http.close()


@pytest.mark.parametrize(
    ("name", "kind"), [("grid-worker-01", "requests"), ("administrator-1", "areas")]
)
def test_a_template_has_the_titles_and_says_how_to_fill_them(county: County, name: str, kind: str):
    answer = county.person(name).get(f"/imports/{kind}/template.xlsx")
    assert answer.is_success
    sheet, hints = openpyxl.load_workbook(io.BytesIO(answer.content))
    titles = [cell.value for cell in sheet[1]]
    assert titles == [row[0] for row in hints.iter_rows(min_row=2, values_only=True)][:-1]
