"""Figures on a phone and on a desk: no barrier, and what one may not see is not offered."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Room

PAGES = (
    "/figures",
    "/figures?by=month&from=2026-01-01&to=2026-12-31&as_of=2026-06-30",
    "/figures/assessment",
    "/figures/cases?figure=score",
)


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_of_figures_has_a_barrier_or_scrolls_sideways(
    room: Room, viewport: dict[str, int]
) -> None:
    person = room.worker("leader", viewport)
    found = {}
    for page in PAGES:
        person.page.goto(page)
        found[page] = (person.barriers(), person.overflow())
    assert set(map(str, found.values())) == {"([], 0)"}, found


def test_another_period_is_asked_for_with_the_keyboard_alone(room: Room) -> None:
    page = room.worker("leader").page
    page.goto("/figures")
    page.get_by_text("时段与范围").focus()
    page.keyboard.press("Enter")
    page.get_by_label("办结日期起").fill("2020-01-01")
    page.get_by_label("办结日期止").fill("2020-03-31")
    page.get_by_label("分组").select_option("month")
    page.get_by_role("button", name="查看").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".stamp")).to_contain_text("2020-01-01 至 2020-03-31")
    expect(page.get_by_text("这一时段没有办结的工单")).to_be_visible()


def test_every_organisation_is_in_the_list(room: Room) -> None:
    page = room.worker("center_dispatcher").page
    page.goto("/figures/assessment")
    expect(page.get_by_role("table").first.get_by_role("rowheader")).to_have_count(10)


def test_figures_are_offered_to_those_who_may_see_them(room: Room) -> None:
    for role, offered in (("leader", 1), ("desk_clerk", 1), ("auditor", 0)):
        page = room.worker(role).page
        expect(page.get_by_role("link", name="指标", exact=True)).to_have_count(offered)
    answer = room.worker("auditor").page.goto("/figures")
    assert answer is not None
    assert answer.status == 403
