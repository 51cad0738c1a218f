"""Where past requests would have gone by other rules: replayed from a log, told as examples."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain import policy
from services.dispatch.domain.matching import candidates_from
from services.dispatch.domain.rehearsal import Elsewhere, Pick, Share, Shift, rehearse
from services.dispatch.domain.views import candidates, loads, outcomes
from shared.contracts import dispatch as msg
from shared.contracts.dispatch import Offer
from shared.contracts.requests import RequestAccepted
from shared.county_rules import DEFAULT_RULES
from shared.testing.facts import NOON, log_of, recorded
from shared.views import rebuild

ALL = DEFAULT_RULES.matching
BY_ID = DEFAULT_RULES.model_copy(update={"matching": (*ALL[:4], "first_by_id")})
BY_OUTCOME = DEFAULT_RULES.model_copy(
    update={"matching": (*ALL[:4], "best_past_outcome", *ALL[4:]), "small_sample": 2}
)


def organization(id, *services):
    menu = tuple(Offer(service_code=one, name="服务", area_ids=("county",)) for one in services)
    return (
        msg.OrganizationRegistered(organization_id=id, name="组织", kind="red_cross"),
        msg.ServiceMenuSet(organization_id=id, offers=menu),
    )


def accepted(request_id, service="relief", **more):
    return RequestAccepted(
        request_id=request_id,
        grid_id="g",
        area_ids=("county", "g"),
        service_code=service,
        urgency="normal",
        beneficiary_category="resident",
        **more,
    )


def sent(request_id, organization_id):
    return msg.WorkOrderDispatched(
        work_order_id=f"{request_id}.1.1",
        request_id=request_id,
        organization_id=organization_id,
        part="lead",
        round=1,
        chosen_by="least_busy",
    )


def done(request_id, organization_id, outcome="solved", service="relief"):
    return msg.WorkOrderCompleted(
        work_order_id=f"{request_id}.1.1",
        request_id=request_id,
        organization_id=organization_id,
        outcome=outcome,
        note_id="N",
        service_code=service,
    )


two = (*organization("a", "relief"), *organization("b", "relief"))
a_is_busy = (*two, sent("R0", "a"))


def test_what_would_go_elsewhere_is_told_with_the_rules_that_settle_it():
    found = rehearse(log_of(*a_is_busy, accepted("R1")), DEFAULT_RULES, BY_ID)
    assert (found.requests, found.elsewhere) == (1, 1)
    assert found.shifts == [Shift("b", "a", 1)]
    assert found.shares == [Share("a", 0, 1), Share("b", 1, 0)]
    before, after = Pick("b", "least_busy"), Pick("a", "first_by_id")
    assert found.examples == [Elsewhere("R1", NOON, "relief", before, after)]


def test_the_same_choice_by_another_rule_is_no_difference():
    found = rehearse(log_of(*two, accepted("R1")), DEFAULT_RULES, BY_ID)
    assert (found.requests, found.elsewhere, found.examples) == (1, 0, [])


def test_each_request_meets_the_county_as_it_was_then():
    log = log_of(*a_is_busy, accepted("R1"), done("R0", "a"), accepted("R2"))
    found = rehearse(log, DEFAULT_RULES, BY_ID)
    assert [one.request_id for one in found.examples] == ["R1"]


def test_past_outcomes_grow_along_the_log():
    learning = (done("X1", "b"), done("X2", "b"), done("X3", "a", "explained"))
    enough = done("X4", "a", "explained")
    log = log_of(*two, *learning, accepted("R1"), enough, accepted("R2"))
    found = rehearse(log, DEFAULT_RULES, BY_OUTCOME)
    assert [(one.request_id, one.after) for one in found.examples] == [
        ("R2", Pick("b", "best_past_outcome"))
    ]


def test_what_nobody_offers_goes_to_the_center_by_any_rules():
    found = rehearse(log_of(*two, accepted("R1", "no-such-service")), DEFAULT_RULES, BY_ID)
    assert (found.requests, found.shares) == (1, [Share(None, 1, 1)])


def test_what_a_desk_sent_by_hand_was_not_chosen_by_rules():
    by_hand = accepted("R1", is_dispatched_by_hand=True)
    assert rehearse(log_of(*a_is_busy, by_hand), DEFAULT_RULES, BY_ID).requests == 0


def test_older_requests_can_be_left_out_and_what_they_taught_stays():
    facts = [recorded(fact, n) for n, fact in enumerate((*a_is_busy, accepted("R1")), 1)]
    later = [recorded(accepted("R2"), len(facts) + 1, NOON + timedelta(days=9))]
    since = NOON + timedelta(days=1)
    found = rehearse([*facts, *later], DEFAULT_RULES, BY_ID, since)
    assert [one.request_id for one in found.examples] == ["R2"]


def test_only_the_latest_examples_are_kept_and_all_are_counted():
    many = [accepted(f"R{n}") for n in range(1, 251)]
    found = rehearse(log_of(*a_is_busy, *many), DEFAULT_RULES, BY_ID)
    assert (found.elsewhere, len(found.examples)) == (250, 100)
    assert found.examples[-1].request_id == "R250"


steps = st.lists(
    st.one_of(
        st.builds(accepted, st.sampled_from(("R1", "R2")), st.sampled_from(("relief", "talk"))),
        st.builds(sent, st.sampled_from(("X1", "X2", "X3")), st.sampled_from("abc")),
        st.builds(
            done,
            st.sampled_from(("X1", "X2", "X3")),
            st.sampled_from("abc"),
            st.sampled_from(("solved", "explained")),
            st.sampled_from(("relief", "talk")),
        ),
    ),
    max_size=25,
)


@given(steps, st.sampled_from((DEFAULT_RULES, BY_ID, BY_OUTCOME)))
def test_it_chooses_as_the_service_would_have_chosen(story, rules):
    """The service's views, rebuilt up to each request, and its policy."""
    county = (*organization("a", "relief"), *organization("b", "relief", "talk"))
    facts = log_of(*county, *organization("c", "talk"), *story)
    chosen = []
    for number, fact in enumerate(facts):
        if isinstance(fact.event, RequestAccepted):
            known = [rebuild(view, facts[:number]) for view in (candidates, loads, outcomes)]
            menus, busy, past = known
            rivals = candidates_from(menus.values(), busy, past.values())
            [wish] = policy.react(fact, policy.Knowledge(rivals, rules))
            assert isinstance(wish, msg.DispatchWorkOrder)
            chosen.append(wish.organization_id)
    found = rehearse(facts, rules, rules)
    assert found.elsewhere == 0
    counted = {share.organization_id: share.after for share in found.shares}
    assert counted == {id: chosen.count(id) for id in chosen}
