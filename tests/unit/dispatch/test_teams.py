"""组团式: one lead, several supporters, rulings, and when it is all done."""

from dataclasses import replace

from services.dispatch.domain.knowledge import Knowledge
from shared.contracts import dispatch as msg
from shared.contracts.county import ProofRule
from shared.county_rules import DEFAULT_RULES
from shared.rejection import InvalidInput, NotAllowedNow, NotFound, NotYours
from tests.unit.dispatch.cast import (
    ALL,
    HELPER,
    LEAD,
    NOON,
    alone_at_work,
    asked,
    center,
    clerk,
    finished,
    given,
    helper,
    helper_done,
    helper_returned,
    helper_sent,
    lead,
    lead_accepted,
    lead_done,
    lead_returned,
    lead_sent,
    left_to_center,
    sent,
    team,
    team_at_work,
    third,
)

send_a_team = msg.DispatchWorkOrder(
    at=NOON, by=clerk, **LEAD, supporting_ids=("org-helper", "org-third")
)
THIRD = {"request_id": "R1", "work_order_id": "W1.2", "organization_id": "org-third"}
complete = {"outcome": "solved", "note_id": "N1"}


def test_the_desk_sends_a_lead_and_its_supporters_at_once():
    given(left_to_center).when(send_a_team).then(lead_sent, helper_sent, sent(THIRD, "supporting"))


def test_nobody_is_on_a_team_twice():
    doubled = send_a_team.model_copy(update={"supporting_ids": ("org-helper", "org-lead")})
    given(left_to_center).when(doubled).then_rejected(InvalidInput, "supporting_ids")


def test_everybody_on_a_team_is_registered():
    unknown = send_a_team.model_copy(update={"supporting_ids": ("org-nobody",)})
    given(left_to_center).when(unknown).then_rejected(InvalidInput, "organization_id")


def test_a_supporter_can_be_added_while_the_lead_is_at_work():
    one_more = msg.DispatchWorkOrder(at=NOON, by=clerk, **HELPER, part="supporting")
    given(left_to_center, lead_sent).when(one_more).then(helper_sent)
    given(*team).when(one_more.model_copy(update={"work_order_id": "W9"})).then_rejected(
        NotAllowedNow, "organization_id"
    )
    given(left_to_center).when(one_more).then_rejected(NotAllowedNow, "part")


def test_the_lead_asks_another_organization_for_help():
    ask = asked(msg.AskForHelp, lead, organization_id="org-helper", note_id="N7")
    asked_it = msg.HelpAsked(**LEAD, asked_id="org-helper", note_id="N7")
    order = HELPER | {"work_order_id": "R1.1.2"}
    given(*alone_at_work).when(ask).then(asked_it, sent(order, "supporting", "lead_asked"))


def test_only_the_lead_asks_for_help_and_only_once_at_work():
    ask = asked(msg.AskForHelp, lead, organization_id="org-third")
    given(*team).when(ask).then_rejected(NotAllowedNow)
    by_a_helper = asked(msg.AskForHelp, helper, "W1.1", organization_id="org-third")
    given(*team_at_work).when(by_a_helper).then_rejected(NotAllowedNow)


def test_every_organization_answers_for_its_own_order():
    given(*team).when(asked(msg.AcceptWorkOrder, lead)).then(lead_accepted)
    given(*team).when(asked(msg.AcceptWorkOrder, helper)).then_rejected(NotFound)


def test_it_is_done_when_the_last_one_is_done():
    story = given(*team_at_work)
    story.when(asked(msg.CompleteWorkOrder, lead, **complete)).then(lead_done)
    last = asked(msg.CompleteWorkOrder, helper, "W1.1", outcome="explained", note_id="N1")
    given(*team_at_work, lead_done).when(last).then(helper_done, finished)


def test_the_center_excuses_a_supporter_and_that_may_have_been_the_last_one():
    excuse = asked(msg.ExcuseWorkOrder, center, "W1.1", reason="not_needed")
    excused = msg.WorkOrderExcused(**HELPER, reason="not_needed")
    given(*team_at_work).when(excuse).then(excused)
    given(*team_at_work, lead_done).when(excuse).then(excused, finished)


def test_the_lead_cannot_be_excused():
    excuse = asked(msg.ExcuseWorkOrder, center, reason="not_needed")
    given(*team_at_work).when(excuse).then_rejected(NotAllowedNow)


def test_a_returned_lead_waits_for_the_center():
    rule = asked(msg.RuleOnReturn, center, organization_id="org-third")
    ruled = msg.ReturnRuled(**LEAD | {"organization_id": "org-third"})
    order = THIRD | {"work_order_id": "R1.1.3"}
    given(*team, lead_returned).when(rule).then(ruled, sent(order, "lead", "ruling"))
    by_the_desk = send_a_team.model_copy(update={"work_order_id": "W2", "supporting_ids": ()})
    given(*team, lead_returned).when(by_the_desk).then_rejected(NotYours)


def test_a_ruling_may_send_it_back_to_who_returned_it_and_is_final():
    rule = asked(msg.RuleOnReturn, center, organization_id="org-lead")
    ruled = msg.ReturnRuled(**LEAD)
    order = LEAD | {"work_order_id": "R1.1.3"}
    again = sent(order, "lead", "ruling")
    given(*team, lead_returned).when(rule).then(ruled, again)
    give_back = asked(msg.ReturnWorkOrder, lead, "R1.1.3", reason="other_owner")
    given(*team, lead_returned, ruled, again).when(give_back).then_rejected(NotAllowedNow)


def test_one_return_is_ruled_on_once():
    rule = asked(msg.RuleOnReturn, center, organization_id="org-third")
    ruled = msg.ReturnRuled(**LEAD | {"organization_id": "org-third"})
    new = sent(THIRD | {"work_order_id": "R1.1.3"}, "lead", "ruling")
    given(*team, lead_returned, ruled, new).when(rule).then_rejected(NotAllowedNow)


def test_a_lead_cannot_be_left_empty_but_a_supporting_part_can():
    nobody = asked(msg.RuleOnReturn, center)
    given(*team, lead_returned).when(nobody).then_rejected(InvalidInput, "organization_id")
    no_helper = asked(msg.RuleOnReturn, center, "W1.1")
    ruled = msg.ReturnRuled(**HELPER | {"organization_id": None})
    given(*team, helper_returned).when(no_helper).then(ruled)


def test_a_returned_supporting_part_keeps_it_open_until_the_center_has_ruled():
    last = asked(msg.CompleteWorkOrder, lead, **complete)
    story = (*team, helper_returned, lead_accepted)
    contacted = msg.FirstContactRecorded(**LEAD)
    given(*story, contacted).when(last).then(lead_done)
    no_helper = asked(msg.RuleOnReturn, center, "W1.1")
    ruled = msg.ReturnRuled(**HELPER | {"organization_id": None})
    given(*story, contacted, lead_done).when(no_helper).then(ruled, finished)


def test_a_return_is_for_one_working_day():
    give_back = asked(msg.ReturnWorkOrder, lead, reason="outside_charter")
    on_the_next_day = give_back.model_copy(update={"at": lead_sent.deadlines.return_by})
    given(*team).when(on_the_next_day).then(lead_returned)
    too_late = give_back.model_copy(
        update={"at": lead_sent.deadlines.return_by.replace(microsecond=1000)}
    )
    given(*team).when(too_late).then_rejected(NotAllowedNow)


def test_the_lead_passes_to_a_supporter_that_is_at_work():
    change = asked(msg.ChangeLead, center, "W1.1", note_id="N9")
    former = {"former_work_order_id": "W1", "former_organization_id": "org-lead"}
    changed = msg.LeadChanged(**HELPER, **former, note_id="N9")
    given(*team_at_work).when(change).then(changed)
    given(*team).when(change).then_rejected(NotAllowedNow)
    given(*team_at_work, changed).when(change).then_rejected(NotAllowedNow)


def test_a_supporter_at_work_takes_the_place_of_a_lead_that_returned():
    accepted = msg.WorkOrderAccepted(**HELPER)
    change = asked(msg.ChangeLead, center, "W1.1")
    former = {"former_work_order_id": "W1", "former_organization_id": "org-lead"}
    changed = msg.LeadChanged(**HELPER, **former)
    story = given(*team, accepted, lead_returned)
    story.when(change).then(changed)
    after = given(*team, accepted, lead_returned, changed)
    assert after.state.lead is not None
    assert (after.state.lead.organization_id, after.state.needs_a_person) == ("org-helper", False)


def test_the_new_lead_can_finish_it():
    former = {"former_work_order_id": "W1", "former_organization_id": "org-lead"}
    changed = msg.LeadChanged(**HELPER, **former)
    last = asked(msg.CompleteWorkOrder, lead, **complete)
    story = given(*team_at_work, changed, helper_done)
    by_the_new_lead = finished.model_copy(
        update={"work_order_id": "W1.1", "organization_id": "org-helper"}
    )
    no_longer_leading = lead_done.model_copy(update={"part": "supporting"})
    story.when(last).then(no_longer_leading, by_the_new_lead)


def test_only_the_county_may_ask_for_more_than_a_note():
    photo = ProofRule(outcome="solved", kinds=("photo", "note"))
    strict = Knowledge(ALL, rules=DEFAULT_RULES.model_copy(update={"proofs": (photo,)}))
    story = given(*alone_at_work).knowing(strict)
    bare = asked(msg.CompleteWorkOrder, lead, **complete)
    story.when(bare).then_rejected(InvalidInput, "evidence")
    proof = (msg.Evidence(kind="photo", evidence_id="E1"),)
    with_photo = bare.model_copy(update={"evidence": proof})
    story.when(with_photo).then_rejected(InvalidInput, "evidence")  # the case has no such photo
    story = story.knowing(replace(strict, attachments=frozenset({("photo", "E1")})))
    story.when(with_photo).then(lead_done.model_copy(update={"evidence": proof}), finished)


def test_strangers_see_no_order():
    given(*team).when(asked(msg.AcceptWorkOrder, third)).then_rejected(NotFound)
