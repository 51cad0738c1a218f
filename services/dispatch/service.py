"""派送: finds the organisation for a request, and decides about its work orders."""

from datetime import UTC, datetime
from typing import Any

from nameko.timer import timer

from services.dispatch.domain import policy, views
from services.dispatch.domain.calendars import to_recompute
from services.dispatch.domain.knowledge import Knowledge
from services.dispatch.domain.matching import candidates_from
from services.dispatch.domain.organization import organization
from services.dispatch.domain.rehearsal import Rehearsed
from services.dispatch.domain.work_orders import work_orders
from services.dispatch.rehearsing import rehearsed
from shared.access import MAY, scope_of
from shared.adapters.nameko_dependencies import Log, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.adapters.nameko_subscription import subscription
from shared.attachments import attached
from shared.contracts.actor import Actor
from shared.contracts.county import Rules
from shared.contracts.dispatch import (
    AskForHelp,
    AssignStaff,
    CompleteWorkOrder,
    DispatchWorkOrder,
    OrganizationCommand,
    RegisterOrganization,
    RenameOrganization,
    RuleOnReturn,
    SetServiceMenu,
    WorkOrderCommand,
)
from shared.county_rules import working_time
from shared.event_log import Appended, Recorded
from shared.handling import Instruction, from_wire, handle
from shared.rejection import NotYours, Unavailable
from shared.rules_in_force import KEY, rules_in_force, rules_of
from shared.serving import answer, by_stream, wishes
from shared.telemetry import get_logger

MAY_REHEARSE = frozenset({"center_dispatcher", "administrator"})

SECONDS = 15.0
"""Between two looks at what waits for a calendar; the first one comes so long after a start."""

lines = get_logger()


class DispatchService:
    name = "dispatch"

    log = Log()
    candidates = Rows(views.candidates, "dispatch")
    loads = Rows(views.loads, "dispatch")
    outcomes = Rows(views.outcomes, "dispatch")
    staff = Rows(views.organization_staff, "dispatch")
    provisional = Rows(views.provisional_orders, "dispatch")
    rules = Rows(rules_in_force, "dispatch")

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        return answer(self._give(from_wire(**message)))

    @rpc
    def organizations(self, by: dict[str, Any]) -> list[dict[str, Any]]:
        """Every organisation, its service menu and its open orders; nothing personal is in it."""
        actor = Actor.model_validate(by)
        if scope_of(actor) == () and actor.role not in MAY["SetServiceMenu"]:
            raise NotYours("您的岗位不能查看群团组织")
        load = self.loads.all()
        return [
            {
                **row.model_dump(mode="json"),
                "open_orders": len(load[key].open_work_order_ids) if key in load else 0,
            }
            for key, row in sorted(self.candidates.all().items())
        ]

    @rpc
    def rehearse(
        self, by: dict[str, Any], rules: dict[str, Any], since: str | None = None
    ) -> Rehearsed:
        """试算: where past requests would have gone by other rules. Changes nothing."""
        if Actor.model_validate(by).role not in MAY_REHEARSE:
            raise NotYours("您的岗位不能试算派单规则，请联系县中心调度员")
        others = Rules.model_validate(rules, strict=False)
        begins = datetime.fromisoformat(since) if since else None
        return rehearsed(self.log, self._rules(), others, begins)

    @subscription("policy", types=policy.HANDLES, database="dispatch", lane=by_stream)
    def react(self, facts: list[Recorded]) -> None:
        for fact in facts:
            for wish in wishes(fact, policy.react(fact, self._known_to_policy())):
                self._give(wish)

    @projection(views.candidates, "dispatch")
    def fold_candidates(self, facts: list[Recorded]) -> None:
        self.candidates.fold(facts)

    @projection(views.loads, "dispatch")
    def fold_loads(self, facts: list[Recorded]) -> None:
        self.loads.fold(facts)

    @projection(views.outcomes, "dispatch")
    def fold_outcomes(self, facts: list[Recorded]) -> None:
        self.outcomes.fold(facts)

    @projection(views.organization_staff, "dispatch")
    def fold_staff(self, facts: list[Recorded]) -> None:
        self.staff.fold(facts)

    @projection(views.provisional_orders, "dispatch")
    def fold_provisional(self, facts: list[Recorded]) -> None:
        self.provisional.fold(facts)

    @projection(rules_in_force, "dispatch")
    def fold_rules(self, facts: list[Recorded]) -> None:
        self.rules.fold(facts)

    @timer(interval=SECONDS)  # type: ignore[untyped-decorator]  # nameko has no types
    def look_at_the_calendar(self) -> None:
        """A year that has become known since settles what waited for it."""
        calendar = working_time(self._rules()).calendar
        try:
            waiting = self.provisional.all().values()
            for asked in to_recompute(waiting, calendar, datetime.now(UTC)):
                self._give(Instruction(asked.command, asked.command_id))
        except Unavailable as trouble:
            lines.warning("calendar_waits", reason=trouble.code)

    def _give(self, asked: Instruction) -> Appended:
        command: WorkOrderCommand | OrganizationCommand = asked.command  # type: ignore[assignment]  # routed by context
        if isinstance(command, RegisterOrganization | RenameOrganization | SetServiceMenu):
            return handle(self.log, organization, command.organization_id, asked, None)
        return handle(self.log, work_orders, command.request_id, asked, self._knowledge(command))

    def _known_to_policy(self) -> policy.Knowledge:
        return policy.Knowledge(
            candidates_from(
                self.candidates.recall().values(),
                self.loads.all(),
                self.outcomes.recall().values(),
            ),
            self._rules(),
        )

    def _knowledge(self, command: WorkOrderCommand) -> Knowledge:
        match command:
            case DispatchWorkOrder(by=by) if by.role == "system":
                return Knowledge(frozenset(self.candidates.recall()), rules=self._rules())
            case DispatchWorkOrder() | AskForHelp() | RuleOnReturn():
                return Knowledge(frozenset(self.candidates.all()), rules=self._rules())
            case CompleteWorkOrder(request_id=id, evidence=(_, *_)):
                return Knowledge(rules=self._rules(), attachments=self._attachments(id))
            case AssignStaff(by=by):
                rows = self.staff.find({"organization_id": by.organization_id})
                return Knowledge(staff=frozenset(row.account_id for row in rows))
            case _:
                return Knowledge(rules=self._rules())

    def _attachments(self, request_id: str) -> frozenset[tuple[str, str]]:
        """From the request's own stream, so that a photo counts at once."""
        facts = self.log.read_stream(f"service_request-{request_id}")
        there = attached(fact.event for fact in facts)
        return frozenset((one.kind, one.attachment_id) for one in there)

    def _rules(self) -> Rules:
        return rules_of(self.rules.recall().get(KEY))
