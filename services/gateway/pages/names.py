"""What areas, organisations and services are called, remembered for a few seconds per process."""

import time
from dataclasses import dataclass, field
from typing import Any

from services.gateway.edge import Edge
from shared.access import scope_of
from shared.contracts.actor import Actor
from shared.contracts.grid import AreaKind

REMEMBERED_SECONDS = 5.0
DEEPEST = 10
"""Levels of the area tree; ends the walk should a tree ever hold a circle."""


@dataclass(frozen=True)
class Area:
    area_id: str
    kind: AreaKind
    name: str
    parent_id: str | None


@dataclass(frozen=True)
class Choice:
    """One option of a list to choose from; `depth` indents it, `group` puts it under a heading."""

    code: str
    name: str
    depth: int = 0
    group: str = ""


@dataclass(frozen=True)
class Names:
    """The ledger's directory, asked by id. Something unknown is called by its id."""

    areas: dict[str, Area]
    organizations: dict[str, str]
    services: dict[str, str]

    def area(self, area_id: str) -> str:
        return self.areas[area_id].name if area_id in self.areas else area_id

    def place(self, area_id: str) -> str:
        """A grid with the village above it, said once: 幸福社区第三网格."""
        area = self.areas.get(area_id)
        if area is None or area.parent_id not in self.areas:
            return self.area(area_id)
        above = self.area(area.parent_id)
        return area.name if area.name.startswith(above) else f"{above}{area.name}"

    def organization(self, organization_id: str | None) -> str:
        if organization_id is None:
            return "尚未派单"
        return self.organizations.get(organization_id, organization_id)

    def service(self, service_code: str) -> str:
        return self.services.get(service_code, service_code)

    def path(self, area_id: str) -> tuple[Area, ...]:
        """Every area from the county down to this one."""
        found: list[Area] = []
        area = self.areas.get(area_id)
        while area and len(found) < DEEPEST:
            found.insert(0, area)
            area = self.areas.get(area.parent_id or "")
        return tuple(found)

    def areas_of(self, actor: Actor) -> list[Choice]:
        """The areas an actor may ask about, as an indented tree."""
        paths = sorted(
            (self.path(area_id) for area_id in self.areas if self._is_of(actor, area_id)),
            key=lambda path: [area.area_id for area in path],
        )
        top = min((len(path) for path in paths), default=0)
        return [Choice(p[-1].area_id, p[-1].name, depth=len(p) - top) for p in paths]

    def grids_of(self, actor: Actor) -> list[Choice]:
        """The grids for which an actor may place a request, grouped by village."""
        return sorted(
            (
                Choice(grid.area_id, grid.name, group=self.area(grid.parent_id or ""))
                for grid in self.areas.values()
                if grid.kind == "grid" and self._is_of(actor, grid.area_id)
            ),
            key=lambda choice: (choice.group, choice.code),
        )

    def organization_choices(self) -> list[Choice]:
        return [Choice(code, name) for code, name in sorted(self.organizations.items())]

    def service_choices(self) -> list[Choice]:
        return [Choice(code, name) for code, name in sorted(self.services.items())]

    def _is_of(self, actor: Actor, area_id: str) -> bool:
        if scope_of(actor) is None:
            return True
        return not set(actor.area_ids).isdisjoint(area.area_id for area in self.path(area_id))


@dataclass
class Directory:
    """The names as this process last heard them."""

    _names: Names | None = field(default=None, repr=False)
    _until: float = 0.0

    async def names(self, edge: Edge, actor: Actor) -> Names:
        """Raises Unavailable."""
        if self._names is None or time.monotonic() > self._until:
            self._names = names_from(await edge.ask("ledger", "directory", actor))
            self._until = time.monotonic() + REMEMBERED_SECONDS
        return self._names


def names_from(directory: dict[str, Any]) -> Names:
    return Names(
        areas={
            id: Area(id, area["kind"], area["name"], area["parent_id"])
            for id, area in directory["areas"].items()
        },
        organizations={id: found["name"] for id, found in directory["organizations"].items()},
        services=directory["services"],
    )
