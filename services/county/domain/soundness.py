"""What makes rules unusable although each field is fine: named checks, all told at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, get_args

from shared.calendar import BEIJING
from shared.contracts.county import LevelLimits, MatchingRule, Rules
from shared.contracts.requests import Urgency
from shared.contracts.working_time import Limit
from shared.county_rules import working_time
from shared.figures import FORMULAS
from shared.labels import BENEFICIARY_CATEGORY, LIMIT_KIND, MATCHING_RULE, OUTCOME, URGENCY
from shared.labels import SUPERVISION_LEVEL as LEVEL

Faults = Iterator[tuple[str, str]]
"""Where (`levels.3.accept`, counted from 0) and what to do about it."""

REQUIRED: tuple[MatchingRule, ...] = (
    "offers_the_service",
    "covers_the_area",
    "serves_the_category",
    "has_not_returned_it",
)
"""Who these drop must never be sent; every other rule only prefers one who may be."""

MIDNIGHT_BEFORE_A_USUAL_WEEK = datetime(2026, 3, 2, tzinfo=BEIJING)


def faults_of(rules: Rules) -> dict[str, str]:
    """Field path → remedy, for everything that keeps these rules from being used."""
    return dict(fault for check in CHECKS for fault in check(rules))


def every_urgency_once(rules: Rules) -> Faults:
    urgencies = [level.urgency for level in rules.levels]
    yield from _twice("levels.{}.urgency", urgencies, URGENCY)
    if missing := [URGENCY[one] for one in get_args(Urgency) if one not in urgencies]:
        yield "levels", f"缺少紧急程度：{'、'.join(missing)}，请补上它的时限"


def limits_follow_each_other(rules: Rules) -> Faults:
    """接单 ≤ 首次联系 ≤ 办结, for an order that is dispatched when the office opens on a Monday."""
    for number, level in enumerate(rules.levels):
        for (sooner, first), (later, then) in pairwise(_asked(level)):
            if _due(rules, first) > _due(rules, then):
                said = f"{LIMIT_KIND[sooner]}时限不能长于{LIMIT_KIND[later]}时限，请调整其中一个"
                yield f"levels.{number}.{sooner}", said
        if level.report_every and _due(rules, level.report_every) > _due(rules, level.complete):
            yield f"levels.{number}.report_every", "阶段报告的间隔不能长于办结时限，请缩短或删去"


def warnings_come_in_order(rules: Rules) -> Faults:
    if rules.ladder.yellow_percent >= rules.ladder.orange_percent:
        yield "ladder.yellow_percent", "黄色提醒须早于橙色预警，请改小黄色或改大橙色的百分比"


def ladder_climbs(rules: Rules) -> Faults:
    steps = rules.ladder.steps
    yield from _twice("ladder.steps.{}.level", [step.level for step in steps], LEVEL)
    for number, (lower, higher) in enumerate(pairwise(steps), start=1):
        if lower.after_working_days >= higher.after_working_days:
            where = f"ladder.steps.{number}.after_working_days"
            yield where, f"须晚于上一级督办的 {lower.after_working_days} 个工作日，请改大"


def each_is_set_once(rules: Rules) -> Faults:
    categories = [one.beneficiary_category for one in rules.sampling]
    yield from _twice("sampling.{}.beneficiary_category", categories, BENEFICIARY_CATEGORY)
    yield from _twice("proofs.{}.outcome", [one.outcome for one in rules.proofs], OUTCOME)
    yield from _twice("roster.{}.day", [one.day for one in rules.roster])
    yield from _twice("matching.{}", rules.matching, MATCHING_RULE)


def matching_can_decide(rules: Rules) -> Faults:
    """First who may be sent at all, then who of them is preferred, and always a single one."""
    order = rules.matching
    if missing := [rule for rule in (*REQUIRED, "first_by_id") if rule not in order]:
        yield "matching", f"缺少派单规则：{'、'.join(missing)}，请补上"
        return
    if order[0] != "offers_the_service":
        yield "matching.0", "第一条须为 offers_the_service（服务菜单中有这项服务）"
    if order[-1] != "first_by_id":
        yield f"matching.{len(order) - 1}", "最后一条须为 first_by_id，使结果总是唯一"
    preferring = next(n for n, rule in enumerate(order) if rule not in REQUIRED)
    for number, rule in enumerate(order):
        if rule in REQUIRED and number > preferring:
            yield f"matching.{number}", f"{rule} 须排在 {order[preferring]} 之前：先看能不能派"


def formulas_are_known(rules: Rules) -> Faults:
    if rules.figures_version not in FORMULAS:
        yield "figures_version", f"没有这个版本的评价公式，可填：{'、'.join(FORMULAS)}"


CHECKS: Sequence[Callable[[Rules], Faults]] = (
    every_urgency_once,
    limits_follow_each_other,
    warnings_come_in_order,
    ladder_climbs,
    each_is_set_once,
    matching_can_decide,
    formulas_are_known,
)


def _twice(where: str, values: Iterable[Any], labels: Any = None) -> Faults:
    seen: set[Any] = set()
    for number, value in enumerate(values):
        if value in seen:
            label = labels[value] if labels else value
            yield where.format(number), f"“{label}”写了两次，请删去一处"
        seen.add(value)


def _asked(level: LevelLimits) -> list[tuple[Any, Limit]]:
    limits = (("accept", level.accept), ("contact", level.contact), ("complete", level.complete))
    return [(kind, limit) for kind, limit in limits if limit]


def _due(rules: Rules, limit: Limit) -> datetime:
    opens = rules.office_hours.spans[0].opens
    hours, minutes = map(int, opens.split(":"))
    opening = MIDNIGHT_BEFORE_A_USUAL_WEEK + timedelta(hours=hours, minutes=minutes)
    return working_time(rules).due(opening, limit).at
