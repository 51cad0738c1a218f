"""Provisional deadlines are settled by whatever makes their year known."""

from datetime import datetime

from services.dispatch.domain.calendars import to_recompute
from services.dispatch.domain.views import ProvisionalRow, provisional_orders
from shared.contracts import dispatch as msg
from shared.contracts.working_time import YearPlan
from shared.county_rules import DEFAULT_RULES
from shared.deadlines import deadlines_for
from shared.testing.facts import NOON, recorded
from shared.views import rebuild
from shared.working_calendar import Calendar
from tests.unit.dispatch.cast import LEAD, lead_sent

LATE = NOON.replace(year=2026, month=12, day=25)
SETTLED = Calendar((YearPlan(year=2027, holidays=("2027-01-01",)),))
FAR = NOON.replace(year=2027, month=12, day=30)


def sent_at(at: datetime) -> msg.WorkOrderDispatched:
    provisional = deadlines_for(DEFAULT_RULES, "normal", at)
    said: msg.WorkOrderDispatched = lead_sent.model_copy(update={"deadlines": provisional})
    return said


def waiting(*events) -> list[ProvisionalRow]:
    facts = [recorded(event, number) for number, event in enumerate(events, start=1)]
    return [*rebuild(provisional_orders, facts).values()]


def asked(rows: list[ProvisionalRow], calendar: Calendar) -> list[str]:
    return [str(one.command.said()["request_id"]) for one in to_recompute(rows, calendar, NOON)]


def test_nothing_is_asked_for_while_the_year_is_unknown():
    assert asked(waiting(sent_at(LATE)), Calendar()) == []


def test_what_waits_is_computed_anew_as_soon_as_its_year_is_known_however_it_became_so():
    """A plan of the county here; the library's next release is the same calendar."""
    assert asked(waiting(sent_at(LATE)), SETTLED) == ["R1"]
    known_by_the_library = waiting(sent_at(LATE))[0].model_copy(
        update={"started_at": NOON, "complete_by": NOON}
    )
    assert asked([known_by_the_library], Calendar()) == ["R1"]


def test_a_year_that_becomes_known_settles_nothing_of_the_next():
    assert asked(waiting(sent_at(FAR)), SETTLED) == []


def test_asking_again_is_the_same_command_and_another_date_is_another():
    rows = waiting(sent_at(LATE))
    [once] = to_recompute(rows, SETTLED, NOON)
    [again] = to_recompute(rows, SETTLED, LATE)
    assert once.command_id == again.command_id
    [later] = to_recompute(waiting(sent_at(LATE.replace(day=28))), SETTLED, NOON)
    assert later.command_id != once.command_id


def test_settled_deadlines_wait_no_longer():
    settled = msg.DeadlinesRecomputed(
        **LEAD, deadlines=deadlines_for(DEFAULT_RULES, "normal", NOON)
    )
    assert waiting(sent_at(LATE), settled) == []
