"""The one shape every aggregate has: how it starts, decides, evolves, and who it concerns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Generic, TypeVar

C = TypeVar("C")
E = TypeVar("E")
S = TypeVar("S")
K = TypeVar("K")


@dataclass(frozen=True)
class Decider(Generic[C, E, S, K]):
    """Four pure parts; everything with side effects lives outside of them.

    `category` names the streams (`<category>-<id>`). `decide(command, state, knowledge)`
    returns events or raises Rejected; `knowledge` is what the service looked up beforehand
    (None where a rule needs nothing). `audience(state)` lists the scope tags
    (`area:…`, `org:…`, `account:…`, see shared.access) of everyone the thing concerns.
    """

    category: str
    initial: S
    decide: Callable[[C, S, K], Sequence[E]]
    evolve: Callable[[S, E], S]
    audience: Callable[[S], tuple[str, ...]]

    def replay(self, history: Iterable[E]) -> S:
        return reduce(self.evolve, history, self.initial)
