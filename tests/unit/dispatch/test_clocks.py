"""Extension, hold, alarms, 督办: the clocks of a work order, told as examples."""

from datetime import timedelta

from services.dispatch.domain.knowledge import Knowledge
from shared.contracts import dispatch as msg
from shared.contracts.county import Rules
from shared.contracts.working_time import Limit, YearPlan
from shared.county_rules import DEFAULT_RULES, working_time
from shared.deadlines import deadlines_for, extended, given_back
from shared.rejection import InvalidInput, NotAllowedNow, NotFound
from tests.unit.dispatch.cast import (
    CLOCKS,
    DAY,
    HOUR,
    LEAD,
    NOON,
    alone_at_work,
    asked,
    center,
    given,
    lead,
    lead_accepted,
    lead_done,
    lead_sent,
    leader,
    left_to_center,
    sent,
    system,
)

DUE = CLOCKS.complete.due_at
TWO_DAYS = Limit(amount=2, unit="working_day")
ask_extension = asked(msg.AskExtension, lead, extra=TWO_DAYS, note_id="N1")
extension_asked = msg.ExtensionAsked(**LEAD, extra=TWO_DAYS, note_id="N1")
grant_extension = asked(msg.GrantExtension, center)
LONGER = extended(DEFAULT_RULES, CLOCKS, TWO_DAYS)
extension_granted = msg.ExtensionGranted(**LEAD, extra=TWO_DAYS, deadlines=LONGER)

REVIEW = NOON + 7 * DAY
hold_fields = {"reason": "resident_away", "review_at": REVIEW, "note_id": "N2"}
ask_hold = asked(msg.AskHold, lead, **hold_fields)
hold_asked = msg.HoldAsked(**LEAD, **hold_fields)
grant_hold = asked(msg.GrantHold, center, at=NOON + HOUR)
held = {"reason": "resident_away", "held_at": NOON + HOUR, "review_at": REVIEW}
hold_granted = msg.HoldGranted(**LEAD, **held)
on_hold = (*alone_at_work, hold_asked, hold_granted)
A_DAY_LATER = NOON + HOUR + DAY
resume = asked(msg.ResumeWork, lead, at=A_DAY_LATER)
resumed = msg.WorkResumed(
    **LEAD,
    reason="ready",
    held_at=NOON + HOUR,
    resumed_at=A_DAY_LATER,
    deadlines=given_back(DEFAULT_RULES, CLOCKS, NOON + HOUR, A_DAY_LATER),
)


def alarm(limit, level, due_at, at):
    return asked(msg.RaiseAlarm, system, at=at, limit=limit, level=level, due_at=due_at)


def raised(limit, level, due_at):
    return msg.AlarmRaised(**LEAD, limit=limit, level=level, due_at=due_at)


def test_an_extension_is_asked_for_and_granted_by_the_center():
    given(*alone_at_work).when(ask_extension).then(extension_asked)
    given(*alone_at_work, extension_asked).when(grant_extension).then(extension_granted)
    assert (
        working_time(DEFAULT_RULES).calendar.working_days_between(
            DUE.date(), LONGER.complete.due_at.date()
        )
        == TWO_DAYS.amount
    )


def test_an_extension_is_asked_for_once_at_a_time():
    given(*alone_at_work, extension_asked).when(ask_extension).then_rejected(NotAllowedNow)
    given(*alone_at_work).when(grant_extension).then_rejected(NotAllowedNow)


def test_an_extension_after_expiry_is_refused():
    in_time = ask_extension.model_copy(update={"at": DUE})
    too_late = ask_extension.model_copy(update={"at": DUE + timedelta(seconds=1)})
    given(*alone_at_work).when(in_time).then(extension_asked)
    given(*alone_at_work).when(too_late).then_rejected(NotAllowedNow)


def test_extensions_together_are_no_longer_than_the_limit():
    four_more = ask_extension.model_copy(update={"extra": Limit(amount=4, unit="working_day")})
    three_more = ask_extension.model_copy(update={"extra": Limit(amount=3, unit="working_day")})
    story = given(*alone_at_work, extension_asked, extension_granted)
    story.when(four_more).then_rejected(InvalidInput, "extra")
    story.when(three_more).then(extension_asked.model_copy(update={"extra": three_more.extra}))


def test_there_are_two_extensions_at_most():
    one = Limit(amount=1, unit="working_day")
    small = (
        extension_asked.model_copy(update={"extra": one}),
        extension_granted.model_copy(update={"extra": one}),
    )
    story = given(*alone_at_work, *small, *small)
    story.when(ask_extension.model_copy(update={"extra": one})).then_rejected(NotAllowedNow)


def test_an_extension_is_counted_as_the_limit_is():
    hours = ask_extension.model_copy(update={"extra": Limit(amount=2, unit="natural_hour")})
    given(*alone_at_work).when(hours).then_rejected(InvalidInput, "extra")


def test_the_center_refuses_an_extension_with_its_reason():
    refuse = asked(msg.RefuseExtension, center, note_id="N3")
    refused = msg.ExtensionRefused(**LEAD, note_id="N3")
    given(*alone_at_work, extension_asked).when(refuse).then(refused)
    given(*alone_at_work, extension_asked, refused).when(ask_extension).then(extension_asked)


def test_a_hold_needs_a_reason_an_approval_and_a_review_date():
    given(*alone_at_work).when(ask_hold).then(hold_asked)
    given(*alone_at_work, hold_asked).when(grant_hold).then(hold_granted)
    in_the_past = ask_hold.model_copy(update={"review_at": NOON})
    given(*alone_at_work).when(in_the_past).then_rejected(InvalidInput, "review_at")


def test_asking_for_a_hold_stops_no_clock():
    story = given(*alone_at_work, hold_asked)
    at = CLOCKS.complete.yellow_at
    story.when(alarm("complete", "yellow", DUE, at)).then(raised("complete", "yellow", DUE))


def test_held_time_is_given_back():
    given(*on_hold).when(resume).then(resumed)
    time = working_time(DEFAULT_RULES)
    moved = resumed.deadlines
    assert moved is not None
    assert time.worked(DUE, moved.complete.due_at) == time.worked(NOON + HOUR, A_DAY_LATER)


def test_what_is_on_hold_is_neither_completed_nor_held_again():
    story = given(*on_hold)
    done = asked(msg.CompleteWorkOrder, lead, outcome="solved", note_id="N1")
    for command in (done, ask_hold, ask_extension):
        story.when(command).then_rejected(NotAllowedNow)
    story.when(alarm("complete", "red", DUE, DUE)).then_nothing_happens()


def test_the_timer_ends_a_hold_on_its_review_day():
    review = asked(msg.ResumeWork, system, at=REVIEW, reason="review_due")
    back = given_back(DEFAULT_RULES, CLOCKS, NOON + HOUR, REVIEW)
    ended = resumed.model_copy(
        update={"reason": "review_due", "resumed_at": REVIEW, "deadlines": back}
    )
    given(*on_hold).when(review).then(ended)
    given(*on_hold, ended).when(review).then_nothing_happens()
    given(*alone_at_work).when(resume).then_rejected(NotAllowedNow)


def test_a_hold_whose_review_date_has_passed_is_not_granted():
    late = grant_hold.model_copy(update={"at": REVIEW})
    given(*alone_at_work, hold_asked).when(late).then_rejected(NotAllowedNow)


def test_an_alarm_is_raised_once_and_only_while_the_step_is_owed():
    assert CLOCKS.accept
    due = CLOCKS.accept.due_at
    red = alarm("accept", "red", due, due)
    given(left_to_center, lead_sent).when(red).then(raised("accept", "red", due))
    given(left_to_center, lead_sent, raised("accept", "red", due)).when(red).then_nothing_happens()
    given(left_to_center, lead_sent, lead_accepted).when(red).then_nothing_happens()


def test_an_alarm_about_a_date_that_has_moved_is_no_news():
    red = alarm("complete", "red", DUE, DUE)
    given(*alone_at_work, extension_asked, extension_granted).when(red).then_nothing_happens()
    later = LONGER.complete.due_at
    again = alarm("complete", "red", later, later)
    story = given(*alone_at_work, extension_asked, extension_granted)
    story.when(again).then(raised("complete", "red", later))


def test_a_stage_report_moves_the_next_one():
    complex_clocks = deadlines_for(DEFAULT_RULES, "complex", NOON)
    order = sent(LEAD, urgency="complex").model_copy(update={"deadlines": complex_clocks})
    story = (left_to_center, order, lead_accepted)
    report = asked(msg.RecordProgress, lead, at=NOON + DAY, note_id="N4")
    next_one = working_time(DEFAULT_RULES).due(NOON + DAY, complex_clocks.report_every).at
    delivered = msg.ServiceDelivered(**LEAD, note_id="N4", report_by=next_one)
    given(*story).when(report).then(delivered)
    missed = alarm("report", "red", complex_clocks.report_by, complex_clocks.report_by)
    given(*story).when(missed).then(raised("report", "red", complex_clocks.report_by))
    given(*story, delivered).when(missed).then_nothing_happens()


def supervision(number, level, cause, at):
    return msg.SupervisionOrdered(
        **LEAD,
        supervision_id=f"W1.d{number}",
        level=level,
        cause=cause,
        answer_by=working_time(DEFAULT_RULES).due(at, DEFAULT_RULES.ladder.answer_within).at,
    )


def test_the_ladder_rises_once_per_level_while_the_order_is_overdue():
    at = CLOCKS.supervise_at[0].at
    step = asked(msg.OrderSupervision, system, at=at, level="organization_head", cause="ladder")
    ordered = supervision(1, "organization_head", "ladder", at)
    given(*alone_at_work).when(step).then(ordered)
    given(*alone_at_work, ordered).when(step).then_nothing_happens()
    given(*alone_at_work, lead_done).when(step).then_nothing_happens()
    too_early = step.model_copy(update={"at": DUE})
    given(*alone_at_work).when(too_early).then_nothing_happens()


def test_an_old_supervision_that_nobody_answers_does_not_keep_the_ladder_silent():
    at = CLOCKS.supervise_at[1].at
    by_a_leader = supervision(1, "center", "person", NOON)
    step = asked(msg.OrderSupervision, system, at=at, level="center", cause="ladder")
    ordered = supervision(2, "center", "ladder", at)
    given(*alone_at_work, by_a_leader).when(step).then(ordered)
    given(*alone_at_work, by_a_leader, ordered).when(step).then_nothing_happens()


def test_an_answer_that_is_not_there_in_time_is_told_once_even_on_hold():
    ordered = supervision(1, "center", "person", NOON)
    due = ordered.answer_by
    late = alarm("answer", "red", due, due).model_copy(update={"supervision_id": "W1.d1"})
    told = raised("answer", "red", due).model_copy(update={"supervision_id": "W1.d1"})
    given(*alone_at_work, ordered).when(late).then(told)
    given(*alone_at_work, ordered, told).when(late).then_nothing_happens()
    on_hold = msg.HoldGranted(**LEAD, reason="resident_away", held_at=NOON, review_at=REVIEW)
    given(*alone_at_work, ordered, on_hold).when(late).then(told)
    answered = msg.SupervisionAnswered(**LEAD, supervision_id="W1.d1", note_id="N6")
    given(*alone_at_work, ordered, answered).when(late).then_nothing_happens()
    given(*alone_at_work, ordered, lead_done).when(late).then_nothing_happens()


def test_a_leader_orders_supervision_and_the_organization_owes_an_answer():
    order = asked(msg.OrderSupervision, leader, level="center", note_id="N5")
    ordered = supervision(1, "center", "person", NOON).model_copy(update={"note_id": "N5"})
    given(*alone_at_work).when(order).then(ordered)
    given(*alone_at_work, ordered).when(order).then_rejected(NotAllowedNow)
    answer = asked(msg.AnswerSupervision, lead, supervision_id="W1.d1", note_id="N6")
    answered = msg.SupervisionAnswered(**LEAD, supervision_id="W1.d1", note_id="N6")
    given(*alone_at_work, ordered).when(answer).then(answered)
    given(*alone_at_work, ordered, answered).when(answer).then_rejected(NotAllowedNow)
    given(*alone_at_work).when(answer).then_rejected(NotFound)


def test_a_calendar_that_arrives_settles_what_was_provisional_and_nothing_else():
    december = NOON.replace(month=12, day=28)
    provisional = deadlines_for(DEFAULT_RULES, "normal", december)
    assert provisional.is_provisional
    order = lead_sent.model_copy(update={"deadlines": provisional})
    plan = YearPlan(year=2027, holidays=("2027-01-01",))
    rules: Rules = DEFAULT_RULES.model_copy(
        update={"version": "2027-1", "published_years": (plan,)}
    )
    recompute = msg.RecomputeDeadlines(request_id="R1", at=december, by=system)
    settled = msg.DeadlinesRecomputed(**LEAD, deadlines=deadlines_for(rules, "normal", december))
    assert settled.deadlines.complete.due_at > provisional.complete.due_at
    story = given(left_to_center, order).knowing(Knowledge(rules=rules))
    story.when(recompute).then(settled)
    certain = given(left_to_center, lead_sent).knowing(Knowledge(rules=rules))
    certain.when(recompute).then_nothing_happens()


def test_recomputing_remembers_extensions_and_holds():
    december = NOON.replace(month=12, day=28)
    provisional = deadlines_for(DEFAULT_RULES, "normal", december)
    order = lead_sent.model_copy(update={"deadlines": provisional})
    longer = extended(DEFAULT_RULES, provisional, TWO_DAYS)
    granted = extension_granted.model_copy(update={"deadlines": longer})
    plan = YearPlan(year=2027, holidays=("2027-01-01",))
    rules = DEFAULT_RULES.model_copy(update={"version": "2027-1", "published_years": (plan,)})
    recompute = msg.RecomputeDeadlines(request_id="R1", at=december, by=system)
    settled = extended(rules, deadlines_for(rules, "normal", december), TWO_DAYS)
    story = given(left_to_center, order, extension_asked, granted)
    story.knowing(Knowledge(rules=rules)).when(recompute).then(
        msg.DeadlinesRecomputed(**LEAD, deadlines=settled)
    )
