"""Who is told what: a fact and what is known of its case in, notices out.

A notice is addressed to `account:<id>`, `org:<id>`, `desk:<area_id>` (who takes requests there),
`center`, `leaders` or `callers`. Nobody is told what he or she has just done.
"""

from collections.abc import Iterable
from datetime import datetime

from pydantic import Field

from shared.contracts import dispatch as work
from shared.contracts import requests as req
from shared.contracts.actor import Actor
from shared.contracts.notices import NoticeKind
from shared.event_log import Recorded
from shared.lifecycle import OPEN_ORDER, WorkOrderStatus
from shared.views import Row

CENTER = "center"
LEADERS = "leaders"
CALLERS = "callers"


class OrderKnown(Row):
    """One organisation's part in a case."""

    work_order_id: str
    organization_id: str
    status: WorkOrderStatus
    staff_ids: tuple[str, ...] = ()


class Known(Row):
    """What one has to know about a case to tell the right people."""

    placed_by: str
    area_ids: tuple[str, ...]
    orders: tuple[OrderKnown, ...] = ()

    def order(self, work_order_id: str | None) -> OrderKnown | None:
        return next((o for o in self.orders if o.work_order_id == work_order_id), None)

    def staff_of(self, work_order_id: str) -> tuple[str, ...]:
        order = self.order(work_order_id)
        return order.staff_ids if order else ()

    def with_order(self, work_order_id: str, **changes: object) -> "Known":
        orders = tuple(
            order.model_copy(update=changes) if order.work_order_id == work_order_id else order
            for order in self.orders
        )
        return self.model_copy(update={"orders": orders})


class Notice(Row):
    """One thing that somebody is told. `codes` are what its sentence is made of."""

    position: int
    at: datetime
    kind: NoticeKind
    to: tuple[str, ...]
    organization_id: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    due_at: datetime | None = None


def notices_for(fact: Recorded, known: Known) -> list[Notice]:
    """The notice that a fact makes, or none."""
    found = _of_the_request(fact, known) or _of_an_order(fact, known)
    if found is None:
        return []
    own = f"account:{fact.commit.by}"
    to = tuple(address for address in dict.fromkeys(found.to) if address != own)
    return [found.model_copy(update={"to": to})] if to else []


def addresses_of(actor: Actor) -> tuple[str, ...]:
    """Under which addresses somebody gets notices."""
    own = f"account:{actor.account_id}"
    match actor.role:
        case "organization_dispatcher":
            return (own, f"org:{actor.organization_id}")
        case "desk_clerk":
            return (own, *map(_desk, actor.area_ids))
        case "center_dispatcher":
            return (own, CENTER)
        case "leader":
            return (own, LEADERS)
        case "return_visit_caller":
            return (own, CALLERS)
        case "grid_worker" | "service_staff":
            return (own,)
        case "auditor" | "administrator" | "security_administrator" | "resident" | "system":
            return ()


def _of_the_request(fact: Recorded, known: Known) -> Notice | None:
    asker = (_account(known.placed_by),)
    desks = tuple(map(_desk, known.area_ids))
    match fact.event:
        case req.RequestPlaced(urgency=urgency):
            return _notice(fact, "new_request", desks, urgency=urgency)
        case req.RequestResubmitted():
            return _notice(fact, "resubmitted", desks)
        case req.RequestExpedited(times=times):
            told = [_org(o.organization_id) for o in known.orders if o.status in OPEN_ORDER]
            return _notice(fact, "expedited", told or desks, times=str(times))
        case req.RequestSentBack(reason=reason):
            return _notice(fact, "sent_back", asker, reason=reason)
        case req.RequestDeclined(reason=reason):
            return _notice(fact, "declined", asker, reason=reason)
        case req.RequestMerged():
            return _notice(fact, "merged", asker)
        case req.MainRequestCompleted():
            return _notice(fact, "main_completed", asker)
        case req.RequestCompleted():
            return _notice(fact, "please_rate", asker)
        case req.RequestReopened(cause=cause):
            return _notice(fact, "reopened", asker, cause=cause)
        case req.ReturnVisitAssigned(caller_id=caller):
            return _notice(fact, "visit_assigned", (_account(caller) if caller else CALLERS,))
        case _:
            return None


def _of_an_order(fact: Recorded, known: Known) -> Notice | None:
    match fact.event:
        case work.WorkOrderDispatched(part=part, chosen_by=chosen_by):
            return _to_organization(fact, "new_order", part=part, chosen_by=chosen_by)
        case work.StaffAssigned(staff_id=staff_id):
            return _notice(fact, "assigned", (_account(staff_id),))
        case work.AlarmRaised():
            return _alarm(fact, fact.event, known)
        case work.SupervisionOrdered():
            return _supervision(fact, fact.event)
        case work.DispatchLeftToCenter():
            return _notice(fact, "left_to_center", (CENTER,))
        case work.HelpAsked():
            return _notice(fact, "help_asked", (CENTER,))
        case work.WorkOrderReturned(reason=reason):
            return _notice(fact, "returned", (CENTER,), reason=reason)
        case work.ReturnRuled(work_order_id=id):
            order = known.order(id)
            return _notice(fact, "ruled", [_org(order.organization_id)] if order else ())
        case work.ExtensionAsked():
            return _notice(fact, "extension_asked", (CENTER,))
        case work.HoldAsked(reason=reason):
            return _notice(fact, "hold_asked", (CENTER,), reason=reason)
        case work.SupervisionAnswered():
            return _notice(fact, "supervision_answered", (CENTER,))
        case _:
            return _answer(fact)


def _answer(fact: Recorded) -> Notice | None:
    """What an organisation has been waiting for."""
    match fact.event:
        case work.ExtensionGranted():
            return _to_organization(fact, "extension_granted")
        case work.ExtensionRefused():
            return _to_organization(fact, "extension_refused")
        case work.HoldGranted():
            return _to_organization(fact, "hold_granted")
        case work.HoldRefused():
            return _to_organization(fact, "hold_refused")
        case work.WorkResumed(reason=reason):
            return _to_organization(fact, "resumed", reason=reason)
        case work.WorkOrderCancelled():
            return _to_organization(fact, "cancelled")
        case _:
            return None


def _alarm(fact: Recorded, event: work.AlarmRaised, known: Known) -> Notice:
    """The organisation and whoever goes there; red also the centre."""
    staff = map(_account, known.staff_of(event.work_order_id))
    above = (CENTER,) if event.level == "red" else ()
    to = (_org(event.organization_id), *staff, *above)
    told = _notice(fact, "alarm", to, limit=event.limit, level=event.level)
    return told.model_copy(update={"due_at": event.due_at})


def _supervision(fact: Recorded, event: work.SupervisionOrdered) -> Notice:
    above = {
        "organization_head": (),
        "center": (CENTER,),
        "committee_secretary": (CENTER, LEADERS),
    }
    to = (_org(event.organization_id), *above[event.level])
    told = _notice(fact, "supervised", to, level=event.level, cause=event.cause)
    return told.model_copy(update={"due_at": event.answer_by})


def _to_organization(fact: Recorded, kind: NoticeKind, **codes: str) -> Notice:
    return _notice(fact, kind, (_org(getattr(fact.event, "organization_id", "")),), **codes)


def _notice(fact: Recorded, kind: NoticeKind, to: Iterable[str], **codes: str) -> Notice:
    return Notice(
        position=fact.position,
        at=fact.commit.at,
        kind=kind,
        to=tuple(to),
        organization_id=getattr(fact.event, "organization_id", None),
        codes=codes,
    )


def _account(account_id: str) -> str:
    return f"account:{account_id}"


def _org(organization_id: str) -> str:
    return f"org:{organization_id}"


def _desk(area_id: str) -> str:
    return f"desk:{area_id}"
