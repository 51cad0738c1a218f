"""Which organisation gets a work order: each rule by example, and what holds for all of them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain.matching import (
    Candidate,
    Choice,
    Need,
    Past,
    best_past_outcome,
    candidates_from,
    choose,
)
from services.dispatch.domain.views import CandidateRow, LoadRow, MenuLine, OutcomeRow
from shared.contracts.dispatch import Considered
from shared.county_rules import DEFAULT_RULES

NEED = Need("home-repair", ("county-1", "town-3", "grid-03"), "disabled_person")


def line(service_code, *area_ids, only_for=()):
    return MenuLine(
        service_code=service_code, name="服务", area_ids=area_ids, beneficiary_categories=only_for
    )


REPAIR = line("home-repair", "county-1")
REPAIR_IN_TOWN_4 = line("home-repair", "town-4")
REPAIR_FOR_CHILDREN = line("home-repair", "county-1", only_for=("child_in_difficulty",))
VISIT = line("home-visit", "county-1")


def named(organization_id, *offers, busy=0):
    return Candidate(organization_id, offers, busy)


def considered(organization_id, rule, is_kept, busy=0):
    return Considered(organization_id=organization_id, rule=rule, is_kept=is_kept, open_orders=busy)


def test_only_who_offers_the_service_is_considered():
    chosen = choose(NEED, [named("a", VISIT), named("b", VISIT, REPAIR)])
    assert chosen == Choice(
        "b", "offers_the_service", (considered("b", "offers_the_service", True),)
    )


def test_whoever_covers_the_area_comes_before_whoever_does_not():
    chosen = choose(NEED, [named("a", REPAIR_IN_TOWN_4), named("b", REPAIR)])
    assert chosen == Choice(
        "b",
        "covers_the_area",
        (considered("a", "covers_the_area", False), considered("b", "covers_the_area", True)),
    )


def test_an_offer_for_others_does_not_count():
    chosen = choose(NEED, [named("a", REPAIR_FOR_CHILDREN), named("b", REPAIR)])
    assert (chosen.organization_id, chosen.rule) == ("b", "serves_the_category")


def test_one_and_the_same_line_has_to_fit_place_and_people():
    patchwork = named("a", REPAIR_FOR_CHILDREN, REPAIR_IN_TOWN_4)
    assert choose(NEED, [patchwork]).organization_id is None


def test_whoever_returned_it_does_not_get_it_again():
    need = replace(NEED, returned_by=frozenset({"a"}))
    chosen = choose(need, [named("a", REPAIR), named("b", REPAIR, busy=9)])
    assert (chosen.organization_id, chosen.rule) == ("b", "has_not_returned_it")


def test_the_least_busy_goes_first():
    chosen = choose(NEED, [named("a", REPAIR, busy=2), named("b", REPAIR, busy=1)])
    assert chosen == Choice(
        "b",
        "least_busy",
        (considered("a", "least_busy", False, 2), considered("b", "least_busy", True, 1)),
    )


def test_equals_are_told_apart_by_their_ids():
    chosen = choose(NEED, [named("b", REPAIR), named("a", REPAIR)])
    assert (chosen.organization_id, chosen.rule) == ("a", "first_by_id")


def test_nobody_fits_and_the_last_rule_says_why():
    chosen = choose(NEED, [named("a", REPAIR_IN_TOWN_4)])
    assert chosen == Choice(None, "covers_the_area", (considered("a", "covers_the_area", False),))
    assert choose(NEED, []) == Choice(None, "offers_the_service")


def test_candidates_come_from_the_two_views():
    row = CandidateRow(organization_id="a", name="妇联", kind="womens_federation", offers=(VISIT,))
    busy = {"a": LoadRow(organization_id="a", open_work_order_ids=("R1.1.1", "R2.1.1"))}
    assert candidates_from([row], busy) == (named("a", VISIT, busy=2),)
    assert candidates_from([row], {}) == (named("a", VISIT),)


ALL = DEFAULT_RULES.matching
BY_OUTCOME = DEFAULT_RULES.model_copy(
    update={"matching": (*ALL[:4], "best_past_outcome", *ALL[4:]), "small_sample": 10}
)


def with_past(organization_id, solved, finished, busy=0):
    return Candidate(organization_id, (REPAIR,), busy, {"home-repair": Past(finished, solved)})


def test_whoever_solved_more_of_it_goes_first_however_busy():
    chosen = choose(NEED, [with_past("a", 8, 10), with_past("b", 18, 20, busy=5)], BY_OUTCOME)
    assert (chosen.organization_id, chosen.rule) == ("b", "best_past_outcome")


def test_the_choice_tells_the_figures_it_was_made_by():
    chosen = choose(NEED, [with_past("a", 8, 10), with_past("b", 18, 20)], BY_OUTCOME)
    assert [(one.organization_id, one.solved, one.finished) for one in chosen.considered] == [
        ("a", 8, 10),
        ("b", 18, 20),
    ]
    assert choose(NEED, [with_past("a", 8, 10)]).considered[0].solved is None


def test_nobody_is_compared_by_too_few_orders():
    newcomer = with_past("a", 0, 9, busy=1)
    chosen = choose(NEED, [newcomer, with_past("b", 20, 20, busy=2)], BY_OUTCOME)
    assert (chosen.organization_id, chosen.rule) == ("a", "least_busy")


def test_equally_good_ones_are_told_apart_by_the_next_rule():
    chosen = choose(NEED, [with_past("a", 9, 10, busy=3), with_past("b", 18, 20)], BY_OUTCOME)
    assert (chosen.organization_id, chosen.rule) == ("b", "least_busy")


def test_only_those_who_may_go_are_compared():
    elsewhere = Candidate("a", (REPAIR_IN_TOWN_4,), past={"home-repair": Past(9, 9)})
    chosen = choose(NEED, [elsewhere, with_past("b", 1, 10)], BY_OUTCOME)
    assert (chosen.organization_id, chosen.rule) == ("b", "covers_the_area")


def test_how_another_service_went_does_not_count():
    other = Candidate("a", (REPAIR,), 0, {"home-visit": Past(50, 50)})
    chosen = choose(NEED, [other, with_past("b", 20, 20)], BY_OUTCOME)
    assert (chosen.organization_id, chosen.rule) == ("a", "first_by_id")


def test_the_county_says_in_which_order_rules_apply():
    late = DEFAULT_RULES.model_copy(
        update={"matching": (*ALL[:5], "best_past_outcome", "first_by_id")}
    )
    rivals = [with_past("a", 10, 10, busy=1), with_past("b", 0, 10)]
    assert choose(NEED, rivals, BY_OUTCOME).organization_id == "a"
    assert choose(NEED, rivals, late).organization_id == "b"


def test_past_outcomes_come_from_their_view():
    row = CandidateRow(organization_id="a", name="妇联", kind="womens_federation", offers=(VISIT,))
    went = OutcomeRow(organization_id="a", service_code="home-visit", finished=3, solved=2)
    (candidate,) = candidates_from([row], {}, [went])
    assert candidate.past == {"home-visit": Past(3, 2)}


CATEGORIES = ("resident", "disabled_person", "child_in_difficulty")
lines = st.builds(
    MenuLine,
    service_code=st.sampled_from(("home-repair", "home-visit")),
    name=st.just("服务"),
    area_ids=st.sets(st.sampled_from(("county-1", "town-3", "town-4"))).map(tuple),
    beneficiary_categories=st.sets(st.sampled_from(CATEGORIES)).map(tuple),
)
counties = st.lists(
    st.builds(
        Candidate,
        organization_id=st.sampled_from([f"org-{n}" for n in range(6)]),
        offers=st.lists(lines, max_size=3).map(tuple),
        open_orders=st.integers(0, 3),
    ),
    unique_by=lambda candidate: candidate.organization_id,
    max_size=6,
)
needs = st.builds(
    Need,
    service_code=st.sampled_from(("home-repair", "home-visit")),
    area_ids=st.sampled_from((("county-1", "town-3"), ("county-1", "town-4"), ("county-2",))),
    beneficiary_category=st.sampled_from(CATEGORIES),
    returned_by=st.frozensets(st.sampled_from(("org-0", "org-1"))),
)


def fits(need, candidate):
    return candidate.organization_id not in need.returned_by and any(
        line.service_code == need.service_code
        and set(line.area_ids) & set(need.area_ids)
        and (
            not line.beneficiary_categories
            or need.beneficiary_category in line.beneficiary_categories
        )
        for line in candidate.offers
    )


@given(needs, counties)
def test_the_choice_is_always_among_the_least_busy_of_those_who_fit(need, county):
    fitting = [one for one in county if fits(need, one)]
    fewest = min((one.open_orders for one in fitting), default=0)
    best = {one.organization_id for one in fitting if one.open_orders == fewest}
    assert choose(need, county).organization_id == min(best, default=None)


@given(needs, counties, st.randoms())
def test_the_order_in_which_candidates_come_does_not_matter(need, county, random):
    shuffled = random.sample(county, len(county))
    assert choose(need, shuffled) == choose(need, county)


@given(needs, counties)
def test_the_account_of_a_choice_keeps_exactly_the_chosen_one(need, county):
    choice = choose(need, county)
    kept = [one.organization_id for one in choice.considered if one.is_kept]
    assert kept == ([choice.organization_id] if choice.organization_id else [])


pasts = st.builds(
    lambda finished, share: Past(finished, finished * share // 4),
    st.integers(0, 20),
    st.integers(0, 4),
)
rivals = st.lists(
    st.builds(
        Candidate,
        organization_id=st.sampled_from([f"org-{n}" for n in range(6)]),
        offers=st.just((REPAIR,)),
        past=pasts.map(lambda past: {"home-repair": past}),
    ),
    unique_by=lambda candidate: candidate.organization_id,
    max_size=6,
).map(tuple)


@given(rivals, st.integers(1, 12))
def test_a_better_share_is_never_passed_over(county, enough):
    kept = best_past_outcome(NEED, county, enough)
    dropped = [one for one in county if one not in kept]
    assert bool(kept) == bool(county)
    for one in dropped:
        mine, theirs = one.past["home-repair"], kept[0].past["home-repair"]
        assert min(mine.finished, theirs.finished) >= enough
        assert mine.solved * theirs.finished < theirs.solved * mine.finished
