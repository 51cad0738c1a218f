"""One service request (点单), from placing to closing, and again when it was not solved."""

from collections.abc import Mapping
from datetime import date, datetime

from services.requests.domain import afterwards, attachments, merging
from services.requests.domain.state import Knowledge, ServiceRequest, audience, evolve
from shared.calendar import beijing_date, beijing_day
from shared.contracts import requests as msg
from shared.contracts.actor import Actor
from shared.contracts.message import Command
from shared.county_rules import working_time
from shared.decider import Decider
from shared.labels import REQUEST_STATUS
from shared.lifecycle import WHEN, RequestStatus
from shared.rejection import InvalidInput, NotAllowedNow, NotFound, NotYours

DOERS = frozenset({"organization_dispatcher", "service_staff"})

_WITH_AN_ORGANIZATION: frozenset[RequestStatus] = frozenset({"dispatched", "taken_up"})
_WITHOUT_ONE: frozenset[RequestStatus] = frozenset({"accepted", "returned", "reopened"})

ADVICE: Mapping[type[Command], str] = {
    msg.AcceptRequest: "只有待受理的事项可以受理，请刷新后查看最新进展",
    msg.SendBackRequest: "只有待受理的事项可以退回补充，请刷新后查看最新进展",
    msg.DeclineRequest: "只有待受理的事项可以不予受理，请刷新后查看最新进展",
    msg.ResubmitRequest: "只有退回补充的事项可以重新提交，请刷新后查看最新进展",
    msg.WithdrawRequest: "办结之前才能撤单；如不满意请评单，如需再办请重新点单",
    msg.ExpediteRequest: "只有正在办理的事项可以催办；如已退回补充，请先补充后重新提交",
    msg.RateService: "办结之后、归档之前才能评单，请刷新后查看最新进展",
    msg.CloseRequest: "只有已办结的事项可以归档，请等待办结",
    msg.MergeRequest: "只有待受理的事项可以并单；已经派单的请继续办理",
    msg.UnmergeRequest: "只有已并单的事项可以撤销并单，请刷新后查看最新进展",
    msg.ReopenRequest: "办结之后才能重办；正在办理的事项可以催办",
    msg.RecordReturnVisit: "办结之后才能回访，请刷新后查看最新进展",
    msg.RevealContact: "事项已经了结，不能再查看联系方式；确有需要请联系县中心调度员",
    msg.AddAttachment: "归档之后不能再上传附件；如需补充请联系县中心调度员",
    msg.RemoveAttachment: "办结之后附件不能删除；如有问题请联系县中心调度员",
}
"""What to do instead, when it is not the time (shared.lifecycle.WHEN)."""

RECORDED_WHEN: Mapping[type[Command], frozenset[RequestStatus]] = {
    msg.RecordDispatch: _WITHOUT_ONE | _WITH_AN_ORGANIZATION,
    msg.RecordAcceptance: frozenset({"dispatched"}),
    msg.RecordAssignment: _WITH_AN_ORGANIZATION,
    msg.RecordReturn: _WITH_AN_ORGANIZATION | {"returned"},
    msg.RecordExcuse: _WITH_AN_ORGANIZATION | {"returned"},
    msg.RecordLeadChange: _WITH_AN_ORGANIZATION | {"returned"},
    msg.CompleteRequest: _WITH_AN_ORGANIZATION,
}
"""When news of a work order still concerns the request; otherwise it is late, not news."""


def decide(
    command: msg.RequestCommand, request: ServiceRequest, knowledge: Knowledge
) -> list[msg.RequestEvent]:
    if isinstance(command, msg.PlaceRequest):
        return _place(command, request, knowledge)
    if isinstance(command, Recorded):
        return _recorded(command, request, knowledge)
    placed = _placed(request)
    if command.by.role == "system" and (wish := _as_main_goes(command, request)) is not None:
        return wish
    _refuse_unless_in_time(command, request.status)
    said = command.said()
    match command:
        case msg.AcceptRequest(is_dispatched_by_hand=by_hand):
            return [_accepted(placed, by_hand)]
        case msg.SendBackRequest():
            return [msg.RequestSentBack(**said)]
        case msg.ResubmitRequest():
            return [msg.RequestResubmitted(**said)]
        case msg.DeclineRequest():
            return [msg.RequestDeclined(**said)]
        case msg.WithdrawRequest():
            return [msg.RequestWithdrawn(**said)]
        case msg.MergeRequest():
            return merging.merged(command, request, knowledge)
        case msg.UnmergeRequest():
            return merging.unmerged(command, request)
        case msg.ExpediteRequest():
            return [_expedited(command, request, knowledge)]
        case msg.RateService():
            return afterwards.rated(command, request)
        case msg.ReopenRequest():
            return afterwards.reopened(command, request)
        case msg.RecordReturnVisit():
            return afterwards.visited(command, request, knowledge)
        case msg.CloseRequest():
            return [msg.RequestClosed(**said)]
        case msg.RevealContact(by=by):
            _refuse_a_former_organization(by, request)
            return [msg.ContactRevealed(**said)]
        case msg.AddAttachment():
            return attachments.added(command, request)
        case msg.RemoveAttachment():
            return attachments.removed(command, request, knowledge)


Recorded = (
    msg.RecordDispatch
    | msg.RecordAcceptance
    | msg.RecordAssignment
    | msg.RecordReturn
    | msg.RecordExcuse
    | msg.RecordLeadChange
    | msg.CompleteRequest
    | msg.RecordJoining
    | msg.RecordLeaving
    | msg.RecordMainCompletion
    | msg.AssignReturnVisit
)
"""What policies say: news of the work orders and of other requests. Late news is no news."""


def _recorded(
    command: Recorded, request: ServiceRequest, knowledge: Knowledge
) -> list[msg.RequestEvent]:
    if type(command) in RECORDED_WHEN and not _is_news(command, request):
        return []
    said = command.said()
    match command:
        case msg.RecordDispatch():
            return [msg.RequestDispatched(**said)]
        case msg.RecordAcceptance():
            return [msg.RequestTakenUp(**said)]
        case msg.RecordAssignment():
            return [msg.RequestAssigned(**said)]
        case msg.RecordReturn():
            return [msg.RequestReturned(**said)]
        case msg.RecordExcuse():
            return [msg.RequestPartExcused(**said)]
        case msg.RecordLeadChange():
            return [msg.RequestLeadChanged(**said)]
        case msg.CompleteRequest(at=at):
            until = afterwards.reopen_until(at, knowledge)
            return [msg.RequestCompleted(**said, reopen_until=until)]
        case msg.RecordJoining():
            return merging.joined(command, request)
        case msg.RecordLeaving():
            return merging.left(command, request)
        case msg.RecordMainCompletion():
            return merging.main_completed(command, request)
        case msg.AssignReturnVisit():
            return afterwards.visit_assigned(command, request)


def _as_main_goes(
    command: msg.RequestCommand, request: ServiceRequest
) -> list[msg.RequestEvent] | None:
    """A merged request ends with the main one, or goes its own way when that one cannot.

    Policies and timers are never refused: what is no longer so is dropped in silence.
    """
    match command:
        case msg.CloseRequest() if request.status == "merged":
            return [msg.RequestClosed(**command.said())]
        case msg.CloseRequest() if request.status != "completed":
            return []  # it was closed before its main case was reopened and closed again
        case msg.UnmergeRequest() if request.status != "merged":
            return []
        case _:
            return None


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
            rules_version=knowledge.rules.version,
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


def _is_news(command: Recorded, request: ServiceRequest) -> bool:
    """Whether the work order is still the request's own, and the request still waits for this."""
    if request.status not in RECORDED_WHEN[type(command)]:
        return False
    match command:
        case msg.RecordDispatch(work_order_id=order_id, part="supporting"):
            return order_id not in request.order_ids
        case msg.RecordDispatch():
            return request.status not in _WITH_AN_ORGANIZATION
        case msg.RecordAssignment(work_order_id=order_id, staff_id=staff_id):
            is_new = f"account:{staff_id}" not in request.seen_by
            return order_id in request.order_ids and is_new
        case msg.RecordLeadChange(work_order_id=order_id):
            return order_id != request.work_order_id
        case (
            msg.RecordReturn(work_order_id=order_id, part="supporting")
            | msg.RecordExcuse(work_order_id=order_id)
        ):
            return order_id in request.order_ids
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


def _accepted(placed: msg.RequestPlaced, by_hand: bool) -> msg.RequestAccepted:
    return msg.RequestAccepted(
        request_id=placed.request_id,
        grid_id=placed.grid_id,
        area_ids=placed.area_ids,
        service_code=placed.service_code,
        urgency=placed.urgency,
        beneficiary_category=placed.beneficiary_category,
        is_dispatched_by_hand=by_hand,
    )


def _expedited(
    command: msg.ExpediteRequest, request: ServiceRequest, knowledge: Knowledge
) -> msg.RequestExpedited:
    """催办, once a working day: what is urged on a Sunday counts for Monday."""
    last, calendar = request.expedited_at, working_time(knowledge.rules).calendar

    def counted(at: datetime) -> date:
        return calendar.same_or_next_working_day(beijing_date(at))

    if last and counted(command.at) <= counted(last):
        raise NotAllowedNow("这个工作日已经催办过，请下一个工作日再催，或联系县中心调度员")
    return msg.RequestExpedited(
        request_id=command.request_id,
        times=request.times_expedited + 1,
        expedited_at=command.at,
    )


def _refuse_a_former_organization(by: Actor, request: ServiceRequest) -> None:
    """Who returned the request may read its path, but has no reason to phone the resident."""
    if by.role in DOERS and by.organization_id not in request.organization_ids:
        raise NotYours("这件事项现在不由贵单位办理，不能查看联系方式；如需协助请联系县中心调度员")


service_request = Decider("service_request", ServiceRequest(), decide, evolve, audience)
