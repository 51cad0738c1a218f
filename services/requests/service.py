"""点单: decides about requests, and records on them what happened to their work orders."""

from functools import partial
from typing import Any

from services.requests.domain import policy
from services.requests.domain.service_request import Knowledge, service_request
from services.requests.domain.views import known_areas, offered_services
from shared.adapters.nameko_dependencies import Log, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.adapters.nameko_subscription import subscription
from shared.contracts.requests import PlaceRequest, RequestCommand, RequestEvent
from shared.event_log import Appended, Recorded
from shared.handling import Instruction, from_wire, handle, rehearse
from shared.serving import answer, by_stream, verdict, wishes


class RequestsService:
    name = "requests"

    log = Log()
    areas = Rows(known_areas, "requests")
    offers = Rows(offered_services, "requests")

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        return answer(self._give(from_wire(**message)))

    @rpc
    def rehearse(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What each new request would be answered, in order; nothing is placed."""
        return [verdict(partial(self._rehearse, from_wire(**message))) for message in messages]

    @subscription("policy", types=policy.HANDLES, database="requests", lane=by_stream)
    def react(self, facts: list[Recorded]) -> None:
        for fact in facts:
            for wish in wishes(fact, policy.react(fact)):
                self._give(wish)

    @projection(known_areas, "requests")
    def fold_areas(self, facts: list[Recorded]) -> None:
        self.areas.fold(facts)

    @projection(offered_services, "requests")
    def fold_offers(self, facts: list[Recorded]) -> None:
        self.offers.fold(facts)

    def _give(self, asked: Instruction) -> Appended:
        command: RequestCommand = asked.command  # type: ignore[assignment]  # routed by context
        known, begins = self._knowledge(command), isinstance(command, PlaceRequest)
        key = command.request_id
        return handle(self.log, service_request, key, asked, known, begins=begins)

    def _rehearse(self, asked: Instruction) -> tuple[RequestEvent, ...]:
        known = self._knowledge(asked.command)  # type: ignore[arg-type]  # routed by context
        return rehearse(service_request, asked, service_request.initial, False, known)

    def _knowledge(self, command: RequestCommand) -> Knowledge:
        if not isinstance(command, PlaceRequest):
            return Knowledge()
        offers = self.offers.recall().values()
        is_offered = any(command.service_code in offer.service_codes for offer in offers)
        return Knowledge(self.areas.recall().get(command.grid_id), is_offered)
