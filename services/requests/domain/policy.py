"""What happened to the work order is recorded on the request: a fact in, wishes out."""

import hashlib
from dataclasses import dataclass, field

from services.requests.domain.state import ServiceRequest
from shared.contracts import dispatch
from shared.contracts import requests as msg
from shared.contracts.actor import SYSTEM
from shared.contracts.county import Rules
from shared.contracts.message import Event
from shared.county_rules import DEFAULT_RULES
from shared.event_log import Recorded
from shared.lifecycle import OPEN

FROM_DISPATCH: tuple[type[Event], ...] = (
    dispatch.WorkOrderDispatched,
    dispatch.WorkOrderAccepted,
    dispatch.StaffAssigned,
    dispatch.WorkOrderReturned,
    dispatch.WorkOrderExcused,
    dispatch.LeadChanged,
    dispatch.DeliveryFinished,
)
OF_OTHER_REQUESTS: tuple[type[Event], ...] = (
    msg.RequestMerged,
    msg.RequestUnmerged,
    msg.RequestJoined,
    msg.RequestClosed,
    msg.RequestWithdrawn,
    msg.RequestDeclined,
)
HANDLES: tuple[type[Event], ...] = (*FROM_DISPATCH, *OF_OTHER_REQUESTS, msg.RequestCompleted)


@dataclass(frozen=True)
class Knowledge:
    """The request that a fact is about, as it stands now; who may visit; the county's rules.

    `callers`: accounts that make return visits. `worked_by`: those who have acted on the case.
    """

    request: ServiceRequest = field(default_factory=ServiceRequest)
    callers: tuple[str, ...] = ()
    worked_by: frozenset[str] = frozenset()
    rules: Rules = DEFAULT_RULES


def react(fact: Recorded, knowledge: Knowledge) -> list[msg.RequestCommand]:
    """What follows from a fact, stamped with its time."""
    match fact.event:
        case msg.RequestCompleted(request_id=id):
            return [*_return_visit(fact, id, knowledge), *_inform_others(fact, id, knowledge)]
        case dispatch.DeliveryFinished(request_id=id, work_order_id=order):
            at = fact.commit.at
            return [msg.CompleteRequest(at=at, by=SYSTEM, request_id=id, work_order_id=order)]
        case (
            dispatch.WorkOrderDispatched()
            | dispatch.WorkOrderAccepted()
            | dispatch.StaffAssigned()
            | dispatch.WorkOrderReturned()
            | dispatch.WorkOrderExcused()
            | dispatch.LeadChanged()
        ) as event:
            return [_recorded(event, fact)]
        case _:
            return _among_requests(fact, knowledge)


def _recorded(
    event: dispatch.WorkOrderDispatched
    | dispatch.WorkOrderAccepted
    | dispatch.StaffAssigned
    | dispatch.WorkOrderReturned
    | dispatch.WorkOrderExcused
    | dispatch.LeadChanged,
    fact: Recorded,
) -> msg.RequestCommand:
    at = fact.commit.at
    which = {
        "request_id": event.request_id,
        "work_order_id": event.work_order_id,
        "organization_id": event.organization_id,
    }
    match event:
        case dispatch.WorkOrderDispatched(part=part):
            return msg.RecordDispatch(at=at, by=SYSTEM, part=part, **which)
        case dispatch.WorkOrderAccepted():
            return msg.RecordAcceptance(at=at, by=SYSTEM, **which)
        case dispatch.StaffAssigned(staff_id=staff):
            return msg.RecordAssignment(at=at, by=SYSTEM, staff_id=staff, **which)
        case dispatch.WorkOrderReturned(part=part):
            return msg.RecordReturn(at=at, by=SYSTEM, part=part, **which)
        case dispatch.WorkOrderExcused():
            return msg.RecordExcuse(at=at, by=SYSTEM, **which)
        case dispatch.LeadChanged():
            return msg.RecordLeadChange(at=at, by=SYSTEM, **which)


def _among_requests(fact: Recorded, knowledge: Knowledge) -> list[msg.RequestCommand]:
    """并单: told on the main case; what is merged ends with it, or goes its own way without it."""
    at, request = fact.commit.at, knowledge.request
    match fact.event:
        case msg.RequestMerged(request_id=id, into_id=into):
            return [msg.RecordJoining(at=at, by=SYSTEM, request_id=into, joined_id=id)]
        case msg.RequestUnmerged(request_id=id, into_id=into):
            return [msg.RecordLeaving(at=at, by=SYSTEM, request_id=into, joined_id=id)]
        case msg.RequestJoined(joined_id=joined) if request.status not in _GOES_ON:
            return [_follow(fact, joined, request)]
        case msg.RequestJoined(request_id=id, joined_id=joined) if request.status == "completed":
            return [_inform(fact, joined, id, request)]
        case msg.RequestClosed() | msg.RequestWithdrawn() | msg.RequestDeclined():
            return [_follow(fact, joined, request) for joined in request.joined_ids]
        case _:
            return []


def _inform_others(fact: Recorded, id: str, knowledge: Knowledge) -> list[msg.RequestCommand]:
    """Whoever asked for the same is told that it is done."""
    main = knowledge.request
    return [_inform(fact, joined, id, main) for joined in main.joined_ids]


def _inform(
    fact: Recorded, joined_id: str, main_id: str, main: ServiceRequest
) -> msg.RequestCommand:
    return msg.RecordMainCompletion(
        at=fact.commit.at, by=SYSTEM, request_id=joined_id, into_id=main_id, round=main.round
    )


_GOES_ON = OPEN | {"completed"}


def _follow(fact: Recorded, joined_id: str, main: ServiceRequest) -> msg.RequestCommand:
    at = fact.commit.at
    if main.status == "closed":
        return msg.CloseRequest(at=at, by=SYSTEM, request_id=joined_id)
    return msg.UnmergeRequest(at=at, by=SYSTEM, request_id=joined_id, reason="main_ended")


def _return_visit(fact: Recorded, id: str, knowledge: Knowledge) -> list[msg.RequestCommand]:
    """回访 for the share of a category that the rules ask for, by nobody who worked on the case."""
    request = knowledge.request
    if not request.placed or not _is_sampled(id, request, knowledge.rules):
        return []
    free = sorted(set(knowledge.callers) - knowledge.worked_by)
    caller = free[_number(id, request.round) % len(free)] if free else None
    visit = msg.AssignReturnVisit(
        at=fact.commit.at, by=SYSTEM, request_id=id, round=request.round, caller_id=caller
    )
    return [visit]


def _is_sampled(id: str, request: ServiceRequest, rules: Rules) -> bool:
    category = request.placed and request.placed.beneficiary_category
    shares = {one.beneficiary_category: one.percent for one in rules.sampling}
    return _number(id, request.round) % 100 < shares.get(category, 0) if category else False


def _number(id: str, round: int) -> int:
    """The same for the same case and round, for ever, and no way to choose it."""
    return int.from_bytes(hashlib.sha256(f"{id}.{round}".encode()).digest()[:4])
