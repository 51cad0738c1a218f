"""Answers that take long and overtake one another: nothing typed is lost, no page stands still."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import APIResponse, Locator, Page, Request, Route, expect

from tests.browser.cases import Work, placed, taken_up
from tests.browser.conftest import PATIENCE, Room
from tests.browser.slow_line import SlowLine

CROSSINGS = 20
SEED = 20261125
PAUSE = 50
"""Milliseconds between two looks."""

SLOW_PHONE = """
    globalThis.heard = 0
    document.addEventListener('htmx:sseBeforeMessage', () => heard++)
    document.addEventListener('htmx:afterSwap', () => {
        const until = performance.now() + 200
        while (performance.now() < until);
    })
"""


@contextmanager
def held(page: Page, asks: Callable[[Request], bool]) -> Iterator[list[Route]]:
    """Such requests are held back until the block ends, or until one is let go by hand."""
    under_way: list[Route] = []
    is_open = False

    def hold(route: Route) -> None:
        if asks(route.request) and not is_open:
            under_way.append(route)
        else:
            route.continue_()

    page.route(re.compile("/requests"), hold)
    yield under_way
    is_open = True
    for route in under_way:
        route.continue_()


def is_form(request: Request) -> bool:
    return request.method == "POST"


def is_for_a_part(request: Request) -> bool:
    return request.method == "GET" and "hx-request" in request.headers


def wait_for(page: Page, under_way: list[Route], count: int = 1) -> None:
    for _ in range(PATIENCE // PAUSE):
        if len(under_way) >= count:
            return
        page.wait_for_timeout(PAUSE)
    raise AssertionError(f"{len(under_way)} requests, not {count}")


def news(page: Page, route: Route) -> APIResponse:
    """The answer to a held request, once there is something new in it."""
    for _ in range(PATIENCE // PAUSE):
        if (answer := route.fetch()).status == 200:
            return answer
        page.wait_for_timeout(PAUSE)
    raise AssertionError("nothing new")


def looking_at(room: Room, work: Work) -> Page:
    organization = work.account.organization_id or ""
    page = room.worker("organization_dispatcher", organization_id=organization).page
    page.goto(work.case)
    expect(page.get_by_text("实时更新中")).to_be_visible()
    return page


def register(room: Room) -> Page:
    page = room.worker("center_dispatcher").page
    page.goto("/requests")
    expect(page.get_by_text("实时更新中")).to_be_visible()
    return page


def step(page: Page, name: str) -> None:
    page.locator("#panel summary").filter(has_text=name).click()


def form(page: Page, path: str) -> Locator:
    return page.locator(f"form[action$='/acts/{path}']")


def press(page: Page, name: str, under_way: list[Route]) -> None:
    page.get_by_role("button", name=name).click()
    wait_for(page, under_way)


def test_a_refresh_leaves_the_next_step_open(room: Room) -> None:
    work = taken_up(room)
    page = looking_at(room, work)
    work.note("同事写的")
    expect(page.locator(".story")).to_contain_text("同事写的")
    expect(page.get_by_role("button", name="确认首次联系")).to_be_visible()


def test_what_is_typed_into_a_second_form_survives_the_answer_to_the_first(room: Room) -> None:
    page = looking_at(room, taken_up(room))
    with held(page, is_form) as under_way:
        press(page, "确认首次联系", under_way)
        step(page, "办理进展")
        form(page, "progress").get_by_label("说明").fill("约好周四上门。")
    expect(page.locator(".story")).to_contain_text("取得首次联系")
    expect(page.locator("#panel summary").filter(has_text="办结")).to_be_visible()
    expect(form(page, "progress").get_by_label("说明")).to_have_value("约好周四上门。")
    expect(form(page, "progress").get_by_label("说明")).to_be_focused()
    page.get_by_role("button", name="确认办理进展").click()
    expect(page.locator(".story")).to_contain_text("约好周四上门。")


def test_what_was_typed_stays_even_when_the_step_is_no_longer_on_offer(room: Room) -> None:
    page = looking_at(room, taken_up(room))
    with held(page, is_form) as under_way:
        press(page, "确认首次联系", under_way)
        step(page, "退单")
        form(page, "return").get_by_label("说明").fill("不是我们的职责。")
    expect(page.locator(".story")).to_contain_text("取得首次联系")
    expect(form(page, "return").get_by_label("说明")).to_have_value("不是我们的职责。")
    expect(page.get_by_text("这件事项刚有新进展")).to_be_visible()
    expect(page.locator("#panel > :first-child")).to_have_text("现在可以办")
    page.get_by_role("button", name="更新可办事项").click()
    expect(form(page, "return")).to_have_count(0)


def test_renewing_what_is_on_offer_keeps_what_is_typed_into_it(room: Room) -> None:
    work = taken_up(room)
    page = looking_at(room, work)
    step(page, "办理进展")
    form(page, "progress").get_by_label("说明").fill("约好周四上门。")
    work.colleague.does(f"{work.order}/first-contact")
    expect(page.get_by_text("这件事项刚有新进展")).to_be_visible()
    page.get_by_role("button", name="更新可办事项").click()
    expect(page.locator("#panel summary").filter(has_text="办结")).to_be_visible()
    expect(page.get_by_text("这件事项刚有新进展")).to_be_hidden()
    expect(form(page, "progress").get_by_label("说明")).to_have_value("约好周四上门。")


def test_a_refusal_does_not_disturb_who_types_into_another_form(room: Room) -> None:
    page = looking_at(room, taken_up(room))
    step(page, "办理进展")
    with held(page, is_form) as under_way:
        press(page, "确认办理进展", under_way)
        step(page, "退单")
        form(page, "return").get_by_label("说明").fill("不是我们的职责。")
    expect(form(page, "progress").get_by_text("请填写说明")).to_be_visible()
    expect(form(page, "return").get_by_label("说明")).to_have_value("不是我们的职责。")
    expect(form(page, "return").get_by_label("说明")).to_be_focused()


def test_a_refusal_and_what_was_typed_stay_while_the_case_moves_on(room: Room) -> None:
    work = taken_up(room)
    page = looking_at(room, work)
    step(page, "退单")
    form(page, "return").get_by_label("说明").fill("不是我们的职责。")
    page.get_by_role("button", name="确认退单").click()
    expect(page.get_by_text("请选择原因")).to_be_visible()
    work.note("同事写的")
    expect(page.locator(".story")).to_contain_text("同事写的")
    expect(page.get_by_text("请选择原因")).to_be_visible()
    expect(form(page, "return").get_by_label("说明")).to_have_value("不是我们的职责。")


def test_two_forms_on_their_way_both_get_their_answers(room: Room) -> None:
    page = looking_at(room, taken_up(room))
    step(page, "办理进展")
    form(page, "progress").get_by_label("说明").fill("约好周四上门。")
    with held(page, is_form) as under_way:
        press(page, "确认办理进展", under_way)
        step(page, "首次联系")
        page.get_by_role("button", name="确认首次联系").click()
        expect(page.locator("form button:disabled")).to_have_count(2)
        under_way.reverse()
    expect(page.locator(".story")).to_contain_text("约好周四上门。")
    expect(page.locator(".story")).to_contain_text("取得首次联系")
    expect(page.locator("form button:disabled")).to_have_count(0)


def test_a_slow_phone_that_is_showing_an_answer_hears_what_happens_meanwhile(room: Room) -> None:
    work = taken_up(room)
    page = looking_at(room, work)
    page.evaluate(SLOW_PHONE)
    with held(page, is_form) as under_way:
        press(page, "确认首次联系", under_way)
        answer = under_way[0].fetch()
        work.note("同事写的")
        for _ in range(PATIENCE // PAUSE):
            if page.evaluate("heard") >= 2:
                break
            page.wait_for_timeout(PAUSE)
        under_way.pop().fulfill(response=answer)
    expect(page.locator("#outcome, #case > .notice").get_by_text("已完成")).to_be_visible()
    expect(page.locator(".story")).to_contain_text("同事写的")


def test_a_refresh_that_comes_late_does_not_turn_the_page_back(room: Room) -> None:
    work = taken_up(room)
    page = looking_at(room, work)
    with held(page, is_for_a_part) as under_way:
        work.note("第一条")
        wait_for(page, under_way)
        late = under_way.pop(0)
        answer = late.fetch()
        page.get_by_role("button", name="确认首次联系").click()
        expect(page.locator(".story")).to_contain_text("取得首次联系")
        late.fulfill(response=answer)
        expect(page.locator("#contact")).to_contain_text("138****5678")
        work.note("第二条")
    expect(page.locator(".story")).to_contain_text("第二条")
    expect(page.locator(".story")).to_contain_text("取得首次联系")
    expect(page.locator("#contact")).to_contain_text("138****5678")


def test_a_refresh_that_the_network_lost_is_asked_for_again(room: Room) -> None:
    page = looking_at(room, taken_up(room))
    with held(page, is_for_a_part) as under_way:
        page.get_by_role("button", name="确认首次联系").click()  # its event asks for a refresh
        wait_for(page, under_way)
        under_way.pop(0).abort()
        wait_for(page, under_way)


def test_a_refresh_that_is_never_answered_does_not_hold_the_page_up(room: Room) -> None:
    work = taken_up(room)
    page = looking_at(room, work)
    assert 0 < page.evaluate("htmx.config.timeout") <= 30_000
    page.evaluate("htmx.config.timeout = 500")
    with held(page, is_for_a_part) as under_way:
        work.note("同事写的")
        wait_for(page, under_way, 2)
        page.evaluate("htmx.config.timeout = 30000")
        under_way.clear()
    expect(page.locator(".story")).to_contain_text("同事写的")


def test_a_case_goes_on_changing_while_answers_overtake_one_another(room: Room) -> None:
    work = taken_up(room)
    parts = urlsplit(room.served.url)
    chance = random.Random(SEED)
    with closing(SlowLine(parts.hostname or "", parts.port or 0, SEED)) as line:
        page = looking_at(room, work)
        page.goto(f"{line.url}{work.case}")
        expect(page.get_by_text("实时更新中")).to_be_visible()
        step(page, "办理进展")
        story, note = page.locator(".story"), form(page, "progress")
        for crossing in range(CROSSINGS):
            note.get_by_label("说明").fill(f"自己第{crossing}条")
            note.get_by_role("button").click()
            page.wait_for_timeout(chance.uniform(0, 600))
            work.note(f"同事第{crossing}条")
            expect(story).to_contain_text(f"自己第{crossing}条")
            expect(story).to_contain_text(f"同事第{crossing}条")
            expect(note.get_by_label("说明")).to_have_value("")
            if not note.is_visible():
                step(page, "办理进展")
        page.goto("about:blank")  # before its line goes


def test_a_filter_wins_over_a_refresh_that_is_on_its_way(room: Room) -> None:
    placed(room)
    page = register(room)
    with held(page, is_for_a_part) as under_way:
        placed(room)
        wait_for(page, under_way)
        page.locator("#filters summary").click()
        page.get_by_label("状态").select_option(label="已撤单")
        wait_for(page, under_way, 2)
        for route in under_way:
            route.fulfill(response=news(page, route))
        expect(page).to_have_url(re.compile("status=withdrawn"))
        expect(page.locator("#register")).not_to_contain_text("待受理")
        under_way.clear()


def test_news_that_would_move_rows_under_the_hand_wait_behind_a_button(room: Room) -> None:
    placed(room)
    page = register(room)
    first = page.locator(".cases tbody tr").first
    shown = first.get_attribute("id") or ""
    first.locator("a").focus()
    fresh = placed(room).rpartition("/")[2]
    button = page.get_by_role("button", name="有新变化，点这里显示")
    expect(button).to_be_visible()
    expect(first).to_have_id(shown)
    button.click()
    expect(first).to_have_id(f"row-{fresh}")
    expect(button).to_be_hidden()


def test_an_ended_session_does_not_take_away_what_is_being_typed(room: Room) -> None:
    work = taken_up(room)
    page = looking_at(room, work)
    step(page, "办理进展")
    form(page, "progress").get_by_label("说明").fill("约好周四上门。")
    page.context.clear_cookies()
    with page.expect_response(lambda answer: answer.status == 401):
        work.note("同事写的")
    page.get_by_role("button", name="确认办理进展").click()
    expect(form(page, "progress").get_by_text("请在新窗口重新登录")).to_be_visible()
    expect(form(page, "progress").get_by_label("说明")).to_have_value("约好周四上门。")
