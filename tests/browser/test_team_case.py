"""A team case, a return, a ruling, more time, a hold, a return visit: all of it done on pages."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from shared.calendar import beijing_day
from tests.browser.cases import colleague, placed, until
from tests.browser.conftest import PHONE, Person, Room

LEAD, HELPER = "云岭县总工会", "云岭县妇女联合会"


def step(page: Page, title: str) -> None:
    page.locator("summary").filter(has_text=title).first.click()


def confirm(page: Page, title: str) -> None:
    page.locator(".step[open]").get_by_role("button", name=title).click()


def tell(page: Page, text: str) -> None:
    expect(page.locator(".story")).to_contain_text(text)


def test_a_team_is_sent_and_the_whole_path_is_on_the_page(room: Room) -> None:
    case = placed(room)
    send_a_team(room, case)
    lead = room.worker("organization_dispatcher", PHONE, organization_id="trade-union")
    lead.page.goto(case)
    give_back(lead.page)
    center = room.worker("center_dispatcher")
    center.page.goto(case)
    center.page.get_by_label("裁定由谁办理").select_option(label=LEAD)
    confirm(center.page, "改派裁定")
    tell(center.page, "按首接负责不得再退")
    lead.page.goto(case)
    lead.page.get_by_role("button", name="接单", exact=True).click()
    tell(lead.page, "接单")
    ask_for_an_extension(lead.page)
    ask_for_a_hold(lead.page)
    grant_both(center, case)
    lead.page.goto(case)
    lead.page.get_by_role("button", name="恢复办理").click()
    tell(lead.page, "挂起的时间已补回")
    for person in (lead, center):
        assert person.overflow() == 0
        assert person.barriers() == []


def send_a_team(room: Room, case: str) -> None:
    grid = room.served.account("grid_worker").area_ids[0]
    desk = room.worker("desk_clerk", area_id=grid).page
    desk.goto(case)
    desk.get_by_role("button", name="受理并人工派单").click()
    tell(desk, "等待人工派单")
    desk.get_by_label("派给哪个单位牵头").select_option(label=LEAD)
    desk.get_by_label(HELPER).check()
    confirm(desk, "派单")
    tell(desk, f"派单给{HELPER}（配合单位）")
    expect(desk.locator("#what")).to_contain_text(f"配合单位{HELPER}")
    expect(desk.locator("#what")).to_contain_text("前办结")


def give_back(page: Page) -> None:
    step(page, "退单")
    page.get_by_label("原因").first.select_option(label="应由其他单位办理")
    confirm(page, "退单")
    tell(page, "退单，原因：应由其他单位办理")


def ask_for_an_extension(page: Page) -> None:
    step(page, "申请延期")
    page.get_by_label("延长多少").fill("两天")
    page.locator(".step[open] textarea").last.fill("材料还没有到齐。")
    confirm(page, "申请延期")
    expect(page.get_by_text("请填写数字，如 2")).to_be_visible()
    page.get_by_label("延长多少").fill("2")
    confirm(page, "申请延期")
    tell(page, "申请延期 2 个工作日")


def ask_for_a_hold(page: Page) -> None:
    step(page, "申请挂起")
    form = page.locator(".step[open]").filter(has_text="哪天复核")
    form.get_by_label("原因").select_option(label="等待材料")
    form.get_by_label("哪天复核").fill(days_ahead(9))
    form.locator("textarea").fill("等待证明材料。")
    confirm(page, "申请挂起")
    tell(page, "申请挂起")


def grant_both(center: Person, case: str) -> None:
    expect(center.page.locator("#what")).to_contain_text("待批延期")
    center.page.goto(case)
    center.page.get_by_role("button", name="批准延期").click()
    tell(center.page, "批准延期 2 个工作日")
    center.page.get_by_role("button", name="批准挂起").click()
    tell(center.page, "批准挂起")
    expect(center.page.locator("#what")).to_contain_text("已挂起")


def days_ahead(count: int) -> str:
    """A Beijing day to come, as a form has it."""
    return beijing_day(datetime.now(UTC) + timedelta(days=count))


def test_who_had_no_part_in_it_asks_the_resident_on_a_page(room: Room) -> None:
    case = placed(room)
    grid = room.served.account("grid_worker").area_ids[0]
    desk = colleague(room.worker("desk_clerk", area_id=grid))
    desk.does(f"{case}/acceptance", is_dispatched_by_hand=True)
    path = f"{case}/work-orders"
    until(desk, case, needs_ruling=True)
    desk.does(path, organization_id="womens-federation")
    until(desk, case, status="dispatched")
    [order] = desk.sees(case)["orders"]
    doer = colleague(room.worker("organization_dispatcher", organization_id="womens-federation"))
    own = f"{path}/{order['work_order_id']}"
    doer.does(f"{own}/acceptance")
    doer.does(f"{own}/first-contact")
    doer.does(f"{own}/completion", outcome="solved", note="已办好。")
    until(desk, case, status="completed")

    caller = room.worker("return_visit_caller", PHONE)
    caller.page.goto(case)
    caller.page.get_by_label("是否接通").select_option(label="是")
    confirm(caller.page, "登记回访")
    expect(caller.page.get_by_text("接通后请填写")).to_be_visible()
    caller.page.get_by_label("单位是否联系过").select_option(label="是")
    caller.page.get_by_label("问题是否解决").select_option(label="否")
    caller.page.get_by_label("是否满意").select_option(label="不满意")
    confirm(caller.page, "登记回访")
    tell(caller.page, "问题没有解决，不满意")
    expect(caller.page.locator("#case-head")).to_contain_text("第 2 轮办理")
