"""The figures of a period: chosen, grouped, compared, each with the question that opens it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.ledger.domain.deliveries import Counted
from services.ledger.domain.directory import DirectoryRow
from services.ledger.domain.periods import UNITS, Period, a_year_before, before, clipped, said
from shared import labels
from shared.figures import FORMULAS, SHOWN_IN, By, Figure, figure, figures

Scope = tuple[str, ...] | None
"""shared.access.scope_of: the viewer's tags; None sees the county, an empty one nothing."""


@dataclass(frozen=True)
class Question:
    """Which orders are meant; None: no matter which. `days`: when their round was finished."""

    days: tuple[str, str]
    organization_id: str | None = None
    area_id: str | None = None
    service_code: str | None = None
    beneficiary_category: str | None = None
    urgency: str | None = None

    def asked(self, as_of: str | None) -> dict[str, str]:
        """As one asks for it in an address."""
        first, last = self.days
        said = {"from": first, "to": last, **_filters(self), "as_of": as_of}
        return {name: value for name, value in said.items() if value is not None}


def _filters(question: Question) -> dict[str, str | None]:
    return {name: getattr(question, name) for name in _FILTERED}


_FILTERED: Mapping[str, Callable[[Counted, str], bool]] = {
    "organization_id": lambda order, wanted: order.organization_id == wanted,
    "area_id": lambda order, wanted: wanted in order.subject.area_ids,
    "service_code": lambda order, wanted: order.subject.service_code == wanted,
    "beneficiary_category": lambda order, wanted: order.subject.beneficiary_category == wanted,
    "urgency": lambda order, wanted: order.subject.urgency == wanted,
}


def chosen(orders: Iterable[Counted], question: Question) -> list[Counted]:
    """The orders that a question is about."""
    first, last = question.days
    found = [order for order in orders if first <= order.day <= last]
    for name, wanted in _filters(question).items():
        if wanted is not None:
            found = [order for order in found if _FILTERED[name](order, wanted)]
    return found


def seen(orders: Sequence[Counted], scope: Scope) -> Sequence[Counted]:
    """The orders that a viewer may see."""
    if scope is None:
        return orders
    return [order for order in orders if _is_of(order, frozenset(scope))]


def _is_of(order: Counted, scope: frozenset[str]) -> bool:
    """An organisation's figures are its own work, an area's are what its people asked for."""
    if f"org:{order.organization_id}" in scope:
        return True
    return any(f"area:{area}" in scope for area in order.subject.area_ids)


@dataclass(frozen=True)
class Names:
    """What areas and organisations are called, and of which kind they are."""

    names: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    organizations: tuple[str, ...] = ()

    def of(self, code: str) -> str:
        return self.names.get(code, code)


def names_in(rows: Mapping[str, DirectoryRow]) -> Names:
    """From the directory (key → row)."""
    services = {code: name for row in rows.values() for code, name in row.services.items()}
    return Names(
        names=services | {row.id: row.name for row in rows.values()},
        kinds={row.id: row.kind for row in rows.values()},
        organizations=tuple(row.id for key, row in rows.items() if key.startswith("org:")),
    )


@dataclass(frozen=True)
class Terms:
    """By what figures are made: formulas, small sample, and the day they are known on (or now)."""

    formula: str
    small_sample: int
    as_of: str | None = None


@dataclass(frozen=True)
class Known:
    """Every order that counts, by which terms, and up to which position the log was known."""

    orders: Sequence[Counted]
    terms: Terms
    rules_version: str
    position: int


@dataclass(frozen=True)
class Line:
    """The figures of one group, and of the same group in the periods it is compared with."""

    key: str | None
    name: str
    question: Question
    figures: tuple[Figure, ...]
    previous: tuple[Figure, ...]
    last_year: tuple[Figure, ...]


@dataclass(frozen=True)
class Table:
    """All of a question in one line, and a line for each group; the biggest group first."""

    total: Line
    lines: tuple[Line, ...]


def table(
    orders: Sequence[Counted], question: Question, by: By, names: Names, terms: Terms
) -> Table:
    """The figures of a question, grouped; groups without any order have no line."""
    periods = compared(question)
    found = {name: chosen(orders, asked) for name, asked in periods.items()}
    total = _line(None, "合计", question, found, terms)
    if by in UNITS:
        return Table(total, _over_time(by, question, orders, terms))
    grouped = {name: _grouped(some, by, names) for name, some in found.items()}
    lines = [
        _line(
            code,
            _called(code, by, names),
            _narrowed(question, by, code, group[0]),
            {name: groups.get(code, []) for name, groups in grouped.items()},
            terms,
        )
        for code, group in grouped["now"].items()
    ]
    return Table(
        total, tuple(sorted(lines, key=lambda line: (-line.figures[0].denominator, line.name)))
    )


def compared(question: Question) -> dict[str, Question]:
    """The question itself, and the same about the periods that it is compared with."""
    period = Period.of(*question.days)
    return {
        "now": question,
        "previous": replace(question, days=before(period).days),
        "last_year": replace(question, days=a_year_before(period).days),
    }


def _line(
    code: str | None,
    name: str,
    question: Question,
    found: Mapping[str, Sequence[Counted]],
    terms: Terms,
) -> Line:
    now, previous, last_year = (
        figures(terms.formula, (o.weights for o in found[which]), terms.small_sample)
        for which in ("now", "previous", "last_year")
    )
    return Line(code, name, question, now, previous, last_year)


def _over_time(
    unit: str, question: Question, orders: Sequence[Counted], terms: Terms
) -> tuple[Line, ...]:
    """A line for each day, month, quarter or year in which something was finished, in order."""
    outer, by_day = Period.of(*question.days), defaultdict(list)
    for order in chosen(orders, replace(question, days=_EVER)):
        by_day[order.day].append(order)
    spans = {UNITS[unit](date.fromisoformat(day)) for day in _within(by_day, question)}

    def line(span: Period) -> Line:
        asked = replace(question, days=clipped(span, outer).days)
        found = {
            name: [order for day in _within(by_day, one) for order in by_day[day]]
            for name, one in compared(asked).items()
        }
        return _line(span.first.isoformat(), said(unit, span), asked, found, terms)

    return tuple(map(line, sorted(spans, key=lambda span: span.first)))


_EVER = ("0001-01-01", "9999-12-31")


def _within(days: Iterable[str], question: Question) -> list[str]:
    first, last = question.days
    return [day for day in days if first <= day <= last]


_AREA_KINDS: Mapping[str, frozenset[str]] = {
    "desk": frozenset({"station", "township_center"}),
    "station": frozenset({"station"}),
    "township": frozenset({"township_center"}),
    "village": frozenset({"village"}),
    "grid": frozenset({"grid"}),
}
_FIELD: Mapping[str, str] = {
    "organization": "organization_id",
    "service": "service_code",
    "beneficiary": "beneficiary_category",
    "urgency": "urgency",
}


def _grouped(orders: Iterable[Counted], by: By, names: Names) -> dict[str, list[Counted]]:
    group_of, groups = _group_of(by, names), defaultdict(list)
    for order in orders:
        code = group_of(order)
        if code is not None:
            groups[code].append(order)
    return groups


def _group_of(by: By, names: Names) -> Callable[[Counted], str | None]:
    if by == "organization":
        return lambda order: order.organization_id
    if by in _AREA_KINDS:
        wanted = {code for code, kind in names.kinds.items() if kind in _AREA_KINDS[by]}
        return lambda order: next(
            (a for a in reversed(order.subject.area_ids) if a in wanted), None
        )
    return lambda order: getattr(order.subject, _FIELD[by])


def _narrowed(question: Question, by: By, code: str, one: Counted) -> Question:
    """The question about one group; a smaller area than the group's stays as it was asked."""
    path = one.subject.area_ids
    if by in _AREA_KINDS and question.area_id and path.index(code) < path.index(question.area_id):
        return question
    narrower = {**vars(question), _FIELD.get(by, "area_id"): code}
    return Question(**narrower)


def _called(code: str, by: By, names: Names) -> str:
    if by == "beneficiary":
        return labels.LABELS["BeneficiaryCategory"][code]
    return labels.LABELS["Urgency"][code] if by == "urgency" else names.of(code)


@dataclass(frozen=True)
class Behind:
    """One order behind a figure. `counted`: what it adds to the numerator, or its hours."""

    order: Counted
    counted: float


@dataclass(frozen=True)
class Opened:
    """A figure, and the orders behind it, newest first."""

    figure: Figure
    behind: tuple[Behind, ...]


def opened(
    orders: Iterable[Counted], question: Question, name: str, part: str, terms: Terms
) -> Opened:
    """One figure with the orders of its denominator, or only those of its numerator."""
    place, one = next((i, f) for i, f in enumerate(FORMULAS[terms.formula]) if f.name == name)
    weighed = [
        (order, weight)
        for order in chosen(orders, question)
        if (weight := order.weights[place]) is not None
    ]
    found = [
        Behind(order, weight / SHOWN_IN[one.unit])
        for order, weight in weighed
        if weight or part == "denominator"
    ]
    found.sort(key=lambda one: (one.order.day, one.order.subject.case_number), reverse=True)
    return Opened(figure(one, [weight for _, weight in weighed], terms.small_sample), tuple(found))
