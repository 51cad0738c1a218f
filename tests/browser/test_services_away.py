"""While services are away nothing is lost, and pages come back by themselves."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from deploy.local.private import Stack
from tests.browser.conftest import PHONE, Room
from tests.browser.test_main_job import STORY, fill_in

TRIES = 10
"""A service that was just started takes some seconds, and each try waits for it a while."""


@contextmanager
def away(stack: Stack, name: str) -> Iterator[None]:
    process = stack.process(name)
    process.stop()
    try:
        yield
    finally:
        process.start()


def test_a_page_asked_for_meanwhile_comes_by_itself(room: Room, stack: Stack) -> None:
    person = room.worker("desk_clerk", PHONE)
    with away(stack, "ledger"):
        answer = person.page.goto("/requests")
        assert answer is not None
        assert answer.status == 503
        expect(person.page.get_by_role("heading")).to_have_text("服务正在恢复")
        assert (person.barriers(), person.overflow()) == ([], 0)
    expect(person.page.get_by_role("heading", name="台账")).to_be_visible()


def test_a_form_sent_meanwhile_is_sent_again_by_itself(room: Room, stack: Stack) -> None:
    page = room.worker("grid_worker").page
    page.goto("/requests/new")
    fill_in(page)
    with away(stack, "requests"):
        page.get_by_role("button", name="提交点单").click()
        expect(page.get_by_text("服务正在恢复，您填写的内容没有丢失")).to_be_visible()
        expect(page.get_by_label("具体情况")).to_have_value(STORY)
    page.wait_for_url(re.compile(r"/requests/R\w+"))
    expect(page.locator(".said")).to_have_text(STORY)


def test_without_javascript_the_form_is_kept_on_the_page(room: Room, stack: Stack) -> None:
    cookies = room.worker("grid_worker").context.cookies()
    context = room.browser.new_context(base_url=room.served.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/requests/new")
    fill_in(page)
    with away(stack, "requests"):
        page.get_by_role("button", name="提交点单").click()
        expect(page.get_by_text("您刚才填写的内容没有丢失")).to_be_visible()
    again = page.get_by_role("button", name="再试一次")
    for _ in range(TRIES):
        if again.count():
            again.click()
    expect(page.locator(".said")).to_have_text(STORY)
    context.close()
