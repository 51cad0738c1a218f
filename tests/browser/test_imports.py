"""Importing by hand: choose, look, confirm, watch, take back; with and without JavaScript."""

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Room

TITLES = "网格,服务,姓名,电话,地址,诉求内容"


def file_of(folder: Path, *phones: str) -> Path:
    mark = uuid.uuid4().hex
    rows = [
        f"539901001201-01,青年志愿服务,王小明,{phone},东门路1号,换灯泡{number}{mark}"
        for number, phone in enumerate(phones)
    ]
    path = folder / f"{mark}.csv"
    path.write_bytes("\n".join((TITLES, *rows)).encode("gbk"))
    return path


def choose(page: Page, path: Path) -> None:
    page.get_by_label("文件").set_input_files(path)
    page.get_by_role("button", name="预览").click()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_file_is_looked_at_confirmed_and_taken_back(
    room: Room, viewport: dict[str, int], tmp_path: Path
) -> None:
    person = room.worker("grid_worker", viewport)
    page = person.page
    page.goto("/imports")
    choose(page, file_of(tmp_path, "13812345678", "1.38E+10"))
    expect(page.get_by_role("row", name="第 3 行")).to_contain_text("电话")
    assert (person.barriers(), person.overflow()) == ([], 0)
    choose(page, file_of(tmp_path, "13812345678", "13900001111"))
    page.get_by_role("button", name="确认导入 2 行").click()
    expect(page.get_by_role("status")).to_contain_text("导入完成")
    expect(page.get_by_role("status")).to_contain_text("2 / 2 行")
    assert (person.barriers(), person.overflow()) == ([], 0)
    page.get_by_text("撤销这次导入").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.get_by_role("status")).to_contain_text("已撤销")
    page.goto("/imports")
    expect(page.get_by_role("region", name="最近的导入")).to_contain_text("已撤销")
    assert (person.barriers(), person.overflow()) == ([], 0)


def test_only_the_right_rows_are_imported_when_that_is_chosen(room: Room, tmp_path: Path) -> None:
    page = room.worker("grid_worker").page
    page.goto("/imports")
    choose(page, file_of(tmp_path, "13812345678", "12"))
    page.get_by_role("button", name="只导入正确的 1 行").click()
    expect(page.get_by_role("status")).to_contain_text("1 / 1 行")


def test_another_file_than_the_one_looked_at_is_not_imported(room: Room, tmp_path: Path) -> None:
    page = room.worker("grid_worker").page
    page.goto("/imports")
    choose(page, file_of(tmp_path, "13812345678"))
    confirm = page.get_by_role("button", name="确认导入 1 行")
    expect(confirm).to_be_visible()
    page.get_by_label("文件").set_input_files(file_of(tmp_path, "13812345678"))
    confirm.click()
    expect(page.get_by_role("alert")).to_contain_text("与刚才预览的不同")


def test_a_file_that_is_none_is_explained(room: Room, tmp_path: Path) -> None:
    page = room.worker("grid_worker").page
    page.goto("/imports")
    wrong = tmp_path / "photo.csv"
    wrong.write_bytes(b"\x89PNG\0")
    choose(page, wrong)
    expect(page.get_by_role("alert")).to_contain_text("另存为")
    wrong.write_bytes(b"x" * 9_000_000)
    choose(page, wrong)
    expect(page.get_by_role("alert")).to_contain_text("8 MB")


def test_importing_works_without_javascript(room: Room, tmp_path: Path) -> None:
    worker = room.worker("grid_worker")
    context = room.browser.new_context(base_url=room.served.url, java_script_enabled=False)
    context.add_cookies(worker.context.cookies())
    page, path = context.new_page(), file_of(tmp_path, "13812345678")
    page.goto("/imports")
    choose(page, path)
    page.get_by_label("文件").set_input_files(path)
    page.get_by_role("button", name="确认导入 1 行").click()
    page.wait_for_url("**/imports/I*")
    expect(page.get_by_role("heading", name="导入诉求")).to_be_visible()
    context.close()


def test_the_register_is_exported_from_its_page(room: Room) -> None:
    page = room.worker("grid_worker").page
    page.goto("/requests?urgency=normal")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Excel").click()
    assert downloading.value.suggested_filename.endswith(".xlsx")


def test_a_template_is_had_from_the_page(room: Room) -> None:
    page = room.worker("administrator").page
    page.goto("/imports")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载模板").click()
    assert downloading.value.suggested_filename == "区域导入模板.xlsx"
