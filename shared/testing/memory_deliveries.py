"""The book of deliveries without a database, and an endpoint that answers as it is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.deliveries import Answer, Endpoint, Tried

TAKEN = Answer(True, "204")
BROKEN = Answer(False, "500")


@dataclass
class MemoryBook:
    """Implements shared.deliveries.Book."""

    cursors: dict[str, int] = field(default_factory=dict)
    letters: dict[str, Tried] = field(default_factory=dict)

    def cursor(self, endpoint_id: str) -> int | None:
        return self.cursors.get(endpoint_id)

    def begin(self, endpoint: Endpoint, position: int) -> None:
        self.cursors.setdefault(endpoint.endpoint_id, position)

    def move(self, endpoint_id: str, before: int, after: int) -> bool:
        if self.cursors.get(endpoint_id) != before:
            return False
        self.cursors[endpoint_id] = after
        return True

    def find(self, endpoint_id: str, position: int) -> Tried | None:
        return self.letters.get(f"{endpoint_id}:{position}")

    def record(self, tried: Tried) -> None:
        self.letters[tried.delivery_id] = tried

    def requested(self, endpoint_id: str) -> Sequence[Tried]:
        return [
            tried
            for tried in self.letters.values()
            if tried.endpoint_id == endpoint_id and tried.state == "retry_requested"
        ]


@dataclass
class MemoryDelivery:
    """Implements shared.deliveries.Delivery: gives `answers` in turn, then takes everything."""

    answers: list[Answer] = field(default_factory=list)
    posted: list[tuple[str, bytes]] = field(default_factory=list)

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:  # noqa: ARG002 - the port's
        self.posted.append((headers["X-County-Delivery"], body))
        return self.answers.pop(0) if self.answers else TAKEN

    def will_answer(self, answers: Iterable[Answer]) -> None:
        self.answers.extend(answers)
