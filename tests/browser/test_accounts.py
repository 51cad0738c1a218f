"""Accounts in a browser: first sign-in, a bound phone, one-time secrets, and the auditor's page."""

import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from shared.one_time_codes import code_of, step_at
from tests.browser.conftest import DESK, PHONE, Person, Room

GOOD = "门前 柳树 三月 细雨"


def open_account(security: Person, role: str, *, is_grid: bool = False) -> tuple[str, str]:
    """By the form: name and one-time password."""
    name = f"b-{uuid.uuid4().hex[:8]}"
    page = security.page
    page.goto("/accounts/new")
    page.get_by_label("账号名").fill(name)
    page.get_by_label("岗位").select_option(role)
    if is_grid:
        page.get_by_label("负责的区域").select_option(["539901001201-01"])
    page.get_by_role("button", name="开通").click()
    secret = page.locator("#secret").inner_text()
    return name, secret


def is_fine(person: Person) -> None:
    assert (person.barriers(), person.overflow()) == ([], 0), person.page.url


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_a_leader_begins_with_a_password_of_his_own_and_a_bound_phone(
    room: Room, viewport: dict[str, int]
) -> None:
    name, one_time = open_account(room.worker("security_administrator"), "leader")
    leader = room.person(viewport)
    page = leader.page
    page.goto("/board")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(one_time)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请改成自己的密码")
    is_fine(leader)
    page.get_by_label("一次性密码").fill(one_time)
    page.get_by_label("新密码", exact=True).fill("password123")
    page.get_by_label("再填写一遍新密码").fill("password123")
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator(".remedy")).to_contain_text("太常见")
    is_fine(leader)
    page.get_by_label("一次性密码").fill(one_time)
    page.get_by_label("新密码", exact=True).fill(GOOD)
    page.get_by_label("再填写一遍新密码").fill(GOOD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("绑定动态码")
    expect(page.get_by_role("img", name="动态码二维码")).to_be_visible()
    is_fine(leader)
    secret = page.locator("#secret").inner_text()
    page.get_by_label("动态码", exact=True).fill("000000")
    page.get_by_role("button", name="绑定").click()
    expect(page.get_by_role("alert")).to_contain_text("动态码不对")
    assert page.locator("#secret").inner_text() == secret
    page.get_by_label("动态码", exact=True).fill(code_of(secret, step_at(datetime.now(UTC))))
    page.get_by_role("button", name="绑定").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    is_fine(leader)
    page.get_by_role("link", name="已经抄好，继续").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("看板")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_text("已绑定，还有 10 个恢复码")).to_be_visible()
    is_fine(leader)
    page.get_by_role("button", name="退出所有设备").click()
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_the_code_page_and_the_pages_of_accounts_have_no_barrier(
    room: Room, viewport: dict[str, int]
) -> None:
    account = room.served.account("leader")
    half = room.person(viewport)
    half.page.goto("/sign-in")
    half.page.get_by_label("用户名").fill(account.name)
    half.page.get_by_label("密码").fill(account.password)
    half.page.get_by_role("button", name="登录", exact=True).click()
    expect(half.page.get_by_role("heading", level=1)).to_have_text("填写动态码")
    is_fine(half)
    half.page.get_by_label("动态码").fill("000000")
    half.page.get_by_role("button", name="登录", exact=True).click()
    expect(half.page.get_by_role("alert")).to_contain_text("动态码不正确")
    is_fine(half)
    security = room.worker("security_administrator", viewport)
    name, _ = open_account(security, "grid_worker", is_grid=True)
    is_fine(security)
    for path in ("/accounts", "/accounts/new", f"/accounts/{name}", "/account"):
        security.page.goto(path)
        is_fine(security)
    auditor = room.worker("auditor", viewport)
    for path in ("/access-log", "/access-log?log=configuration", f"/accounts/{name}"):
        auditor.page.goto(path)
        is_fine(auditor)


def test_a_token_is_issued_shown_once_and_revoked_by_form(room: Room) -> None:
    security = room.worker("security_administrator")
    name, _ = open_account(security, "grid_worker", is_grid=True)
    page = security.page
    page.goto(f"/accounts/{name}")
    page.get_by_text("签发令牌").click()
    page.get_by_label("点单").check()
    page.get_by_label("有效到").fill(f"{datetime.now(UTC):%Y-%m-%d}")
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.locator("#secret")).to_contain_text("county_")
    page.goto(f"/accounts/{name}")
    expect(page.get_by_text("还没有用过")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("status")).to_have_text("接口令牌已撤销。")
    expect(page.get_by_text("还没有用过")).to_have_count(0)


def test_a_scope_is_changed_and_an_account_disabled_by_form(room: Room) -> None:
    security = room.worker("security_administrator")
    name, _ = open_account(security, "grid_worker", is_grid=True)
    page = security.page
    page.goto(f"/accounts/{name}")
    page.get_by_text("调整权限").first.click()
    page.get_by_label("岗位").select_option("center_dispatcher")
    page.get_by_role("button", name="调整权限").click()
    expect(page.get_by_role("alert")).to_contain_text("这个岗位不分区域，请留空")
    page.get_by_text("停用账号").click()
    page.get_by_role("button", name="停用", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("账号已停用")
    page.goto("/accounts?q=" + name)
    expect(page.get_by_role("row", name=name)).to_contain_text("已停用")
