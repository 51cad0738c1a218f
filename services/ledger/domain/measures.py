"""What is measured of each request: its own little log, so that any past day can be had again."""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import Any

from services.ledger.domain.register import case_number
from shared.calendar import beijing_day
from shared.contracts import dispatch, requests
from shared.contracts.deadlines import Deadlines
from shared.event_log import Recorded
from shared.views import Row, View
from shared.working_time import NATURAL

Change = tuple[Any, ...]
"""(what, when, …): what happened, when it was told, and what figures need of it; see `change`."""


class MeasuresRow(Row):
    """One request. `history` only grows: its beginning is what was known on an earlier day.

    `changed_on`: the last day on which it grew, never going back.
    """

    request_id: str
    case_number: str
    placed_on: str
    changed_on: str
    area_ids: tuple[str, ...]
    service_code: str
    urgency: requests.Urgency
    beneficiary_category: requests.BeneficiaryCategory
    history: tuple[Change, ...] = ()


def known_before(history: Iterable[Change], moment: datetime) -> Iterable[Change]:
    """The history as it was known at a moment: whatever came to the log later is forgotten."""
    return takewhile(lambda change: change[1] < moment, history)


def key(fact: Recorded) -> str | None:
    request_id: str | None = getattr(fact.event, "request_id", None)
    return request_id


def project(row: MeasuresRow | None, fact: Recorded) -> MeasuresRow | None:
    if isinstance(fact.event, requests.RequestPlaced):
        return _placed(fact.event, fact)
    happened = change(fact.event, fact.commit.at)
    if row is None or happened is None:
        return row
    day = max(row.changed_on, beijing_day(fact.commit.at))
    return row.model_copy(update={"changed_on": day, "history": (*row.history, happened)})


def change(event: object, at: datetime) -> Change | None:
    """What a figure needs of an event, as plain values that MongoDB stores as they are."""
    match event:
        case dispatch.WorkOrderDispatched(work_order_id=id):
            given = (event.organization_id, event.part, event.round)
            return ("dispatched", at, id, *given, *_limits(event.deadlines))
        case dispatch.WorkOrderAccepted(work_order_id=id):
            return ("accepted", at, id)
        case dispatch.WorkOrderReturned(work_order_id=id):
            return ("returned", at, id)
        case dispatch.WorkOrderExcused(work_order_id=id):
            return ("excused", at, id)
        case dispatch.WorkOrderCompleted(work_order_id=id):
            return ("done", at, id)
        case dispatch.LeadChanged(work_order_id=id, former_work_order_id=former):
            return ("leads", at, id, former)
        case dispatch.HoldGranted(work_order_id=id, held_at=held_at):
            return ("held", at, id, held_at)
        case dispatch.WorkResumed(work_order_id=id, resumed_at=resumed_at, deadlines=deadlines):
            return ("resumed", at, id, resumed_at, *_limits(deadlines))
        case (
            dispatch.ExtensionGranted(work_order_id=id, deadlines=deadlines)
            | dispatch.DeadlinesRecomputed(work_order_id=id, deadlines=deadlines)
        ):
            return ("limited", at, id, *_limits(deadlines))
        case requests.RequestCompleted():
            return ("finished", at)
        case requests.RequestReopened(round=number):
            return ("reopened", at, number)
        case requests.ReturnVisitRecorded(is_reached=True):
            said = (bool(event.is_contacted), bool(event.is_solved), event.satisfaction)
            return ("visited", at, event.round, *said)
        case _:
            return None


Limits = tuple[datetime | None, datetime | None, bool]
"""Accept by, complete by, and whether that limit runs in natural time."""


def _limits(deadlines: Deadlines | None) -> Limits:
    if deadlines is None:
        return None, None, False
    accept_by = deadlines.accept.due_at if deadlines.accept else None
    return accept_by, deadlines.complete.due_at, deadlines.complete.limit.unit in NATURAL


def _placed(event: requests.RequestPlaced, fact: Recorded) -> MeasuresRow:
    day = beijing_day(fact.commit.at)
    return MeasuresRow(
        request_id=event.request_id,
        case_number=case_number(fact),
        placed_on=day,
        changed_on=day,
        area_ids=event.area_ids,
        service_code=event.service_code,
        urgency=event.urgency,
        beneficiary_category=event.beneficiary_category,
    )


MEASURES = View(
    name="measures",
    version=1,
    row=MeasuresRow,
    handles=(
        requests.RequestPlaced,
        requests.RequestCompleted,
        requests.RequestReopened,
        requests.ReturnVisitRecorded,
        dispatch.WorkOrderDispatched,
        dispatch.WorkOrderAccepted,
        dispatch.WorkOrderReturned,
        dispatch.WorkOrderExcused,
        dispatch.WorkOrderCompleted,
        dispatch.LeadChanged,
        dispatch.HoldGranted,
        dispatch.WorkResumed,
        dispatch.ExtensionGranted,
        dispatch.DeadlinesRecomputed,
    ),
    key=key,
    project=project,
    indexes=(("at_position",), ("placed_on", "changed_on")),
)
