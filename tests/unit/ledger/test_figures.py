"""Every figure opens to exactly what it counts, for everybody, now and as of any day."""

from datetime import date, timedelta
from functools import cache, partial
from typing import get_args

import pytest

from services.ledger.domain.deliveries import counted
from services.ledger.domain.figures import Known, Names, Question, Terms, chosen, seen
from services.ledger.domain.figures_told import (
    assessment_told,
    cases_told,
    figures_told,
    require_a_view,
)
from services.ledger.domain.measures import MEASURES, known_before
from services.ledger.known import end_of
from shared.contracts.actor import Actor
from shared.county_rules import DEFAULT_RULES, working_time
from shared.figures import By, weights
from shared.rejection import NotYours
from shared.views import rebuild
from tests.county_year import ORGANIZATIONS, STATIONS, TOWNSHIPS, year

WEIGH, TIME = partial(weights, "1"), working_time(DEFAULT_RULES)
MARCH = {"from": "2026-03-01", "to": "2026-03-31", "as_of": None}
ALL = {"from": "2026-01-01", "to": "2026-12-31", "as_of": None}
LEADER = Actor(account_id="leader-1", role="leader")
CLERK = Actor(account_id="clerk", role="desk_clerk", area_ids=("station-1",))
UNION = Actor(account_id="union", role="organization_dispatcher", organization_id="org-01")
NAMES = Names(
    names={id: f"第{number}单位" for number, id in enumerate(ORGANIZATIONS)},
    kinds={
        **dict.fromkeys(STATIONS, "station"),
        **dict.fromkeys(TOWNSHIPS, "township_center"),
        **{id: "trade_union" if id < "org-04" else "red_cross" for id in ORGANIZATIONS},
        "org-idle": "red_cross",
    },
    organizations=(*ORGANIZATIONS, "org-idle"),
)


@cache
def facts():
    return tuple(year(requests_a_day=8, days=70))


@cache
def rows():
    return rebuild(MEASURES, facts())


@cache
def orders():
    return [one for row in rows().values() for one in counted(row, row.history, WEIGH, TIME)]


def known(small_sample=10, of=None):
    return Known(orders() if of is None else of, Terms("1", small_sample), "default-1", 42)


def told(viewer=LEADER, asked=MARCH, by="organization", **terms):
    return figures_told(viewer, asked, by, known(**terms), NAMES)


def opened(viewer, figure, part):
    """All rows behind a figure, asked for by its own question."""
    asked = {"as_of": None, **figure["question"]}
    wanted = {"figure": asked.pop("figure"), "part": part, "page": 1, "size": 10**6}
    return cases_told(viewer, asked, wanted, known())


@pytest.mark.parametrize("viewer", [LEADER, CLERK, UNION], ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("by", get_args(By))
def test_every_figure_opens_to_its_cases(viewer, by):
    asked = MARCH if by in {"day", "village", "grid", "organization"} else ALL
    answer = told(viewer, asked, by)
    lines = [answer["total"], *answer["lines"][:6]]
    for figure in (f for line in lines for kind in PERIODS for f in line[kind]):
        below, above = (opened(viewer, figure, part) for part in ("denominator", "numerator"))
        assert below["total"] == figure["denominator"], figure
        assert {**below["figure"], "question": figure["question"]} == figure
        if figure["numerator"] is not None:
            assert sum(row["counted"] for row in above["rows"]) == pytest.approx(
                figure["numerator"]
            )


PERIODS = ("figures", "previous", "last_year")


def test_groups_add_up_to_the_total():
    for by in ("organization", "desk", "service", "beneficiary", "urgency", "month"):
        answer = told(asked=ALL, by=by)
        for place, figure in enumerate(answer["total"]["figures"]):
            parts = [line["figures"][place]["denominator"] for line in answer["lines"]]
            assert sum(parts) == figure["denominator"], (by, figure["name"])


def test_a_group_above_the_area_that_was_asked_for_opens_to_that_area_only():
    asked = {**ALL, "area_id": "station-1-v0"}
    answer = told(asked=asked, by="station")
    (line,) = answer["lines"]
    assert line["key"] == "station-1"
    assert line["figures"][0]["question"]["area_id"] == "station-1-v0"
    assert opened(LEADER, line["figures"][0], "denominator")["total"] > 0


def test_the_period_before_and_last_year_are_the_same_question_asked_about_them():
    answer, february = told(), told(asked={**MARCH, "from": "2026-02-01", "to": "2026-02-28"})
    assert answer["total"]["previous"] == february["total"]["figures"]
    assert answer["periods"]["last_year"] == {"from": "2025-03-01", "to": "2025-03-31"}
    assert {figure["shown"] for figure in answer["total"]["last_year"]} == {"0", "—"}


def test_a_line_says_how_it_was_made():
    answer = told(asked={**MARCH, "urgency": "urgent"})
    stamp = {name: answer[name] for name in ("formula", "rules_version", "position", "as_of")}
    assert stamp == {
        "formula": "1",
        "rules_version": "default-1",
        "position": 42,
        "as_of": None,
    }


def test_an_organisation_sees_its_own_line_and_an_area_what_was_asked_there():
    assert [line["key"] for line in told(UNION)["lines"]] == ["org-01"]
    assert [line["key"] for line in told(CLERK, by="desk")["lines"]] == ["station-1"]
    everything = told()["total"]["figures"][0]["value"]
    assert 0 < told(CLERK)["total"]["figures"][0]["value"] < everything


@pytest.mark.parametrize("role", ["service_staff", "auditor", "administrator"])
def test_who_answers_for_nothing_that_is_counted_sees_no_figures(role):
    with pytest.raises(NotYours):
        require_a_view(Actor(account_id="x", role=role).model_dump(mode="json"))


# as of any day


def days():
    first = date(2026, 1, 5)
    return [(first + timedelta(days=n)).isoformat() for n in range(0, 110, 3)]


@pytest.mark.parametrize("day", days())
def test_as_of_a_day_is_what_the_log_of_that_day_says(day):
    end = end_of(day)
    cut = rebuild(MEASURES, (fact for fact in facts() if fact.commit.at < end))
    then = [one for row in cut.values() for one in counted(row, row.history, WEIGH, TIME)]
    now_known = [
        one
        for row in rows().values()
        for one in counted(row, known_before(row.history, end), WEIGH, TIME)
    ]
    assert now_known == then


def test_what_has_not_changed_since_a_day_counts_as_it_did_then():
    for day in days():
        for row in rows().values():
            if row.changed_on <= day:
                then = known_before(row.history, end_of(day))
                assert counted(row, then, WEIGH, TIME) == counted(row, row.history, WEIGH, TIME)


def test_as_of_today_is_now():
    today = max(fact.commit.at for fact in facts())
    end = end_of(today.date().isoformat())
    again = [
        one
        for row in rows().values()
        for one in counted(row, known_before(row.history, end), WEIGH, TIME)
    ]
    assert again == orders()


# assessment


def lists(viewer=LEADER, **terms):
    return assessment_told(viewer, ALL, known(**terms), NAMES)


def test_one_list_of_all_organisations_the_best_first():
    overall = lists()["overall"]
    ranked = [place for place in overall["places"] if place["rank"]]
    scores = [score_of(place) for place in ranked]
    assert {place["key"] for place in overall["places"]} == set(NAMES.organizations)
    assert scores == sorted(scores, reverse=True)
    assert [place["rank"] for place in ranked] == list(range(1, overall["of"] + 1))


def score_of(place):
    return next(figure["value"] for figure in place["figures"] if figure["name"] == "score")


def test_who_has_no_cases_or_too_few_is_listed_and_not_ranked():
    idle = next(one for one in lists()["overall"]["places"] if one["key"] == "org-idle")
    assert (idle["rank"], score_of(idle)) == (None, None)
    strict = lists(small_sample=10**6)["overall"]
    assert (strict["of"], {place["rank"] for place in strict["places"]}) == (0, {None})


def test_the_same_score_shares_a_rank_and_the_name_decides_who_stands_first():
    twins = [
        one._replace(organization_id=id)
        for one in orders()
        if one.organization_id == "org-01"
        for id in ("org-02", "org-01")
    ]
    places = assessment_told(LEADER, ALL, known(of=twins), NAMES)["overall"]["places"]
    assert [(place["rank"], place["key"]) for place in places[:2]] == [(1, "org-01"), (1, "org-02")]


def test_peers_are_compared_with_peers_only():
    found = lists()
    kinds = {one["key"]: [place["key"] for place in one["places"]] for one in found["by_kind"]}
    assert {key: len(ids) for key, ids in kinds.items()} == {"trade_union": 3, "red_cross": 8}
    assert {one["key"] for one in found["by_beneficiary"]} == {
        one.subject.beneficiary_category for one in orders()
    }


def test_places_by_beneficiary_open_to_cases_of_that_category():
    ranking = lists()["by_beneficiary"][0]
    figure = ranking["places"][0]["figures"][0]
    assert figure["question"]["beneficiary_category"] == ranking["key"]
    assert opened(LEADER, figure, "denominator")["total"] == figure["denominator"]


def test_an_organisation_sees_its_own_places_and_of_how_many():
    overall, mine = lists()["overall"], lists(UNION)
    (place,) = mine["overall"]["places"]
    assert place in overall["places"]
    assert mine["overall"]["of"] == overall["of"]
    assert {one["key"] for one in mine["by_kind"]} == {"trade_union"}


def test_a_desk_does_not_see_who_is_first():
    with pytest.raises(NotYours):
        lists(CLERK)


def test_a_question_narrows_and_a_scope_limits():
    question = Question(days=("2026-03-01", "2026-03-31"), organization_id="org-02")
    assert {one.organization_id for one in chosen(orders(), question)} == {"org-02"}
    assert seen(orders(), ()) == []
    assert seen(orders(), None) is orders()
