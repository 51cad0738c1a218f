"""Accounts from the first one-time password to the last sign-out, told as stories."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import httpx
import pytest

from deploy.local.ports import free_port
from deploy.verify import main
from services.gateway.signing_in.machines import OPENS
from shared.access import SEPARATED
from shared.calendar import beijing_day
from shared.one_time_codes import code_of, step_at
from tests.integration.api.people import County, Person, days_ahead

GRIDS = ["539901001201-01"]
MADE_CLERK = {"role": "desk_clerk", "area_ids": ["539901001"], "reason": "correction"}
GOOD = "门前 柳树 三月 细雨"
OTHER = "屋后 竹林 九月 秋风"


def new_name(role: str = "w") -> str:
    return f"{role}-{uuid.uuid4().hex[:8]}"


def open_account(county: County, **said) -> tuple[str, str]:
    """Name and one-time password of a fresh account."""
    body = {"account_id": new_name(), "role": "grid_worker", "area_ids": GRIDS, **said}
    made = county.person("security-administrator-1").post(
        "/accounts", {"reason": "new_post", **body}
    )
    return body["account_id"], made["one_time_password"]


def knock(county: County, name: str, password: str, code: str | None = None) -> httpx.Response:
    with httpx.Client(base_url=county.stack.gateway_url, timeout=20, trust_env=False) as http:
        return http.post("/api/v1/session", json={"name": name, "password": password, "code": code})


@pytest.fixture
def stranger(county: County) -> Iterator[Person]:
    with httpx.Client(base_url=county.stack.gateway_url, timeout=20, trust_env=False) as http:
        yield Person(http)


def enter(person: Person, name: str, password: str, **more: str) -> dict[str, Any]:
    answer = person.http.post("/api/v1/session", json={"name": name, "password": password, **more})
    assert answer.is_success, answer.text
    return dict(answer.json())


def settle(person: Person, name: str, one_time: str) -> None:
    """First sign-in: choose a password."""
    assert enter(person, name, one_time)["owes"] == "new_password"
    answer = person.http.post(
        "/api/v1/account/password", json={"old_password": one_time, "new_password": GOOD}
    )
    assert answer.is_success, answer.text


def bind(person: Person, shown: str = "") -> tuple[str, list[str]]:
    """The secret and the recovery codes of a phone that is bound now."""
    offered = person.http.post("/api/v1/account/second-factor", json={"shown": shown}).json()
    assert offered["svg"].startswith("<svg")
    code = code_of(offered["secret"], step_at(datetime.now(UTC)))
    answer = person.http.post("/api/v1/account/second-factor/confirmation", json={"code": code})
    assert answer.is_success, answer.text
    return offered["secret"], answer.json()["recovery_codes"]


# --- passwords ---


def test_a_one_time_password_opens_nothing_but_its_change(county: County, stranger: Person):
    name, one_time = open_account(county)
    assert enter(stranger, name, one_time)["owes"] == "new_password"
    for path in ("/requests", "/board", "/grids", "/events", "/session/all"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_unfinished"), path
    assert stranger.try_post("/requests", {}).status_code == 403
    before = stranger.http.cookies["session"]
    refused = stranger.http.post(
        "/api/v1/account/password", json={"old_password": one_time, "new_password": "password123"}
    )
    assert "太常见" in refused.json()["fields"]["new_password"]
    settle(stranger, name, one_time)
    assert stranger.http.cookies["session"] != before
    assert stranger.get("/grids").is_success
    assert knock(county, name, one_time).status_code == 401


@pytest.mark.parametrize(
    "password", ["短密码", "1234567890", "Grid-worker-9!", "云岭县的密码很长啊"]
)
def test_a_weak_password_is_refused_with_a_remedy(county: County, stranger: Person, password: str):
    name, one_time = open_account(county, account_id=f"grid-worker-9{uuid.uuid4().hex[:6]}")
    enter(stranger, name, one_time)
    said = {"old_password": one_time, "new_password": f"{name}-x" if "9!" in password else password}
    answer = stranger.http.post("/api/v1/account/password", json=said)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["new_password"])


def test_a_changed_password_ends_every_other_session(county: County, stranger: Person):
    name, one_time = open_account(county)
    settle(stranger, name, one_time)
    with httpx.Client(base_url=county.stack.gateway_url, trust_env=False) as other:
        enter(Person(other), name, GOOD)
        wrong = {"old_password": "not the old one", "new_password": OTHER}
        assert stranger.http.post("/api/v1/account/password", json=wrong).status_code == 422
        assert other.get("/api/v1/session").is_success
        right = {"old_password": GOOD, "new_password": OTHER}
        assert stranger.http.post("/api/v1/account/password", json=right).is_success
        assert other.post("/api/v1/account/password", json=right).status_code == 401
        county.until(lambda: other.get("/api/v1/session").status_code == 401)
    assert stranger.get("/session").is_success
    assert knock(county, name, GOOD).status_code == 401
    assert knock(county, name, OTHER).is_success


def test_a_reset_gives_out_one_password_and_a_retry_never_undoes_the_owners_choice(county: County):
    name, first = open_account(county)
    security = county.person("security-administrator-1")
    made = security.post(f"/accounts/{name}/sign-in-reset", {"reason": "forgotten"})
    assert made["one_time_password"] != first
    assert knock(county, name, first).status_code == 401
    retried = security.repeat_last_post()
    assert retried["is_repeat"]
    assert knock(county, name, made["one_time_password"]).status_code == 401
    with httpx.Client(base_url=county.stack.gateway_url, trust_env=False) as http:
        settle(Person(http), name, retried["one_time_password"])
    late = security.http.post(**security.last_post)
    assert (late.status_code, late.json()["code"]) == (409, "not_allowed_now")
    assert knock(county, name, GOOD).is_success


# --- second factor ---


@pytest.mark.parametrize("role", ["leader", "center_dispatcher", *sorted(SEPARATED)])
def test_who_sees_the_county_binds_a_phone_before_anything_else(
    county: County, stranger: Person, role: str
):
    name, one_time = open_account(county, role=role, area_ids=[])
    settle(stranger, name, one_time)
    assert stranger.get("/session").json()["owes"] == "second_factor"
    assert stranger.get("/rules").status_code == 403
    secret, codes = bind(stranger)
    assert len(codes) == 10
    assert stranger.get("/session").json()["owes"] is None
    assert stranger.get("/rules").is_success
    without = knock(county, name, GOOD)
    assert (without.status_code, without.json()["code"]) == (401, "code_needed")
    assert "session" not in without.cookies
    late = code_of(secret, step_at(datetime.now(UTC)) + 1)
    assert knock(county, name, GOOD, late).is_success
    assert knock(county, name, GOOD, late).json()["code"] == "code_used"
    assert knock(county, name, GOOD, codes[0]).is_success
    assert knock(county, name, GOOD, codes[0]).json()["code"] == "code_wrong"


def test_others_may_bind_one_and_show_their_password_first(county: County, stranger: Person):
    name, one_time = open_account(county)
    settle(stranger, name, one_time)
    refused = stranger.http.post("/api/v1/account/second-factor", json={"shown": "not it"})
    assert refused.status_code == 422
    _, codes = bind(stranger, GOOD)
    stolen = stranger.http.post("/api/v1/account/second-factor", json={"shown": GOOD})
    assert stolen.json()["code"] == "code_wrong"  # from now on a code, not the password
    assert stranger.http.post(
        "/api/v1/account/second-factor/recovery-codes", json={"code": codes[0]}
    ).is_success
    assert knock(county, name, GOOD, codes[1]).json()["code"] == "code_wrong"


def test_a_lost_phone_is_forgotten_by_the_security_administrator(county: County, stranger: Person):
    name, one_time = open_account(county, role="leader", area_ids=[])
    settle(stranger, name, one_time)
    bind(stranger)
    made = county.person("security-administrator-1").post(
        f"/accounts/{name}/sign-in-reset", {"reason": "phone_lost", "forgets_second_factor": True}
    )
    assert stranger.get("/session").status_code == 401
    with httpx.Client(base_url=county.stack.gateway_url, trust_env=False) as http:
        settle(Person(http), name, made["one_time_password"])
        assert http.get("/api/v1/session").json()["owes"] == "second_factor"


# --- rights ---


@pytest.mark.parametrize(
    "name", ["administrator-1", "auditor-1", "leader-1", "center-dispatcher-1", "grid-worker-01"]
)
def test_only_the_security_administrator_gives_rights(county: County, name: str):
    person = county.person(name)
    body = {"account_id": new_name(), "role": "leader", "reason": "new_post"}
    assert person.try_post("/accounts", body).status_code in {403, 404}
    scope = {"role": "leader", "reason": "correction"}
    for path, said in (
        ("scope", scope),
        ("disabling", {"reason": "misuse"}),
        ("sign-in-reset", {"reason": "forgotten"}),
        ("tokens", {"scopes": ["read_register"], "expires_on": days_ahead(9)}),
    ):
        answer = person.try_post(f"/accounts/grid-worker-02/{path}", said)
        assert answer.status_code in {403, 404}, path
    can_see = person.get("/accounts").is_success
    assert can_see == (name == "auditor-1")


def test_nobody_gives_rights_to_himself(county: County):
    security = county.person("security-administrator-1")
    own = "/accounts/security-administrator-1"
    assert security.try_post(f"{own}/sign-in-reset", {"reason": "forgotten"}).status_code == 403
    assert security.try_post(f"{own}/disabling", {"reason": "misuse"}).status_code == 403
    mixed = {"role": "administrator", "reason": "correction"}
    assert security.try_post(f"{own}/scope", mixed).status_code == 403
    other = "/accounts/security-administrator-2/scope"
    assert security.try_post(other, mixed).status_code == 409


def test_the_three_administrators_see_no_case(county: County):
    for name in ("administrator-1", "security-administrator-1", "auditor-1"):
        assert county.person(name).get("/requests").json()["total"] == 0, name


def test_every_change_is_an_event_that_says_who_and_why(county: County):
    name, _ = open_account(county)
    security = county.person("security-administrator-1")
    done = security.post(
        f"/accounts/{name}/scope",
        {"role": "desk_clerk", "area_ids": ["539901001"], "reason": "duties_changed"},
    )
    commit = county.log_entry(done["position"])
    assert commit["by"] == "security-administrator-1"
    assert commit["events"][0]["t"] == "ScopeChanged"
    assert commit["events"][0]["d"]["reason"] == "duties_changed"
    found = county.person("auditor-1").get(
        "/access-log", params={"log": "configuration", "account_id": name}
    )
    assert [entry["type"] for entry in found.json()["entries"]] == ["ScopeChanged", "AccountOpened"]


# --- sessions, in more than one process ---


@pytest.fixture(scope="module")
def elsewhere(county: County) -> Iterator[str]:
    """Another gateway process of the same county."""
    port = free_port()
    with county.another_gateway(port):
        yield f"http://127.0.0.1:{port}"


Ending = Literal["password", "scope", "disabling", "reset", "sign_out", "everywhere"]
TokenEnding = Literal["revocation", "scope", "disabling"]


@pytest.mark.parametrize("what", get_args(Ending))
def test_a_session_ends_at_once_in_every_process(county: County, elsewhere: str, what: Ending):
    name, one_time = open_account(county)
    security = county.person("security-administrator-1")
    with (
        httpx.Client(base_url=county.stack.gateway_url, trust_env=False, timeout=20) as here,
        httpx.Client(base_url=elsewhere, trust_env=False, timeout=20) as there,
    ):
        settle(Person(here), name, one_time)
        there.cookies.set("session", here.cookies["session"], domain="127.0.0.1")
        assert there.get("/api/v1/session").is_success  # it is remembered there from now on
        match what:
            case "password":
                said = {"old_password": GOOD, "new_password": OTHER}
                assert here.post("/api/v1/account/password", json=said).is_success
            case "scope":
                security.post(f"/accounts/{name}/scope", MADE_CLERK)
            case "disabling":
                security.post(f"/accounts/{name}/disabling", {"reason": "left_post"})
            case "reset":
                security.post(f"/accounts/{name}/sign-in-reset", {"reason": "suspicion"})
            case "sign_out":
                assert here.delete("/api/v1/session").is_success
            case "everywhere":
                assert here.delete("/api/v1/session/all").is_success
        write = there.post("/api/v1/requests", json={}, headers={"Idempotency-Key": "a" * 9})
        assert write.status_code == 401
        county.until(lambda: there.get("/api/v1/session").status_code == 401)


def test_an_event_stream_ends_with_its_session(county: County, stranger: Person):
    name, one_time = open_account(county)
    settle(stranger, name, one_time)
    with stranger.http.stream("GET", "/api/v1/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": connected"
        county.person("security-administrator-1").post(
            f"/accounts/{name}/disabling", {"reason": "misuse"}
        )
        placed = {
            "grid_id": GRIDS[0],
            "service_code": "assistive-device",
            "particulars": {
                "name": "赵小雨",
                "phone": "13900001111",
                "address": "文昌巷9号",
                "text": "需要帮助",
            },
        }
        county.person("grid-worker-01").post("/requests", placed)
        assert [line for line in lines if line.startswith("data:")] == []


def test_one_sees_where_one_is_signed_in_and_ends_it(county: County, stranger: Person):
    name, one_time = open_account(county)
    settle(stranger, name, one_time)
    phone = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0"
    with httpx.Client(base_url=county.stack.gateway_url, headers={"user-agent": phone}) as other:
        enter(Person(other), name, GOOD)
        found = {one["device"]: one for one in stranger.get("/session/all").json()}
        assert found["微信"]["is_this_one"] is False
        stranger.http.delete(f"/api/v1/session/all/{found['微信']['session_id']}")
        county.until(lambda: other.get("/api/v1/session").status_code == 401)
    assert [one["is_this_one"] for one in stranger.get("/session/all").json()] == [True]
    assert stranger.http.delete("/api/v1/session/all/nowhere").status_code == 404


def test_signing_in_again_gives_another_session(county: County, stranger: Person):
    """A session that somebody planted before is not the one that is signed in."""
    name, one_time = open_account(county)
    stranger.http.cookies.set("session", "planted", domain="127.0.0.1")
    settle(stranger, name, one_time)
    assert "planted" not in {cookie.value for cookie in stranger.http.cookies.jar}


# --- delays ---


def test_who_guesses_waits_in_every_process_and_the_owner_is_not_locked_out(
    county: County, elsewhere: str, stranger: Person
):
    name, one_time = open_account(county)
    settle(stranger, name, one_time)
    said = {"name": name, "password": "a guess"}
    guessed = [httpx.post(f"{elsewhere}/api/v1/session", json=said) for _ in range(5)]
    assert [answer.status_code for answer in guessed] == [401] * 5
    move_tries(county, seconds=20)
    for url in (elsewhere, county.stack.gateway_url):
        answer = httpx.post(f"{url}/api/v1/session", json=said)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
        assert 0 < int(answer.headers["retry-after"]) <= 22
    assert stranger.get("/session").is_success
    move_tries(county, seconds=-200)
    assert knock(county, name, GOOD).is_success


def move_tries(county: County, seconds: int) -> None:
    """As if all tries so far had been made then; a test does not sleep for a minute."""
    attempts = county.mongo[f"{county.stack.county}_gateway"].attempts
    moved = {"$dateAdd": {"startDate": "$at", "unit": "second", "amount": seconds}}
    attempts.update_many({}, [{"$set": {"at": moved}}])


def test_a_wrong_name_waits_like_a_wrong_password(county: County):
    nobody, (name, _) = new_name(), open_account(county)

    def answers(name: str) -> list[tuple[int, str]]:
        found = [knock(county, name, "a guess") for _ in range(6)]
        return [(answer.status_code, answer.json()["code"]) for answer in found]

    assert answers(nobody) == answers(name)


# --- machines ---


def machine(county: County, token: str) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{county.stack.gateway_url}/api/v1", headers=bearer, timeout=20)


def issue(county: County, name: str, *scopes: str, days: int = 30) -> dict[str, Any]:
    said = {"scopes": scopes, "expires_on": days_ahead(days)}
    return county.person("security-administrator-1").post(f"/accounts/{name}/tokens", said)


def test_a_token_does_what_its_scopes_say_and_nothing_else(county: County):
    name, _ = open_account(county)
    with machine(county, issue(county, name, "read_figures")["token"]) as http:
        assert http.get("/figures").is_success
        assert http.get("/board").is_success
        for path in ("/requests", "/requests/export", "/session", "/session/all", "/accounts"):
            assert http.get(path).status_code in {401, 403}, path
        key = {"Idempotency-Key": uuid.uuid4().hex}
        assert http.post("/requests", json=PLACE, headers=key).status_code == 403


PLACE = {
    "grid_id": GRIDS[0],
    "service_code": "assistive-device",
    "particulars": {
        "name": "孙小梅",
        "phone": "13700003333",
        "address": "文昌巷10号",
        "text": "需要轮椅",
    },
}


def test_a_machine_places_requests_and_hears_events_as_its_account(county: County):
    name, _ = open_account(county)
    with machine(county, issue(county, name, "place_requests", "read_events")["token"]) as http:
        key = {"Idempotency-Key": uuid.uuid4().hex}
        placed = http.post("/requests", json=PLACE, headers=key)
        assert placed.status_code == 201, placed.text
        assert county.log_entry(placed.json()["position"])["by"] == name
        after = {"Last-Event-ID": str(placed.json()["position"] - 1)}
        with http.stream("GET", "/events", headers=after) as stream:
            assert any("RequestPlaced" in line for line in stream.iter_lines())
        assert http.get("/requests").status_code == 403


def test_a_token_is_shown_once_and_kept_as_a_hash(county: County):
    name, _ = open_account(county)
    made = issue(county, name, "read_register")
    again = county.person("security-administrator-1").http.post(
        **county.person("security-administrator-1").last_post
    )
    assert again.status_code == 409
    kept = str(list(county.mongo[f"{county.stack.county}_gateway"].tokens.find()))
    assert made["token_id"] in kept
    assert made["token"] not in kept
    assert made["token"] not in str(county.person("auditor-1").get(f"/accounts/{name}").json())


@pytest.mark.parametrize("how", get_args(TokenEnding))
def test_a_token_ends_when_it_is_revoked_or_its_account_changes(county: County, how: TokenEnding):
    name, _ = open_account(county)
    security, made = county.person("security-administrator-1"), issue(county, name, "read_register")
    with machine(county, made["token"]) as http:
        assert http.get("/requests").is_success
        match how:
            case "revocation":
                path = f"/accounts/{name}/tokens/{made['token_id']}/revocation"
                security.post(path, {"reason": "leaked"})
            case "scope":
                security.post(f"/accounts/{name}/scope", MADE_CLERK)
            case "disabling":
                security.post(f"/accounts/{name}/disabling", {"reason": "left_post"})
        assert http.get("/requests").status_code == 401


def test_a_token_of_the_past_opens_nothing(county: County):
    name, _ = open_account(county)
    made = issue(county, name, "read_register")
    tokens = county.mongo[f"{county.stack.county}_gateway"].tokens
    tokens.update_one(
        {"token_id": made["token_id"]}, {"$set": {"expires_at": datetime(2026, 1, 1, tzinfo=UTC)}}
    )
    with machine(county, made["token"]) as http:
        assert http.get("/requests").status_code == 401
    with machine(county, "county_invented") as http:
        assert http.get("/requests").status_code == 401


def test_every_way_that_a_scope_opens_exists(county: County):
    paths = county.person("grid-worker-01").http.get("/openapi.json").json()["paths"]
    known = {(method.upper(), path) for path, ways in paths.items() for method in ways}
    assert {place for places in OPENS.values() for place in places} <= known


# --- the access log ---


def audited(county: County, **params: object) -> list[dict[str, Any]]:
    answer = county.person("auditor-1").get("/access-log", params=params)
    assert answer.is_success, answer.text
    return list(answer.json()["entries"])


def test_every_coming_and_going_is_in_the_access_log(county: County, stranger: Person):
    name, one_time = open_account(county)
    knock(county, name, "a guess")
    settle(stranger, name, one_time)
    stranger.get("/requests/export", params={"format": "csv"})
    stranger.get("/figures.csv")
    stranger.http.delete("/api/v1/session")
    with machine(county, issue(county, name, "read_register")["token"]) as http:
        http.get("/requests")
        http.get("/requests")
    told = [(one["type"], one["event"].get("reason")) for one in audited(county, account_id=name)]
    assert told[::-1] == [
        ("SignInRefused", "wrong_password"),
        ("SignedIn", None),
        ("PasswordChanged", None),
        ("TableExported", None),
        ("TableExported", None),
        ("SignedOut", None),
        ("TokenUsed", None),
    ]
    (signed_in,) = audited(county, by=name, type="SignedIn")
    assert signed_in["event"]["means"] == ["password"]
    assert signed_in["event"]["address"] == "127.0.0.1"


def test_what_was_typed_is_never_in_the_log(county: County):
    """Somebody types a password into the field for the name."""
    typed = f"Secret-{uuid.uuid4().hex}"
    knock(county, typed, f"Tried-{typed}")
    knock(county, typed, "again")
    entries = audited(county, type="SignInRefused", by="nobody")
    first, second = (entry["event"] for entry in entries[:2])
    assert first["account_id"] is None
    assert first["name_mark"] == second["name_mark"]
    commits = county.mongo[f"{county.stack.county}_access"].commits
    assert typed not in str(list(commits.find()))


def test_only_the_auditor_reads_it(county: County):
    for name in ("administrator-1", "security-administrator-1", "leader-1", "grid-worker-01"):
        assert county.person(name).get("/access-log").status_code == 403, name


def test_it_is_read_by_day_kind_and_page(county: County):
    today = beijing_day(datetime.now(UTC))
    everything = audited(county, size=200, since=today, until=today)
    assert len(everything) > 3
    assert audited(county, until="2026-01-01") == []
    first = county.person("auditor-1").get("/access-log", params={"size": 2}).json()
    older = audited(county, size=2, before=first["before"])
    positions = [entry["position"] for entry in (*first["entries"], *older)]
    assert positions == sorted(set(positions), reverse=True)
    assert county.person("auditor-1").get("/access-log", params={"type": "No"}).status_code == 422


def test_nothing_deletes_an_entry(county: County):
    """At least 400 days: no index lets one expire."""
    known = county.mongo[f"{county.stack.county}_access"].commits.index_information()
    assert {"command", "stream", "by"} <= set(known)
    assert not any("expireAfterSeconds" in index for index in known.values())


def test_an_altered_entry_is_named_by_verify(county: County, capsys: pytest.CaptureFixture[str]):
    commits = county.mongo[f"{county.stack.county}_access"].commits
    victim = commits.find_one(sort=[("_id", 1)])
    assert victim is not None
    assert main(["--wait", "20"]) == 0
    commits.update_one({"_id": victim["_id"]}, {"$set": {"by": "somebody-else"}})
    try:
        assert main(["--wait", "20"]) == 1
        assert f"access log: BROKEN at position {victim['_id']}: hash" in capsys.readouterr().out
    finally:
        commits.replace_one({"_id": victim["_id"]}, victim)
