"""网格: the 1+4+N tree, grid workers and their grids, and the tracking of requests by grid."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial, reduce
from typing import Any

from services.grid.domain import views
from services.grid.domain.area import Area, Knowledge, area
from shared.access import scope_of, sees
from shared.adapters.nameko_dependencies import Log, Progress, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.contracts.actor import Actor
from shared.contracts.grid import (
    AreaRegistered,
    AreaRemoved,
    GridCommand,
    GridEvent,
    RegisterArea,
    RemoveArea,
    RenameArea,
)
from shared.contracts.requests import RequestPlaced
from shared.event_log import Recorded
from shared.handling import Instruction, from_wire, handle, rehearse
from shared.rejection import NotFound
from shared.serving import answer, verdict
from shared.views import AnyView

MANAGES_THE_TREE = frozenset({"administrator"})
MOST_ROWS = 500


class GridService:
    name = "grid"

    log = Log()
    areas_known = Rows(views.areas, "grid")
    tracked = Rows(views.tracking, "grid")
    progress = Progress("grid")

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        asked = from_wire(**message)
        command: GridCommand = asked.command  # type: ignore[assignment]  # routed by context
        known = self._knowledge(command)
        return answer(handle(self.log, area, _area_id(command), asked, known))

    @rpc
    def rehearse(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What each command would be answered after the ones before it; nothing is written."""
        so_far: dict[str, Area] = {}
        return [
            verdict(partial(self._rehearse, from_wire(**message), so_far)) for message in messages
        ]

    @rpc
    def areas(self, by: dict[str, Any]) -> list[dict[str, Any]]:
        """The areas in the viewer's scope, with everything above and below them."""
        actor = Actor.model_validate(by)
        rows = sorted(self.areas_known.all().values(), key=lambda row: row.area_id)
        scope = scope_of(actor)
        if scope is None or actor.role in MANAGES_THE_TREE:
            return [row.model_dump(mode="json") for row in rows]
        own = {tag.removeprefix("area:") for tag in scope}
        above = {id for row in rows if row.area_id in own for id in row.path}
        return [
            row.model_dump(mode="json")
            for row in rows
            if row.area_id in above or not own.isdisjoint(row.path)
        ]

    @rpc
    def tracking(self, by: dict[str, Any], grid_id: str) -> list[dict[str, Any]]:
        """The requests of one grid that the viewer may see, the latest change first."""
        actor = Actor.model_validate(by)
        grid = self.areas_known.get(grid_id)
        is_own = grid is not None and sees(actor, tuple(f"area:{id}" for id in grid.path))
        scope = scope_of(actor)
        mine = {} if scope is None else {"audience": {"$in": list(scope)}}
        rows = self.tracked.find(
            {"grid_id": grid_id, **mine}, sort=[("updated_at", -1)], limit=MOST_ROWS
        )
        if not rows and not is_own:
            raise NotFound("没有找到这个网格，或者它不在您的工作范围内")
        return [row.model_dump(mode="json") for row in rows]

    @projection(views.areas, "grid")
    def fold_areas(self, facts: list[Recorded]) -> None:
        self.areas_known.fold(facts)

    @projection(views.tracking, "grid")
    def fold_tracking(self, facts: list[Recorded]) -> None:
        self.tracked.fold(facts)

    def _rehearse(self, asked: Instruction, so_far: dict[str, Area]) -> tuple[GridEvent, ...]:
        """`so_far` holds every area met, as it would stand by now."""
        command: GridCommand = asked.command  # type: ignore[assignment]  # routed by context
        id = _area_id(command)
        before = so_far.get(id) or self._stands(id)
        known = _as_far_as(so_far, self._knowledge(command, so_far))
        events = rehearse(area, asked, before, before != Area(), known)
        so_far[id] = reduce(area.evolve, events, before)
        return events

    def _knowledge(self, command: GridCommand, so_far: dict[str, Area] | None = None) -> Knowledge:
        """The parent as its own stream tells, so a child may follow at once."""
        match command:
            case RegisterArea(parent_id=None):
                return Knowledge(Area(), self._county_id())
            case RegisterArea(parent_id=str(parent_id)):
                parent = (so_far or {}).get(parent_id) or self._stands(parent_id)
                return Knowledge(parent)
            case RemoveArea(area_id=id):
                return Knowledge(
                    has_children=self._has_children(id), has_requests=self._has_requests(id)
                )
            case _:
                return Knowledge()

    def _stands(self, area_id: str) -> Area:
        history = self.log.read_stream(f"{area.category}-{area_id}")
        return area.replay(fact.event for fact in history)

    def _county_id(self) -> str | None:
        counties = self.areas_known.find({"kind": "county"}, limit=1)
        return counties[0].area_id if counties else None

    def _has_children(self, area_id: str) -> bool:
        """By the view and by what the log has beyond it, so nothing said before is missed."""
        children = {row.area_id for row in self.areas_known.find({"parent_id": area_id})}
        for fact in self._beyond(views.areas):
            match fact.event:
                case AreaRegistered(area_id=id, parent_id=parent) if parent == area_id:
                    children.add(id)
                case AreaRemoved(area_id=id):
                    children.discard(id)
                case _:
                    continue
        return bool(children)

    def _has_requests(self, area_id: str) -> bool:
        if self.tracked.find({"grid_id": area_id}, limit=1):
            return True
        placed = (f.event for f in self._beyond(views.tracking))
        return any(isinstance(e, RequestPlaced) and e.grid_id == area_id for e in placed)

    def _beyond(self, view: AnyView) -> Iterator[Recorded]:
        """What the log has and the view may not have yet."""
        at = self.progress.of(view)
        while True:
            facts, reached = self.log.read_after(at, types=view.types)
            yield from facts
            if reached == at:
                return
            at = reached


def _area_id(command: GridCommand) -> str:
    if isinstance(command, RegisterArea | RemoveArea | RenameArea):
        return command.area_id
    return command.grid_id


def _as_far_as(so_far: dict[str, Area], known: Knowledge) -> Knowledge:
    """There is one county, also among those that are only rehearsed."""
    kinds = {a.registered.kind: id for id, a in so_far.items() if a.registered}
    return replace(known, county_id=known.county_id or kinds.get("county"))
