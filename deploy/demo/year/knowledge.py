"""What the services would know at each moment of the year: their own views, folded along."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.dispatch.domain import policy as dispatch_policy
from services.dispatch.domain import views as dispatch_views
from services.dispatch.domain.knowledge import Knowledge as DispatchKnowledge
from services.dispatch.domain.matching import candidates_from
from services.grid.domain.area import Area
from services.grid.domain.area import Knowledge as GridKnowledge
from services.requests.domain import policy as requests_policy
from services.requests.domain import views as request_views
from services.requests.domain.state import Knowledge as RequestKnowledge
from shared.contracts import dispatch, grid, requests
from shared.contracts.county import Rules
from shared.contracts.message import Command
from shared.event_log import Recorded
from shared.rules_in_force import KEY, rules_in_force, rules_of
from shared.views import AnyView

VIEWS: tuple[AnyView, ...] = (
    request_views.known_areas,
    request_views.offered_services,
    request_views.return_visit_callers,
    dispatch_views.candidates,
    dispatch_views.loads,
    dispatch_views.organization_staff,
    rules_in_force,
)
FOLDED_BY: dict[type, tuple[AnyView, ...]] = {
    kind: tuple(view for view in VIEWS if kind in view.handles)
    for kind in {kind for view in VIEWS for kind in view.handles}
}


class States(Protocol):
    """Where aggregates are looked up."""

    def state(self, category: str, key: str) -> Any: ...


@dataclass
class Known:
    """Rows by view and key; and for each request who has acted on it."""

    _rows: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    _worked_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def learn(self, fact: Recorded) -> None:
        for view in FOLDED_BY.get(type(fact.event), ()):
            self.fold(view, fact)
        request_id = getattr(fact.event, "request_id", None)
        if request_id and fact.commit.role not in {"return_visit_caller", "system"}:
            self._worked_by[request_id].add(fact.commit.by)

    def fold(self, view: AnyView, fact: Recorded) -> Any:
        """The row that a fact belongs to, after it; None when there is none."""
        key = view.key(fact) if type(fact.event) in view.handles else None
        if key is None:
            return None
        row = view.project(self.row(view.name, key), fact)
        if row is None:
            self._rows[view.name].pop(key, None)
        else:
            self._rows[view.name][key] = row
        return row

    def row(self, view: str, key: str) -> Any:
        return self._rows[view].get(key)

    @property
    def rules(self) -> Rules:
        return rules_of(self.row(rules_in_force.name, KEY))

    def for_(self, command: Command, states: States) -> Any:
        """What the service of a command would hand to its decider."""
        match command:
            case grid.RegisterArea(parent_id=parent_id):
                parent = states.state("area", parent_id or "") or Area()
                return GridKnowledge(parent, self._county_id())
            case grid.AssignGridWorker() | grid.RelieveGridWorker():
                return GridKnowledge()
            case _ if isinstance(command, requests.RequestCommand):
                return self._for_request(command, states)
            case _ if isinstance(command, dispatch.WorkOrderCommand):
                return self._for_orders(command)
            case _:
                return None

    def of_requests(self, fact: Recorded, states: States) -> requests_policy.Knowledge:
        request_id: str = getattr(fact.event, "request_id", "")
        request = states.state("service_request", request_id)
        if request is None:
            return requests_policy.Knowledge()
        callers = tuple(self._rows[request_views.return_visit_callers.name])
        worked_by = frozenset(self._worked_by[request_id])
        return requests_policy.Knowledge(request, callers, worked_by, self.rules)

    def of_dispatch(self) -> dispatch_policy.Knowledge:
        rows: Mapping[str, Any] = self._rows[dispatch_views.candidates.name]
        loads = self._rows[dispatch_views.loads.name]
        return dispatch_policy.Knowledge(candidates_from(rows.values(), loads))

    def organizations(self) -> frozenset[str]:
        return frozenset(self._rows[dispatch_views.candidates.name])

    def _for_request(self, command: requests.RequestCommand, states: States) -> RequestKnowledge:
        match command:
            case requests.PlaceRequest(grid_id=grid_id, service_code=code):
                offers = self._rows[request_views.offered_services.name].values()
                is_offered = any(code in offer.service_codes for offer in offers)
                area = self.row(request_views.known_areas.name, grid_id)
                return RequestKnowledge(area, is_offered, rules=self.rules)
            case requests.MergeRequest(into_id=into_id):
                other = states.state("service_request", into_id)
                return RequestKnowledge(other_status=other.status if other else None)
            case requests.RecordReturnVisit(request_id=id):
                return RequestKnowledge(worked_by=frozenset(self._worked_by[id]))
            case _:
                return RequestKnowledge(rules=self.rules)

    def _for_orders(self, command: dispatch.WorkOrderCommand) -> DispatchKnowledge:
        match command:
            case dispatch.AssignStaff(by=by):
                staff = self._rows[dispatch_views.organization_staff.name].values()
                own = (row for row in staff if row.organization_id == by.organization_id)
                return DispatchKnowledge(staff=frozenset(row.account_id for row in own))
            case _:
                return DispatchKnowledge(self.organizations(), rules=self.rules)

    def _county_id(self) -> str | None:
        areas = self._rows[request_views.known_areas.name].values()
        return next((area.area_id for area in areas if area.kind == "county"), None)
