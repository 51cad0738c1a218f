"""A county that lives through a year in memory: the real rules and policies, an invented clock.

Every command goes to the services' own deciders, every event to their policies, views and timers,
so the log of such a year is one that the services themselves might have written.
"""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any

from deploy.demo.year.knowledge import Known
from deploy.demo.year.routes import Route, route_of
from services.dispatch.domain import policy as dispatch_policy
from services.requests.domain import policy as requests_policy
from services.timers.domain.closings import closings
from services.timers.domain.due import Due, due_for_closing, due_for_order
from services.timers.domain.order_clocks import order_clocks
from shared.access import require
from shared.contracts.message import Command
from shared.event_log import Commit, NewCommit, Recorded
from shared.handling import digest_of
from shared.rejection import Rejected

Act = Callable[[], None]


@dataclass
class Stream:
    """One aggregate as it stands, and how many events it has."""

    state: Any
    version: int = 0


@dataclass
class World:
    """`now` is the invented clock; `written` takes the commits in the order of the log.

    `position`: of the last event in the log; `last_of_type`: of the last of each type.
    """

    now: datetime
    written: Callable[[NewCommit], None]
    position: int = 0
    known: Known = field(default_factory=Known)
    refused: Counter[str] = field(default_factory=Counter)
    last_of_type: dict[str, int] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    _agenda: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)

    def at(self, when: datetime, act: Act) -> None:
        """Something will happen then (or now, if that has passed)."""
        heapq.heappush(self._agenda, (max(when, self.now), next(self._numbers), act))

    def live(self, until: datetime) -> None:
        """Let everything happen that is to happen before `until`, in order."""
        while self._agenda and self._agenda[0][0] < until:
            self.now, _, act = heapq.heappop(self._agenda)
            act()
        self.now = until

    def state(self, category: str, key: str) -> Any:
        """An aggregate's state; None for what does not exist yet."""
        stream = self.streams.get(f"{category}-{key}")
        return stream.state if stream else None

    def say(self, command: Command, command_id: str) -> bool:
        """What somebody asks for; False when the rules refuse it."""
        try:
            self._give(command, command_id, digest_of(command), command_id)
        except Rejected as refusal:
            self.refused[f"{type(command).__name__}: {refusal.code}"] += 1
            return False
        return True

    def _give(
        self,
        command: Command,
        command_id: str,
        digest: str,
        correlation_id: str,
        cause: Recorded | None = None,
    ) -> None:
        route = route_of(command)
        before = self.streams.get(route.stream) or Stream(route.decider.initial)
        events, after = self._decided(command, route, before)
        if not events:
            return
        commit = NewCommit(
            stream=route.stream,
            expected_version=before.version,
            events=events,
            command_id=command_id,
            command=type(command).__name__,
            digest=digest,
            at=command.at,
            by=command.by.account_id,
            role=command.by.role,
            audience=route.decider.audience(after),
            correlation_id=correlation_id,
            caused_by=cause.position if cause else None,
        )
        self.streams[route.stream] = Stream(after, before.version + len(events))
        self.written(commit)
        self._react(list(self._recorded(commit)))

    def _decided(
        self, command: Command, route: Route, before: Stream
    ) -> tuple[tuple[Any, ...], Any]:
        """As shared.handling decides: may it be asked, what follows, and what it comes to."""
        decider = route.decider
        if before.version:
            require(command.by, type(command).__name__, decider.audience(before.state))
        events = tuple(decider.decide(command, before.state, self.known.for_(command, self)))
        after = reduce(decider.evolve, events, before.state)
        if not before.version:
            require(command.by, type(command).__name__, decider.audience(after))
        return events, after

    def _recorded(self, new: NewCommit) -> Iterable[Recorded]:
        first = self.position + 1
        shared = Commit(
            position=first,
            stream=new.stream,
            version=new.expected_version + 1,
            command_id=new.command_id,
            command=new.command,
            digest=new.digest,
            at=new.at,
            by=new.by,
            role=new.role,
            audience=new.audience,
            correlation_id=new.correlation_id,
            caused_by=new.caused_by,
        )
        for number, event in enumerate(new.events):
            self.position = first + number
            self.last_of_type[type(event).__name__] = self.position
            yield Recorded(self.position, shared.version + number, event, shared)

    def _react(self, facts: list[Recorded]) -> None:
        """What the policies wish for, under the ids that the services themselves would give."""
        for fact in facts:
            self.known.learn(fact)
            self._wind_clocks(fact)
        for fact in facts:
            for number, wish in enumerate(self._wishes(fact)):
                id = f"{fact.position}:{type(wish).__name__}:{number}"
                self._give(wish, id, id, fact.commit.correlation_id, fact)

    def _wishes(self, fact: Recorded) -> Iterable[Command]:
        if isinstance(fact.event, requests_policy.HANDLES):
            yield from requests_policy.react(fact, self.known.of_requests(fact, self))
        if isinstance(fact.event, dispatch_policy.HANDLES):
            yield from dispatch_policy.react(fact, self.known.of_dispatch())

    def _wind_clocks(self, fact: Recorded) -> None:
        for view, due in ((order_clocks, due_for_order), (closings, due_for_closing)):
            row = self.known.fold(view, fact)
            if row is not None and row.next_at is not None:
                self._ring_at(view.name, view.key(fact) or "", row.next_at, due)

    def _ring_at(self, view: str, key: str, when: datetime, due: Callable[..., list[Due]]) -> None:
        def ring() -> None:
            row = self.known.row(view, key)
            for one in due(row, self.now) if row else ():
                self._give(one.command, one.command_id, digest_of(one.command), "")

        self.at(when, ring)
