"""A year of a county's work, made up the same way every time: what figures are tried on."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from random import Random
from typing import Any, NamedTuple, get_args

from shared.contracts import dispatch, requests
from shared.contracts.message import Event
from shared.county_rules import DEFAULT_RULES
from shared.deadlines import deadlines_for, extended, given_back
from shared.event_log import Commit, Recorded

FIRST_DAY = datetime(2026, 1, 5, 0, 30, tzinfo=UTC)
"""Half past eight in Beijing, on a Monday."""

ORGANIZATIONS = tuple(f"org-{number:02d}" for number in range(1, 11))
STATIONS = tuple(f"station-{number}" for number in range(1, 5))
TOWNSHIPS = tuple(f"township-{number}" for number in range(1, 6))
CATEGORIES: tuple[requests.BeneficiaryCategory, ...] = get_args(requests.BeneficiaryCategory)
SATISFACTIONS: tuple[requests.Satisfaction, ...] = get_args(requests.Satisfaction)
EXTRA = DEFAULT_RULES.levels[1].complete.model_copy(update={"amount": 1})


class Told(NamedTuple):
    """An event, when it is told, and in which stream."""

    at: datetime
    stream: str
    event: Event


@dataclass(frozen=True)
class Place:
    """Who works there; the desks are stations and township centres."""

    organizations: tuple[str, ...] = ORGANIZATIONS
    desks: tuple[str, ...] = STATIONS + TOWNSHIPS
    above: tuple[str, ...] = ("county", "center")
    services: tuple[str, ...] = tuple(f"service-{number:02d}" for number in range(20))


def year(
    requests_a_day: int = 60,
    days: int = 250,
    place: Place = Place(),
    first_day: datetime = FIRST_DAY,
) -> Iterator[Recorded]:
    """Some 16 events for each request, all requests side by side, in the order of the log."""
    chance, positions, versions = Random(2026), count(1), dict[str, int]()
    waiting: list[tuple[datetime, int, Told, Iterator[Told]]] = []
    for number in range(requests_a_day * days):
        day, hour = number // requests_a_day, chance.randrange(540)
        at = first_day + timedelta(days=day + day // 5 * 2, minutes=hour)
        story = _story(number, at, place, Random(chance.random()))
        first = next(story)
        waiting.append((first.at, number, first, story))
    heapify(waiting)
    while waiting:
        _, number, told, story = heappop(waiting)
        versions[told.stream] = versions.get(told.stream, 0) + 1
        yield _recorded(told, next(positions), versions[told.stream])
        if after := next(story, None):
            heappush(waiting, (after.at, number, after, story))


def _recorded(told: Told, position: int, version: int) -> Recorded:
    commit = Commit(
        position=position,
        stream=told.stream,
        version=version,
        command_id=f"C{position}",
        command="",
        digest="",
        at=told.at,
        by="system",
        role="system",
        audience=(),
        correlation_id="",
        caused_by=None,
    )
    return Recorded(position, version, told.event, commit)


def _story(number: int, at: datetime, place: Place, chance: Random) -> Iterator[Told]:
    """One request: returned, joined by others, held, extended or reopened, as chance has it."""
    id, desk = f"R{number:06d}", chance.choice(place.desks)
    village = f"{desk}-v{chance.randrange(4)}"
    urgency = chance.choices(("normal", "urgent", "critical", "complex"), (75, 15, 4, 6))[0]
    placed: dict[str, Any] = {
        "request_id": id,
        "grid_id": f"{village}-g{chance.randrange(3)}",
        "service_code": place.services[number % len(place.services)],
        "urgency": urgency,
        "beneficiary_category": chance.choice(CATEGORIES),
    }
    placed["area_ids"] = (*place.above, desk, village, placed["grid_id"])
    particulars = {"particulars_id": f"P{number}", "placed_by": "grid-worker-01"}
    yield _of(at, requests.RequestPlaced(**placed, **particulars))
    at += timedelta(minutes=chance.randrange(5, 120))
    yield _of(at, requests.RequestAccepted(**placed))
    if chance.random() < 0.03:
        yield _of(at, requests.RequestWithdrawn(request_id=id, reason="solved_itself"))
        return
    organizations = place.organizations
    lead = organizations[number % 20 // 2 % len(organizations)]
    if chance.random() < 0.06:
        yield from _returned(at, placed, lead, chance)
        at += timedelta(hours=5)
        lead = chance.choice([other for other in organizations if other != lead])
    round = 1
    while True:
        for told in _round(at, placed, _team(organizations, lead, chance), round, chance):
            at = told.at
            yield told
        is_solved = yield from _asked_again(at, id, round, chance)
        at += timedelta(days=1, hours=2)
        if is_solved or round == 3:
            break
        round += 1
        again = {"request_id": id, "organization_id": lead, "round": round}
        yield _of(at, requests.RequestReopened(**again, cause="return_visit"))
    yield _of(at + timedelta(days=3), requests.ServiceRated(request_id=id, score=5))
    yield _of(at + timedelta(days=3), requests.RequestClosed(request_id=id))


def _returned(at: datetime, placed: dict[str, Any], holder: str, chance: Random) -> Iterator[Told]:
    order = _order(placed, holder, 1, "returned")
    yield _sent(at, placed, order, "lead", 1)
    at += timedelta(hours=chance.randrange(1, 4))
    returned = dispatch.WorkOrderReturned(**order, reason="other_owner")
    yield _of(at, returned)
    ruled = {name: order[name] for name in ("request_id", "work_order_id")}
    yield _of(at + timedelta(hours=1), dispatch.ReturnRuled(**ruled, organization_id=None))


def _team(organizations: tuple[str, ...], lead: str, chance: Random) -> list[str]:
    """The lead, and now and then one or two others."""
    if chance.random() < 0.8:
        return [lead]
    others = [other for other in organizations if other != lead]
    return [lead, *chance.sample(others, chance.randrange(1, 3))]


def _round(
    at: datetime, placed: dict[str, Any], team: list[str], round: int, chance: Random
) -> Iterator[Told]:
    """From the dispatch to the day on which all of it is finished."""
    orders = [_order(placed, holder, round, str(n)) for n, holder in enumerate(team)]
    told = [
        step
        for n, order in enumerate(orders)
        for step in _work(at, placed, order, "supporting" if n else "lead", round, chance)
    ]
    yield from sorted(told, key=lambda step: step.at)
    end = max(step.at for step in told)
    finished = {**orders[0], "round": round}
    yield _of(end, dispatch.DeliveryFinished(**finished))
    names = {name: orders[0][name] for name in ("request_id", "work_order_id")}
    yield _of(end, requests.RequestCompleted(**names, reopen_until=end + timedelta(days=15)))


def _work(  # noqa: PLR0913, PLR0917 - a work order is made of these
    at: datetime,
    placed: dict[str, Any],
    order: dict[str, Any],
    part: requests.Part,
    round: int,
    chance: Random,
) -> Iterator[Told]:
    sent = _sent(at, placed, order, part, round)
    yield sent
    yield _of(at, requests.RequestDispatched(**order, part=part))
    at += timedelta(minutes=chance.randrange(10, 400))
    yield _of(at, dispatch.WorkOrderAccepted(**order))
    yield _of(at, requests.RequestTakenUp(**order))
    if part == "supporting" and chance.random() < 0.1:
        yield _of(at, dispatch.WorkOrderExcused(**order, reason="not_needed"))
        return
    at += timedelta(hours=chance.randrange(1, 20))
    yield _of(at, dispatch.StaffAssigned(**order, staff_id="staff-1"))
    yield _of(at, requests.RequestAssigned(**order, staff_id="staff-1"))
    yield _of(at, dispatch.FirstContactRecorded(**order))
    deadlines = sent.event.deadlines  # type: ignore[attr-defined]  # it is a dispatch
    if chance.random() < 0.05:
        held_at, at = at, at + timedelta(days=2)
        back = given_back(DEFAULT_RULES, deadlines, held_at, at)
        said = {**order, "held_at": held_at}
        held = {"reason": "waiting_for_material", "review_at": at}
        yield _of(held_at, dispatch.HoldGranted(**said, **held))
        resumed = {"reason": "ready", "resumed_at": at, "deadlines": back}
        yield _of(at, dispatch.WorkResumed(**said, **resumed))
        deadlines = back
    if chance.random() < 0.05:
        longer = {"extra": EXTRA, "deadlines": extended(DEFAULT_RULES, deadlines, EXTRA)}
        yield _of(at, dispatch.ExtensionGranted(**order, **longer))
    at += timedelta(hours=chance.randrange(2, 140))
    yield _of(at, dispatch.ServiceDelivered(**order, note_id="N1"))
    yield _of(at, dispatch.WorkOrderCompleted(**order, outcome="solved", note_id="N2"))


def _sent(
    at: datetime, placed: dict[str, Any], order: dict[str, Any], part: requests.Part, round: int
) -> Told:
    deadlines = deadlines_for(DEFAULT_RULES, placed["urgency"], at)
    given = {"part": part, "round": round, "chosen_by": "least_busy", "deadlines": deadlines}
    return _of(at, dispatch.WorkOrderDispatched(**order, **given))


def _asked_again(at: datetime, id: str, round: int, chance: Random) -> Generator[Told, None, bool]:
    """The return visit, for half of them; returns whether the matter is settled."""
    if chance.random() < 0.5:
        return True
    yield _of(at, requests.ReturnVisitAssigned(request_id=id, round=round, caller_id=None))
    at += timedelta(days=1)
    visit = {"request_id": id, "round": round}
    if chance.random() < 0.2:
        unreached = {"attempt": 1, "is_reached": False}
        yield _of(at, requests.ReturnVisitRecorded(**visit, **unreached))
        return True
    is_solved = chance.random() < 0.9
    said = {
        "attempt": 1,
        "is_reached": True,
        "is_contacted": chance.random() < 0.95,
        "is_solved": is_solved,
        "satisfaction": chance.choices(SATISFACTIONS, (40, 35, 15, 7, 3))[0],
    }
    yield _of(at, requests.ReturnVisitRecorded(**visit, **said))
    return is_solved


def _order(placed: dict[str, Any], holder: str, round: int, which: str) -> dict[str, Any]:
    id = placed["request_id"]
    return {
        "request_id": id,
        "work_order_id": f"{id}.{round}.{which}",
        "organization_id": holder,
    }


def _of(at: datetime, event: Event) -> Told:
    id = event.request_id  # type: ignore[attr-defined]  # every event of a request has one
    is_request = isinstance(event, get_args(requests.RequestEvent))
    return Told(at, f"{'service_request' if is_request else 'work_orders'}-{id}", event)
