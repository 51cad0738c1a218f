"""台账: read models across services (register, stories, board, names); it decides nothing."""

from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from nameko.timer import timer

from services.ledger.domain.board import board
from services.ledger.domain.directory import DIRECTORY
from services.ledger.domain.figures import Known, Names, names_in
from services.ledger.domain.figures_told import (
    assessment_told,
    cases_told,
    figures_told,
    require_a_view,
)
from services.ledger.domain.measures import MEASURES
from services.ledger.domain.order_story import Naming
from services.ledger.domain.register import REGISTER, RegisterRow, Wanted, behind, stands_at, where
from services.ledger.domain.story import entry
from services.ledger.known import known
from shared.access import scope_of, sees
from shared.adapters.nameko_dependencies import Log, Memory, Progress, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.attachments import attached
from shared.contracts.actor import Actor
from shared.event_log import Recorded
from shared.rejection import NotFound, Unavailable

PATIENCE_SECONDS = 2.0
KEEP_UP_SECONDS = 5
MOST_ROWS = 500
SEEN_BY_NOBODY = "没有找到这件事项，或者它不在您的工作范围内"


class LedgerService:
    name = "ledger"

    log = Log()
    cases = Rows(REGISTER, "ledger")
    names = Rows(DIRECTORY, "ledger")
    measures = Rows(MEASURES, "ledger")
    measured = Memory(MEASURES, "ledger")
    progress = Progress("ledger")

    @projection(REGISTER, "ledger")
    def fold_register(self, facts: list[Recorded]) -> None:
        self.cases.fold(facts)

    @projection(DIRECTORY, "ledger")
    def fold_directory(self, facts: list[Recorded]) -> None:
        self.names.fold(facts)

    @projection(MEASURES, "ledger")
    def fold_measures(self, facts: list[Recorded]) -> None:
        self.measures.fold(facts)

    @timer(interval=KEEP_UP_SECONDS, eager=True)  # type: ignore[untyped-decorator]  # nameko has no types
    def keep_up(self) -> None:
        """So that nobody who asks for figures waits until a year has been read."""
        with suppress(Unavailable):
            self._known(None)

    @rpc
    def register(
        self, by: dict[str, Any], wanted: dict[str, Any], sort: str, page: int, size: int
    ) -> dict[str, Any]:
        """One page of the register, its total, and the position it stands at."""
        filtered = where(Wanted(**wanted), scope_of(Actor.model_validate(by)))
        order = [(sort.lstrip("-"), -1 if sort.startswith("-") else 1), ("_id", 1)]
        rows = self.cases.find(filtered, order, skip=(page - 1) * size, limit=size)
        return {
            "rows": [row.model_dump(mode="json") for row in rows],
            "total": self.cases.count(filtered),
            "page": page,
            "size": size,
            "position": self.progress.of(REGISTER),
        }

    @rpc
    def register_after(
        self,
        by: dict[str, Any],
        wanted: dict[str, Any],
        after: tuple[str, str] | None,
        size: int,
        newest_first: bool = True,
    ) -> dict[str, Any]:
        """The next rows behind a place `(placed_at, request_id)`, in the order of placing.

        With the first page (`after` None) comes the total. `position` is what the register stood at
        before these rows were read.
        """
        position = self.progress.of(REGISTER)
        filtered = where(Wanted(**wanted), scope_of(Actor.model_validate(by)))
        place = (datetime.fromisoformat(after[0]), after[1]) if after else None
        order = -1 if newest_first else 1
        rows = self.cases.find(
            behind(filtered, place, newest_first),
            [("placed_at", order), ("_id", order)],
            limit=min(size, MOST_ROWS),
        )
        return {
            "rows": [row.model_dump(mode="json") for row in rows],
            "total": None if after else self.cases.count(filtered),
            "position": position,
        }

    @rpc
    def case(self, by: dict[str, Any], request_id: str, at_least: int = 0) -> dict[str, Any]:
        return self._case(by, request_id, at_least).model_dump(mode="json")

    @rpc
    def story(self, by: dict[str, Any], request_id: str, at_least: int = 0) -> dict[str, Any]:
        """The case's events in log order, as sentences; its row, and where that stands."""
        row = self._case(by, request_id, at_least)
        facts = [
            *self.log.read_stream(f"service_request-{request_id}"),
            *self.log.read_stream(f"work_orders-{request_id}"),
        ]
        name = self._naming()
        entries = [asdict(entry(fact, name)) for fact in sorted(facts, key=_position)]
        files = [one.model_dump(mode="json") for one in attached(fact.event for fact in facts)]
        shown = {"case": row.model_dump(mode="json"), "entries": entries, "attachments": files}
        return {**shown, "position": stands_at(row, facts)}

    @rpc
    def attachments(self, by: dict[str, Any], request_id: str) -> list[dict[str, Any]]:
        """The photos and documents of a case: id, kind, size in bytes, and who added it."""
        facts = self.log.read_stream(f"service_request-{request_id}")
        self._case(by, request_id, facts[0].position if facts else 0)
        return [one.model_dump(mode="json") for one in attached(fact.event for fact in facts)]

    @rpc
    def board(self, by: dict[str, Any], day: str) -> dict[str, Any]:
        """Counts of a day within the viewer's scope, stamped with the position they stand at."""
        counted = _Counts(self.cases, scope_of(Actor.model_validate(by)))
        position = self.progress.of(REGISTER)
        return {**asdict(board(counted, day)), "position": position}

    @rpc
    def figures(self, by: dict[str, Any], asked: dict[str, Any], group: str) -> dict[str, Any]:
        """The figures of a period in groups, now or as of a past day, with what to compare."""
        viewer = require_a_view(by)
        return figures_told(viewer, asked, group, self._known(asked["as_of"]), self._names())

    @rpc
    def figure_cases(
        self, by: dict[str, Any], asked: dict[str, Any], wanted: dict[str, Any]
    ) -> dict[str, Any]:
        """A page of the work orders behind one figure."""
        viewer = require_a_view(by)
        return cases_told(viewer, asked, wanted, self._known(asked["as_of"]))

    @rpc
    def assessment(self, by: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        """综合评价 and 分类评价 of a period; an organisation sees its own places only."""
        viewer = require_a_view(by)
        return assessment_told(viewer, asked, self._known(asked["as_of"]), self._names())

    @rpc
    def directory(self, by: dict[str, Any]) -> dict[str, dict[str, Any]]:  # noqa: ARG002 - names are for all
        """What areas, organisations and services are called: no case and no person is in it."""
        rows = self.names.all()
        services = {code: name for row in rows.values() for code, name in row.services.items()}
        return {
            "areas": {r.id: r.model_dump() for k, r in rows.items() if k.startswith("area:")},
            "organizations": {
                r.id: r.model_dump() for k, r in rows.items() if k.startswith("org:")
            },
            "services": services,
        }

    def _case(self, by: dict[str, Any], request_id: str, at_least: int) -> RegisterRow:
        if at_least:
            self.cases.wait_for(request_id, at_least, PATIENCE_SECONDS)
        row: RegisterRow | None = self.cases.get(request_id)
        if row is None or not sees(Actor.model_validate(by), row.audience):
            raise NotFound(SEEN_BY_NOBODY)
        return row

    def _known(self, as_of: str | None) -> Known:
        return known(as_of, self.log, self.measures, self.measured)

    def _names(self) -> Names:
        return names_in(self.names.recall())

    def _naming(self) -> Naming:
        rows = self.names.all().values()
        names = {row.id: row.name for row in rows}
        names |= {code: name for row in rows for code, name in row.services.items()}
        return lambda id: names.get(id, id)


class _Counts:
    """The register's counts within one scope."""

    def __init__(self, cases: Any, scope: tuple[str, ...] | None) -> None:
        self._cases = cases
        self._scope = scope

    def count(self, wanted: Wanted) -> int:
        counted: int = self._cases.count(where(wanted, self._scope))
        return counted

    def count_by(self, field: str, wanted: Wanted) -> dict[str, int]:
        counted: dict[str, int] = self._cases.count_by(field, where(wanted, self._scope))
        return counted


def _position(fact: Recorded) -> int:
    return fact.position
