"""Accounts: who may sign in, with which role and scope, told as examples."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from services.accounts.domain.account import account, actor_of
from services.accounts.domain.scope import NEVER_SIGNS_IN
from shared.access import SEPARATED
from shared.contracts import accounts as msg
from shared.contracts.actor import Actor, Role
from shared.rejection import InvalidInput, NotAllowedNow, NotFound, NotYours
from shared.testing.spec import given_for

given = given_for(account, None)

NOON = datetime(2026, 5, 1, tzinfo=UTC)
security = Actor(account_id="security-1", role="security_administrator")
asked = {"account_id": "A1", "at": NOON, "by": security}
worker = {"account_id": "A1", "role": "grid_worker", "organization_id": None, "area_ids": ("g-3",)}
clerk = worker | {"role": "desk_clerk", "area_ids": ("town-3",)}

open_worker = msg.OpenAccount(**asked, role="grid_worker", area_ids=("g-3",))
make_clerk = msg.ChangeScope(**asked, role="desk_clerk", area_ids=("town-3",))
disable = msg.DisableAccount(**asked, reason="left_post")

token = {"token_id": "T1", "scopes": ("place_requests",), "expires_at": NOON + timedelta(days=90)}
issue = msg.IssueToken(**asked, **token)
revoke = msg.RevokeToken(**asked, token_id="T1", reason="leaked")
reset = msg.ResetSignIn(**asked, reason="forgotten")

opened = msg.AccountOpened(**worker)
changed = msg.ScopeChanged(**clerk)
disabled = msg.AccountDisabled(account_id="A1", reason="left_post")

reset_done = msg.SignInReset(account_id="A1", reason="forgotten", forgets_second_factor=False)
issued = msg.TokenIssued(account_id="A1", **token)
revoked = msg.TokenRevoked(account_id="A1", token_id="T1", reason="leaked")

AREAS: dict[str, object] = {"area_ids": ("town-3",)}
ORGANIZATION: dict[str, object] = {"organization_id": "org-red"}
NEEDS: dict[Role, dict[str, object]] = {
    "grid_worker": AREAS,
    "desk_clerk": AREAS,
    "organization_dispatcher": ORGANIZATION,
    "service_staff": ORGANIZATION,
    "center_dispatcher": {},
    "leader": {},
    "return_visit_caller": {},
    "auditor": {},
    "administrator": {},
    "security_administrator": {},
}


def test_an_account_is_opened_for_a_post():
    given().when(open_worker).then(opened)


def test_opening_twice_changes_nothing():
    given(opened).when(open_worker).then_nothing_happens()


def test_another_post_cannot_take_a_name_that_is_in_use():
    another = open_worker.model_copy(update={"area_ids": ("g-4",)})
    given(opened).when(another).then_rejected(NotAllowedNow, "account_id")
    given(opened, disabled).when(open_worker).then_rejected(NotAllowedNow, "account_id")


@pytest.mark.parametrize("role", NEEDS)
def test_each_role_has_exactly_the_scope_it_needs(role):
    for scope in ({}, AREAS, ORGANIZATION, AREAS | ORGANIZATION):
        wrong = {
            field for field in AREAS | ORGANIZATION if (field in scope) != (field in NEEDS[role])
        }
        story = given().when(msg.OpenAccount(**asked, role=role, **scope))
        if wrong:
            story.then_rejected(InvalidInput, *wrong)
        else:
            whole = {"area_ids": (), "organization_id": None} | scope
            story.then(msg.AccountOpened(account_id="A1", role=role, **whole))


def test_every_role_that_signs_in_is_told_above():
    assert {*NEEDS, *NEVER_SIGNS_IN} == set(get_args(Role))


def test_nobody_signs_in_as_the_system():
    given().when(msg.OpenAccount(**asked, role="system")).then_rejected(InvalidInput, "role")


def test_a_post_changes_its_scope():
    given(opened).when(make_clerk).then(changed)


def test_the_same_scope_again_changes_nothing():
    given(opened, changed).when(make_clerk).then_nothing_happens()


def test_a_changed_scope_has_to_fit_the_role_too():
    unfit = make_clerk.model_copy(update={"area_ids": ()})
    given(opened).when(unfit).then_rejected(InvalidInput, "area_ids")


def test_an_account_that_does_not_exist_is_not_found():
    given().when(make_clerk).then_rejected(NotFound)
    given().when(disable).then_rejected(NotFound)


def test_a_disabled_account_stays_disabled():
    given(opened).when(disable).then(disabled)
    given(opened, disabled).when(disable).then_rejected(NotAllowedNow)
    given(opened, disabled).when(make_clerk).then_rejected(NotAllowedNow)
    given(opened, disabled).when(reset).then_rejected(NotAllowedNow)
    given(opened, disabled).when(issue).then_rejected(NotAllowedNow)


def test_the_actor_is_what_the_account_says_now():
    assert actor_of(given(opened).state) == Actor(**worker)
    assert actor_of(given(opened, changed).state) == Actor(**clerk)


def test_nobody_acts_for_an_account_that_is_disabled_or_was_never_opened():
    assert actor_of(given(opened, disabled).state) is None
    assert actor_of(given().state) is None


def test_every_change_says_why():
    given().when(open_worker.model_copy(update={"reason": "new_post"})).then(
        msg.AccountOpened(**worker, reason="new_post")
    )
    given(opened).when(make_clerk.model_copy(update={"reason": "duties_changed"})).then(
        msg.ScopeChanged(**clerk, reason="duties_changed")
    )


@pytest.mark.parametrize(
    "command",
    [open_worker, make_clerk, disable, reset, issue, revoke],
    ids=lambda c: type(c).__name__,
)
def test_nobody_gives_rights_to_himself(command):
    himself = security.model_copy(update={"account_id": "A1"})
    given(opened, issued).when(command.model_copy(update={"by": himself})).then_rejected(NotYours)


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_the_three_administrators_never_change_places(role):
    held = msg.AccountOpened(account_id="A1", role=role, organization_id=None, area_ids=())
    for other in {*SEPARATED, "leader"} - {role}:
        change = msg.ChangeScope(**asked, role=other)
        given(held).when(change).then_rejected(NotAllowedNow, "role")
        back = held.model_copy(update={"role": other})
        given(back).when(msg.ChangeScope(**asked, role=role)).then_rejected(NotAllowedNow, "role")


@pytest.mark.parametrize("name", ["system", "resident", "county-setup", "accounts-setup"])
def test_names_of_the_house_are_not_given_away(name):
    command = open_worker.model_copy(update={"account_id": name})
    given().when(command).then_rejected(InvalidInput, "account_id")


def test_a_sign_in_is_reset_as_often_as_it_is_lost():
    given(opened).when(reset).then(reset_done)
    given(opened, reset_done).when(reset).then(reset_done)
    given().when(reset).then_rejected(NotFound)


def test_a_machine_gets_a_token_for_part_of_what_its_account_may_do():
    given(opened).when(issue).then(issued)


def test_a_token_is_revoked_once():
    given(opened, issued).when(revoke).then(revoked)
    given(opened, issued, revoked).when(revoke).then_rejected(NotFound)
    given(opened).when(revoke).then_rejected(NotFound)


@pytest.mark.parametrize("days", [0, 367], ids=["at once", "after more than a year"])
def test_a_token_ends_within_a_year(days):
    command = issue.model_copy(update={"expires_at": NOON + timedelta(days=days)})
    given(opened).when(command).then_rejected(InvalidInput, "expires_at")


def test_a_token_reaches_no_further_than_its_account():
    staff = msg.AccountOpened(
        account_id="A1", role="service_staff", organization_id="org-red", area_ids=()
    )
    given(staff).when(issue).then_rejected(InvalidInput, "scopes")
    reading = issue.model_copy(update={"scopes": ("read_figures",)})
    given(staff).when(reading).then_rejected(InvalidInput, "scopes")


@pytest.mark.parametrize("role", sorted(SEPARATED))
def test_no_machine_acts_as_one_of_the_three_administrators(role):
    held = msg.AccountOpened(account_id="A1", role=role, organization_id=None, area_ids=())
    reading = issue.model_copy(update={"scopes": ("read_register",)})
    given(held).when(reading).then_rejected(NotAllowedNow)


def test_an_account_has_a_bearable_number_of_tokens():
    many = [issued.model_copy(update={"token_id": f"T-{n}"}) for n in range(20)]
    given(opened, *many).when(issue).then_rejected(NotAllowedNow)


def test_tokens_fall_with_the_rights_they_stood_on():
    assert given(opened, issued).state.tokens == {"T1"}
    assert given(opened, issued, changed).state.tokens == set()
    assert given(opened, issued, disabled).state.tokens == set()
