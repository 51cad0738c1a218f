"""Who and what the examples about work orders are about."""

from datetime import UTC, datetime, timedelta

from services.dispatch.domain.knowledge import Knowledge
from services.dispatch.domain.work_orders import work_orders
from shared.contracts import dispatch as msg
from shared.contracts.actor import SYSTEM, Actor
from shared.county_rules import DEFAULT_RULES
from shared.deadlines import deadlines_for
from shared.testing.spec import given_for

ALL = frozenset({"org-lead", "org-helper", "org-third"})
KNOWN = Knowledge(ALL, staff=frozenset({"staff-5"}))
given = given_for(work_orders, KNOWN)

NOON = datetime(2026, 5, 11, 4, tzinfo=UTC)
"""A Monday; the week has five working days."""

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOCKS = deadlines_for(DEFAULT_RULES, "normal", NOON)
MATTER = {
    "area_ids": ("county-1", "grid-03"),
    "service_code": "home-repair",
    "urgency": "normal",
    "beneficiary_category": "disabled_person",
}

clerk = Actor(account_id="clerk-3", role="desk_clerk", area_ids=("county-1",))
center = Actor(account_id="center-1", role="center_dispatcher")
leader = Actor(account_id="leader-1", role="leader")
system = SYSTEM


def dispatcher_of(organization_id: str) -> Actor:
    return Actor(
        account_id=f"{organization_id}-1",
        role="organization_dispatcher",
        organization_id=organization_id,
    )


lead, helper, third = map(dispatcher_of, ("org-lead", "org-helper", "org-third"))
LEAD = {"request_id": "R1", "work_order_id": "W1", "organization_id": "org-lead"}
HELPER = {"request_id": "R1", "work_order_id": "W1.1", "organization_id": "org-helper"}


def sent(order, part="lead", chosen_by="person", at=NOON, **more):
    clocks = deadlines_for(DEFAULT_RULES, "normal", at)
    said = {"part": part, "round": 1, "chosen_by": chosen_by, **MATTER, "deadlines": clocks}
    return msg.WorkOrderDispatched(**order, **said | more)


def asked(kind, by, order="W1", at=NOON, **fields):
    """A command about one order."""
    return kind(request_id="R1", work_order_id=order, at=at, by=by, **fields)


left_to_center = msg.DispatchLeftToCenter(request_id="R1", **MATTER)
lead_sent = sent(LEAD)
helper_sent = sent(HELPER, "supporting")
team = (left_to_center, lead_sent, helper_sent)

lead_accepted, helper_accepted = msg.WorkOrderAccepted(**LEAD), msg.WorkOrderAccepted(**HELPER)
lead_contacted = msg.FirstContactRecorded(**LEAD)
helper_contacted = msg.FirstContactRecorded(**HELPER)
team_at_work = (*team, lead_accepted, helper_accepted, lead_contacted, helper_contacted)
done = {"note_id": "N1", "service_code": MATTER["service_code"]}
lead_done = msg.WorkOrderCompleted(**LEAD, outcome="solved", **done)
helper_done = msg.WorkOrderCompleted(**HELPER, outcome="explained", part="supporting", **done)
lead_returned = msg.WorkOrderReturned(**LEAD, reason="outside_charter")
helper_returned = msg.WorkOrderReturned(**HELPER, reason="outside_area", part="supporting")
finished = msg.DeliveryFinished(**LEAD, round=1)
alone_at_work = (left_to_center, lead_sent, lead_accepted, lead_contacted)
