"""The county's rules: adopted, refused and remembered, told as examples."""

from datetime import UTC, datetime

import pytest

from services.county.domain.changes import Change, changes
from services.county.domain.county_rules import county_rules
from services.county.domain.history import adoptions
from services.county.domain.soundness import faults_of
from shared.contracts.actor import Actor
from shared.contracts.county import AdoptRules, LadderStep, Rules, RulesAdopted, Sampling
from shared.contracts.working_time import Limit, YearPlan
from shared.county_rules import DEFAULT_RULES, limits_of
from shared.rejection import InvalidInput, NotAllowedNow
from shared.testing.facts import log_of
from shared.testing.spec import given_for

given = given_for(county_rules, None)

admin = Actor(account_id="administrator-1", role="administrator")


def adopt(rules: Rules) -> AdoptRules:
    return AdoptRules(at=datetime(2026, 5, 1, tzinfo=UTC), by=admin, rules=rules)


def rules(version: str = "2026-1", **changed) -> Rules:
    return DEFAULT_RULES.model_copy(update={"version": version, **changed})


def with_level(urgency: str, **changed) -> Rules:
    levels = tuple(
        level.model_copy(update=changed) if level.urgency == urgency else level
        for level in DEFAULT_RULES.levels
    )
    return rules(levels=levels)


def days(amount: int) -> Limit:
    return Limit(amount=amount, unit="working_day")


shorter = with_level("normal", complete=days(4))
shorter_adopted = RulesAdopted(rules=shorter)
later = rules("2026-2", reopen_days=20)
later_adopted = RulesAdopted(rules=later)


def test_a_county_adopts_rules_of_its_own():
    given().when(adopt(shorter)).then(shorter_adopted)


def test_the_rules_it_starts_with_are_no_news():
    given().when(adopt(DEFAULT_RULES)).then_nothing_happens()


def test_the_same_rules_again_are_no_news():
    given(shorter_adopted).when(adopt(shorter)).then_nothing_happens()


def test_a_version_goes_on_meaning_what_it_meant():
    other = rules(shorter.version, reopen_days=30)
    given(shorter_adopted, later_adopted).when(adopt(other)).then_rejected(NotAllowedNow, "version")
    given().when(adopt(rules(DEFAULT_RULES.version, reopen_days=30))).then_rejected(
        NotAllowedNow, "version"
    )


def test_a_county_may_go_back_to_what_it_had():
    given(shorter_adopted, later_adopted).when(adopt(shorter)).then(shorter_adopted)
    given(shorter_adopted).when(adopt(DEFAULT_RULES)).then(RulesAdopted(rules=DEFAULT_RULES))


def test_everything_that_is_wrong_is_told_at_once():
    ladder = DEFAULT_RULES.ladder.model_copy(update={"yellow_percent": 90})
    wrong = rules(ladder=ladder, matching=("offers_the_service",))
    given().when(adopt(wrong)).then_rejected(InvalidInput, "ladder.yellow_percent", "matching")


LEVELS = DEFAULT_RULES.levels
STEPS = DEFAULT_RULES.ladder.steps
ALL = DEFAULT_RULES.matching

UNUSABLE: dict[str, tuple[Rules, set[str]]] = {
    "an urgency is missing and another doubled": (
        rules(levels=(*LEVELS[:4], LEVELS[0])),
        {"levels", "levels.4.urgency"},
    ),
    "acceptance later than contact": (with_level("normal", accept=days(2)), {"levels.2.accept"}),
    "contact later than completion": (with_level("urgent", contact=days(9)), {"levels.1.contact"}),
    "acceptance later than completion": (
        with_level("consultation", accept=days(2)),
        {"levels.4.accept"},
    ),
    "reports rarer than completion": (
        with_level("complex", report_every=days(16)),
        {"levels.3.report_every"},
    ),
    "yellow not before orange": (
        rules(ladder=DEFAULT_RULES.ladder.model_copy(update={"orange_percent": 50})),
        {"ladder.yellow_percent"},
    ),
    "a step that does not climb": (
        rules(ladder=DEFAULT_RULES.ladder.model_copy(update={"steps": (STEPS[1], STEPS[0])})),
        {"ladder.steps.1.after_working_days"},
    ),
    "a level twice on the ladder": (
        rules(
            ladder=DEFAULT_RULES.ladder.model_copy(
                update={"steps": (*STEPS, LadderStep(level="center", after_working_days=9))}
            )
        ),
        {"ladder.steps.3.level"},
    ),
    "a category sampled twice": (
        rules(sampling=(Sampling(beneficiary_category="resident", percent=5),) * 2),
        {"sampling.1.beneficiary_category"},
    ),
    "a rule twice": (
        rules(matching=(*ALL[:5], "least_busy", "first_by_id")),
        {"matching.5"},
    ),
    "a rule that holds back is missing": (
        rules(matching=tuple(rule for rule in ALL if rule != "covers_the_area")),
        {"matching"},
    ),
    "nobody asks first who offers it": (
        rules(matching=(ALL[1], ALL[0], *ALL[2:])),
        {"matching.0"},
    ),
    "formulas nobody knows": (rules(figures_version="99"), {"figures_version"}),
    "several may be left": (rules(matching=(*ALL[:4], ALL[5], ALL[4])), {"matching.5"}),
    "somebody is preferred who may not go": (
        rules(matching=(ALL[0], "least_busy", *ALL[1:4], "first_by_id")),
        {"matching.2", "matching.3", "matching.4"},
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_rules_nobody_could_work_by_are_refused(case: str):
    wrong, fields = UNUSABLE[case]
    given().when(adopt(wrong)).then_rejected(InvalidInput, *fields)


def test_the_rules_of_the_domain_are_sound():
    assert faults_of(DEFAULT_RULES) == {}
    assert limits_of(DEFAULT_RULES, "normal").complete == days(5)


def test_changes_are_told_in_the_words_of_the_files():
    plan = YearPlan(year=2027, holidays=("2027-01-01",))
    after = with_level("normal", complete=days(4), accept=None).model_copy(
        update={
            "published_years": (plan,),
            "sampling": DEFAULT_RULES.sampling[1:],
            "matching": (*ALL[:4], "best_past_outcome", *ALL[4:]),
        }
    )
    assert changes(DEFAULT_RULES, after) == [
        Change("levels.normal.accept", "4 working_hour", None),
        Change("levels.normal.complete", "5 working_day", "4 working_day"),
        Change("sampling.child_in_difficulty.percent", "100", None),
        Change("matching", "、".join(DEFAULT_RULES.matching), "、".join(after.matching)),
        Change("published_years.2027.holidays", None, "2027-01-01"),
    ]


def test_the_history_tells_who_changed_what():
    newest, oldest = adoptions(log_of(shorter_adopted, later_adopted))
    assert (newest.version, newest.position, newest.adopted_by) == ("2026-2", 2, "system")
    assert oldest.changes == [
        Change("levels.normal.complete", "5 working_day", "4 working_day"),
    ]
    assert newest.changes == [
        Change("levels.normal.complete", "4 working_day", "5 working_day"),
        Change("reopen_days", "15", "20"),
    ]
