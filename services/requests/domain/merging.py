"""并单: the same matter, asked by several. One case goes on, the others follow it; undone any time.

What happens on the two cases' streams is kept in step by the policy (services/requests/domain
/policy.py): a merged case is told on the main one, and ends when that one ends.
"""

from services.requests.domain.state import Knowledge, ServiceRequest
from shared.contracts import requests as msg
from shared.labels import REQUEST_STATUS
from shared.lifecycle import OPEN
from shared.rejection import InvalidInput, NotAllowedNow


def merged(
    command: msg.MergeRequest, request: ServiceRequest, knowledge: Knowledge
) -> list[msg.RequestEvent]:
    if command.into_id == command.request_id:
        raise InvalidInput("不能并入自己，请选择另一件事项", into_id="请填写另一件事项的编号")
    if knowledge.other_status is None:
        raise InvalidInput("没有找到要并入的事项，请核对", into_id="请填写另一件事项的编号")
    if knowledge.other_status not in OPEN:
        status = REQUEST_STATUS[knowledge.other_status]
        raise NotAllowedNow(f"要并入的事项现在是“{status}”状态，请选择仍在办理的事项")
    if request.joined_ids:
        raise NotAllowedNow("已有其他事项并入这件事项，请反过来并单，或先撤销那些并单")
    return [msg.RequestMerged(**command.said())]


def unmerged(command: msg.UnmergeRequest, request: ServiceRequest) -> list[msg.RequestEvent]:
    return [msg.RequestUnmerged(**command.said(), into_id=request.merged_into)]


def joined(command: msg.RecordJoining, request: ServiceRequest) -> list[msg.RequestEvent]:
    if request.placed is None or command.joined_id in request.joined_ids:
        return []  # news that is told already
    return [msg.RequestJoined(**command.said())]


def main_completed(
    command: msg.RecordMainCompletion, request: ServiceRequest
) -> list[msg.RequestEvent]:
    """Every asker is informed (domain.md), once for every time that the matter is done."""
    is_merged = request.status == "merged" and request.merged_into == command.into_id
    if not is_merged or (command.into_id, command.round) in request.informed_of:
        return []
    return [msg.MainRequestCompleted(**command.said())]


def left(command: msg.RecordLeaving, request: ServiceRequest) -> list[msg.RequestEvent]:
    if command.joined_id not in request.joined_ids:
        return []
    return [msg.RequestLeft(**command.said())]
