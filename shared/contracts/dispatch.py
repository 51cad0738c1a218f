"""What can be asked of, and said about, work orders (工单) and the organisations behind them."""

from typing import Literal

from pydantic import AwareDatetime, Field

from shared.contracts.deadlines import AlarmLevel, Deadlines, LimitKind, SupervisionLevel
from shared.contracts.message import Command, Event, Id, Message, Name
from shared.contracts.requests import BeneficiaryCategory, Part, Urgency
from shared.contracts.working_time import Limit

OrganizationKind = Literal[
    "trade_union",
    "youth_league",
    "womens_federation",
    "science_association",
    "disabled_federation",
    "red_cross",
    "literary_federation",
    "overseas_chinese_federation",
    "commerce_federation",
    "family_planning_association",
]

ReturnReason = Literal["outside_charter", "outside_area", "other_owner", "duplicate"]
Outcome = Literal["solved", "explained", "referred", "impossible", "withdrawn"]
"""办理结果: 已解决 / 已解释 / 已转办 / 客观上无法办理 / 群众撤回."""

CancelReason = Literal["request_withdrawn"]
ExcuseReason = Literal["not_needed", "done_by_others", "cannot_take_part"]
"""Why a supporting organisation need not go on (免除配合)."""

HoldReason = Literal["waiting_for_material", "waiting_for_season", "resident_away", "in_procedure"]
ResumeReason = Literal["ready", "review_due"]
SupervisionCause = Literal["person", "ladder"]
EvidenceKind = Literal["photo", "note", "document"]

MAX_SUPPORTING = 9
"""Organisations beside the lead: the county has ten."""


class Offer(Message):
    """One line of a service menu (服务菜单): what, where ('area' covers everything below it)."""

    service_code: Id
    name: Name
    """What the service is called on screens; the same for every organisation that offers it."""
    area_ids: tuple[Id, ...]
    beneficiary_categories: tuple[BeneficiaryCategory, ...] = ()
    """Empty: for everybody."""


class RegisterOrganization(Command):
    organization_id: Id
    name: Name
    kind: OrganizationKind


class RenameOrganization(Command):
    """Same organisation, another name."""

    organization_id: Id
    name: Name


class SetServiceMenu(Command):
    """Replaces the organisation's whole menu."""

    organization_id: Id
    offers: tuple[Offer, ...] = Field(max_length=200)


class OrganizationRegistered(Event):
    organization_id: Id
    name: Name
    kind: OrganizationKind


class OrganizationRenamed(Event):
    organization_id: Id
    name: Name


class ServiceMenuSet(Event):
    organization_id: Id
    offers: tuple[Offer, ...]


class Considered(Message):
    """One organisation that matching looked at, and which rule kept or dropped it.

    `finished` and `solved` are its past orders of this service, where the rules compare them.
    """

    organization_id: Id
    rule: Id
    is_kept: bool
    open_orders: int = Field(ge=0)
    finished: int | None = Field(default=None, ge=0)
    solved: int | None = Field(default=None, ge=0)


class Evidence(Message):
    """One proof of an outcome; `evidence_id` names the record that holds it."""

    kind: EvidenceKind
    evidence_id: Id


class DispatchWorkOrder(Command):
    """派单: by matching (`chosen_by` names the rule), or by a desk or the centre ("person").

    To a lead with `supporting_ids` at once (组团式), or to one more supporting organisation.
    """

    work_order_id: Id
    request_id: Id
    organization_id: Id
    supporting_ids: tuple[Id, ...] = Field(default=(), max_length=MAX_SUPPORTING)
    part: Part = "lead"
    round: int = Field(default=1, ge=1)
    chosen_by: Id = "person"
    considered: tuple[Considered, ...] = ()
    area_ids: tuple[Id, ...] = ()
    service_code: Id | None = None
    urgency: Urgency | None = None
    beneficiary_category: BeneficiaryCategory | None = None
    note_id: Id | None = None


class LeaveToCenter(Command):
    """Policy: no organisation matches; a person has to choose."""

    request_id: Id
    area_ids: tuple[Id, ...]
    service_code: Id
    urgency: Urgency
    beneficiary_category: BeneficiaryCategory | None = None
    considered: tuple[Considered, ...] = ()


class AcceptWorkOrder(Command):
    """接单."""

    request_id: Id
    work_order_id: Id


class AskForHelp(Command):
    """联动: the lead asks another organisation to support it, while working."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    note_id: Id | None = None


class ReturnWorkOrder(Command):
    """退单, once per organisation and within a working day, with a reason and, if known, who
    should do it instead."""

    request_id: Id
    work_order_id: Id
    reason: ReturnReason
    proposed_organization_id: Id | None = None
    note_id: Id | None = None


class AssignStaff(Command):
    """指派: the organisation's dispatcher gives the order to one of its staff or volunteers."""

    request_id: Id
    work_order_id: Id
    staff_id: Id


class RecordFirstContact(Command):
    """首次联系: somebody has spoken with the resident."""

    request_id: Id
    work_order_id: Id
    note_id: Id | None = None


class RecordProgress(Command):
    """办理进展 (派送过程)."""

    request_id: Id
    work_order_id: Id
    note_id: Id


class CompleteWorkOrder(Command):
    """办结, with its outcome and what proves it: a note always, more if the county's rules ask."""

    request_id: Id
    work_order_id: Id
    outcome: Outcome
    note_id: Id
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=20)


class RuleOnReturn(Command):
    """改派裁定 on a returned order: who does it now, finally (首接负责).

    Nobody (`organization_id` None) only where a supporting part turns out not to be needed.
    """

    request_id: Id
    work_order_id: Id
    organization_id: Id | None = None
    note_id: Id | None = None


class ChangeLead(Command):
    """变更牵头: the holder of an open supporting order leads from now on."""

    request_id: Id
    work_order_id: Id
    note_id: Id | None = None


class ExcuseWorkOrder(Command):
    """免除配合: an open supporting part is not needed any more."""

    request_id: Id
    work_order_id: Id
    reason: ExcuseReason
    note_id: Id | None = None


class AskExtension(Command):
    """申请延期 before expiry; `extra` in the unit of the limit it extends."""

    request_id: Id
    work_order_id: Id
    extra: Limit
    note_id: Id


class GrantExtension(Command):
    """批准延期: at most twice, together no longer than the original limit."""

    request_id: Id
    work_order_id: Id


class RefuseExtension(Command):
    request_id: Id
    work_order_id: Id
    note_id: Id


class AskHold(Command):
    """申请挂起, with a reason and the day on which it is looked at again."""

    request_id: Id
    work_order_id: Id
    reason: HoldReason
    review_at: AwareDatetime
    note_id: Id


class GrantHold(Command):
    request_id: Id
    work_order_id: Id


class RefuseHold(Command):
    request_id: Id
    work_order_id: Id
    note_id: Id


class ResumeWork(Command):
    """恢复办理: by the organisation or the centre, or by the timer on the review day."""

    request_id: Id
    work_order_id: Id
    reason: ResumeReason = "ready"


class OrderSupervision(Command):
    """督办 an open order: by a leader or the centre, or by the ladder once it is overdue."""

    request_id: Id
    work_order_id: Id
    level: SupervisionLevel
    cause: SupervisionCause = "person"
    note_id: Id | None = None


class AnswerSupervision(Command):
    """督办回复: what the organisation owes to a 督办."""

    request_id: Id
    work_order_id: Id
    supervision_id: Id
    note_id: Id


class RaiseAlarm(Command):
    """Timer: a share of a limit has passed, or all of it. `due_at` names the limit it was about.

    `supervision_id`: the 督办 to which an answer is owed; None for every other limit.
    """

    request_id: Id
    work_order_id: Id
    limit: LimitKind
    level: AlarmLevel
    due_at: AwareDatetime
    supervision_id: Id | None = None


class RecomputeDeadlines(Command):
    """Policy: the calendar that provisional deadlines waited for has arrived."""

    request_id: Id


class CancelWorkOrders(Command):
    """Policy: the request was withdrawn, so nobody needs to go any more."""

    request_id: Id
    reason: CancelReason


class WorkOrderDispatched(Event):
    work_order_id: Id
    request_id: Id
    organization_id: Id
    part: Part
    round: int
    chosen_by: Id
    considered: tuple[Considered, ...] = ()
    area_ids: tuple[Id, ...] = ()
    service_code: Id | None = None
    urgency: Urgency | None = None
    beneficiary_category: BeneficiaryCategory | None = None
    deadlines: Deadlines | None = None
    """None only in orders from before there were clocks."""
    note_id: Id | None = None


class DispatchLeftToCenter(Event):
    request_id: Id
    area_ids: tuple[Id, ...]
    service_code: Id
    urgency: Urgency
    beneficiary_category: BeneficiaryCategory | None = None
    considered: tuple[Considered, ...] = ()


class WorkOrderAccepted(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id


class WorkOrderReturned(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    reason: ReturnReason
    proposed_organization_id: Id | None = None
    note_id: Id | None = None
    part: Part = "lead"


class HelpAsked(Event):
    """The lead asked `asked_id` to support it; a supporting order follows."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    asked_id: Id
    note_id: Id | None = None


class ReturnRuled(Event):
    """改派裁定: `organization_id` does it and cannot return it; None: the part is not needed."""

    request_id: Id
    work_order_id: Id
    organization_id: Id | None
    note_id: Id | None = None


class LeadChanged(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    former_work_order_id: Id
    former_organization_id: Id
    note_id: Id | None = None


class StaffAssigned(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    staff_id: Id


class FirstContactRecorded(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    note_id: Id | None = None


class ServiceDelivered(Event):
    """派送: a step of the service reached people; it is also the stage report that was owed."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    note_id: Id
    report_by: AwareDatetime | None = None
    """Until when the next stage report is owed, if one is."""


class WorkOrderCompleted(Event):
    """`part` as it was in the end, and what was asked for: what past outcomes are counted by."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    outcome: Outcome
    note_id: Id
    evidence: tuple[Evidence, ...] = ()
    part: Part = "lead"
    service_code: Id | None = None


class WorkOrderExcused(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    reason: ExcuseReason
    note_id: Id | None = None


class DeliveryFinished(Event):
    """Every work order of this round is finished or excused."""

    request_id: Id
    work_order_id: Id
    """The lead's."""
    organization_id: Id
    round: int = Field(ge=1)


class ExtensionAsked(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    extra: Limit
    note_id: Id


class ExtensionGranted(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    extra: Limit
    deadlines: Deadlines


class ExtensionRefused(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    note_id: Id


class HoldAsked(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    reason: HoldReason
    review_at: AwareDatetime
    note_id: Id


class HoldGranted(Event):
    """The clocks of this order stand still from `held_at` on."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    reason: HoldReason
    held_at: AwareDatetime
    review_at: AwareDatetime


class HoldRefused(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    note_id: Id


class WorkResumed(Event):
    """The clocks go on; `deadlines` have been given the held time back."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    reason: ResumeReason
    held_at: AwareDatetime
    resumed_at: AwareDatetime
    deadlines: Deadlines | None


class SupervisionOrdered(Event):
    """An answer is owed by `answer_by`."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    supervision_id: Id
    level: SupervisionLevel
    cause: SupervisionCause
    answer_by: AwareDatetime
    note_id: Id | None = None


class SupervisionAnswered(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    supervision_id: Id
    note_id: Id


class AlarmRaised(Event):
    """黄 / 橙 / 红: how much of a limit has passed without the step it waits for."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    limit: LimitKind
    level: AlarmLevel
    due_at: AwareDatetime
    supervision_id: Id | None = None
    """The 督办 whose answer is late."""


class DeadlinesRecomputed(Event):
    """What was provisional is computed anew with the published calendar."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    deadlines: Deadlines


class WorkOrderCancelled(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    reason: CancelReason


class DispatchStopped(Event):
    """Nobody is sent for this request any more, by matching or by a person."""

    request_id: Id
    reason: CancelReason


OrganizationCommand = RegisterOrganization | RenameOrganization | SetServiceMenu
OrganizationEvent = OrganizationRegistered | OrganizationRenamed | ServiceMenuSet
WorkOrderCommand = (
    DispatchWorkOrder
    | LeaveToCenter
    | AcceptWorkOrder
    | ReturnWorkOrder
    | AssignStaff
    | RecordFirstContact
    | RecordProgress
    | CompleteWorkOrder
    | CancelWorkOrders
    | AskForHelp
    | RuleOnReturn
    | ChangeLead
    | ExcuseWorkOrder
    | AskExtension
    | GrantExtension
    | RefuseExtension
    | AskHold
    | GrantHold
    | RefuseHold
    | ResumeWork
    | OrderSupervision
    | AnswerSupervision
    | RaiseAlarm
    | RecomputeDeadlines
)
WorkOrderEvent = (
    WorkOrderDispatched
    | DispatchLeftToCenter
    | WorkOrderAccepted
    | WorkOrderReturned
    | StaffAssigned
    | FirstContactRecorded
    | ServiceDelivered
    | WorkOrderCompleted
    | WorkOrderCancelled
    | DispatchStopped
    | HelpAsked
    | ReturnRuled
    | LeadChanged
    | WorkOrderExcused
    | DeliveryFinished
    | ExtensionAsked
    | ExtensionGranted
    | ExtensionRefused
    | HoldAsked
    | HoldGranted
    | HoldRefused
    | WorkResumed
    | SupervisionOrdered
    | SupervisionAnswered
    | AlarmRaised
    | DeadlinesRecomputed
)
