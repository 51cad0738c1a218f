"""Real Chromium against a real stack with the demo county: GATEWAY_URL's, or one of our own.

GATEWAY_URL goes with ACCOUNTS, the path of that stack's accounts.json.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from deploy.local.private import Stack
from shared.one_time_codes import code_of, step_at

QUIET = (
    "--headless",
    "--no-sandbox",  # tests run as root in containers
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE = 20_000
"""Milliseconds: a machine under test may be busy with other things."""

expect.set_options(timeout=PATIENCE)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
COMPLAIN = """addEventListener('securitypolicyviolation',
    (event) => console.error('refused by policy: ' + event.violatedDirective))"""


@dataclass(frozen=True)
class Account:
    name: str
    password: str
    role: str
    organization_id: str | None
    area_ids: tuple[str, ...]
    totp_secret: str | None = None


@dataclass(frozen=True)
class Served:
    """Where the stack answers, and who can sign in."""

    url: str
    accounts: tuple[Account, ...]
    sessions: dict[str, Any] = field(default_factory=dict)
    """Cookies by account: signing in once per account is enough."""
    stack: Stack | None = None
    """Whose processes a test may stop; none when the stack is somebody else's."""

    def account(self, role: str, **scope: str) -> Account:
        """The first account of a role; `organization_id` or `area_id` say which."""
        return next(
            account
            for account in self.accounts
            if account.role == role
            and scope.get("organization_id", account.organization_id) == account.organization_id
            and _covers(account, scope.get("area_id"))
        )


def _covers(account: Account, area_id: str | None) -> bool:
    """Whether one of the account's areas leads to this grid: codes of areas are prefixes."""
    return area_id is None or any(area_id.startswith(area) for area in account.area_ids)


@dataclass
class Person:
    """Somebody in front of a browser of their own; `complaints` is what the browser objected to."""

    browser: Browser
    served: Served
    viewport: dict[str, int]
    is_dark: bool = False
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(
            base_url=self.served.url,
            viewport={"width": self.viewport["width"], "height": self.viewport["height"]},
            color_scheme="dark" if self.is_dark else "light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(COMPLAIN)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if "refused by" in said.text else None,
        )

    def sign_in(self, account: Account, wanted: str = "/") -> "Person":
        self.page.goto(wanted)
        self.page.get_by_label("用户名").fill(account.name)
        self.page.get_by_label("密码").fill(account.password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        if account.totp_secret:
            self.show_code(account.totp_secret)
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self

    def show_code(self, secret: str) -> None:
        """A code is good once: the one before, the one now, the one after, then some patience."""
        for beside in (-1, 0, 1, 1, 1, 1):
            self.page.get_by_label("动态码").fill(
                code_of(secret, step_at(datetime.now(UTC)) + beside)
            )
            self.page.get_by_role("button", name="登录", exact=True).click()
            self.page.wait_for_load_state()
            if "/sign-in" not in self.page.url:
                return
            expect(self.page.get_by_role("alert")).to_contain_text("已经用过")
            self.page.wait_for_timeout(0 if beside < 1 else 12_000)

    def overflow(self) -> int:
        """Pixels that one would have to scroll sideways."""
        wide: int = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wide

    def barriers(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA, as `rule: element`."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "async (tags) => (await axe.run({runOnly: tags})).violations"
            ".flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html}`))",
            WCAG,
        )
        return list(found)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    if url := os.environ.get("GATEWAY_URL"):
        yield Served(url, _accounts(Path(os.environ["ACCOUNTS"])))
        return
    given = {name: os.environ[name] for name in ("MONGODB_URI", "AMQP_URI") if name in os.environ}
    with Stack(county="browser", environment=given, with_demo=True) as stack:
        accounts = _accounts(stack.folder / "accounts.json")
        yield Served(stack.gateway_url, accounts, stack=stack)


def _accounts(path: Path) -> tuple[Account, ...]:
    return tuple(
        Account(
            name=found["name"],
            password=found["password"],
            role=found["role"],
            organization_id=found["scope"]["organization_id"],
            area_ids=tuple(found["scope"]["area_ids"]),
            totp_secret=found.get("totp_secret"),
        )
        for found in json.loads(path.read_text())
    )


@pytest.fixture
def stack(served: Served) -> Stack:
    if served.stack is None:
        pytest.skip("only a stack of our own is stopped")
    return served.stack


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()


@dataclass
class Room:
    """Opens a browser for each person who comes in."""

    browser: Browser
    served: Served
    people: list[Person] = field(default_factory=list)

    def person(self, viewport: dict[str, int] = DESK, is_dark: bool = False) -> Person:
        self.people.append(Person(self.browser, self.served, viewport, is_dark))
        return self.people[-1]

    def worker(self, role: str, viewport: dict[str, int] = DESK, **scope: str) -> Person:
        """Somebody of a role, signed in and on the first page."""
        account, person = self.served.account(role, **scope), self.person(viewport)
        if account.name in self.served.sessions:
            person.context.add_cookies(self.served.sessions[account.name])
            person.page.goto("/")
        else:
            person.sign_in(account)
            self.served.sessions[account.name] = person.context.cookies()
        return person


@pytest.fixture
def room(chromium: Browser, served: Served) -> Iterator[Room]:
    """Afterwards no browser may have met a script error or something its policy refuses."""
    opened = Room(chromium, served)
    yield opened
    complaints = [said for person in opened.people for said in person.complaints]
    for person in opened.people:
        person.context.close()
    assert complaints == []
