"""Accounts: who may sign in, with which role and scope, told as examples."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from services.accounts.domain.account import NEVER_SIGNS_IN, account, actor_of
from shared.contracts import accounts as msg
from shared.contracts.actor import Actor, Role
from shared.rejection import InvalidInput, NotAllowedNow, NotFound
from shared.testing.spec import given_for

given = given_for(account, None)

admin = Actor(account_id="admin-1", role="administrator")
asked = {"account_id": "A1", "at": datetime(2026, 5, 1, tzinfo=UTC), "by": admin}
worker = {"account_id": "A1", "role": "grid_worker", "organization_id": None, "area_ids": ("g-3",)}
clerk = worker | {"role": "desk_clerk", "area_ids": ("town-3",)}

open_worker = msg.OpenAccount(**asked, role="grid_worker", area_ids=("g-3",))
make_clerk = msg.ChangeScope(**asked, role="desk_clerk", area_ids=("town-3",))
disable = msg.DisableAccount(**asked, reason="left_post")

opened = msg.AccountOpened(**worker)
changed = msg.ScopeChanged(**clerk)
disabled = msg.AccountDisabled(account_id="A1", reason="left_post")

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


def test_the_actor_is_what_the_account_says_now():
    assert actor_of(given(opened).state) == Actor(**worker)
    assert actor_of(given(opened, changed).state) == Actor(**clerk)


def test_nobody_acts_for_an_account_that_is_disabled_or_was_never_opened():
    assert actor_of(given(opened, disabled).state) is None
    assert actor_of(given().state) is None
