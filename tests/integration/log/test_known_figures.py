"""What the ledger knows of a county's work, now and as of any day, on a real MongoDB."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest
from pymongo import MongoClient

from services.ledger.domain.deliveries import Counted, counted
from services.ledger.domain.measures import MEASURES, MeasuresRow
from services.ledger.known import RULES_STREAM, end_of, known
from shared.adapters.mongo import Document
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_views import ViewStore
from shared.adapters.remembered import PAGE, Remembered
from shared.contracts.county import Rules, RulesAdopted
from shared.contracts.working_time import OfficeHours, Span
from shared.county_rules import DEFAULT_RULES, working_time
from shared.event_log import NewCommit, Recorded
from shared.figures import weights
from shared.testing.memory_log import MemoryLog
from shared.views import rebuild
from tests.county_year import year

FACTS = tuple(year(requests_a_day=5, days=40))
DAYS = [f"2026-{month:02d}-{day:02d}" for month in (1, 2, 3) for day in (5, 11, 20, 28)]
MORNINGS = DEFAULT_RULES.model_copy(
    update={
        "version": "mornings",
        "office_hours": OfficeHours(spans=(Span(opens="09:00", closes="12:00"),)),
    }
)


@dataclass
class Ledger:
    """A service's view of measures, folded as far as the checkpoint says."""

    rows: ViewStore[MeasuresRow]
    checkpoints: MongoCheckpoints
    log: MemoryLog = field(default_factory=MemoryLog)
    folded: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows.create_indexes()
        reached = partial(self.checkpoints.load, MEASURES.collection)
        self.memory: Remembered[MeasuresRow, object] = Remembered(self.rows, reached)

    def fold(self, facts: Iterable[Recorded], moves_checkpoint: bool = True) -> None:
        self.folded += facts
        self.rows.fold([fact for fact in facts if type(fact.event) in MEASURES.handles])
        if moves_checkpoint:
            self._reach(self.folded[-1].position)

    def _reach(self, position: int) -> None:
        """Checkpoints are written lightly and read at majority, which takes a moment."""
        self.checkpoints.store(MEASURES.collection, position)
        while self.checkpoints.load(MEASURES.collection) < position:
            time.sleep(0.01)

    def adopt(self, rules: Rules, at: datetime) -> None:
        self.log.append(
            NewCommit(
                stream=RULES_STREAM,
                expected_version=len(self.log.read_stream(RULES_STREAM)),
                events=(RulesAdopted(rules=rules),),
                command_id=rules.version,
                command="AdoptRules",
                digest="",
                at=at,
                by="administrator-1",
                role="administrator",
            )
        )

    def known(self, as_of: str | None = None) -> list[Counted]:
        return ordered(known(as_of, self.log, self.rows, self.memory).orders)


@pytest.fixture
def ledger(mongodb: MongoClient[Document], county: str) -> Ledger:
    database = mongodb[f"{county}_ledger"]
    return Ledger(ViewStore(database, MEASURES), MongoCheckpoints(database))


def ordered(orders: Iterable[Counted]) -> list[Counted]:
    return sorted(orders, key=repr)


def from_the_log(facts: Iterable[Recorded], rules: Rules = DEFAULT_RULES) -> list[Counted]:
    weigh, worked = partial(weights, "1"), working_time(rules)
    rows = rebuild(MEASURES, facts).values()
    return ordered(one for row in rows for one in counted(row, row.history, weigh, worked))


def until(day: str) -> list[Recorded]:
    return [fact for fact in FACTS if fact.commit.at < end_of(day)]


def test_what_is_remembered_keeps_up_with_the_view(ledger: Ledger):
    assert ledger.known() == []
    for first in range(0, len(FACTS), 900):
        ledger.fold(FACTS[first : first + 900])
        assert ledger.known() == from_the_log(ledger.folded)


def test_rows_beyond_the_checkpoint_are_looked_at_again(ledger: Ledger):
    ledger.fold(FACTS[:1000])
    ledger.known()
    ledger.fold(FACTS[1000:1500], moves_checkpoint=False)
    ledger.fold(FACTS[1500:2000])
    assert ledger.known() == from_the_log(ledger.folded)


def test_more_rows_than_fit_on_a_page_are_all_read(ledger: Ledger):
    many = tuple(year(requests_a_day=60, days=PAGE // 60 + 5))
    ledger.fold(many)
    assert len(rebuild(MEASURES, many)) > PAGE
    assert ledger.known() == from_the_log(many)


def test_as_of_any_day_is_the_log_truncated_at_that_day(ledger: Ledger):
    ledger.fold(FACTS)
    for day in DAYS:
        assert ledger.known(day) == from_the_log(until(day)), day


def test_as_of_the_last_day_is_now(ledger: Ledger):
    ledger.fold(FACTS)
    assert ledger.known("2026-12-31") == ledger.known()


def test_a_day_is_counted_by_the_rules_of_that_day(ledger: Ledger):
    ledger.fold(FACTS)
    ledger.known()
    ledger.adopt(MORNINGS, datetime(2026, 2, 15, tzinfo=UTC))
    assert ledger.known() == from_the_log(FACTS, MORNINGS)
    for day in DAYS:
        rules = DEFAULT_RULES if day < "2026-02-15" else MORNINGS
        assert ledger.known(day) == from_the_log(until(day), rules), day


def test_an_answer_names_the_rules_it_was_made_by(ledger: Ledger):
    ledger.fold(FACTS)
    adopted_at = datetime(2026, 2, 15, tzinfo=UTC)
    ledger.adopt(MORNINGS.model_copy(update={"small_sample": 3}), adopted_at)
    now = known(None, ledger.log, ledger.rows, ledger.memory)
    then = known("2026-02-14", ledger.log, ledger.rows, ledger.memory)
    assert (now.rules_version, now.terms.small_sample) == ("mornings", 3)
    assert (then.rules_version, then.terms.small_sample) == ("default-1", 10)
    assert now.position == then.position == FACTS[-1].position


def test_a_past_day_stays_what_it_was_while_work_goes_on(ledger: Ledger):
    half = len(until("2026-02-11"))
    ledger.fold(FACTS[:half])
    before = ledger.known("2026-02-10")
    ledger.fold(FACTS[half:])
    assert ledger.known("2026-02-10") == before
    assert end_of("2026-02-10") == datetime(2026, 2, 10, 16, tzinfo=UTC)
