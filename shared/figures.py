"""The county's figures (指标): which work orders count for each of them, and for how much.

The only place where they are computed. A formula that changes is a new version in FORMULAS; the old
one stays, because published figures name it. Source: domain.md, “Figures”; docs/figures.md says it
for people.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from shared.contracts.requests import Satisfaction

FigureName = Literal[
    "completions",
    "response_rate",
    "solution_rate",
    "satisfaction_rate",
    "score",
    "on_time_rate",
    "timely_acceptance_rate",
    "return_rate",
    "redo_rate",
    "joint_share",
    "median_hours",
    "p90_hours",
]
Unit = Literal["count", "percent", "points", "hours"]
By = Literal[
    "organization",
    "desk",
    "station",
    "township",
    "village",
    "grid",
    "service",
    "beneficiary",
    "urgency",
    "day",
    "month",
    "quarter",
    "year",
]
"""What figures are grouped by. `desk`: every station and township centre, so nobody is left out."""

WHOLE: Final = 1000
"""Weights are whole thousandths, so that sums are exact whatever the order they are added in."""


class Visit(NamedTuple):
    """What a valid return visit (有效回访) of a round was told."""

    is_contacted: bool
    is_solved: bool
    satisfaction: Satisfaction | None


class Delivery(NamedTuple):
    """One work order of a finished round (办结的一轮): all that a formula may ask about.

    Excused and cancelled orders are none. `leads`: this order led the round when it was finished,
    so what is true of the round (`is_joint`, `is_redone`, `visit`) is credited to it.
    `is_accepted_in_time` and `is_finished_in_time` are None where no limit was set;
    `seconds` is the time from dispatch to completion, on the clock of its limit, held time left
    out; None of a returned order.
    """

    leads: bool
    is_returned: bool
    is_accepted_in_time: bool | None
    is_finished_in_time: bool | None
    seconds: int | None
    is_joint: bool = False
    is_redone: bool = False
    visit: Visit | None = None


Weight = int | None
"""None: does not count here at all. Rates: 0 to WHOLE. Hours: seconds."""

SHOWN_IN: Final[Mapping[Unit, int]] = {
    "count": WHOLE,
    "percent": WHOLE,
    "points": WHOLE,
    "hours": 3600,
}
"""What a weight is divided by where one order's own is shown."""


@dataclass(frozen=True)
class Formula:
    """A figure: orders that weigh something make its denominator, their weights its numerator."""

    name: FigureName
    unit: Unit
    weigh: Callable[[Delivery], Weight]
    percentile: int | None = None


@dataclass(frozen=True)
class Figure:
    """A number as every screen, export and report shows it.

    `value` is None without cases, and below the county's small sample, where `shown` is
    the fraction. Percent and points have two decimals, hours one, rounded half up from exact sums.
    `numerator` is None for hours.
    """

    name: FigureName
    numerator: float | None
    denominator: int
    value: float | None
    unit: Unit
    shown: str


def _completion(order: Delivery) -> Weight:
    """办结: each finished round of a case, credited to who led it."""
    return WHOLE if order.leads else None


def _response(order: Delivery) -> Weight:
    """响应率 = contacted / valid return visits."""
    return order.visit and _if(order.visit.is_contacted)


def _solution(order: Delivery) -> Weight:
    """解决率 = solved / valid return visits."""
    return order.visit and _if(order.visit.is_solved)


_SATISFIED: Mapping[Satisfaction | None, int] = {
    "very_satisfied": WHOLE,
    "satisfied": WHOLE,
    "fairly_satisfied": 900,
}


def _satisfaction(order: Delivery) -> Weight:
    """满意率 = (satisfied or better + 0.9 × fairly satisfied) / valid return visits."""
    return order.visit and _SATISFIED.get(order.visit.satisfaction, 0)


def _score(order: Delivery) -> Weight:
    """综合得分 = 0.1 × 响应率 + 0.5 × 解决率 + 0.4 × 满意率, of 100 points."""
    response, solution, satisfaction = _response(order), _solution(order), _satisfaction(order)
    if response is None or solution is None or satisfaction is None:
        return None
    return (response + 5 * solution + 4 * satisfaction) // 10  # every weight is a multiple of 100


def _on_time(order: Delivery) -> Weight:
    """按时办结率 = finished by the deadline / finished, each organisation by its own clock."""
    return _if(order.is_finished_in_time)


def _timely_acceptance(order: Delivery) -> Weight:
    """及时接单率 = accepted in time / finished orders that had a limit for accepting."""
    return _if(order.is_accepted_in_time)


def _returned(order: Delivery) -> Weight:
    """回退率 = returned / dispatched, of whoever returned it."""
    return _if(order.is_returned)


def _redone(order: Delivery) -> Weight:
    """重办率 = finished rounds that were reopened / finished rounds."""
    return _if(order.is_redone) if order.leads else None


def _joint(order: Delivery) -> Weight:
    """联办占比 = finished rounds in which others took part / finished rounds."""
    return _if(order.is_joint) if order.leads else None


def _seconds(order: Delivery) -> Weight:
    """办理时长: working time, natural time where the limit runs in natural time."""
    return order.seconds


def _if(is_so: bool | None) -> Weight:
    return None if is_so is None else WHOLE * is_so


FORMULAS: Final[Mapping[str, tuple[Formula, ...]]] = {
    "1": (
        Formula("completions", "count", _completion),
        Formula("response_rate", "percent", _response),
        Formula("solution_rate", "percent", _solution),
        Formula("satisfaction_rate", "percent", _satisfaction),
        Formula("score", "points", _score),
        Formula("on_time_rate", "percent", _on_time),
        Formula("timely_acceptance_rate", "percent", _timely_acceptance),
        Formula("return_rate", "percent", _returned),
        Formula("redo_rate", "percent", _redone),
        Formula("joint_share", "percent", _joint),
        Formula("median_hours", "hours", _seconds, percentile=50),
        Formula("p90_hours", "hours", _seconds, percentile=90),
    ),
}
"""Version (Rules.figures_version) → its formulas, in the order in which they are shown."""


def weights(version: str, order: Delivery) -> tuple[Weight, ...]:
    """What one order weighs in each formula of a version. Raises KeyError for an unknown one."""
    return tuple(formula.weigh(order) for formula in FORMULAS[version])


def figures(
    version: str, weighed: Iterable[Sequence[Weight]], small_sample: int
) -> tuple[Figure, ...]:
    """Every figure of a version over what `weights` made of the orders.

    Below `small_sample` a rate has no value (domain.md: the fraction is shown, not a rate).
    """
    orders = list(weighed)
    counted: dict[Callable[[Delivery], Weight], list[int]] = {}
    for place, formula in enumerate(FORMULAS[version]):
        if formula.weigh not in counted:
            counted[formula.weigh] = _known(orders, place)
        if formula.percentile is not None:
            counted[formula.weigh].sort()  # once for all percentiles: sorting again costs nothing
    return tuple(
        figure(formula, counted[formula.weigh], small_sample) for formula in FORMULAS[version]
    )


def _known(orders: Sequence[Sequence[Weight]], place: int) -> list[int]:
    """One column, picked out: to turn the whole table around would allocate for every order."""
    return [weight for order in orders if (weight := order[place]) is not None]


def figure(formula: Formula, counted: Sequence[int], small_sample: int) -> Figure:
    """One figure over the weights of those that count for it."""
    if formula.unit == "count":
        return _count(formula, len(counted))
    if formula.percentile is not None:
        return _percentile(formula, formula.percentile, counted, small_sample)
    return _share(formula, counted, small_sample)


def nearest_rank(values: Sequence[int], percentile: int) -> int:
    """The smallest value that at least so many percent are not above (最近秩); not interpolated.

    Raises IndexError for no values at all.
    """
    return sorted(values)[-(-percentile * len(values) // 100) - 1]


def plain(number: float) -> str:
    """A numerator without idle zeros: 9, 8.1, 8.64."""
    return f"{number:.3f}".rstrip("0").rstrip(".")


def _count(formula: Formula, count: int) -> Figure:
    return Figure(formula.name, count, count, count, formula.unit, str(count))


def _share(formula: Formula, counted: Sequence[int], small_sample: int) -> Figure:
    total, of = sum(counted), len(counted)
    numerator = total / WHOLE
    if of < small_sample:
        fraction = f"{plain(numerator)}/{of}" if of else "—"
        return Figure(formula.name, numerator, of, None, formula.unit, fraction)
    hundredths = _half_up(total * 100 * 100, of * WHOLE)
    sign = "%" if formula.unit == "percent" else ""
    value = hundredths / 100
    return Figure(formula.name, numerator, of, value, formula.unit, f"{value:.2f}{sign}")


def _percentile(
    formula: Formula, percentile: int, counted: Sequence[int], small_sample: int
) -> Figure:
    of = len(counted)
    if of < small_sample:
        return Figure(formula.name, None, of, None, formula.unit, f"仅{of}件" if of else "—")
    hours = _half_up(nearest_rank(counted, percentile) * 10, SHOWN_IN["hours"]) / 10
    return Figure(formula.name, None, of, hours, formula.unit, f"{hours:.1f}")


def _half_up(numerator: int, denominator: int) -> int:
    """四舍五入, exactly: floats would round 0.5 now up, now down."""
    return (2 * numerator + denominator) // (2 * denominator)
