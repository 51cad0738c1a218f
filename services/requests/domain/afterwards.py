"""After completion: rating (评单), return visit (回访), reopening (重办), closing (归档)."""

from datetime import datetime, timedelta

from services.requests.domain.state import LAST_ATTEMPT, Knowledge, ServiceRequest, Visit
from shared.contracts import requests as msg
from shared.rejection import InvalidInput, NotAllowedNow, NotYours

POOR_SCORE = 2

Events = list[msg.RequestEvent]


def rated(command: msg.RateService, request: ServiceRequest) -> Events:
    """1 or 2 of 5 sends the same organisation again (重办).

    Anything better closes the case, unless somebody is still to ask the resident.
    """
    if request.is_rated:
        raise NotAllowedNow("这一轮已经评过单；如问题没有解决，请申请重办")
    id, score = command.request_id, command.score
    said = msg.ServiceRated(request_id=id, score=score, note_id=command.note_id)
    if score <= POOR_SCORE:
        return [said, _reopened(request, id, "poor_rating")]
    is_asked_again = request.visit is not None and request.visit.is_pending
    return [said] if is_asked_again else [said, msg.RequestClosed(request_id=id)]


def reopened(command: msg.ReopenRequest, request: ServiceRequest) -> Events:
    """By the asker, within the time to reopen; later a new request is the way."""
    if request.merged_into:
        raise NotAllowedNow("这件事项已并入另一件办理，请在那件事项上申请重办")
    if request.reopen_until and command.at > request.reopen_until:
        raise NotAllowedNow("已超过可以重办的期限，请重新点单")
    event = _reopened(request, command.request_id, "asker")
    return [event.model_copy(update={"reason": command.reason, "note_id": command.note_id})]


def visit_assigned(command: msg.AssignReturnVisit, request: ServiceRequest) -> Events:
    """Late wishes are dropped: the case has been reopened, or the visit is arranged already."""
    if request.status not in {"completed", "closed"} or request.visit:
        return []
    if command.round != request.round:
        return []
    return [msg.ReturnVisitAssigned(**command.said())]


def visited(
    command: msg.RecordReturnVisit, request: ServiceRequest, knowledge: Knowledge
) -> Events:
    """What the resident said decides: not solved reopens, solved closes a completed case."""
    if command.by.account_id in knowledge.worked_by:
        raise NotYours("您参与过这件事项的办理，不能由您回访，请由其他回访员回访")
    if request.merged_into:
        raise NotAllowedNow("这件事项已并入另一件办理，请回访那件事项")
    before = request.visit or Visit()
    if not before.is_pending:
        raise NotAllowedNow("这一轮已经回访过，不用再回访")
    _refuse_half_an_answer(command)
    recorded = msg.ReturnVisitRecorded(
        **command.said(), round=request.round, attempt=before.attempts + 1
    )
    return [recorded, *_what_the_visit_means(recorded, request)]


def _what_the_visit_means(visit: msg.ReturnVisitRecorded, request: ServiceRequest) -> Events:
    id = visit.request_id
    if visit.is_reached and not visit.is_solved:
        return [_reopened(request, id, "return_visit")]
    is_over = visit.is_reached or (request.is_rated and visit.attempt >= LAST_ATTEMPT)
    if is_over and request.status == "completed":
        return [msg.RequestClosed(request_id=id)]
    return []


def _refuse_half_an_answer(command: msg.RecordReturnVisit) -> None:
    answers = {
        "is_contacted": command.is_contacted,
        "is_solved": command.is_solved,
        "satisfaction": command.satisfaction,
    }
    if command.is_reached and (missing := [name for name, said in answers.items() if said is None]):
        fields = dict.fromkeys(missing, "请填写群众的回答")
        raise InvalidInput("接通后请填写是否联系、是否解决和满意度", **fields)
    if not command.is_reached and (
        said := [n for n, answer in answers.items() if answer is not None]
    ):
        raise InvalidInput("没有接通，不用填写群众的回答", **dict.fromkeys(said, "请留空"))


def _reopened(request: ServiceRequest, id: str, cause: msg.ReopenCause) -> msg.RequestReopened:
    same = request.organization_id
    return msg.RequestReopened(
        request_id=id, organization_id=same, round=request.round + 1, cause=cause
    )


def reopen_until(at: datetime, knowledge: Knowledge) -> datetime:
    """Natural days from completion, by the rules of that day."""
    return at + timedelta(days=knowledge.rules.reopen_days)
