"""What can be asked of, and said about, one service request (点单)."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.contracts.message import Command, Event, Id

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

SendBackReason = Literal["address_missing", "contact_missing", "matter_unclear", "proof_missing"]
DeclineReason = Literal["out_of_scope", "duplicate", "already_solved", "in_litigation"]
WithdrawReason = Literal["solved_itself", "no_longer_wanted", "placed_by_mistake"]
RevealPurpose = Literal["contact_resident", "home_visit", "return_visit"]
Score = Literal[1, 2, 3, 4, 5]

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""A Beijing day, as `2026-11-22`."""

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
    """受理: the desk takes the request; matching finds the organisation."""

    request_id: Id


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


class ExpediteRequest(Command):
    """催办: by the asker, at most once a day (Beijing calendar day)."""

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


class RecordDispatch(Command):
    """Policy: dispatch has given the request to an organisation."""

    request_id: Id
    work_order_id: Id
    organization_id: Id


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
    """Policy: the organisation has returned the work order; the request waits for another."""

    request_id: Id
    work_order_id: Id
    organization_id: Id


class CompleteRequest(Command):
    """Policy: every work order is finished."""

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
    stated_on: Day | None = None


class RequestAccepted(Event):
    """Carries what matching needs, so dispatch asks nobody."""

    request_id: Id
    grid_id: Id
    area_ids: tuple[Id, ...]
    service_code: Id
    urgency: Urgency
    beneficiary_category: BeneficiaryCategory


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


class RequestReturned(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id


class RequestCompleted(Event):
    request_id: Id
    work_order_id: Id


class ServiceRated(Event):
    request_id: Id
    score: Score
    note_id: Id | None = None


class RequestReopened(Event):
    """重办 after a poor rating: the same case, another round, the same organisation."""

    request_id: Id
    organization_id: Id
    round: int = Field(ge=2)


class RequestClosed(Event):
    request_id: Id


class ContactRevealed(Event):
    request_id: Id
    purpose: RevealPurpose


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
    | RecordDispatch
    | RecordAcceptance
    | RecordAssignment
    | RecordReturn
    | CompleteRequest
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
    | RequestCompleted
    | ServiceRated
    | RequestReopened
    | RequestClosed
    | ContactRevealed
)
