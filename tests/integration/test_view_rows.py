"""Rows in MongoDB: each fact counts once, also while two instances fold the same view."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pymongo import MongoClient

from shared.adapters.mongo import Document
from shared.adapters.mongo_views import ViewStore
from shared.contracts.accounts import AccountDisabled, ScopeChanged
from shared.event_log import Recorded
from shared.testing.facts import recorded
from shared.views import Row, View


class Counted(Row):
    times: int


def count(row: Counted | None, fact: Recorded) -> Counted | None:
    if isinstance(fact.event, AccountDisabled):
        return None
    return Counted(times=row.times + 1 if row else 1)


def account_of(fact: Recorded) -> str | None:
    match fact.event:
        case ScopeChanged(account_id=account_id) | AccountDisabled(account_id=account_id):
            return account_id
        case _:
            return None


COUNTS = View(
    name="counts",
    version=1,
    row=Counted,
    handles=(ScopeChanged, AccountDisabled),
    key=account_of,
    project=count,
)


def changed(position: int, account: str = "anna") -> Recorded:
    event = ScopeChanged(account_id=account, role="leader", organization_id=None, area_ids=())
    return recorded(event, position)


def disabled(position: int, account: str = "anna") -> Recorded:
    return recorded(AccountDisabled(account_id=account, reason="left_post"), position)


@pytest.fixture
def open_store(mongodb: MongoClient[Document], county: str) -> Callable[..., ViewStore[Counted]]:
    def opened(view: View[Counted] = COUNTS) -> ViewStore[Counted]:
        return ViewStore(mongodb[f"{county}_counts"], view)

    return opened


def overtaken_by(other: Callable[[], None]) -> View[Counted]:
    """The view of an instance that reads its rows just before another one writes them."""
    waiting = [other]

    def slowly(row: Counted | None, fact: Recorded) -> Counted | None:
        while waiting:
            waiting.pop()()
        return count(row, fact)

    return replace(COUNTS, project=slowly)


def test_a_fact_that_comes_again_changes_nothing(open_store):
    store = open_store()
    store.fold([changed(1), changed(2), changed(3, "bo")])
    store.fold([changed(1), changed(2), changed(3, "bo"), changed(4)])
    assert store.all() == {"anna": Counted(times=3), "bo": Counted(times=1)}


def test_a_dropped_row_is_not_brought_back_by_an_old_fact(open_store):
    store = open_store()
    store.fold([changed(1), disabled(2)])
    store.fold([changed(1)])
    assert (store.get("anna"), store.everything()["anna"].at_position) == (None, 2)
    store.fold([changed(3)])
    assert store.get("anna") == Counted(times=1)


def test_a_row_that_another_instance_has_begun_meanwhile_is_folded_on(open_store):
    other = open_store()
    slow = open_store(overtaken_by(lambda: other.fold([changed(1)])))
    slow.fold([changed(1), changed(2), changed(3, "bo")])
    assert slow.all() == {"anna": Counted(times=2), "bo": Counted(times=1)}


def test_a_row_that_another_instance_has_moved_on_meanwhile_is_folded_on(open_store):
    other = open_store()
    other.fold([changed(1)])
    slow = open_store(overtaken_by(lambda: other.fold([changed(2)])))
    slow.fold([changed(2), changed(3)])
    assert slow.all() == {"anna": Counted(times=3)}
    assert slow.everything()["anna"].at_position == 3
