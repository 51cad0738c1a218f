"""What dispatch looks at before it decides."""

from services.dispatch.domain.views import (
    CandidateRow,
    LoadRow,
    MenuLine,
    StaffRow,
    candidates,
    loads,
    organization_staff,
    outcomes,
)
from shared.contracts import accounts
from shared.contracts import dispatch as msg
from shared.testing.facts import log_of
from shared.views import rebuild

registered = msg.OrganizationRegistered(organization_id="org-red", name="红会", kind="red_cross")
offer = msg.Offer(service_code="home-visit", name="入户走访", area_ids=("county-1",))
menu_set = msg.ServiceMenuSet(organization_id="org-red", offers=(offer,))
first, second = (
    {"request_id": f"R{n}", "work_order_id": f"R{n}.1.1", "organization_id": "org-red"}
    for n in (1, 2)
)
dispatched, dispatched_too = (
    msg.WorkOrderDispatched(**order, part="lead", round=1, chosen_by="person")
    for order in (first, second)
)
opened = accounts.AccountOpened(
    account_id="staff-5", role="service_staff", organization_id="org-red", area_ids=()
)
moved = accounts.ScopeChanged(
    account_id="staff-5", role="service_staff", organization_id="org-df", area_ids=()
)
promoted = accounts.ScopeChanged(
    account_id="staff-5", role="center_dispatcher", organization_id=None, area_ids=()
)
disabled = accounts.AccountDisabled(account_id="staff-5", reason="left_post")


def open_orders(*events):
    return rebuild(loads, log_of(*events))["org-red"].open_work_order_ids


def test_an_organization_with_its_menu_is_a_candidate():
    line = MenuLine(service_code="home-visit", name="入户走访", area_ids=("county-1",))
    row = CandidateRow(organization_id="org-red", name="红会", kind="red_cross", offers=(line,))
    assert rebuild(candidates, log_of(registered, menu_set)) == {"org-red": row}


def test_a_row_survives_the_way_through_the_database():
    row = rebuild(candidates, log_of(registered, menu_set))["org-red"]
    assert CandidateRow.model_validate(row.model_dump(mode="json")) == row


def test_a_load_is_the_open_orders():
    assert open_orders(dispatched, dispatched_too) == ("R1.1.1", "R2.1.1")
    assert LoadRow(organization_id="org-red", open_work_order_ids=()) == rebuild(
        loads, log_of(dispatched, msg.WorkOrderReturned(**first, reason="duplicate"))
    ).get("org-red")


def test_an_order_that_ends_is_no_load():
    completed = msg.WorkOrderCompleted(**first, outcome="solved", note_id="N1")
    cancelled = msg.WorkOrderCancelled(**second, reason="request_withdrawn")
    assert open_orders(dispatched, dispatched_too, completed) == ("R2.1.1",)
    assert open_orders(dispatched, dispatched_too, cancelled) == ("R1.1.1",)


def test_the_same_fact_twice_changes_nothing():
    assert open_orders(dispatched, dispatched) == ("R1.1.1",)


def test_staff_belong_to_the_organization_of_their_account():
    here, there = (StaffRow(account_id="staff-5", organization_id=o) for o in ("org-red", "org-df"))
    assert rebuild(organization_staff, log_of(opened)) == {"staff-5": here}
    assert rebuild(organization_staff, log_of(opened, moved)) == {"staff-5": there}


def test_whoever_leaves_is_no_longer_staff():
    assert rebuild(organization_staff, log_of(opened, promoted)) == {}
    assert rebuild(organization_staff, log_of(opened, disabled)) == {}


def completed(**said):
    usual = {"request_id": "R1", "work_order_id": "R1.1.1", "organization_id": "org-red"}
    ended = {"outcome": "solved", "note_id": "N1", "service_code": "relief"}
    return msg.WorkOrderCompleted(**{**usual, **ended, **said})


def test_outcomes_are_counted_by_organization_and_service():
    rows = rebuild(
        outcomes,
        log_of(
            completed(),
            completed(outcome="explained"),
            completed(service_code="first-aid"),
            completed(organization_id="org-df", outcome="impossible"),
        ),
    )
    assert {key: (row.solved, row.finished) for key, row in rows.items()} == {
        "org-red/relief": (1, 2),
        "org-red/first-aid": (1, 1),
        "org-df/relief": (0, 1),
    }


def test_supporting_parts_and_completions_of_old_logs_are_no_outcomes():
    old = msg.WorkOrderCompleted(
        request_id="R1",
        work_order_id="R1.1.1",
        organization_id="org-red",
        outcome="solved",
        note_id="N1",
    )
    assert rebuild(outcomes, log_of(completed(part="supporting"), old)) == {}


def test_a_renamed_candidate_keeps_its_menu():
    renamed = msg.OrganizationRenamed(organization_id="org-red", name="县红会")
    row = rebuild(candidates, log_of(registered, menu_set, renamed))["org-red"]
    assert (row.name, len(row.offers)) == ("县红会", 1)
