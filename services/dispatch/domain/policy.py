"""What happened to the request moves its work orders: a fact in, wishes out."""

from dataclasses import dataclass

from services.dispatch.domain.matching import Candidate, Need, choose
from shared.contracts import dispatch as msg
from shared.contracts import requests
from shared.contracts.actor import SYSTEM
from shared.contracts.county import Rules
from shared.contracts.message import Event
from shared.county_rules import DEFAULT_RULES
from shared.event_log import Recorded

HANDLES: tuple[type[Event], ...] = (
    requests.RequestAccepted,
    requests.RequestReopened,
    requests.RequestWithdrawn,
)


@dataclass(frozen=True)
class Knowledge:
    """Every organisation with its menu and load, as the views tell it now.

    `rules`: those in force, in whose order they are chosen.
    """

    candidates: tuple[Candidate, ...] = ()
    rules: Rules = DEFAULT_RULES


def react(fact: Recorded, knowledge: Knowledge) -> list[msg.WorkOrderCommand]:
    """What a fact about a request asks for, stamped with the fact's time."""
    at = fact.commit.at
    match fact.event:
        case requests.RequestAccepted() as accepted:
            return [_dispatch_or_leave(accepted, fact, knowledge)]
        case requests.RequestReopened(request_id=id, organization_id=same, round=round):
            return [
                msg.DispatchWorkOrder(
                    at=at,
                    by=SYSTEM,
                    work_order_id=first_order_of(id, round),
                    request_id=id,
                    organization_id=same,
                    round=round,
                    chosen_by="same_organization",
                )
            ]
        case requests.RequestWithdrawn(request_id=id):
            reason: msg.CancelReason = "request_withdrawn"
            return [msg.CancelWorkOrders(at=at, by=SYSTEM, request_id=id, reason=reason)]
        case _:
            return []


def first_order_of(request_id: str, round: int) -> str:
    """The id of the work order that a round starts with; derived, so that twice is once."""
    return f"{request_id}.{round}.1"


def need_of(accepted: requests.RequestAccepted) -> Need:
    """What matching is asked for a request that a desk has taken."""
    return Need(accepted.service_code, accepted.area_ids, accepted.beneficiary_category)


def _dispatch_or_leave(
    accepted: requests.RequestAccepted, fact: Recorded, knowledge: Knowledge
) -> msg.WorkOrderCommand:
    choice = choose(need_of(accepted), knowledge.candidates, knowledge.rules)
    if choice.organization_id is None or accepted.is_dispatched_by_hand:
        return msg.LeaveToCenter(
            at=fact.commit.at,
            by=SYSTEM,
            request_id=accepted.request_id,
            area_ids=accepted.area_ids,
            service_code=accepted.service_code,
            urgency=accepted.urgency,
            beneficiary_category=accepted.beneficiary_category,
            considered=choice.considered,
        )
    return msg.DispatchWorkOrder(
        at=fact.commit.at,
        by=SYSTEM,
        work_order_id=first_order_of(accepted.request_id, 1),
        request_id=accepted.request_id,
        organization_id=choice.organization_id,
        chosen_by=choice.rule,
        considered=choice.considered,
        area_ids=accepted.area_ids,
        service_code=accepted.service_code,
        urgency=accepted.urgency,
        beneficiary_category=accepted.beneficiary_category,
    )
