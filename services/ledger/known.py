"""What counts, as it is known now or was known at the end of a day, and the rules in force then."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, NamedTuple

from services.ledger.domain.deliveries import Counted, counted
from services.ledger.domain.figures import Known, Terms
from services.ledger.domain.measures import MeasuresRow, known_before
from shared.adapters.mongo_views import ViewStore
from shared.adapters.remembered import Remembered
from shared.calendar import BEIJING
from shared.contracts.county import Rules, RulesAdopted
from shared.county_rules import DEFAULT_RULES, working_time
from shared.event_log import EventLog, Recorded
from shared.figures import weights

RULES_STREAM = "county_rules-county"
DAY = timedelta(days=1)


class Measured(NamedTuple):
    """One request in memory: the day of its last change, and its orders that count."""

    changed_on: str
    orders: tuple[Counted, ...]


def end_of(day: str) -> datetime:
    """The first moment that is not that Beijing day any more."""
    return datetime.combine(date.fromisoformat(day) + DAY, time(), BEIJING)


def rules_before(adopted: Iterable[Recorded], moment: datetime | None) -> Rules:
    """The rules that were in force at a moment (None: now)."""
    rules = DEFAULT_RULES
    for fact in adopted:
        is_known = moment is None or fact.commit.at < moment
        if is_known and isinstance(fact.event, RulesAdopted):
            rules = fact.event.rules
    return rules


def known(
    as_of: str | None, log: EventLog, rows: ViewStore[Any], memory: Remembered[Any, Any]
) -> Known:
    """Now, or as of the end of a past day. Raises Unavailable."""
    adopted = log.read_stream(RULES_STREAM)
    today = rules_before(adopted, None)
    then = rules_before(adopted, end_of(as_of)) if as_of else today
    requests, position = memory.look(_basis(today), _measure(today))
    if as_of is None:
        orders = [order for request in requests for order in request.orders]
    elif _basis(then) == _basis(today):
        orders = [*_settled(requests, as_of), *_under_way(rows, as_of, then)]
    else:
        orders = _all_anew(rows, as_of, then)
    terms = Terms(then.figures_version, then.small_sample, as_of)
    return Known(orders, terms, then.version, position)


def _settled(requests: Iterable[Measured], day: str) -> Iterator[Counted]:
    """Requests that have not changed since that day count as they did then."""
    return (order for request in requests if request.changed_on <= day for order in request.orders)


def _under_way(rows: ViewStore[Any], day: str, rules: Rules) -> Iterator[Counted]:
    """The others there were are read again, up to that day: never many, however long ago."""
    asked = {"placed_on": {"$lte": day}, "changed_on": {"$gt": day}}
    return _counted_by(day, rules, rows.find(asked))


def _all_anew(rows: ViewStore[Any], day: str, rules: Rules) -> list[Counted]:
    """Hours were counted otherwise then, or by another formula: nothing in memory is of use."""
    return [*_counted_by(day, rules, rows.find({"placed_on": {"$lte": day}}))]


def _counted_by(day: str, rules: Rules, rows: Iterable[MeasuresRow]) -> Iterator[Counted]:
    weigh, time, end = partial(weights, rules.figures_version), working_time(rules), end_of(day)
    for row in rows:
        yield from counted(row, known_before(row.history, end), weigh, time)


def _measure(rules: Rules) -> Callable[[MeasuresRow], Measured]:
    weigh, time = partial(weights, rules.figures_version), working_time(rules)

    def measured(row: MeasuresRow) -> Measured:
        return Measured(row.changed_on, counted(row, row.history, weigh, time))

    return measured


def _basis(rules: Rules) -> Hashable:
    """All that weights depend on beside the row: the formulas, and when the county works."""
    return rules.figures_version, rules.office_hours, rules.roster, rules.published_years
