"""The inbox and its bell, and the pages of residents: on a phone, and without JavaScript."""

import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PATIENCE, PHONE, Person, Room
from tests.browser.test_main_job import place

TAIL = "5678"


def case_of(person: Person) -> tuple[str, str]:
    """A new case's address and number."""
    path = place(person)
    person.page.goto(path)
    number = re.search(r"[0-9]{8}-[0-9]{6,}", person.page.title())
    assert number is not None
    return urlsplit(path).path, number.group()


def at_work(room: Room) -> tuple[Person, Person]:
    """A desk clerk, and a grid worker whose grid that desk takes requests for."""
    grid = room.served.account("grid_worker").area_ids[0]
    return room.worker("desk_clerk", area_id=grid), room.worker("grid_worker")


@pytest.fixture
def plain(room: Room) -> Iterator[Page]:
    """A resident's phone that runs no script."""
    context = room.browser.new_context(
        base_url=room.served.url, viewport=PHONE, locale="zh-CN", java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def test_the_bell_rings_while_one_looks_at_something_else(room: Room) -> None:
    clerk, asker = at_work(room)
    clerk.page.goto("/notices")
    if clerk.page.get_by_role("button", name="全部标为已读").is_visible():
        clerk.page.get_by_role("button", name="全部标为已读").click()
    expect(clerk.page.get_by_text("没有未读通知")).to_be_visible()
    clerk.page.goto("/board")
    expect(clerk.page.locator("#bell .badge")).to_have_count(0)
    path, _ = case_of(asker)
    expect(clerk.page.locator("#bell .badge")).to_contain_text("1 条未读")
    clerk.page.locator("#bell").click()
    entry = clerk.page.locator(f".inbox a[href='{path}']")
    expect(entry).to_contain_text("等待受理")
    clerk.page.get_by_role("button", name=re.compile("^标为已读")).first.click()
    expect(clerk.page.get_by_text("没有未读通知")).to_be_visible()


def test_opening_a_notice_is_reading_it(room: Room) -> None:
    clerk, asker = at_work(room)
    path, _ = case_of(asker)
    clerk.page.goto("/notices")
    entry = clerk.page.locator(f".inbox li:has(a[href='{path}'])")
    expect(entry).to_have_class("fresh")
    entry.get_by_role("link").click()
    clerk.page.wait_for_url(f"**{path}")
    clerk.page.goto("/notices")
    expect(entry).to_be_visible()
    expect(entry).not_to_have_class("fresh")


def test_the_inbox_changes_while_one_looks_at_it(room: Room) -> None:
    clerk, asker = at_work(room)
    clerk.page.goto("/notices")
    path, _ = case_of(asker)
    expect(clerk.page.locator(f".inbox a[href='{path}']")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_these_pages_have_no_barrier(room: Room, viewport: dict[str, int], is_dark: bool) -> None:
    person = room.person(viewport, is_dark)
    found = {}
    for path in ("/track", "/rate/AAAAAAAAAAAAAAAAAAAAAA"):
        person.page.goto(path)
        found[path] = (person.barriers(), person.overflow())
    person.sign_in(room.served.account("desk_clerk"), "/notices")
    found["/notices"] = (person.barriers(), person.overflow())
    assert set(map(str, found.values())) == {"([], 0)"}, found


def test_who_has_no_inbox_has_no_bell(room: Room) -> None:
    page = room.worker("administrator").page
    expect(page.locator("#bell")).to_have_count(0)


def test_a_resident_looks_up_a_case_without_javascript(room: Room, plain: Page) -> None:
    _, number = case_of(room.worker("grid_worker"))
    plain.goto("/track")
    plain.get_by_label("点单编号").fill(number)
    plain.get_by_label("手机号后四位").fill("0000")
    plain.get_by_role("button", name="查进度").click()
    expect(plain.get_by_role("alert")).to_contain_text("没有找到")
    expect(plain.get_by_label("点单编号")).to_have_value(number)
    plain.get_by_label("手机号后四位").fill(TAIL)
    plain.get_by_role("button", name="查进度").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("正在等待受理")
    assert number not in plain.url
    assert wide(plain) == 0


def test_words_are_large_on_a_residents_phone(room: Room, plain: Page) -> None:
    plain.goto("/track")
    sizes = [
        float(plain.locator(selector).evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)"))
        for selector in (".lead", "label[for=tail]", "#tail", "button.main")
    ]
    assert min(sizes) >= 20
    assert room.served.url in plain.url


def give(person: Person, path: str, **body: str) -> dict[str, Any]:
    """A write by the API, in this person's session."""
    headers = {"Idempotency-Key": uuid4().hex}
    answer = person.context.request.post(f"/api/v1{path}", data=body, headers=headers)
    assert answer.ok, answer.text()
    said: dict[str, Any] = answer.json()
    return said


def case_when(person: Person, path: str, status: str) -> dict[str, Any]:
    """The case as soon as it has come to a status."""
    until = time.monotonic() + PATIENCE / 1000
    while True:
        row: dict[str, Any] = person.context.request.get(f"/api/v1{path}").json()
        if row["status"] == status:
            return row
        assert time.monotonic() < until, row["status"]
        time.sleep(0.1)


def delivered(room: Room) -> str:
    """The path of a case that waits for its rating."""
    clerk, asker = at_work(room)
    path, _ = case_of(asker)
    give(clerk, f"{path}/acceptance")
    row = case_when(asker, path, "dispatched")
    doer = room.worker("organization_dispatcher", organization_id=row["organization_id"])
    order = f"{path}/work-orders/{row['orders'][0]['work_order_id']}"
    give(doer, f"{order}/acceptance")
    case_when(asker, path, "taken_up")
    give(doer, f"{order}/first-contact")
    give(doer, f"{order}/completion", outcome="solved", note="屋顶已经修好。")
    case_when(asker, path, "completed")
    return path


def test_a_resident_rates_by_a_link_without_javascript(room: Room, plain: Page) -> None:
    path = delivered(room)
    link = give(room.worker("grid_worker"), f"{path}/rating-link")["url"]
    plain.goto(link)
    plain.get_by_role("button", name="提交评价").click()
    plain.get_by_label("很满意", exact=True).check()
    plain.get_by_label("想说的话").fill("师傅很耐心")
    plain.get_by_role("button", name="提交评价").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("谢谢您的评价")
    plain.goto(link)
    expect(plain.get_by_role("heading", level=1)).to_have_text("已经评价")


def wide(page: Page) -> int:
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
