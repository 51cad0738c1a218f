"""One service request (点单), from placing to closing; a poor rating reopens it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.requests.domain.views import KnownArea
from shared.calendar import beijing_day
from shared.contracts import requests as msg
from shared.contracts.actor import Actor
from shared.contracts.message import Command
from shared.decider import Decider
from shared.labels import REQUEST_STATUS
from shared.lifecycle import WHEN, RequestStatus, status_after
from shared.rejection import InvalidInput, NotAllowedNow, NotFound, NotYours

POOR_SCORE = 2

DOERS = frozenset({"organization_dispatcher", "service_staff"})


@dataclass(frozen=True)
class Knowledge:
    """The area that a new request names, and whether any organisation offers the service."""

    area: KnownArea | None = None
    is_service_offered: bool = False


@dataclass(frozen=True)
class ServiceRequest:
    """Only what the rules below ask about; screens have views of their own.

    `work_order_id` and `organization_id` are the current ones; `seen_by` lists the tags of every
    organisation and person it was ever given to.
    """

    status: RequestStatus | None = None
    placed: msg.RequestPlaced | None = None
    round: int = 1
    work_order_id: str = ""
    organization_id: str = ""
    times_expedited: int = 0
    expedited_at: datetime | None = None
    seen_by: tuple[str, ...] = ()


_WITH_AN_ORGANIZATION: frozenset[RequestStatus] = frozenset({"dispatched", "taken_up"})

ADVICE: Mapping[type[Command], str] = {
    msg.AcceptRequest: "只有待受理的事项可以受理，请刷新后查看最新进展",
    msg.SendBackRequest: "只有待受理的事项可以退回补充，请刷新后查看最新进展",
    msg.DeclineRequest: "只有待受理的事项可以不予受理，请刷新后查看最新进展",
    msg.ResubmitRequest: "只有退回补充的事项可以重新提交，请刷新后查看最新进展",
    msg.WithdrawRequest: "办结之前才能撤单；如不满意请评单，如需再办请重新点单",
    msg.ExpediteRequest: "只有正在办理的事项可以催办；如已退回补充，请先补充后重新提交",
    msg.RateService: "办结之后、归档之前才能评单，请刷新后查看最新进展",
    msg.CloseRequest: "只有已办结的事项可以归档，请等待办结",
    msg.RevealContact: "事项已经了结，不能再查看联系方式；确有需要请联系县中心调度员",
}
"""What to do instead, when it is not the time (shared.lifecycle.WHEN)."""

RECORDED_WHEN: Mapping[type[Command], frozenset[RequestStatus]] = {
    msg.RecordDispatch: frozenset({"accepted", "returned", "reopened"}),
    msg.RecordAcceptance: frozenset({"dispatched"}),
    msg.RecordAssignment: _WITH_AN_ORGANIZATION,
    msg.RecordReturn: _WITH_AN_ORGANIZATION,
    msg.CompleteRequest: _WITH_AN_ORGANIZATION,
}
"""When news of a work order still concerns the request; otherwise it is late, not news."""


def decide(
    command: msg.RequestCommand, request: ServiceRequest, knowledge: Knowledge
) -> list[msg.RequestEvent]:
    if isinstance(command, msg.PlaceRequest):
        return _place(command, request, knowledge)
    if type(command) in RECORDED_WHEN and not _is_news(command, request):
        return []
    placed = _placed(request)
    _refuse_unless_in_time(command, request.status)
    said = command.said()
    match command:
        case msg.AcceptRequest():
            return [_accepted(placed)]
        case msg.SendBackRequest():
            return [msg.RequestSentBack(**said)]
        case msg.ResubmitRequest():
            return [msg.RequestResubmitted(**said)]
        case msg.DeclineRequest():
            return [msg.RequestDeclined(**said)]
        case msg.WithdrawRequest():
            return [msg.RequestWithdrawn(**said)]
        case msg.ExpediteRequest(at=at):
            return [_expedited(request, placed.request_id, at)]
        case msg.RateService():
            return _rated(command, request)
        case msg.CloseRequest():
            return [msg.RequestClosed(**said)]
        case msg.RevealContact(by=by):
            _refuse_a_former_organization(by, request)
            return [msg.ContactRevealed(**said)]
        case msg.RecordDispatch():
            return [msg.RequestDispatched(**said)]
        case msg.RecordAcceptance():
            return [msg.RequestTakenUp(**said)]
        case msg.RecordAssignment():
            return [msg.RequestAssigned(**said)]
        case msg.RecordReturn():
            return [msg.RequestReturned(**said)]
        case msg.CompleteRequest():
            return [msg.RequestCompleted(**said)]


def evolve(request: ServiceRequest, event: msg.RequestEvent) -> ServiceRequest:
    """Never refuses: what happened, happened."""
    request = replace(request, status=status_after(request.status, event))
    match event:
        case msg.RequestPlaced():
            return replace(request, placed=event)
        case msg.RequestExpedited(times=times, expedited_at=at):
            return replace(request, times_expedited=times, expedited_at=at)
        case msg.RequestDispatched(work_order_id=order_id, organization_id=organization_id):
            current = replace(request, work_order_id=order_id, organization_id=organization_id)
            return _seen_by(current, f"org:{organization_id}")
        case msg.RequestAssigned(staff_id=staff_id):
            return _seen_by(request, f"account:{staff_id}")
        case msg.RequestReturned():
            return replace(request, work_order_id="", organization_id="")
        case msg.RequestReopened(round=round):
            return replace(request, round=round)
        case (
            msg.RequestAccepted()
            | msg.RequestSentBack()
            | msg.RequestResubmitted()
            | msg.RequestDeclined()
            | msg.RequestWithdrawn()
            | msg.RequestTakenUp()
            | msg.RequestCompleted()
            | msg.ServiceRated()
            | msg.RequestClosed()
            | msg.ContactRevealed()
        ):
            return request


def audience(request: ServiceRequest) -> tuple[str, ...]:
    """Every area on the grid's path, every organisation and person it was ever given to."""
    areas = request.placed.area_ids if request.placed else ()
    return (*(f"area:{area}" for area in areas), *request.seen_by)


def _place(
    command: msg.PlaceRequest, request: ServiceRequest, knowledge: Knowledge
) -> list[msg.RequestEvent]:
    if request.placed:
        return _placed_before(command, request.placed)
    if knowledge.area is None or knowledge.area.kind != "grid":
        raise InvalidInput("没有找到这个网格，请重新选择", grid_id="请选择您负责的网格")
    if not knowledge.is_service_offered:
        raise InvalidInput(
            "目前没有群团组织提供这项服务，请另选", service_code="请从服务菜单中选择一项服务"
        )
    if command.stated_on and command.stated_on > beijing_day(command.at):
        raise InvalidInput("诉求日期还没有到，请核对", stated_on="请填写今天或以前的日期")
    return [
        msg.RequestPlaced(
            request_id=command.request_id,
            grid_id=command.grid_id,
            area_ids=knowledge.area.path,
            service_code=command.service_code,
            urgency=command.urgency,
            beneficiary_category=command.beneficiary_category,
            particulars_id=command.particulars_id,
            placed_by=command.by.account_id,
            stated_on=command.stated_on,
        )
    ]


def _placed_before(command: msg.PlaceRequest, placed: msg.RequestPlaced) -> list[msg.RequestEvent]:
    """The same request arriving twice is not news; another one needs another number."""
    asked = command.said()
    if asked == placed.model_dump(include=set(asked)):
        return []
    raise NotAllowedNow(
        "这个事项编号已经用于另一件事项，请换一个编号重新点单", request_id="请使用新的编号"
    )


def _is_news(command: msg.RequestCommand, request: ServiceRequest) -> bool:
    """Whether the work order is still the request's own, and the request still waits for this."""
    if request.status not in RECORDED_WHEN[type(command)]:
        return False
    match command:
        case msg.RecordAssignment(work_order_id=order_id, staff_id=staff_id):
            is_new = f"account:{staff_id}" not in request.seen_by
            return order_id == request.work_order_id and is_new
        case (
            msg.RecordAcceptance(work_order_id=order_id)
            | msg.RecordReturn(work_order_id=order_id)
            | msg.CompleteRequest(work_order_id=order_id)
        ):
            return order_id == request.work_order_id
        case _:
            return True


def _placed(request: ServiceRequest) -> msg.RequestPlaced:
    if request.placed is None:
        raise NotFound("没有找到这件事项，请核对事项编号")
    return request.placed


def _refuse_unless_in_time(command: msg.RequestCommand, status: RequestStatus | None) -> None:
    statuses = WHEN.get(type(command))
    if status and statuses and status not in statuses:
        advice = ADVICE[type(command)]
        raise NotAllowedNow(f"这件事项现在是“{REQUEST_STATUS[status]}”状态，{advice}")


def _accepted(placed: msg.RequestPlaced) -> msg.RequestAccepted:
    return msg.RequestAccepted(
        request_id=placed.request_id,
        grid_id=placed.grid_id,
        area_ids=placed.area_ids,
        service_code=placed.service_code,
        urgency=placed.urgency,
        beneficiary_category=placed.beneficiary_category,
    )


def _expedited(request: ServiceRequest, id: str, at: datetime) -> msg.RequestExpedited:
    last = request.expedited_at
    if last and beijing_day(at) <= beijing_day(last):
        raise NotAllowedNow("今天已经催办过这件事项，请明天再催，或联系县中心调度员")
    times = request.times_expedited + 1
    return msg.RequestExpedited(request_id=id, times=times, expedited_at=at)


def _rated(command: msg.RateService, request: ServiceRequest) -> list[msg.RequestEvent]:
    """1 or 2 of 5 sends the same organisation again (重办); anything better closes the case."""
    id, score = command.request_id, command.score
    rated = msg.ServiceRated(request_id=id, score=score, note_id=command.note_id)
    if score > POOR_SCORE:
        return [rated, msg.RequestClosed(request_id=id)]
    same = request.organization_id
    again = msg.RequestReopened(request_id=id, organization_id=same, round=request.round + 1)
    return [rated, again]


def _refuse_a_former_organization(by: Actor, request: ServiceRequest) -> None:
    """Who returned the request may read its path, but has no reason to phone the resident."""
    if by.role in DOERS and by.organization_id != request.organization_id:
        raise NotYours("这件事项现在不由贵单位办理，不能查看联系方式；如需协助请联系县中心调度员")


def _seen_by(request: ServiceRequest, tag: str) -> ServiceRequest:
    if tag in request.seen_by:
        return request
    return replace(request, seen_by=(*request.seen_by, tag))


service_request = Decider("service_request", ServiceRequest(), decide, evolve, audience)
