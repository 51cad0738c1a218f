"""The tree of areas, and the tracking of every request by grid."""

from datetime import timedelta

from services.grid.domain.views import AreaRow, TrackedRequest, areas, tracking
from shared.contracts import grid, requests
from shared.testing.facts import NOON, log_of, recorded
from shared.views import rebuild

PATH = ("county-1", "village-7", "grid-03")
registered = grid.AreaRegistered(
    area_id="grid-03", kind="grid", name="三网格", parent_id="village-7", path=PATH
)
assigned, assigned_too = (
    grid.GridWorkerAssigned(grid_id="grid-03", worker_id=w) for w in ("worker-2", "worker-1")
)
relieved = grid.GridWorkerRelieved(grid_id="grid-03", worker_id="worker-2")
placed = requests.RequestPlaced(
    request_id="R1",
    grid_id="grid-03",
    area_ids=PATH,
    service_code="home-repair",
    urgency="normal",
    beneficiary_category="resident",
    particulars_id="P1",
    placed_by="worker-1",
)
sent_back = requests.RequestSentBack(request_id="R1", reason="matter_unclear")
expedited = requests.RequestExpedited(request_id="R1", times=1, expedited_at=NOON)


def node(*workers):
    return AreaRow(
        area_id="grid-03",
        kind="grid",
        name="三网格",
        parent_id="village-7",
        path=PATH,
        workers=workers,
    )


def test_a_node_knows_its_path_and_its_workers():
    assert rebuild(areas, log_of(registered)) == {"grid-03": node()}
    everybody = rebuild(areas, log_of(registered, assigned, assigned_too))
    assert everybody == {"grid-03": node("worker-1", "worker-2")}


def test_whoever_is_relieved_is_gone():
    left = rebuild(areas, log_of(registered, assigned, assigned_too, relieved))
    assert left == {"grid-03": node("worker-1")}


def test_a_removed_area_is_gone_until_it_is_registered_again():
    removed = grid.AreaRemoved(area_id="grid-03")
    assert rebuild(areas, log_of(registered, assigned, relieved, removed)) == {}
    assert rebuild(areas, log_of(registered, removed, registered)) == {"grid-03": node()}


def test_the_same_fact_twice_changes_nothing():
    assert rebuild(areas, log_of(registered, assigned, assigned)) == {"grid-03": node("worker-2")}


def test_a_request_is_tracked_from_its_placing():
    later = NOON + timedelta(hours=1)
    facts = [
        recorded(placed, 1, audience=("area:grid-03",)),
        recorded(sent_back, 2, later, ("area:grid-03", "org:org-red")),
    ]
    assert rebuild(tracking, facts) == {
        "R1": TrackedRequest(
            request_id="R1",
            grid_id="grid-03",
            status="sent_back",
            audience=("area:grid-03", "org:org-red"),
            placed_at=NOON,
            updated_at=later,
        )
    }


def test_hurrying_changes_the_time_but_not_the_status():
    later = NOON + timedelta(hours=1)
    row = rebuild(tracking, [recorded(placed), recorded(expedited, 2, later)])["R1"]
    assert (row.status, row.updated_at) == ("placed", later)


def test_a_renamed_area_keeps_its_workers():
    renamed = grid.AreaRenamed(area_id="grid-03", name="东湖网格")
    row = rebuild(areas, log_of(registered, assigned, renamed))["grid-03"]
    assert (row.name, row.workers) == ("东湖网格", ("worker-2",))
