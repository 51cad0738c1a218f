"""One area of the county's service grid (1+4+N), and the grid workers (网格员) of a grid."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.contracts import grid as msg
from shared.contracts.grid import AreaKind
from shared.decider import Decider
from shared.labels import AREA_KIND
from shared.rejection import InvalidInput, NotAllowedNow, NotFound

ABOVE: Mapping[AreaKind, frozenset[AreaKind]] = {
    "county": frozenset(),
    "center": frozenset({"county"}),
    "station": frozenset({"center"}),
    "township_center": frozenset({"center"}),
    "village": frozenset({"station", "township_center"}),
    "grid": frozenset({"village"}),
}
"""What an area hangs under: county > centre > station or township centre > village > grid."""


@dataclass(frozen=True)
class Area:
    """Only what the rules below ask about; screens have views of their own."""

    registered: msg.AreaRegistered | None = None
    workers: frozenset[str] = frozenset()
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Knowledge:
    """For a new area: its parent (as its own stream tells), and the county's id if any.

    For an area to be removed: whether it has areas under it, and whether a request was ever placed
    in it.
    """

    parent: Area = Area()
    county_id: str | None = None
    has_children: bool = False
    has_requests: bool = False


def decide(command: msg.GridCommand, area: Area, knowledge: Knowledge) -> list[msg.GridEvent]:
    match command:
        case msg.RegisterArea() if area.registered:
            return _registered_before(command, area.registered)
        case msg.RegisterArea():
            path = (*_path_above(command, knowledge), command.area_id)
            return [msg.AreaRegistered(**command.said(), path=path)]
        case msg.RemoveArea() if area.registered is None:
            raise NotFound("没有找到这个区域，它可能已经移除，请刷新后核对")
        case msg.RemoveArea(area_id=area_id):
            _refuse_while_needed(area, knowledge)
            return [msg.AreaRemoved(area_id=area_id)]
        case msg.RenameArea() if area.registered is None:
            raise NotFound("没有找到这个区域，请先登记")
        case msg.RenameArea(name=name) if area.registered and area.registered.name == name:
            return []
        case msg.RenameArea():
            return [msg.AreaRenamed(**command.said())]
        case msg.AssignGridWorker() | msg.RelieveGridWorker() if area.registered is None:
            raise NotFound("没有找到这个网格，请先登记")
        case msg.AssignGridWorker() if area.registered and area.registered.kind != "grid":
            raise InvalidInput("网格员只能安排到网格，请重新选择", grid_id="请选择一个网格")
        case msg.AssignGridWorker(worker_id=worker_id) if worker_id in area.workers:
            return []
        case msg.AssignGridWorker():
            return [msg.GridWorkerAssigned(**command.said())]
        case msg.RelieveGridWorker(worker_id=worker_id) if worker_id not in area.workers:
            raise NotAllowedNow("这名网格员不在这个网格，请刷新后核对")
        case msg.RelieveGridWorker():
            return [msg.GridWorkerRelieved(**command.said())]


def evolve(area: Area, event: msg.GridEvent) -> Area:
    """Never refuses: what happened, happened."""
    match event:
        case msg.AreaRegistered():
            return replace(area, registered=event, path=event.path)
        case msg.AreaRemoved():
            return replace(area, registered=None)
        case msg.AreaRenamed(name=name):
            return replace(area, registered=_renamed(area.registered, name))
        case msg.GridWorkerAssigned(worker_id=worker_id):
            return replace(area, workers=area.workers | {worker_id})
        case msg.GridWorkerRelieved(worker_id=worker_id):
            return replace(area, workers=area.workers - {worker_id})


def _renamed(registered: msg.AreaRegistered | None, name: str) -> msg.AreaRegistered | None:
    return registered and registered.model_copy(update={"name": name})


def audience(area: Area) -> tuple[str, ...]:
    """The area itself and every area above it, where it stands or stood last."""
    return tuple(f"area:{area_id}" for area_id in area.path)


def _path_above(command: msg.RegisterArea, knowledge: Knowledge) -> tuple[str, ...]:
    """The parent's path. Raises InvalidInput when an area of this kind cannot hang there."""
    if command.kind == "county":
        return _top(command, knowledge)
    parent = knowledge.parent.registered
    if command.parent_id is None or parent is None:
        raise InvalidInput("没有找到上级区域，请先登记上级", parent_id="请填写已登记的上级区域")
    if parent.kind not in ABOVE[command.kind]:
        wanted = "或".join(sorted(AREA_KIND[kind] for kind in ABOVE[command.kind]))
        raise InvalidInput(
            f"“{AREA_KIND[command.kind]}”不能设在“{AREA_KIND[parent.kind]}”之下，请更换上级",
            parent_id=f"上级应为{wanted}",
        )
    return parent.path


def _top(command: msg.RegisterArea, knowledge: Knowledge) -> tuple[str, ...]:
    if command.parent_id is not None:
        raise InvalidInput("县是最上级，请不要填写上级区域", parent_id="请留空")
    if knowledge.county_id not in {None, command.area_id}:
        raise NotAllowedNow("本系统只设一个县，县已经登记", kind="请登记县以下的区域")
    return ()


def _refuse_while_needed(area: Area, knowledge: Knowledge) -> None:
    if knowledge.has_children:
        raise NotAllowedNow("这个区域下面还有区域，请先移除下级区域")
    if area.workers:
        raise NotAllowedNow("这个网格还有网格员，请先解除网格员")
    if knowledge.has_requests:
        raise NotAllowedNow("这个网格已经有过诉求，台账还要用到它，不能移除")


def _registered_before(
    command: msg.RegisterArea, registered: msg.AreaRegistered
) -> list[msg.GridEvent]:
    """The same area arriving twice is not news; another one needs another code."""
    asked = command.said()
    if asked == registered.model_dump(include=set(asked)):
        return []
    raise NotAllowedNow(
        "这个区域编码已经登记了另一个区域，请核对后换一个编码", area_id="请使用新的编码"
    )


area = Decider("area", Area(), decide, evolve, audience)
