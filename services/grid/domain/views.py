"""What grid shows: the tree of areas with their workers, and every request of a grid."""

from datetime import datetime

from shared.contracts import grid, requests
from shared.contracts.grid import AreaKind
from shared.event_log import Recorded
from shared.lifecycle import REQUEST_EVENTS, RequestStatus, is_about_a_request, status_after
from shared.views import Row, View


class AreaRow(Row):
    """One node of the tree; `path` is every area from the county down to this one."""

    area_id: str
    kind: AreaKind
    name: str
    parent_id: str | None
    path: tuple[str, ...]
    workers: tuple[str, ...] = ()


class TrackedRequest(Row):
    """Where one request of a grid stands; `audience` are the scope tags that may see it."""

    request_id: str
    grid_id: str
    status: RequestStatus
    audience: tuple[str, ...]
    placed_at: datetime
    updated_at: datetime


def _area_key(fact: Recorded) -> str | None:
    match fact.event:
        case (
            grid.AreaRegistered(area_id=id)
            | grid.AreaRemoved(area_id=id)
            | grid.AreaRenamed(area_id=id)
        ):
            return id
        case grid.GridWorkerAssigned(grid_id=id) | grid.GridWorkerRelieved(grid_id=id):
            return id
        case _:
            return None


def _area(row: AreaRow | None, fact: Recorded) -> AreaRow | None:
    match fact.event:
        case grid.AreaRegistered() as event:
            return AreaRow(**event.model_dump())
        case grid.AreaRemoved():
            return None
        case grid.AreaRenamed(name=name) if row:
            return row.model_copy(update={"name": name})
        case grid.GridWorkerAssigned(worker_id=worker) if row:
            return _with_workers(row, {*row.workers, worker})
        case grid.GridWorkerRelieved(worker_id=worker) if row:
            return _with_workers(row, {*row.workers} - {worker})
        case _:
            return row


def _with_workers(row: AreaRow, workers: set[str]) -> AreaRow:
    return row.model_copy(update={"workers": tuple(sorted(workers))})


areas = View(
    name="areas",
    version=3,
    row=AreaRow,
    handles=(
        grid.AreaRegistered,
        grid.AreaRemoved,
        grid.AreaRenamed,
        grid.GridWorkerAssigned,
        grid.GridWorkerRelieved,
    ),
    key=_area_key,
    project=_area,
    indexes=(("parent_id",), ("path",), ("workers",), ("kind",)),
)
"""Key: area_id."""


def _request_key(fact: Recorded) -> str | None:
    return fact.event.request_id if is_about_a_request(fact.event) else None


def _tracked(row: TrackedRequest | None, fact: Recorded) -> TrackedRequest | None:
    match fact.event:
        case requests.RequestPlaced(request_id=id, grid_id=grid_id):
            return TrackedRequest(
                request_id=id,
                grid_id=grid_id,
                status="placed",
                audience=fact.commit.audience,
                placed_at=fact.commit.at,
                updated_at=fact.commit.at,
            )
        case event if row and is_about_a_request(event):
            now = {
                "status": status_after(row.status, event),
                "audience": fact.commit.audience,
                "updated_at": fact.commit.at,
            }
            return row.model_copy(update=now)
        case _:
            return row


tracking = View(
    name="tracking",
    version=2,
    row=TrackedRequest,
    handles=REQUEST_EVENTS,
    key=_request_key,
    project=_tracked,
    indexes=(("grid_id", "updated_at"),),
)
"""Key: request_id."""
