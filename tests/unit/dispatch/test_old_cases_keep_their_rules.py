"""New rules are for new orders: what runs already keeps the deadlines it was given."""

from services.dispatch.domain import policy
from services.dispatch.domain.knowledge import Knowledge
from shared.contracts import dispatch as msg
from shared.contracts.county import Rules, RulesAdopted
from shared.contracts.working_time import Limit, YearPlan
from shared.county_rules import DEFAULT_RULES
from shared.deadlines import deadlines_for
from shared.rules_in_force import KEY, rules_in_force, rules_of
from shared.testing.facts import log_of, recorded
from shared.views import rebuild
from tests.unit.dispatch.cast import (
    ALL,
    HELPER,
    LEAD,
    NOON,
    asked,
    center,
    given,
    lead,
    lead_accepted,
    lead_sent,
    left_to_center,
    sent,
    system,
)

ONE_DAY = Limit(amount=1, unit="working_day")


def stricter(version: str = "2026-2", **more) -> Rules:
    """Everything is due within a working day, and warned of sooner."""
    levels = tuple(
        level.model_copy(update={"complete": ONE_DAY, "contact": None})
        for level in DEFAULT_RULES.levels
    )
    ladder = DEFAULT_RULES.ladder.model_copy(update={"yellow_percent": 10})
    said = {"version": version, "levels": levels, "ladder": ladder}
    return DEFAULT_RULES.model_copy(update=said | more)


STRICTER = stricter()
NOW_STRICTER = Knowledge(ALL, rules=STRICTER)
recompute = msg.RecomputeDeadlines(request_id="R1", at=NOON, by=system)
running = given(left_to_center, lead_sent, lead_accepted).knowing(NOW_STRICTER)


def test_adopting_rules_asks_nothing_of_orders_whose_deadlines_are_certain():
    adopted = recorded(RulesAdopted(rules=STRICTER))
    assert policy.react(adopted, policy.Knowledge(rules=STRICTER)) == []


def test_even_when_asked_to_a_running_order_does_not_move():
    running.when(recompute).then_nothing_happens()


def test_whatever_is_done_later_its_deadlines_stay_those_of_its_start():
    contacted = msg.FirstContactRecorded(**LEAD)
    running.when(asked(msg.RecordFirstContact, lead)).then(contacted)
    after = given(left_to_center, lead_sent, lead_accepted, contacted).state.lead
    assert after is not None
    assert after.deadlines == deadlines_for(DEFAULT_RULES, "normal", NOON)


def test_an_order_that_is_sent_from_now_on_goes_by_the_new_rules():
    wish = msg.DispatchWorkOrder(
        work_order_id="W1.1",
        request_id="R1",
        organization_id="org-helper",
        part="supporting",
        at=NOON,
        by=center,
    )
    new = deadlines_for(STRICTER, "normal", NOON)
    assert new.complete.due_at < deadlines_for(DEFAULT_RULES, "normal", NOON).complete.due_at
    running.when(wish).then(sent(HELPER, "supporting", deadlines=new))


def test_a_provisional_order_gets_the_calendar_and_keeps_its_limits():
    december = NOON.replace(month=12, day=28)
    plan = YearPlan(year=2027, holidays=("2027-01-01",))
    calendar_alone = DEFAULT_RULES.model_copy(
        update={"version": "2027-1", "published_years": (plan,)}
    )
    both = calendar_alone.model_copy(update={"levels": STRICTER.levels})
    order = lead_sent.model_copy(
        update={"deadlines": deadlines_for(DEFAULT_RULES, "normal", december)}
    )
    settled = deadlines_for(calendar_alone, "normal", december)
    story = given(left_to_center, order).knowing(Knowledge(ALL, rules=both))
    story.when(recompute).then(msg.DeadlinesRecomputed(**LEAD, deadlines=settled))


def test_the_rules_in_force_are_those_adopted_last():
    assert rules_of(None) == DEFAULT_RULES
    later = stricter("2026-3")
    facts = log_of(RulesAdopted(rules=STRICTER), RulesAdopted(rules=later))
    assert rules_of(rebuild(rules_in_force, facts)[KEY]) == later
