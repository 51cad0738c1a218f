"""Signing in with the county's own provider: a real one, on this machine."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.demo.signing_in import code_near, read_accounts
from deploy.local.ports import free_port
from tests.integration.api.people import County
from tests.integration.api.provider import consent, provider, setting

PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def url(county: County) -> Iterator[str]:
    """A second gateway of the same county, which knows the provider."""
    port, at = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        provider(f"{url}/sign-in/arrival", at) as issuer,
        county.another_gateway(port, SINGLE_SIGN_ON=setting(issuer)),
    ):
        yield url


@pytest.fixture
def browser(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers=PAGE, timeout=20, trust_env=False) as client:
        yield client


def away(browser: httpx.Client, wanted: str = "/") -> httpx.Response:
    return browser.get("/sign-in/away", params={"next": wanted})


def test_the_sign_in_page_offers_it_by_name(browser: httpx.Client):
    assert "用云岭县统一身份认证登录" in browser.get("/sign-in").text


def test_whoever_the_provider_names_is_signed_in_and_gets_where_he_wanted(browser: httpx.Client):
    back = consent(browser, away(browser, "/requests?status=placed"), "grid-worker-03")
    arrived = browser.get(back.headers["location"])
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/requests?status=placed")
    me = browser.get("/api/v1/session").json()
    assert (me["account_id"], me["owes"]) == ("grid-worker-03", None)


def test_an_answer_is_good_once(browser: httpx.Client):
    back = consent(browser, away(browser), "grid-worker-04").headers["location"]
    assert browser.get(back).status_code == 303
    again = browser.get(back)
    assert again.status_code == 401
    assert "已经过期" in again.text


def test_an_answer_is_good_only_in_the_browser_that_asked(browser: httpx.Client, url: str):
    """Otherwise somebody could sign another in as himself."""
    back = consent(browser, away(browser), "grid-worker-05").headers["location"]
    with httpx.Client(base_url=url, headers=PAGE, timeout=20, trust_env=False) as other:
        answer = other.get(back)
    assert answer.status_code == 401
    assert "不是从这个浏览器开始" in answer.text
    assert "session" not in answer.cookies


def test_no_account_is_made_for_a_stranger(browser: httpx.Client, county: County):
    answer = browser.get(consent(browser, away(browser), "stranger-1").headers["location"])
    assert answer.status_code == 401
    assert "没有与之对应的账号" in answer.text
    known = county.person("security-administrator-1").get("/accounts").json()
    assert "stranger-1" not in {row["account_id"] for row in known}


@pytest.mark.parametrize("claimed", ["a b", "统一", "x" * 65])
def test_a_claim_that_is_no_account_name_is_nobody(browser: httpx.Client, claimed: str):
    answer = browser.get(consent(browser, away(browser), claimed).headers["location"])
    assert answer.status_code == 401


def test_a_refusal_of_the_provider_is_explained(browser: httpx.Client):
    away(browser)
    state = browser.cookies["sign-in"]
    answer = browser.get("/sign-in/arrival", params={"state": state, "error": "access_denied"})
    assert answer.status_code == 401
    assert "没有通过" in answer.text


def test_an_altered_code_opens_nothing(browser: httpx.Client):
    back = httpx.URL(consent(browser, away(browser), "grid-worker-06").headers["location"])
    answer = browser.get(back.copy_set_param("code", "guessed"))
    assert answer.status_code == 401
    assert browser.get("/api/v1/session").status_code == 401


def test_another_issuers_answer_is_refused(browser: httpx.Client):
    back = httpx.URL(consent(browser, away(browser), "grid-worker-06").headers["location"])
    answer = browser.get(back.copy_set_param("iss", "https://evil.example"))
    assert answer.status_code == 401


def test_the_second_factor_stays_ours(browser: httpx.Client, county: County):
    answer = browser.get(consent(browser, away(browser), "leader-1").headers["location"])
    assert answer.headers["location"] == "/sign-in/code?next=%2F"
    assert browser.get("/api/v1/requests").status_code == 403
    entry = read_accounts(county.accounts)["leader-1"]
    form = {"code": code_near(entry), "next": "/board"}
    for beside in (0, 1, -1):
        form["code"] = code_near(entry, beside)
        answer = browser.post("/sign-in/code", data=form)
        if answer.is_redirect:
            break
    assert answer.headers["location"] == "/board"


def test_without_a_provider_there_is_no_such_way(county: County):
    answer = httpx.get(f"{county.stack.gateway_url}/sign-in/away", headers=PAGE, trust_env=False)
    assert answer.status_code == 404
