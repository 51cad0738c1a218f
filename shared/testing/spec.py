"""Given these facts, when this is asked, then that happens: the unit tests' only vocabulary."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import pytest

from shared.decider import Decider
from shared.rejection import Rejected

C = TypeVar("C")
E = TypeVar("E")
S = TypeVar("S")
K = TypeVar("K")

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class When(Generic[E]):
    """What was asked, waiting to be compared with what is expected."""

    outcome: Callable[[], list[E]]

    def then(self, *expected: E) -> None:
        assert self.outcome() == list(expected)

    def then_nothing_happens(self) -> None:
        self.then()

    def then_rejected(self, kind: type[Rejected], *fields: str) -> None:
        """Refused with exactly this kind, naming exactly these fields, in Chinese."""
        with pytest.raises(Rejected) as refusal:
            self.outcome()
        assert type(refusal.value) is kind
        assert set(refusal.value.fields) == set(fields)
        for sentence in (refusal.value.message, *refusal.value.fields.values()):
            assert _CHINESE.search(sentence), f"not for people: {sentence}"


@dataclass(frozen=True)
class Given(Generic[C, E, S, K]):
    """A history, and what the service has looked up beforehand."""

    decider: Decider[C, E, S, K]
    history: tuple[E, ...]
    knowledge: K

    def knowing(self, knowledge: K) -> "Given[C, E, S, K]":
        return replace(self, knowledge=knowledge)

    def when(self, command: C) -> When[E]:
        return When(lambda: list(self.decider.decide(command, self.state, self.knowledge)))

    @property
    def state(self) -> S:
        return self.decider.replay(self.history)

    @property
    def audience(self) -> tuple[str, ...]:
        return self.decider.audience(self.state)


def given_for(decider: Decider[C, E, S, K], knowledge: K) -> Callable[..., Given[C, E, S, K]]:
    """`given = given_for(decider, usual_knowledge)`; then `given(fact, …).when(…).then(…)`."""
    return lambda *history: Given(decider, history, knowledge)
