"""What can be asked of, and said about, the county's service grid (1+4+N) and its grid workers."""

from typing import Literal

from shared.contracts.message import Command, Event, Id, Name

AreaKind = Literal["county", "center", "station", "township_center", "village", "grid"]
"""县 / 县群团综合服务中心 / 城市党群服务站 / 乡镇群团综合服务中心 / 村(社区) / 网格."""


class RegisterArea(Command):
    """Add a node of the tree under `parent_id` (only the county has none)."""

    area_id: Id
    kind: AreaKind
    name: Name
    parent_id: Id | None = None


class RemoveArea(Command):
    """Take an area out of the tree again, as long as nothing hangs on it (a mistake, an import)."""

    area_id: Id


class RenameArea(Command):
    """Same place, another name."""

    area_id: Id
    name: Name


class AssignGridWorker(Command):
    """A grid worker (网格员) takes care of a grid from now on."""

    grid_id: Id
    worker_id: Id


class RelieveGridWorker(Command):
    grid_id: Id
    worker_id: Id


class AreaRegistered(Event):
    """`path` is every area from the county down to this one, itself included."""

    area_id: Id
    kind: AreaKind
    name: Name
    parent_id: Id | None
    path: tuple[Id, ...]


class AreaRemoved(Event):
    """The code is free again: the same or another area may be registered under it."""

    area_id: Id


class AreaRenamed(Event):
    area_id: Id
    name: Name


class GridWorkerAssigned(Event):
    grid_id: Id
    worker_id: Id


class GridWorkerRelieved(Event):
    grid_id: Id
    worker_id: Id


GridCommand = RegisterArea | RemoveArea | RenameArea | AssignGridWorker | RelieveGridWorker
GridEvent = AreaRegistered | AreaRemoved | AreaRenamed | GridWorkerAssigned | GridWorkerRelieved
