"""The formulas of domain.md, one after the other, and what is shown when there is too little."""

import random
from typing import get_args

import pytest

from shared import labels
from shared.figures import FORMULAS, By, Delivery, FigureName, Visit, figures, nearest_rank, weights

ALONE = Delivery(
    leads=True,
    is_returned=False,
    is_accepted_in_time=True,
    is_finished_in_time=True,
    seconds=36_000,
)
RETURNED = Delivery(
    leads=False, is_returned=True, is_accepted_in_time=None, is_finished_in_time=None, seconds=None
)
SUPPORTING = ALONE._replace(leads=False)


def visited(is_contacted=True, is_solved=True, satisfaction="satisfied"):
    return ALONE._replace(visit=Visit(is_contacted, is_solved, satisfaction))


def made(*orders, small_sample=1):
    weighed = [weights("1", order) for order in orders]
    return {figure.name: figure for figure in figures("1", weighed, small_sample)}


def shown(name, *orders, **rules):
    return made(*orders, **rules)[name].shown


def test_of_four_valid_visits_three_were_contacted():
    orders = [visited()] * 3 + [visited(is_contacted=False)]
    assert shown("response_rate", *orders) == "75.00%"


def test_of_three_valid_visits_two_were_solved():
    orders = [visited()] * 2 + [visited(is_solved=False)]
    assert shown("solution_rate", *orders) == "66.67%"


def test_fairly_satisfied_counts_nine_tenths_and_less_counts_nothing():
    grades = ("very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "angry")
    figure = made(*(visited(satisfaction=grade) for grade in grades))["satisfaction_rate"]
    assert (figure.numerator, figure.denominator, figure.shown) == (2.9, 5, "58.00%")


def test_the_score_is_a_tenth_of_response_half_of_solution_and_four_tenths_of_satisfaction():
    orders = [visited(), visited(is_contacted=False, satisfaction="fairly_satisfied")]
    orders += [visited(is_solved=False, satisfaction="angry")] * 2
    figure = made(*orders)["score"]
    response, solution, satisfaction = 75.0, 50.0, 47.5
    assert figure.value == 0.1 * response + 0.5 * solution + 0.4 * satisfaction
    assert figure.unit == "points"


def test_without_a_valid_visit_there_are_no_results():
    found = made(ALONE, ALONE)
    assert [found[name].denominator for name in ("response_rate", "score")] == [0, 0]
    assert found["score"].shown == "—"


def test_timeliness_is_everybodys_own_and_only_where_there_was_a_limit():
    late = SUPPORTING._replace(is_finished_in_time=False)
    without = ALONE._replace(is_accepted_in_time=None)
    found = made(ALONE, late, without)
    assert found["on_time_rate"].shown == "66.67%"
    assert (found["timely_acceptance_rate"].denominator, found["completions"].value) == (2, 2)


def test_a_returned_order_counts_as_returned_and_for_nothing_else():
    found = made(ALONE, SUPPORTING, RETURNED)
    assert found["return_rate"].shown == "33.33%"
    assert {found[name].denominator for name in ("on_time_rate", "median_hours")} == {2}


def test_redone_and_joint_are_shares_of_what_one_led():
    found = made(ALONE._replace(is_redone=True), ALONE, SUPPORTING, ALONE._replace(is_joint=True))
    assert found["redo_rate"].shown == "33.33%"
    assert found["joint_share"].shown == "33.33%"


def test_hours_are_the_nearest_rank_and_never_between_two_cases():
    values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert [nearest_rank(values, p) for p in (50, 90, 91, 100)] == [5, 9, 10, 10]
    assert nearest_rank([7], 50) == 7
    orders = [ALONE._replace(seconds=hours * 3600) for hours in values]
    assert (shown("median_hours", *orders), shown("p90_hours", *orders)) == ("5.0", "9.0")


def test_below_ten_cases_the_fraction_is_shown_not_a_rate():
    nine = [visited(satisfaction="fairly_satisfied")] * 9
    found = made(*nine, small_sample=10)
    assert (found["satisfaction_rate"].value, found["satisfaction_rate"].shown) == (None, "8.1/9")
    assert (found["score"].value, found["score"].shown) == (None, "8.64/9")
    assert (found["median_hours"].value, found["median_hours"].shown) == (None, "仅9件")
    assert found["completions"].shown == "9"
    assert made(*nine, nine[0], small_sample=10)["satisfaction_rate"].shown == "90.00%"


def test_halves_are_rounded_up_exactly():
    orders = [visited()] * 1 + [visited(is_contacted=False)] * 799  # 0.125 %
    assert shown("response_rate", *orders) == "0.13%"


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_cases_does_not_matter(seed):
    chance = random.Random(seed)
    orders = [
        visited(chance.random() < 0.8, chance.random() < 0.8, "fairly_satisfied")
        for _ in range(chance.randrange(40))
    ]
    again = orders.copy()
    chance.shuffle(again)
    assert made(*orders) == made(*again)


def test_every_way_of_grouping_has_a_label():
    assert set(get_args(By)) == set(labels.FIGURES_BY)


def test_every_figure_of_every_version_has_a_label():
    names = {formula.name for formulas in FORMULAS.values() for formula in formulas}
    assert names == set(get_args(FigureName)) == set(labels.FIGURE)


def test_a_published_formula_stays():
    """Version 1, in numbers: whoever changes this has to make a version 2."""
    orders = [
        visited(satisfaction="fairly_satisfied")._replace(is_joint=True),
        visited(False, False, "angry")._replace(is_redone=True, is_finished_in_time=False),
        SUPPORTING._replace(is_accepted_in_time=False, seconds=7_200),
        RETURNED,
    ]
    assert {name: figure.shown for name, figure in made(*orders).items()} == {
        "completions": "2",
        "response_rate": "50.00%",
        "solution_rate": "50.00%",
        "satisfaction_rate": "45.00%",
        "score": "48.00",
        "on_time_rate": "66.67%",
        "timely_acceptance_rate": "66.67%",
        "return_rate": "25.00%",
        "redo_rate": "50.00%",
        "joint_share": "50.00%",
        "median_hours": "10.0",
        "p90_hours": "10.0",
    }
