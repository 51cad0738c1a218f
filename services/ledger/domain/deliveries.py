"""From the history of a request to the work orders that count, each with what it weighs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern
from typing import NamedTuple

from services.ledger.domain.measures import Change, MeasuresRow
from shared.calendar import beijing_day
from shared.contracts.requests import BeneficiaryCategory, Part, Urgency
from shared.figures import Delivery, Visit, Weight
from shared.working_time import WorkingTime

Weigh = Callable[[Delivery], tuple[Weight, ...]]


class Subject(NamedTuple):
    """The request behind an order, and what one may ask about it."""

    request_id: str
    case_number: str
    area_ids: tuple[str, ...]
    service_code: str
    urgency: Urgency
    beneficiary_category: BeneficiaryCategory


class Counted(NamedTuple):
    """One work order of a finished round. `day`: when the whole round was finished (办结)."""

    subject: Subject
    day: str
    round: int
    organization_id: str
    part: Part
    weights: tuple[Weight, ...]


class Order(NamedTuple):
    """One work order so far. `held`: spans of being on hold; the last may have no end yet."""

    organization_id: str
    part: Part
    round: int
    dispatched_at: datetime
    accept_by: datetime | None
    finish_by: datetime | None
    is_natural: bool
    accepted_at: datetime | None = None
    finished_at: datetime | None = None
    is_returned: bool = False
    is_excused: bool = False
    held: tuple[tuple[datetime, datetime | None], ...] = ()


def counted(
    row: MeasuresRow, history: Iterable[Change], weigh: Weigh, time: WorkingTime
) -> tuple[Counted, ...]:
    """The orders of every round that is finished in this history, or in the beginning of one."""
    told = _told(history)
    if not told.finished:
        return ()
    subject = _subject(row)
    return tuple(
        Counted(
            subject,
            intern(beijing_day(finished_at)),
            number,
            intern(order.organization_id),
            order.part,
            weigh(_delivery(order, told, time)),
        )
        for number, finished_at in told.finished.items()
        for order in told.orders_that_count(number)
    )


def _subject(row: MeasuresRow) -> Subject:
    """A year has many requests and few areas, so their names are kept once."""
    return Subject(
        row.request_id,
        row.case_number,
        tuple(map(intern, row.area_ids)),
        intern(row.service_code),
        row.urgency,
        row.beneficiary_category,
    )


@dataclass
class _Told:
    """A history, read to its end."""

    orders: dict[str, Order] = field(default_factory=dict)
    round: int = 1
    finished: dict[int, datetime] = field(default_factory=dict)
    reopened: set[int] = field(default_factory=set)
    visits: dict[int, Visit] = field(default_factory=dict)

    def orders_that_count(self, number: int) -> Iterator[Order]:
        """Done or returned: who was excused or called off has nothing to answer for."""
        for order in self.orders.values():
            is_settled = order.is_returned or (order.finished_at and not order.is_excused)
            if order.round == number and is_settled:
                yield order


def _told(history: Iterable[Change]) -> _Told:
    told = _Told()
    for what, at, *rest in history:
        match what, rest:
            case "dispatched", (id, organization_id, part, number, *limits):
                told.orders[id] = Order(organization_id, part, number, at, *limits)
            case "finished", _:
                told.finished[told.round] = at
            case "reopened", (number,):
                told.reopened.add(told.round)
                told.round = number
            case "visited", (number, is_contacted, is_solved, satisfaction):
                told.visits[number] = Visit(is_contacted, is_solved, satisfaction)
            case "leads", (id, former):
                told.orders[id] = told.orders[id]._replace(part="lead")
                told.orders[former] = told.orders[former]._replace(part="supporting")
            case _:
                id, *more = rest
                told.orders[id] = _after(told.orders[id], what, at, more)
    return told


def _after(order: Order, what: str, at: datetime, more: list[datetime]) -> Order:
    match what, more:
        case "accepted", _:
            return order._replace(accepted_at=at)
        case "done", _:
            return order._replace(finished_at=at)
        case "returned", _:
            return order._replace(is_returned=True)
        case "excused", _:
            return order._replace(is_excused=True)
        case "held", (held_at,):
            return order._replace(held=(*order.held, (held_at, None)))
        case "resumed", (resumed_at, *limits):
            return _limited(_resumed(order, resumed_at), limits)
        case "limited", limits:
            return _limited(order, limits)
        case _:
            raise ValueError(f"a history says {what}, which nobody writes")


def _limited(order: Order, limits: list[datetime]) -> Order:
    """An order from before there were clocks stays without them."""
    accept_by, finish_by, is_natural = limits
    if finish_by is None:
        return order
    return order._replace(accept_by=accept_by, finish_by=finish_by, is_natural=bool(is_natural))


def _resumed(order: Order, resumed_at: datetime) -> Order:
    held_at, _ = order.held[-1]
    return order._replace(held=(*order.held[:-1], (held_at, resumed_at)))


def _delivery(order: Order, told: _Told, time: WorkingTime) -> Delivery:
    if order.is_returned:
        return _RETURNED
    leads = order.part == "lead"
    return Delivery(
        leads=leads,
        is_returned=False,
        is_accepted_in_time=_in_time(order.accepted_at, order.accept_by),
        is_finished_in_time=_in_time(_clock_stood_at(order), order.finish_by),
        seconds=_seconds(order, time),
        is_joint=leads and _is_joint(order.round, told),
        is_redone=order.round in told.reopened,
        visit=told.visits.get(order.round) if leads else None,
    )


_RETURNED = Delivery(
    leads=False, is_returned=True, is_accepted_in_time=None, is_finished_in_time=None, seconds=None
)


def _in_time(at: datetime | None, due_at: datetime | None) -> bool | None:
    return None if due_at is None else at is not None and at <= due_at


def _clock_stood_at(order: Order) -> datetime | None:
    """On hold the clock stands still, so what is finished then is finished when the hold began."""
    if order.held and order.held[-1][1] is None:
        return order.held[-1][0]
    return order.finished_at


def _is_joint(number: int, told: _Told) -> bool:
    return any(
        order.part == "supporting" and not order.is_returned
        for order in told.orders_that_count(number)
    )


def _seconds(order: Order, time: WorkingTime) -> int | None:
    if order.finished_at is None:
        return None
    elapsed = _elapsed(order.dispatched_at, order.finished_at, order, time)
    for held_at, resumed_at in order.held:
        elapsed -= _elapsed(held_at, resumed_at or order.finished_at, order, time)
    return elapsed // timedelta(seconds=1)


def _elapsed(start: datetime, end: datetime, order: Order, time: WorkingTime) -> timedelta:
    return end - start if order.is_natural else time.worked(start, end)
