"""网格: the 1+4+N tree, grid workers and their grids, and the tracking of requests by grid."""

from typing import Any

from services.grid.domain import views
from services.grid.domain.area import Area, Knowledge, area
from shared.access import scope_of, sees
from shared.adapters.nameko_dependencies import Log, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.contracts.actor import Actor
from shared.contracts.grid import GridCommand, RegisterArea
from shared.event_log import Recorded
from shared.handling import from_wire, handle
from shared.rejection import NotFound
from shared.serving import answer

MANAGES_THE_TREE = frozenset({"administrator"})
MOST_ROWS = 500


class GridService:
    name = "grid"

    log = Log()
    areas_known = Rows(views.areas, "grid")
    tracked = Rows(views.tracking, "grid")

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        asked = from_wire(**message)
        command: GridCommand = asked.command  # type: ignore[assignment]  # routed by context
        if isinstance(command, RegisterArea):
            known = self._knowledge(command)
            return answer(handle(self.log, area, command.area_id, asked, known))
        return answer(handle(self.log, area, command.grid_id, asked, Knowledge()))

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

    def _knowledge(self, command: RegisterArea) -> Knowledge:
        """The parent as its own stream tells, so a child may follow at once."""
        counties = self.areas_known.find({"kind": "county"}, limit=1)
        county_id = counties[0].area_id if counties else None
        if command.parent_id is None:
            return Knowledge(Area(), county_id)
        history = self.log.read_stream(f"{area.category}-{command.parent_id}")
        return Knowledge(area.replay(fact.event for fact in history), county_id)
