"""What is known of one request: folded from its events, asked by the rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.requests.domain.views import KnownArea
from shared.contracts import requests as msg
from shared.contracts.county import Rules
from shared.county_rules import DEFAULT_RULES
from shared.lifecycle import RequestStatus, status_after

LAST_ATTEMPT = 3
"""A resident who was not reached so often is not called again; the visit stays invalid."""


@dataclass(frozen=True)
class Knowledge:
    """What the service looks up before it decides.

    For a new request: the area it names, and whether any organisation offers the service.
    `other_status`: of the request to merge into (None: there is none). `worked_by`: every account
    that has acted on the case, of return-visit callers apart. `proofs`: attachments that an
    organisation has named as proof of its work.
    """

    area: KnownArea | None = None
    is_service_offered: bool = False
    other_status: RequestStatus | None = None
    worked_by: frozenset[str] = frozenset()
    proofs: frozenset[str] = frozenset()
    rules: Rules = DEFAULT_RULES


@dataclass(frozen=True)
class Visit:
    """The return visit (回访) of one round."""

    attempts: int = 0
    is_valid: bool = False

    @property
    def is_pending(self) -> bool:
        return not self.is_valid and self.attempts < LAST_ATTEMPT


@dataclass(frozen=True)
class ServiceRequest:
    """Only what the rules ask about; screens have views of their own.

    `work_order_id` and `organization_id` are the lead's; `working` every order of this round that
    was not given back, with its organisation;
    `seen_by` lists the tags of every organisation and person it was ever given to; `joined_ids`
    are the requests merged into this one; `informed_of` the cases, and their rounds, of which this
    merged one has been told that they are done; `attachments` says who added each.
    """

    status: RequestStatus | None = None
    placed: msg.RequestPlaced | None = None
    round: int = 1
    work_order_id: str = ""
    organization_id: str = ""
    working: frozenset[tuple[str, str]] = frozenset()
    times_expedited: int = 0
    expedited_at: datetime | None = None
    seen_by: tuple[str, ...] = ()
    reopen_until: datetime | None = None
    is_rated: bool = False
    visit: Visit | None = None
    merged_into: str = ""
    joined_ids: tuple[str, ...] = ()
    informed_of: frozenset[tuple[str, int]] = frozenset()
    attachments: Mapping[str, str] = field(default_factory=dict)

    @property
    def order_ids(self) -> frozenset[str]:
        return frozenset(order_id for order_id, _ in self.working)

    @property
    def organization_ids(self) -> frozenset[str]:
        return frozenset(organization_id for _, organization_id in self.working)


def evolve(request: ServiceRequest, event: msg.RequestEvent) -> ServiceRequest:
    """Never refuses: what happened, happened."""
    request = replace(request, status=status_after(request.status, event))
    match event:
        case msg.RequestPlaced():
            return replace(request, placed=event)
        case msg.RequestExpedited(times=times, expedited_at=at):
            return replace(request, times_expedited=times, expedited_at=at)
        case msg.RequestDispatched():
            return _dispatched(request, event)
        case msg.RequestLeadChanged(work_order_id=order_id, organization_id=organization_id):
            return replace(request, work_order_id=order_id, organization_id=organization_id)
        case msg.RequestAssigned(staff_id=staff_id):
            return _seen_by(request, f"account:{staff_id}")
        case msg.RequestReturned(part="supporting") | msg.RequestPartExcused():
            return _without(request, event.work_order_id)
        case msg.RequestReturned():
            left = _without(request, event.work_order_id)
            return replace(left, work_order_id="", organization_id="")
        case msg.RequestCompleted(reopen_until=until):
            return replace(request, reopen_until=until, is_rated=False, visit=None)
        case msg.RequestReopened(round=round):
            return replace(request, round=round, visit=None, working=frozenset())
        case msg.ServiceRated():
            return replace(request, is_rated=True)
        case msg.ReturnVisitAssigned():
            return replace(request, visit=request.visit or Visit())
        case msg.ReturnVisitRecorded(attempt=attempt, is_reached=is_reached):
            return replace(request, visit=Visit(attempt, is_reached))
        case msg.RequestMerged(into_id=into_id):
            return replace(request, merged_into=into_id)
        case msg.RequestUnmerged():
            return replace(request, merged_into="")
        case msg.RequestJoined(joined_id=joined_id):
            return replace(request, joined_ids=(*request.joined_ids, joined_id))
        case msg.MainRequestCompleted(into_id=into_id, round=round):
            return replace(request, informed_of=request.informed_of | {(into_id, round)})
        case msg.AttachmentAdded(attachment_id=added, added_by=by):
            return replace(request, attachments={**request.attachments, added: by})
        case msg.AttachmentRemoved(attachment_id=removed):
            kept = {id: by for id, by in request.attachments.items() if id != removed}
            return replace(request, attachments=kept)
        case msg.RequestLeft(joined_id=joined_id):
            others = tuple(one for one in request.joined_ids if one != joined_id)
            return replace(request, joined_ids=others)
        case (
            msg.RequestAccepted()
            | msg.RequestSentBack()
            | msg.RequestResubmitted()
            | msg.RequestDeclined()
            | msg.RequestWithdrawn()
            | msg.RequestTakenUp()
            | msg.RequestClosed()
            | msg.ContactRevealed()
        ):
            return request


def audience(request: ServiceRequest) -> tuple[str, ...]:
    """Every area on the grid's path, every organisation and person it was ever given to, and
    whoever holds a link to rate it."""
    if request.placed is None:
        return request.seen_by
    areas = (f"area:{area}" for area in request.placed.area_ids)
    return (*areas, f"request:{request.placed.request_id}", *request.seen_by)


def _dispatched(request: ServiceRequest, event: msg.RequestDispatched) -> ServiceRequest:
    order = (event.work_order_id, event.organization_id)
    given = replace(request, working=request.working | {order})
    if event.part == "lead":
        given = replace(
            given, work_order_id=event.work_order_id, organization_id=event.organization_id
        )
    return _seen_by(given, f"org:{event.organization_id}")


def _without(request: ServiceRequest, order_id: str) -> ServiceRequest:
    left = frozenset(order for order in request.working if order[0] != order_id)
    return replace(request, working=left)


def _seen_by(request: ServiceRequest, tag: str) -> ServiceRequest:
    if tag in request.seen_by:
        return request
    return replace(request, seen_by=(*request.seen_by, tag))
