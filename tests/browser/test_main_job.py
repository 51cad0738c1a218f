"""From a grid worker's order to the board that moves by itself, as people see it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Person, Room

SERVICE = "困难帮扶"
STORY = "屋顶漏雨，两位老人不方便出门，想请人上门看看。"


def fill_in(page: Page, text: str = STORY, phone: str = "13812345678") -> None:
    grid = page.get_by_label("网格")
    if grid.input_value() == "":
        grid.select_option(index=1)
    page.get_by_label("服务", exact=True).select_option(label=SERVICE)
    page.get_by_label("具体情况").fill(text)
    page.get_by_label("姓名").fill("王小明")
    page.get_by_label("电话").fill(phone)
    page.get_by_label("详细地址").fill("幸福路12号3单元")


def place(person: Person, text: str = STORY) -> str:
    """A request placed by form; returns the address of its case."""
    person.page.goto("/requests/new")
    fill_in(person.page, text)
    person.page.get_by_role("button", name="提交点单").click()
    person.page.wait_for_url(re.compile(r"/requests/R\w+"))
    return person.page.url.partition("?")[0]


def figure(page: Page, name: str) -> int:
    return int(page.locator(f"[data-figure={name}]").inner_text())


def organization_of(page: Page, room: Room) -> str:
    """The id of the organisation that has the work order open on this page."""
    name = page.locator(".orders li > span:first-child").last.inner_text().split("\n")[0]
    center = room.worker("center_dispatcher")
    directory = center.context.request.get("/api/v1/directory").json()
    ids: list[str] = [id for id, row in directory["organizations"].items() if row["name"] == name]
    return ids[0]


def test_an_order_travels_to_the_organisation_and_back_and_the_board_moves_by_itself(
    room: Room,
) -> None:
    board = room.worker("leader").page
    expect(board.get_by_text("实时更新中")).to_be_visible()
    placed, closed = figure(board, "placed_today"), figure(board, "closed_today")

    asker = room.worker("grid_worker", PHONE)
    case = place(asker)
    grid = room.served.account("grid_worker").area_ids[0]
    expect(asker.page.get_by_role("status").filter(has_text="点单")).to_be_visible()
    expect(asker.page.get_by_text("138****5678")).to_be_visible()
    expect(board.locator("[data-figure=placed_today]")).to_have_text(str(placed + 1))

    desk = room.worker("desk_clerk", area_id=grid).page
    desk.goto(case)
    desk.get_by_role("button", name="受理", exact=True).click()
    expect(desk.locator(".case-head")).to_contain_text("已派单待接单")  # live, after the policy

    organization = organization_of(desk, room)
    doer = room.worker("organization_dispatcher", PHONE, organization_id=organization).page
    doer.goto(case)
    doer.get_by_role("button", name="接单").click()
    doer.get_by_role("button", name="确认首次联系").click()
    expect(doer.locator(".story")).to_contain_text("取得首次联系")  # the answer brings a new panel
    doer.locator("summary").filter(has_text="办理进展").click()
    doer.locator(".step[open] textarea").fill("已上门查看，约好周四修缮。")
    doer.get_by_role("button", name="确认办理进展").click()
    expect(doer.locator(".story")).to_contain_text("约好周四修缮")
    doer.get_by_label("办理结果").select_option(label="已解决")
    doer.locator(".step[open] textarea").fill("屋顶已修好，老人满意。")
    doer.get_by_role("button", name="确认办结").click()

    expect(asker.page.locator(".case-head")).to_contain_text("已办结待评价")  # without a reload
    asker.page.get_by_label("很满意", exact=True).check()
    asker.page.get_by_role("button", name="确认评单").click()
    expect(asker.page.locator(".case-head")).to_contain_text("已归档")
    expect(board.locator("[data-figure=closed_today]")).to_have_text(str(closed + 1))


def test_every_number_on_the_board_opens_to_exactly_its_rows(room: Room) -> None:
    place(room.worker("grid_worker"))
    page = room.worker("leader").page
    links = page.locator(".tiles a, .bars a")
    shown = [
        (link.get_attribute("href"), link.locator(".number, .bar-count").inner_text())
        for link in links.all()
    ]
    for address, number in shown:
        page.goto(address or "")
        expect(page.locator(".total strong")).to_have_text(number)


def test_a_double_click_places_once(room: Room) -> None:
    page = room.worker("grid_worker").page
    page.goto("/requests")
    before = int(page.locator(".total strong").inner_text())
    page.goto("/requests/new")
    fill_in(page)
    page.get_by_role("button", name="提交点单").dblclick()
    page.wait_for_url(re.compile(r"/requests/R\w+"))
    page.goto("/requests")
    expect(page.locator(".total strong")).to_have_text(str(before + 1))


def test_the_same_form_sent_twice_without_javascript_places_once(room: Room) -> None:
    person = room.worker("grid_worker")
    page = person.page
    page.goto("/requests/new")
    fields: dict[str, str | float | bool] = {
        "command_id": page.locator("input[name=command_id]").input_value(),
        "grid_id": room.served.account("grid_worker").area_ids[0],
        "service_code": page.locator("#service_code option").nth(1).get_attribute("value") or "",
        "name": "李四",
        "phone": "0371-12345678",
        "address": "南街1号",
        "text": "需要帮助",
    }
    first, second = (person.context.request.post("/requests", form=fields) for _ in range(2))
    assert first.ok
    assert first.url.partition("?")[0] == second.url.partition("?")[0]


def test_a_wrong_phone_number_keeps_what_was_typed(room: Room) -> None:
    page = room.worker("grid_worker", PHONE).page
    page.goto("/requests/new")
    fill_in(page, phone="12345")
    page.get_by_role("button", name="提交点单").click()
    expect(page.get_by_text("请填写 11 位手机号")).to_be_visible()
    expect(page.get_by_label("电话")).to_have_value("12345")
    expect(page.get_by_label("电话")).to_be_focused()
    expect(page.get_by_label("具体情况")).to_have_value(STORY)
    expect(page.get_by_label("姓名")).to_have_value("王小明")
    page.get_by_label("电话").fill("１３８ 1234 5678")  # as some phones write it
    page.get_by_role("button", name="提交点单").click()
    page.wait_for_url(re.compile(r"/requests/R\w+"))


def test_a_script_in_a_request_is_only_text(room: Room) -> None:
    person = room.worker("grid_worker")
    hostile = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">"
    place(person, hostile)
    expect(person.page.locator(".said")).to_have_text(hostile)
    assert person.page.title() != "x"
    assert person.page.locator(".said script, .said img").count() == 0


def test_looking_at_the_contact_asks_why_and_is_told_in_the_story(room: Room) -> None:
    person = room.worker("grid_worker")
    place(person)
    page = person.page
    page.locator("summary").filter(has_text="查看联系方式").click()
    page.get_by_role("button", name="确认查看").click()
    expect(page.get_by_text("请选择查看用途")).to_be_visible()
    page.get_by_label("查看用途").select_option(label="上门走访")
    page.get_by_role("button", name="确认查看").click()
    expect(page.locator("#contact")).to_contain_text("13812345678")
    expect(page.locator(".story")).to_contain_text("查看了服务对象的联系方式，用途：上门走访")
    expect(page.locator("#contact")).to_contain_text("13812345678")  # the refresh left it open


def test_what_somebody_is_typing_stays_while_the_case_moves_on(room: Room) -> None:
    asker = room.worker("grid_worker")
    case = place(asker)
    grid = room.served.account("grid_worker").area_ids[0]
    desk = room.worker("desk_clerk", area_id=grid).page
    desk.goto(case)
    expect(desk.get_by_text("实时更新中")).to_be_visible()
    desk.locator("summary").filter(has_text="退回补充").click()
    desk.locator(".step[open] textarea").fill("请补充门牌号")
    asker.page.locator("summary").filter(has_text="撤单").click()
    asker.page.get_by_label("原因").select_option(label="误点单")
    asker.page.get_by_role("button", name="确认撤单").click()
    expect(desk.locator(".case-head")).to_contain_text("已撤单")
    expect(desk.locator(".step[open] textarea")).to_have_value("请补充门牌号")
    desk.get_by_label("缺什么").select_option(index=1)
    desk.get_by_role("button", name="确认退回补充").click()
    expect(desk.locator("#outcome")).to_contain_text("只有待受理的事项可以退回补充")
    expect(desk.locator("#outcome")).to_contain_text("请补充门牌号")


def test_the_register_changes_while_one_looks(room: Room) -> None:
    looker = room.worker("center_dispatcher").page
    looker.goto("/requests")
    expect(looker.get_by_text("实时更新中")).to_be_visible()
    before = int(looker.locator(".total strong").inner_text())
    place(room.worker("grid_worker"))
    expect(looker.locator(".total strong")).to_have_text(str(before + 1))
