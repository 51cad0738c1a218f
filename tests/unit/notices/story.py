"""One case, told by its facts: what notices are made from."""

from datetime import UTC, datetime

from shared.contracts import dispatch, requests
from shared.contracts.message import Event
from shared.event_log import Recorded
from shared.testing.facts import NOON, recorded

PATH = ("county", "centre", "station-1", "village-7", "grid-03")
DUE = datetime(2026, 5, 3, 4, tzinfo=UTC)
ORDER = {"request_id": "R1", "work_order_id": "R1.1.1", "organization_id": "union"}
HELPING = {"request_id": "R1", "work_order_id": "R1.1.2", "organization_id": "red-cross"}

placed = requests.RequestPlaced(
    request_id="R1",
    grid_id="grid-03",
    area_ids=PATH,
    service_code="home-repair",
    urgency="normal",
    beneficiary_category="resident",
    particulars_id="P1",
    placed_by="worker-3",
)
sent_back = requests.RequestSentBack(request_id="R1", reason="address_missing")
accepted = requests.RequestAccepted(
    request_id="R1",
    grid_id="grid-03",
    area_ids=PATH,
    service_code="home-repair",
    urgency="normal",
    beneficiary_category="resident",
)
dispatched = dispatch.WorkOrderDispatched(**ORDER, part="lead", round=1, chosen_by="least_busy")
helping = dispatch.WorkOrderDispatched(
    **HELPING, part="supporting", round=1, chosen_by="lead_asked"
)
request_dispatched = requests.RequestDispatched(**ORDER)
taken_up = requests.RequestTakenUp(**ORDER)
assigned = dispatch.StaffAssigned(**ORDER, staff_id="staff-1")
returned = dispatch.WorkOrderReturned(**ORDER, reason="outside_area")
completed = requests.RequestCompleted(
    request_id="R1", work_order_id="R1.1.1", reopen_until=datetime(2026, 5, 16, 4, tzinfo=UTC)
)
rated = requests.ServiceRated(request_id="R1", score=5)
reopened = requests.RequestReopened(request_id="R1", organization_id="union", round=2)
closed = requests.RequestClosed(request_id="R1")


def alarm(level: str, order: dict[str, str] = ORDER) -> dispatch.AlarmRaised:
    return dispatch.AlarmRaised(**order, limit="complete", level=level, due_at=DUE)


def supervised(level: str) -> dispatch.SupervisionOrdered:
    return dispatch.SupervisionOrdered(
        **ORDER, supervision_id="S1", level=level, cause="ladder", answer_by=DUE
    )


def facts(*events: Event, by: str = "system") -> list[Recorded]:
    """The events as one log from position 1, each in a commit of its own."""
    told = [recorded(event, position, NOON) for position, event in enumerate(events, start=1)]
    return [fact._replace(commit=fact.commit._replace(by=by)) for fact in told]
