"""The two kinds of import as one table: whose right it takes, its columns, and how it is undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.gateway.exchange import areas_sheet, requests_sheet
from services.gateway.exchange.columns import Column
from shared.access import MAY
from shared.contracts.actor import Actor
from shared.contracts.grid import RegisterArea, RemoveArea
from shared.contracts.message import Command
from shared.contracts.requests import PlaceRequest, WithdrawRequest
from shared.rejection import NotYours

KindName = Literal["requests", "areas"]


@dataclass(frozen=True)
class Kind:
    """`at_once`: how many commands are on their way at the same time; a tree grows in order."""

    name: KindName
    title: str
    columns: Sequence[Column]
    places: type[Command]
    undoes: type[Command]
    at_once: int

    @property
    def service(self) -> str:
        return "requests" if self.name == "requests" else "grid"

    def refuse_unless_may(self, actor: Actor) -> None:
        if actor.role not in MAY[self.places.__name__]:
            raise NotYours(f"您的岗位不能导入{self.title}，请联系有权限的同事")

    def undoing(self, placed: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the command that takes a placed row back."""
        if self.name == "requests":
            return {"request_id": placed["request_id"], "reason": "placed_by_mistake"}
        return {"area_id": placed["area_id"]}


KINDS: Mapping[KindName, Kind] = {
    "requests": Kind(
        *("requests", "诉求", requests_sheet.COLUMNS), PlaceRequest, WithdrawRequest, at_once=8
    ),
    "areas": Kind(*("areas", "区域", areas_sheet.COLUMNS), RegisterArea, RemoveArea, at_once=1),
}
