"""What can be asked of, and said about, one service request (点单)."""

from typing import Literal

from pydantic import AwareDatetime, Field

from shared.contracts.message import Command, Event, Id
from shared.contracts.working_time import Day

Urgency = Literal["critical", "urgent", "normal", "complex", "consultation"]
"""特急 / 紧急 / 一般 / 复杂联办 / 咨询 (domain.md, time table)."""

BeneficiaryCategory = Literal[
    "resident",
    "disabled_person",
    "left_behind_woman",
    "worker_in_hardship",
    "child_in_difficulty",
    "league_member",
]

Part = Literal["lead", "supporting"]
"""牵头 / 配合."""

SendBackReason = Literal["address_missing", "contact_missing", "matter_unclear", "proof_missing"]
DeclineReason = Literal["out_of_scope", "duplicate", "already_solved", "in_litigation"]
WithdrawReason = Literal["solved_itself", "no_longer_wanted", "placed_by_mistake"]
RevealPurpose = Literal["contact_resident", "home_visit", "return_visit"]
Score = Literal[1, 2, 3, 4, 5]
Satisfaction = Literal["very_satisfied", "satisfied", "fairly_satisfied", "dissatisfied", "angry"]
"""满意度 in five grades: 非常满意 / 满意 / 基本满意 / 不满意 / 非常不满意."""

ReopenReason = Literal["not_solved", "came_back", "poor_service"]
ReopenCause = Literal["poor_rating", "asker", "return_visit"]
AttachmentKind = Literal["photo", "document"]
RemovalReason = Literal["wrong_file", "unclear", "not_this_case"]
UnmergeReason = Literal["different_matter", "main_ended"]

MAX_REQUEST_ID = 48
"""Characters: leaves room for ids made from it, as a work order's `<request_id>.<round>.1`."""


class PlaceRequest(Command):
    """Place a request (点单). `particulars_id` names the record that says who, where and what.

    `stated_on` is the day the resident came with it, when it was written down first and placed
    later (imports). It moves no deadline: clocks start at dispatch.
    """

    request_id: Id = Field(max_length=MAX_REQUEST_ID)
    grid_id: Id
    service_code: Id
    urgency: Urgency
    beneficiary_category: BeneficiaryCategory
    particulars_id: Id
    stated_on: Day | None = None


class AcceptRequest(Command):
    """受理: the desk takes the request; matching finds the organisation, or a person does
    (`is_dispatched_by_hand`), for example to send a team."""

    request_id: Id
    is_dispatched_by_hand: bool = False


class SendBackRequest(Command):
    """退回补充: something is missing and the asker can add it."""

    request_id: Id
    reason: SendBackReason
    note_id: Id | None = None


class ResubmitRequest(Command):
    """补充后重新提交: the asker has added what was missing."""

    request_id: Id
    note_id: Id


class DeclineRequest(Command):
    """不予受理."""

    request_id: Id
    reason: DeclineReason
    note_id: Id | None = None


class WithdrawRequest(Command):
    """撤单: by the asker, before completion."""

    request_id: Id
    reason: WithdrawReason
    note_id: Id | None = None


class MergeRequest(Command):
    """并单: the same matter as `into_id`, asked by somebody else."""

    request_id: Id
    into_id: Id


class UnmergeRequest(Command):
    """撤销并单: it goes its own way again, from triage on."""

    request_id: Id
    reason: UnmergeReason = "different_matter"


class RecordJoining(Command):
    """Policy: another request of the same matter has been merged into this one."""

    request_id: Id
    joined_id: Id


class RecordLeaving(Command):
    """Policy: a merged request goes its own way again."""

    request_id: Id
    joined_id: Id


class RecordMainCompletion(Command):
    """Policy: the case that this request was merged into has been completed, in this round."""

    request_id: Id
    into_id: Id
    round: int = Field(ge=1)


class ReopenRequest(Command):
    """重办: by the asker, within the time to reopen after completion. Same case number."""

    request_id: Id
    reason: ReopenReason
    note_id: Id | None = None


class AssignReturnVisit(Command):
    """Policy: this case is visited again, by `caller_id` (None: by whoever is free)."""

    request_id: Id
    round: int = Field(ge=1)
    caller_id: Id | None = None


class RecordReturnVisit(Command):
    """回访: what the resident said; without `is_reached` there is nothing to say.

    `is_contacted`: whether the organisation had been in touch (响应); `is_solved` (解决).
    """

    request_id: Id
    is_reached: bool
    is_contacted: bool | None = None
    is_solved: bool | None = None
    satisfaction: Satisfaction | None = None
    note_id: Id | None = None


class ExpediteRequest(Command):
    """催办: by the asker, at most once a working day."""

    request_id: Id


class RateService(Command):
    """评单: the asker rates for the resident; 1 or 2 reopens the request."""

    request_id: Id
    score: Score
    note_id: Id | None = None


class CloseRequest(Command):
    """归档: by the desk, the centre or the timer, once completed."""

    request_id: Id


class RevealContact(Command):
    """Look at the resident's name, phone and address in clear text, for a stated purpose."""

    request_id: Id
    purpose: RevealPurpose


class AddAttachment(Command):
    """A photo or document of the case, cleaned and kept before this is asked. `size` in bytes."""

    request_id: Id
    attachment_id: Id
    kind: AttachmentKind
    size: int = Field(gt=0)


class RemoveAttachment(Command):
    """A wrong or useless file is taken away and erased; that it was there stays known."""

    request_id: Id
    attachment_id: Id
    reason: RemovalReason


class RecordDispatch(Command):
    """Policy: dispatch has given the request, or a supporting part of it, to an organisation."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    part: Part = "lead"


class RecordAcceptance(Command):
    """Policy: the organisation has taken the work order."""

    request_id: Id
    work_order_id: Id
    organization_id: Id


class RecordAssignment(Command):
    """Policy: the organisation has named who goes, so that person may see the request."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    staff_id: Id


class RecordReturn(Command):
    """Policy: the organisation has returned the work order; a lead's waits for another."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    part: Part = "lead"


class RecordExcuse(Command):
    """Policy: a supporting organisation need not go on."""

    request_id: Id
    work_order_id: Id
    organization_id: Id


class RecordLeadChange(Command):
    """Policy: another of the organisations on it leads from now on."""

    request_id: Id
    work_order_id: Id
    organization_id: Id


class CompleteRequest(Command):
    """Policy: every work order is finished or excused."""

    request_id: Id
    work_order_id: Id


class RequestPlaced(Event):
    """`area_ids` is the path county → centre or station → village → grid at that time."""

    request_id: Id
    grid_id: Id
    area_ids: tuple[Id, ...]
    service_code: Id
    urgency: Urgency
    beneficiary_category: BeneficiaryCategory
    particulars_id: Id
    placed_by: Id
    rules_version: Id | None = None
    stated_on: Day | None = None


class RequestAccepted(Event):
    """Carries what matching needs, so dispatch asks nobody."""

    request_id: Id
    grid_id: Id
    area_ids: tuple[Id, ...]
    service_code: Id
    urgency: Urgency
    beneficiary_category: BeneficiaryCategory
    is_dispatched_by_hand: bool = False


class RequestSentBack(Event):
    request_id: Id
    reason: SendBackReason
    note_id: Id | None = None


class RequestResubmitted(Event):
    request_id: Id
    note_id: Id


class RequestDeclined(Event):
    request_id: Id
    reason: DeclineReason
    note_id: Id | None = None


class RequestWithdrawn(Event):
    request_id: Id
    reason: WithdrawReason
    note_id: Id | None = None


class RequestExpedited(Event):
    """The `times`-th 催办; `expedited_at` is what "once a day" is counted from."""

    request_id: Id
    times: int = Field(ge=1)
    expedited_at: AwareDatetime


class RequestDispatched(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    part: Part = "lead"


class RequestTakenUp(Event):
    """The organisation has accepted: somebody is on it."""

    request_id: Id
    work_order_id: Id
    organization_id: Id


class RequestAssigned(Event):
    """Somebody of the organisation goes there, and from now on sees the request."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    staff_id: Id


class RequestLeadChanged(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id


class RequestReturned(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    part: Part = "lead"


class RequestPartExcused(Event):
    """A supporting organisation is not on it any more."""

    request_id: Id
    work_order_id: Id
    organization_id: Id


class RequestCompleted(Event):
    request_id: Id
    work_order_id: Id
    reopen_until: AwareDatetime | None = None
    """None only in completions from before there were clocks."""


class ServiceRated(Event):
    request_id: Id
    score: Score
    note_id: Id | None = None


class RequestReopened(Event):
    """重办: the same case, another round, the same organisation."""

    request_id: Id
    organization_id: Id
    round: int = Field(ge=2)
    cause: ReopenCause = "poor_rating"
    reason: ReopenReason | None = None
    note_id: Id | None = None


class RequestMerged(Event):
    request_id: Id
    into_id: Id


class RequestUnmerged(Event):
    request_id: Id
    into_id: Id
    reason: UnmergeReason


class RequestJoined(Event):
    """Told on the main case: `joined_id` asks for the same."""

    request_id: Id
    joined_id: Id


class RequestLeft(Event):
    request_id: Id
    joined_id: Id


class MainRequestCompleted(Event):
    """Told on a merged request: what it asks for has been done on `into_id`, in this round."""

    request_id: Id
    into_id: Id
    round: int = Field(ge=1)


class ReturnVisitAssigned(Event):
    request_id: Id
    round: int = Field(ge=1)
    caller_id: Id | None


class ReturnVisitRecorded(Event):
    """`is_reached` makes a visit valid: the figures count valid ones."""

    request_id: Id
    round: int = Field(ge=1)
    attempt: int = Field(ge=1)
    is_reached: bool
    is_contacted: bool | None = None
    is_solved: bool | None = None
    satisfaction: Satisfaction | None = None
    note_id: Id | None = None


class RequestClosed(Event):
    request_id: Id


class ContactRevealed(Event):
    request_id: Id
    purpose: RevealPurpose


class AttachmentAdded(Event):
    """`added_by` (an account) may take it away again."""

    request_id: Id
    attachment_id: Id
    kind: AttachmentKind
    size: int = Field(gt=0)
    added_by: Id


class AttachmentRemoved(Event):
    request_id: Id
    attachment_id: Id
    reason: RemovalReason


RequestCommand = (
    PlaceRequest
    | AcceptRequest
    | SendBackRequest
    | ResubmitRequest
    | DeclineRequest
    | WithdrawRequest
    | ExpediteRequest
    | RateService
    | CloseRequest
    | RevealContact
    | AddAttachment
    | RemoveAttachment
    | RecordDispatch
    | RecordAcceptance
    | RecordAssignment
    | RecordReturn
    | RecordExcuse
    | RecordLeadChange
    | CompleteRequest
    | MergeRequest
    | UnmergeRequest
    | RecordJoining
    | RecordLeaving
    | RecordMainCompletion
    | ReopenRequest
    | AssignReturnVisit
    | RecordReturnVisit
)
RequestEvent = (
    RequestPlaced
    | RequestAccepted
    | RequestSentBack
    | RequestResubmitted
    | RequestDeclined
    | RequestWithdrawn
    | RequestExpedited
    | RequestDispatched
    | RequestTakenUp
    | RequestAssigned
    | RequestReturned
    | RequestPartExcused
    | RequestLeadChanged
    | RequestCompleted
    | ServiceRated
    | RequestReopened
    | RequestClosed
    | ContactRevealed
    | AttachmentAdded
    | AttachmentRemoved
    | RequestMerged
    | RequestUnmerged
    | RequestJoined
    | RequestLeft
    | MainRequestCompleted
    | ReturnVisitAssigned
    | ReturnVisitRecorded
)
