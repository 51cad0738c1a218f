"""What can be asked of, and said about, work orders (工单) and the organisations behind them."""

from typing import Literal

from pydantic import Field

from shared.contracts.message import Command, Event, Id, Message, Name
from shared.contracts.requests import BeneficiaryCategory, Urgency

Part = Literal["lead", "supporting"]
"""牵头 / 配合."""

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


class SetServiceMenu(Command):
    """Replaces the organisation's whole menu."""

    organization_id: Id
    offers: tuple[Offer, ...] = Field(max_length=200)


class OrganizationRegistered(Event):
    organization_id: Id
    name: Name
    kind: OrganizationKind


class ServiceMenuSet(Event):
    organization_id: Id
    offers: tuple[Offer, ...]


class Considered(Message):
    """One organisation that matching looked at, and which rule kept or dropped it."""

    organization_id: Id
    rule: Id
    is_kept: bool
    open_orders: int = Field(ge=0)


class DispatchWorkOrder(Command):
    """派单: by matching (`chosen_by` names the rule), or by a desk or the centre ("person")."""

    work_order_id: Id
    request_id: Id
    organization_id: Id
    part: Part = "lead"
    round: int = Field(default=1, ge=1)
    chosen_by: Id = "person"
    considered: tuple[Considered, ...] = ()
    area_ids: tuple[Id, ...] = ()
    service_code: Id | None = None
    urgency: Urgency | None = None
    note_id: Id | None = None


class LeaveToCenter(Command):
    """Policy: no organisation matches; a person has to choose."""

    request_id: Id
    area_ids: tuple[Id, ...]
    service_code: Id
    urgency: Urgency
    considered: tuple[Considered, ...] = ()


class AcceptWorkOrder(Command):
    """接单."""

    request_id: Id
    work_order_id: Id


class ReturnWorkOrder(Command):
    """退单, with a reason and, if known, who should do it instead."""

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
    """办结, with its outcome and the note that proves it."""

    request_id: Id
    work_order_id: Id
    outcome: Outcome
    note_id: Id


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
    note_id: Id | None = None


class DispatchLeftToCenter(Event):
    request_id: Id
    area_ids: tuple[Id, ...]
    service_code: Id
    urgency: Urgency
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
    """派送: a step of the service reached people."""

    request_id: Id
    work_order_id: Id
    organization_id: Id
    note_id: Id


class WorkOrderCompleted(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    outcome: Outcome
    note_id: Id


class WorkOrderCancelled(Event):
    request_id: Id
    work_order_id: Id
    organization_id: Id
    reason: CancelReason


class DispatchStopped(Event):
    """Nobody is sent for this request any more, by matching or by a person."""

    request_id: Id
    reason: CancelReason


OrganizationCommand = RegisterOrganization | SetServiceMenu
OrganizationEvent = OrganizationRegistered | ServiceMenuSet
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
)
