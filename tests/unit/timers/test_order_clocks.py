"""What is still to ring for a work order, in the order of its story."""

from hypothesis import given
from hypothesis import strategies as st

from services.timers.domain.due import due_for_order
from services.timers.domain.order_clocks import OrderClocks, order_clocks
from shared.contracts import dispatch
from shared.event_log import Recorded
from shared.testing.facts import recorded
from shared.views import rebuild
from tests.unit.timers.story import (
    DEADLINES,
    THIS,
    accepted,
    answer_missed,
    answered,
    cancelled,
    completed,
    contacted,
    dispatched,
    due_by,
    excused,
    extended,
    facts,
    happened,
    held,
    hours,
    raised,
    reported,
    resumed,
    returned,
    row_after,
    supervised,
)

NEVER = hours(100_000)


def order(*events) -> OrderClocks:
    row = row_after(order_clocks, *events)
    assert isinstance(row, OrderClocks)
    return row


def next_at(*events):
    return order(*events).next_at


def rings(row: OrderClocks) -> list[str]:
    """Everything that would ring in the end, by rule."""
    return [due.command_id.partition(":")[0] for due in due_for_order(row, NEVER)]


def test_a_dispatched_order_waits_for_its_first_warning():
    assert next_at(dispatched) == hours(1)


def test_everything_rings_in_order_of_time():
    assert rings(order(dispatched)) == [
        *("accept_yellow", "accept_orange", "accept_red"),
        *("contact_yellow", "contact_orange", "contact_red"),
        *("complete_yellow", "report_red", "complete_orange", "complete_red"),
        *("supervision_organization_head", "supervision_center", "supervision_committee_secretary"),
    ]


def test_an_order_from_before_there_were_clocks_waits_for_nothing():
    old = dispatched.model_copy(update={"deadlines": None})
    assert next_at(old) is None


def test_what_has_rung_does_not_ring_again():
    assert next_at(dispatched, raised("accept", "yellow", 3)) == hours(2)


def test_a_lower_alarm_is_no_news_after_a_higher_one():
    assert next_at(dispatched, raised("accept", "red", 3)) == hours(4)


def test_accepting_ends_the_clock_of_accepting_and_no_other():
    assert next_at(dispatched, accepted) == hours(4)


def test_first_contact_ends_the_clock_of_first_contact():
    assert next_at(dispatched, accepted, contacted) == hours(10)


def test_a_stage_report_moves_the_next_one():
    said = rings(order(dispatched, accepted, contacted, reported))
    assert said.index("report_red") > said.index("complete_red")


def test_without_a_further_report_owed_none_is_asked_for():
    last = reported.model_copy(update={"report_by": None})
    assert "report_red" not in rings(order(dispatched, accepted, contacted, last))


def test_the_ladder_rises_step_by_step():
    overdue = (
        *(dispatched, accepted, contacted),
        *(raised("report", "red", 12), raised("complete", "red", 20)),
    )
    assert next_at(*overdue) == hours(30)
    assert next_at(*overdue, supervised("organization_head")) == hours(50)
    both = (supervised("organization_head"), supervised("center"))
    assert next_at(*overdue, *both) == hours(70)
    all_three = (*both, supervised("committee_secretary"))
    assert next_at(*overdue, *all_three) == hours(99)
    missed = [answer_missed(step.level) for step in all_three]
    assert next_at(*overdue, *all_three, *missed) is None


def test_every_supervision_is_owed_an_answer_and_rings_once_when_it_is_late():
    at_work = (dispatched, accepted, contacted)
    asked = (supervised("center", "person", 7), supervised("committee_secretary", "person", 7))
    assert next_at(*at_work, *asked) == hours(7)
    assert next_at(*at_work, *asked, answered("center")) == hours(7)
    both = (answered("center"), answered("committee_secretary"))
    assert next_at(*at_work, *asked, *both) == hours(10)
    missed = (answer_missed("center", 7), answer_missed("committee_secretary", 7))
    assert next_at(*at_work, *asked, *missed) == hours(10)
    assert row_after(order_clocks, *at_work, *asked, completed) is None


def test_an_answer_is_owed_on_hold_and_with_other_deadlines_as_well():
    asked = (dispatched, accepted, contacted, supervised("center", "person", 50))
    assert next_at(*asked, held) == hours(50)
    assert next_at(*asked, held, answer_missed("center", 50)) == hours(100)
    on_its_way = row_after(order_clocks, *asked, extended)
    assert any(bell.at == hours(50) for bell in on_its_way.bells)


def test_supervision_by_a_person_is_not_a_step_of_the_ladder():
    by_a_leader = supervised("organization_head", "person")
    answered_at_once = order(dispatched, by_a_leader, answered("organization_head"))
    assert answered_at_once.bells == order(dispatched).bells


def test_an_extension_rings_anew_for_what_it_has_moved_and_only_that():
    late = (dispatched, raised("accept", "red", 3), raised("complete", "red", 20))
    by_the_ladder = (supervised("organization_head"), answered("organization_head"))
    said = rings(order(*late, *by_the_ladder, extended))
    assert "accept_red" not in said
    assert said[-6:] == [
        *("complete_yellow", "complete_orange", "complete_red"),
        *("supervision_organization_head", "supervision_center", "supervision_committee_secretary"),
    ]


def test_deadlines_computed_anew_to_the_same_times_say_nothing_twice():
    same = dispatch.DeadlinesRecomputed(**THIS, deadlines=DEADLINES)
    before = (dispatched, raised("accept", "yellow", 3))
    assert order(*before, same) == order(*before)


def test_recomputed_deadlines_replace_the_provisional_ones():
    sooner = dispatch.DeadlinesRecomputed(**THIS, deadlines=due_by(15))
    assert "complete_red" not in rings(order(dispatched, sooner, raised("complete", "red", 15)))


def test_on_hold_only_the_review_is_waited_for():
    row = order(dispatched, accepted, contacted, held)
    assert row.next_at == hours(100)
    assert rings(row) == ["hold_review"]


def test_what_is_set_anew_during_a_hold_waits_for_its_end():
    assert next_at(dispatched, accepted, contacted, held, extended) == hours(100)


def test_after_a_hold_the_clocks_go_on_and_an_old_warning_is_not_repeated():
    warned = (dispatched, accepted, contacted, raised("complete", "yellow", 20))
    row = order(*warned, held, resumed)
    assert row.next_at == hours(101)
    assert rings(row) == ["report_red", "complete_orange", "complete_red", "supervision_center"]


def test_an_order_from_before_there_were_clocks_may_be_held_and_resumed():
    old = dispatched.model_copy(update={"deadlines": None})
    assert next_at(old, accepted, held) == hours(100)
    assert next_at(old, accepted, held, resumed.model_copy(update={"deadlines": None})) is None


def test_a_finished_order_has_no_clocks():
    for end in (completed, returned, excused, cancelled):
        assert row_after(order_clocks, dispatched, accepted, contacted, end) is None
        assert row_after(order_clocks, dispatched, end, raised("accept", "red", 3)) is None


def test_each_order_of_a_request_has_its_own_clocks():
    other = dispatched.model_copy(update={"work_order_id": "R1.1.2", "part": "supporting"})
    rows = rebuild(order_clocks, facts(dispatched, other, completed))
    assert list(rows) == ["R1.1.2"]


ANYTHING = st.lists(
    st.sampled_from(
        [
            *(dispatched, accepted, contacted, reported, extended, held, resumed),
            *(completed, returned, excused, cancelled),
            *(raised(limit, "yellow", 3) for limit in ("accept", "contact", "complete")),
            *(raised("accept", "orange", 3), raised("complete", "red", 20)),
            *(raised("complete", "red", 40), raised("report", "red", 12)),
            *(supervised("center"), supervised("organization_head")),
        ]
    ),
    max_size=30,
)


@given(ANYTHING)
def test_whatever_happened_a_row_moves_on_until_nothing_is_due(history):
    log = facts(dispatched, *history)
    steps = 0
    while (row := rebuild(order_clocks, log).get("R1.1.1")) and row.next_at:
        ripe = due_for_order(row, row.next_at)
        assert ripe
        log = [*log, *_answers(ripe, len(log))]
        steps += 1
        assert steps < 40


@given(ANYTHING)
def test_the_next_time_is_that_of_the_first_thing_due(history):
    row = row_after(order_clocks, dispatched, *history)
    if row and row.next_at:
        first, *_ = due_for_order(row, NEVER)
        assert first.at == row.next_at
    elif row:
        assert due_for_order(row, NEVER) == []


@given(ANYTHING)
def test_nothing_is_ever_said_twice(history):
    row = row_after(order_clocks, dispatched, *history)
    if row and not row.review_at:
        said = [(bell.at, str(bell)) for bell in row.rung]
        assert not {(bell.at, str(bell)) for bell in row.bells}.intersection(said)


def _answers(ripe, behind: int) -> list[Recorded]:
    events = [happened(due.command) for due in ripe]
    return [recorded(event, behind + n) for n, event in enumerate(events, start=1)]
