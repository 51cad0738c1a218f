"""点单: decides about requests, and records on them what happened to their work orders."""

from functools import partial
from typing import Any

from services.requests.domain import policy
from services.requests.domain.service_request import service_request
from services.requests.domain.state import Knowledge, ServiceRequest
from services.requests.domain.views import known_areas, offered_services, return_visit_callers
from shared.adapters.nameko_dependencies import Log, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.adapters.nameko_subscription import subscription
from shared.contracts.county import Rules
from shared.contracts.dispatch import WorkOrderCompleted
from shared.contracts.requests import (
    MergeRequest,
    PlaceRequest,
    RecordReturnVisit,
    RemoveAttachment,
    RequestCommand,
    RequestCompleted,
    RequestEvent,
)
from shared.event_log import Appended, Recorded
from shared.handling import Instruction, from_wire, handle, rehearse
from shared.rules_in_force import KEY, rules_in_force, rules_of
from shared.serving import answer, by_stream, verdict, wishes


class RequestsService:
    name = "requests"

    log = Log()
    areas = Rows(known_areas, "requests")
    offers = Rows(offered_services, "requests")
    callers = Rows(return_visit_callers, "requests")
    rules = Rows(rules_in_force, "requests")

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        return answer(self._give(from_wire(**message)))

    @rpc
    def rehearse(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What each new request would be answered, in order; nothing is placed."""
        return [verdict(partial(self._rehearse, from_wire(**message))) for message in messages]

    @rpc
    def refuse(self, **message: Any) -> None:
        """Refuses what `handle` would refuse just now; nothing is written."""
        asked = from_wire(**message)
        command: RequestCommand = asked.command  # type: ignore[assignment]  # routed by context
        request = self._request(command.request_id)
        known = self._knowledge(command)
        rehearse(service_request, asked, request, request.placed is not None, known)

    @subscription("policy", types=policy.HANDLES, database="requests", lane=by_stream)
    def react(self, facts: list[Recorded]) -> None:
        for fact in facts:
            for wish in wishes(fact, policy.react(fact, self._known_to_policy(fact))):
                self._give(wish)

    @projection(known_areas, "requests")
    def fold_areas(self, facts: list[Recorded]) -> None:
        self.areas.fold(facts)

    @projection(offered_services, "requests")
    def fold_offers(self, facts: list[Recorded]) -> None:
        self.offers.fold(facts)

    @projection(return_visit_callers, "requests")
    def fold_callers(self, facts: list[Recorded]) -> None:
        self.callers.fold(facts)

    @projection(rules_in_force, "requests")
    def fold_rules(self, facts: list[Recorded]) -> None:
        self.rules.fold(facts)

    def _give(self, asked: Instruction) -> Appended:
        command: RequestCommand = asked.command  # type: ignore[assignment]  # routed by context
        known, begins = self._knowledge(command), isinstance(command, PlaceRequest)
        key = command.request_id
        return handle(self.log, service_request, key, asked, known, begins=begins)

    def _rehearse(self, asked: Instruction) -> tuple[RequestEvent, ...]:
        known = self._knowledge(asked.command)  # type: ignore[arg-type]  # routed by context
        return rehearse(service_request, asked, service_request.initial, False, known)

    def _knowledge(self, command: RequestCommand) -> Knowledge:
        match command:
            case PlaceRequest(grid_id=grid_id, service_code=code):
                offers = self.offers.recall().values()
                is_offered = any(code in offer.service_codes for offer in offers)
                area = self.areas.recall().get(grid_id)
                return Knowledge(area, is_offered, rules=self._rules())
            case MergeRequest(into_id=into_id):
                return Knowledge(other_status=self._request(into_id).status)
            case RemoveAttachment(request_id=id):
                return Knowledge(proofs=self._proofs(id))
            case RecordReturnVisit(request_id=id):
                return Knowledge(worked_by=self._worked_by(id))
            case _:
                return Knowledge(rules=self._rules())

    def _known_to_policy(self, fact: Recorded) -> policy.Knowledge:
        """What happened in dispatch needs none; the rest asks the request's own stream."""
        if isinstance(fact.event, policy.FROM_DISPATCH):
            return policy.Knowledge()
        request_id: str = fact.event.request_id  # type: ignore[attr-defined]  # all others have one
        request = self._request(request_id)
        if not isinstance(fact.event, RequestCompleted):
            return policy.Knowledge(request)
        callers = tuple(self.callers.recall())
        return policy.Knowledge(request, callers, self._worked_by(request_id), self._rules())

    def _request(self, request_id: str) -> ServiceRequest:
        history = self.log.read_stream(f"{service_request.category}-{request_id}")
        return service_request.replay(fact.event for fact in history)

    def _proofs(self, request_id: str) -> frozenset[str]:
        facts = self.log.read_stream(f"work_orders-{request_id}")
        done = (fact.event for fact in facts if isinstance(fact.event, WorkOrderCompleted))
        return frozenset(proof.evidence_id for event in done for proof in event.evidence)

    def _worked_by(self, request_id: str) -> frozenset[str]:
        """Everybody in the case's two streams, except those who only asked how it went."""
        streams = (f"service_request-{request_id}", f"work_orders-{request_id}")
        commits = [fact.commit for stream in streams for fact in self.log.read_stream(stream)]
        apart = {"return_visit_caller", "system"}
        return frozenset(commit.by for commit in commits if commit.role not in apart)

    def _rules(self) -> Rules:
        return rules_of(self.rules.recall().get(KEY))
