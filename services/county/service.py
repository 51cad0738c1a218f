"""县级规则: decides which rules the county works by, and tells everybody what they are."""

from typing import Any

from services.county.domain.changes import Change, changes
from services.county.domain.county_rules import CountyRules, county_rules, refuse_unfit
from services.county.domain.history import Adoption, adoptions
from shared.adapters.nameko_dependencies import Log
from shared.adapters.nameko_rpc import rpc
from shared.contracts.county import Rules
from shared.handling import from_wire, handle
from shared.rejection import NotFound
from shared.rules_in_force import KEY
from shared.serving import answer


class CountyService:
    name = "county"

    log = Log()

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        return answer(handle(self.log, county_rules, KEY, from_wire(**message), None))

    @rpc
    def rules(self, by: dict[str, Any], version: str | None = None) -> dict[str, Any]:  # noqa: ARG002 - they are no secret
        """The rules in force, or those of a version. Raises NotFound."""
        county = self._county()
        found = county.versions.get(version) if version else county.in_force
        if found is None:
            raise NotFound("没有这个版本的规则，请核对版本名")
        return found.model_dump(mode="json")

    @rpc
    def adoptions(self, by: dict[str, Any]) -> list[Adoption]:  # noqa: ARG002 - they are no secret
        """Every adoption with what it changed, the newest first."""
        return adoptions(self._history())

    @rpc
    def check(self, by: dict[str, Any], rules: dict[str, Any]) -> list[Change]:  # noqa: ARG002 - nothing is changed
        """What these rules would change. Raises what adopting them would raise."""
        county, wanted = self._county(), Rules.model_validate(rules, strict=False)
        refuse_unfit(wanted, county)
        return changes(county.in_force, wanted)

    def _county(self) -> CountyRules:
        return county_rules.replay(fact.event for fact in self._history())

    def _history(self) -> Any:
        return self.log.read_stream(f"{county_rules.category}-{KEY}")
