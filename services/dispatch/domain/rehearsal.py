"""试算: where past requests would have gone by other rules, before these are switched on.

Every request is chosen for twice, by the rules in force and by the others, as things stood when it
was accepted: the menus, the open orders and the past outcomes are those of the log, so a difference
shows what the rules make of one request, not what would have followed from all the others.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from services.dispatch.domain.matching import Candidate, Need, Past, Settled, settle
from services.dispatch.domain.policy import need_of
from services.dispatch.domain.views import (
    CandidateRow,
    LoadRow,
    OutcomeRow,
    candidates,
    loads,
    outcomes,
)
from shared.contracts.county import Rules
from shared.contracts.message import Event
from shared.contracts.requests import RequestAccepted
from shared.event_log import Recorded
from shared.views import fold_in

HANDLES: tuple[type[Event], ...] = (
    RequestAccepted,
    *candidates.handles,
    *loads.handles,
    *outcomes.handles,
)
MOST_SHOWN = 100


class Pick(NamedTuple):
    """Whom the rules choose (None: the centre has to), and which rule settled it."""

    organization_id: str | None
    rule: str


class Elsewhere(NamedTuple):
    """One request that the other rules would have given to somebody else."""

    request_id: str
    accepted_at: datetime
    service_code: str
    before: Pick
    after: Pick


class Shift(NamedTuple):
    """How many requests would go from one organisation to another (None: the centre)."""

    from_id: str | None
    to_id: str | None
    requests: int


class Share(NamedTuple):
    """How many requests one organisation (None: the centre) gets by either set of rules."""

    organization_id: str | None
    before: int
    after: int


class Rehearsed(NamedTuple):
    """How many requests matching chose for, and how many of them would have gone elsewhere.

    `shifts`: the most frequent first; `examples`: the latest ones.
    """

    requests: int
    elsewhere: int
    shifts: list[Shift]
    shares: list[Share]
    examples: list[Elsewhere]


@dataclass
class Rehearsal:
    """See the log from its beginning, fact by fact; `since` leaves out what was accepted before."""

    before: Rules
    after: Rules
    since: datetime | None = None
    _candidates: dict[str, Candidate] = field(default_factory=dict)
    _menus: dict[str, CandidateRow] = field(default_factory=dict)
    _loads: dict[str, LoadRow] = field(default_factory=dict)
    _outcomes: dict[str, OutcomeRow] = field(default_factory=dict)
    _picked: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    _examples: deque[Elsewhere] = field(default_factory=lambda: deque(maxlen=MOST_SHOWN))

    def see(self, fact: Recorded) -> None:
        """The next fact of the log; those that are not in HANDLES change nothing."""
        match fact.event:
            case RequestAccepted(is_dispatched_by_hand=False) as accepted:
                if self.since is None or fact.commit.at >= self.since:
                    self._choose(accepted, fact.commit.at)
            case _:
                self._learn(fact)

    def result(self) -> Rehearsed:
        """What it comes to so far."""
        moved = Counter({pair: n for pair, n in self._picked.items() if pair[0] != pair[1]})
        return Rehearsed(
            requests=self._picked.total(),
            elsewhere=moved.total(),
            shifts=[Shift(*pair, count) for pair, count in moved.most_common()],
            shares=self._shares(),
            examples=[*self._examples],
        )

    def _choose(self, accepted: RequestAccepted, at: datetime) -> None:
        need = need_of(accepted)
        before, after = (self._pick(need, rules) for rules in (self.before, self.after))
        self._picked[before.organization_id, after.organization_id] += 1
        if before.organization_id != after.organization_id:
            example = Elsewhere(accepted.request_id, at, accepted.service_code, before, after)
            self._examples.append(example)

    def _pick(self, need: Need, rules: Rules) -> Pick:
        settled: Settled = settle(need, self._candidates.values(), rules)
        return Pick(settled.organization_id, settled.rule)

    def _learn(self, fact: Recorded) -> None:
        """What the service's own views would know by now."""
        if id := fold_in(candidates, self._menus, fact):
            offers = self._menus[id].offers
            self._candidates[id] = replace(
                self._candidates.get(id, Candidate(id, ())), offers=offers
            )
        if (id := fold_in(loads, self._loads, fact)) in self._candidates:
            busy = len(self._loads[id].open_work_order_ids)
            self._candidates[id] = replace(self._candidates[id], open_orders=busy)
        if key := fold_in(outcomes, self._outcomes, fact):
            self._learn_outcome(self._outcomes[key])

    def _learn_outcome(self, row: OutcomeRow) -> None:
        if known := self._candidates.get(row.organization_id):
            past = {**known.past, row.service_code: Past(row.finished, row.solved)}
            self._candidates[row.organization_id] = replace(known, past=past)

    def _shares(self) -> list[Share]:
        before, after = Counter[str | None](), Counter[str | None]()
        for (from_id, to_id), requests in self._picked.items():
            before[from_id] += requests
            after[to_id] += requests
        ids = sorted({*before, *after}, key=lambda id: id or "")
        return [Share(id, before[id], after[id]) for id in ids]


def rehearse(
    facts: Iterable[Recorded], before: Rules, after: Rules, since: datetime | None = None
) -> Rehearsed:
    """The whole log at once."""
    rehearsal = Rehearsal(before, after, since)
    for fact in facts:
        rehearsal.see(fact)
    return rehearsal.result()
