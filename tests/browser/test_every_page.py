"""Every page for everybody: no barrier, no sideways scrolling, small, and friendly when lost."""

import gzip

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Person, Room
from tests.browser.test_main_job import place

FIRST_VISIT = 60_000
"""Bytes that the sign-in page and everything it needs may weigh."""

SMALLEST_TARGET = 44


def pages_of(person: Person) -> list[str]:
    case = place(person)
    return [
        case,
        "/requests",
        "/requests?status=closed&urgency=critical&placed_on=2026-01-01",
        "/requests/new",
        "/board",
        "/board?day=2026-01-01",
        "/nowhere",
    ]


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_has_a_barrier_or_scrolls_sideways(
    room: Room, viewport: dict[str, int], is_dark: bool
) -> None:
    person = room.person(viewport, is_dark)
    person.page.goto("/sign-in")
    found = {"/sign-in": (person.barriers(), person.overflow())}
    person.sign_in(room.served.account("desk_clerk"))
    for page in pages_of(person):
        person.page.goto(page)
        found[page] = (person.barriers(), person.overflow())
    person.page.goto("/requests/new")
    person.page.get_by_role("button", name="提交点单").click()
    person.page.wait_for_selector(".remedy")
    found["refused form"] = (person.barriers(), person.overflow())
    assert set(map(str, found.values())) == {"([], 0)"}, found


def test_fingers_hit_what_they_aim_at(room: Room) -> None:
    person = room.worker("desk_clerk", PHONE)
    small = {}
    for page in pages_of(person):
        person.page.goto(page)
        small[page] = person.page.evaluate(
            """(least) => [...document.querySelectorAll('button, a.button, summary, select, nav a,'
                 + 'input:not([type=hidden]):not([type=radio]), .cases a, .tiles a, .bars a')]
               .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < least)
               .map((e) => e.outerHTML.slice(0, 80))""",
            SMALLEST_TARGET,
        )
    assert not any(small.values()), small


def test_a_first_visit_is_small(room: Room) -> None:
    person = room.person(PHONE)
    sizes: list[int] = []

    person.page.on("response", lambda answer: sizes.append(len(gzip.compress(answer.body()))))
    person.page.goto("/sign-in", wait_until="networkidle")
    assert sum(sizes) < FIRST_VISIT


def test_signing_in_works_without_javascript_and_leads_where_one_wanted_to_go(room: Room) -> None:
    account = room.served.account("desk_clerk")
    context = room.browser.new_context(base_url=room.served.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/requests?status=placed")
    page.get_by_label("用户名").fill(account.name)
    page.get_by_label("密码").fill("not the password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不正确，请检查后重试")
    page.get_by_label("密码").fill(account.password)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{room.served.url}/requests?status=placed")
    page.get_by_role("button", name="退出").click()
    page.goto("/requests")
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "/\t/example.org"]
)
def test_signing_in_never_leads_to_another_site(room: Room, elsewhere: str) -> None:
    person = room.person()
    account = room.served.account("desk_clerk")
    answer = person.context.request.post(
        "/sign-in",
        form={"name": account.name, "password": account.password, "next": elsewhere},
        max_redirects=0,
    )
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_who_may_not_sees_why(room: Room) -> None:
    person = room.worker("leader", PHONE)
    answer = person.page.goto("/requests/new")
    assert answer is not None
    assert answer.status == 403
    expect(person.page.get_by_role("alert")).to_contain_text("没有权限")
    assert (person.barriers(), person.overflow()) == ([], 0)


def test_pages_with_people_on_them_are_not_kept(room: Room) -> None:
    person = room.worker("grid_worker")
    answer = person.page.goto(place(person))
    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"
