"""What dispatch looks at before it decides: who offers what, who is busy, who works where."""

from datetime import datetime

from shared.contracts import accounts, dispatch
from shared.contracts.dispatch import OrganizationKind
from shared.contracts.message import Event
from shared.contracts.requests import BeneficiaryCategory
from shared.event_log import Recorded
from shared.views import Row, View


class MenuLine(Row):
    """One line of a service menu (see Offer); no category means for everybody."""

    service_code: str
    name: str
    area_ids: tuple[str, ...]
    beneficiary_categories: tuple[BeneficiaryCategory, ...] = ()


class CandidateRow(Row):
    """An organisation with its menu."""

    organization_id: str
    name: str
    kind: OrganizationKind
    offers: tuple[MenuLine, ...] = ()


class LoadRow(Row):
    """The open work orders of one organisation, sorted."""

    organization_id: str
    open_work_order_ids: tuple[str, ...]


class OutcomeRow(Row):
    """How an organisation's lead orders for one service ended."""

    organization_id: str
    service_code: str
    finished: int = 0
    solved: int = 0


class StaffRow(Row):
    """An account that works for an organisation."""

    account_id: str
    organization_id: str


def _candidate_key(fact: Recorded) -> str | None:
    match fact.event:
        case (
            dispatch.OrganizationRegistered(organization_id=id)
            | dispatch.OrganizationRenamed(organization_id=id)
            | dispatch.ServiceMenuSet(organization_id=id)
        ):
            return id
        case _:
            return None


def _candidate(row: CandidateRow | None, fact: Recorded) -> CandidateRow | None:
    match fact.event:
        case dispatch.OrganizationRegistered(organization_id=id, name=name, kind=kind):
            return CandidateRow(organization_id=id, name=name, kind=kind)
        case dispatch.OrganizationRenamed(name=name) if row:
            return row.model_copy(update={"name": name})
        case dispatch.ServiceMenuSet(offers=offers) if row:
            return row.model_copy(update={"offers": tuple(map(_menu_line, offers))})
        case _:
            return row


def _menu_line(offer: dispatch.Offer) -> MenuLine:
    return MenuLine(
        service_code=offer.service_code,
        name=offer.name,
        area_ids=offer.area_ids,
        beneficiary_categories=offer.beneficiary_categories,
    )


candidates = View(
    name="candidates",
    version=2,
    row=CandidateRow,
    handles=(
        dispatch.OrganizationRegistered,
        dispatch.OrganizationRenamed,
        dispatch.ServiceMenuSet,
    ),
    key=_candidate_key,
    project=_candidate,
)
"""Key: organization_id."""


_ENDS: tuple[type[Event], ...] = (
    dispatch.WorkOrderReturned,
    dispatch.WorkOrderCompleted,
    dispatch.WorkOrderCancelled,
    dispatch.WorkOrderExcused,
)


def _load_key(fact: Recorded) -> str | None:
    match fact.event:
        case (
            dispatch.WorkOrderDispatched(organization_id=id)
            | dispatch.WorkOrderReturned(organization_id=id)
            | dispatch.WorkOrderCompleted(organization_id=id)
            | dispatch.WorkOrderCancelled(organization_id=id)
            | dispatch.WorkOrderExcused(organization_id=id)
        ):
            return id
        case _:
            return None


def _load(row: LoadRow | None, fact: Recorded) -> LoadRow | None:
    open_ids = set(row.open_work_order_ids) if row else set()
    match fact.event:
        case dispatch.WorkOrderDispatched(organization_id=id, work_order_id=order):
            return LoadRow(
                organization_id=id, open_work_order_ids=tuple(sorted({*open_ids, order}))
            )
        case (
            dispatch.WorkOrderReturned(organization_id=id, work_order_id=order)
            | dispatch.WorkOrderCompleted(organization_id=id, work_order_id=order)
            | dispatch.WorkOrderCancelled(organization_id=id, work_order_id=order)
            | dispatch.WorkOrderExcused(organization_id=id, work_order_id=order)
        ):
            return LoadRow(
                organization_id=id, open_work_order_ids=tuple(sorted(open_ids - {order}))
            )
        case _:
            return row


loads = View(
    name="loads",
    version=2,
    row=LoadRow,
    handles=(dispatch.WorkOrderDispatched, *_ENDS),
    key=_load_key,
    project=_load,
)
"""Key: organization_id; an organisation without a row has no open order."""


def outcome_key(organization_id: str, service_code: str) -> str:
    """A slash, because ids may hold every other mark."""
    return f"{organization_id}/{service_code}"


def _outcome_key(fact: Recorded) -> str | None:
    match fact.event:
        case dispatch.WorkOrderCompleted(
            organization_id=id, part="lead", service_code=str() as service
        ):
            return outcome_key(id, service)
        case _:
            return None


def _outcome(row: OutcomeRow | None, fact: Recorded) -> OutcomeRow | None:
    match fact.event:
        case dispatch.WorkOrderCompleted(
            organization_id=id, service_code=str() as service, outcome=outcome
        ):
            so_far = row or OutcomeRow(organization_id=id, service_code=service)
            solved = so_far.solved + (outcome == "solved")
            return so_far.model_copy(update={"finished": so_far.finished + 1, "solved": solved})
        case _:
            return row


outcomes = View(
    name="outcomes",
    version=1,
    row=OutcomeRow,
    handles=(dispatch.WorkOrderCompleted,),
    key=_outcome_key,
    project=_outcome,
)
"""Key: organization_id/service_code; completions from before there were teams do not count."""


def _staff_key(fact: Recorded) -> str | None:
    match fact.event:
        case (
            accounts.AccountOpened(account_id=id)
            | accounts.ScopeChanged(account_id=id)
            | accounts.AccountDisabled(account_id=id)
        ):
            return id
        case _:
            return None


def _staff(row: StaffRow | None, fact: Recorded) -> StaffRow | None:
    """Whoever leaves the organisation, or whose account is disabled, is no longer its staff."""
    match fact.event:
        case (
            accounts.AccountOpened(account_id=id, organization_id=organization_id)
            | accounts.ScopeChanged(account_id=id, organization_id=organization_id)
        ):
            if organization_id is None:
                return None
            return StaffRow(account_id=id, organization_id=organization_id)
        case accounts.AccountDisabled():
            return None
        case _:
            return row


organization_staff = View(
    name="organization_staff",
    version=1,
    row=StaffRow,
    handles=(accounts.AccountOpened, accounts.ScopeChanged, accounts.AccountDisabled),
    key=_staff_key,
    project=_staff,
    indexes=(("organization_id",),),
)
"""Key: account_id."""


class ProvisionalRow(Row):
    """An open order whose deadlines reach into a year without a published calendar."""

    work_order_id: str
    request_id: str
    started_at: datetime
    complete_by: datetime


_SETS_DEADLINES = (
    dispatch.WorkOrderDispatched,
    dispatch.ExtensionGranted,
    dispatch.WorkResumed,
    dispatch.DeadlinesRecomputed,
)


def _provisional_key(fact: Recorded) -> str | None:
    order_id: str | None = getattr(fact.event, "work_order_id", None)
    return order_id


def _provisional(_row: ProvisionalRow | None, fact: Recorded) -> ProvisionalRow | None:
    event = fact.event
    if not isinstance(event, _SETS_DEADLINES):
        return None
    if event.deadlines is None or not event.deadlines.is_provisional:
        return None
    return ProvisionalRow(
        work_order_id=event.work_order_id,
        request_id=event.request_id,
        started_at=event.deadlines.started_at,
        complete_by=event.deadlines.complete.due_at,
    )


provisional_orders = View(
    name="provisional_orders",
    version=2,
    row=ProvisionalRow,
    handles=(*_SETS_DEADLINES, *_ENDS),
    key=_provisional_key,
    project=_provisional,
)
"""Key: work_order_id."""
