"""The list of accounts: where each stands, who changed it last, and its tokens."""

from services.accounts.domain.views import accounts
from shared.testing.facts import NOON, log_of
from shared.views import rebuild
from tests.unit.accounts.test_account import changed, disabled, issued, opened, reset_done, revoked


def row(*events):
    return rebuild(accounts, log_of(*events))["A1"]


def test_an_opened_account_is_on_the_list():
    assert row(opened).model_dump(include={"account_id", "role", "area_ids", "opened_at"}) == {
        "account_id": "A1",
        "role": "grid_worker",
        "area_ids": ("g-3",),
        "opened_at": NOON,
    }


def test_a_changed_scope_takes_the_tokens_along():
    found = row(opened, issued, changed)
    assert (found.role, found.area_ids, found.tokens) == ("desk_clerk", ("town-3",), ())


def test_a_disabled_account_stays_on_the_list_without_tokens():
    found = row(opened, issued, disabled)
    assert (found.disabled_for, found.tokens) == ("left_post", ())


def test_tokens_are_listed_until_they_are_revoked():
    (token,) = row(opened, issued).tokens
    assert (token.token_id, token.scopes, token.issued_by) == ("T1", ("place_requests",), "system")
    assert row(opened, issued, revoked).tokens == ()


def test_a_reset_only_shows_who_changed_it_last():
    assert row(opened, reset_done) == row(opened)
