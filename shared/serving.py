"""What every deciding service does with a message: from wire to log, from facts to wishes."""

from collections.abc import Iterable
from typing import Any

from shared.contracts.message import Command
from shared.event_log import Appended, Recorded
from shared.handling import Instruction


def answer(appended: Appended) -> dict[str, Any]:
    """What the asker is told: where the command's events are."""
    return {
        "stream": appended.stream,
        "position": appended.position,
        "version": appended.version,
        "is_repeat": appended.is_repeat,
    }


def wishes(fact: Recorded, commands: Iterable[Command]) -> list[Instruction]:
    """A policy's commands, each with an id that follows from the fact: reacting twice is once."""
    return [
        Instruction(
            command=command,
            command_id=f"{fact.position}:{type(command).__name__}:{number}",
            correlation_id=fact.commit.correlation_id,
            caused_by=fact.position,
        )
        for number, command in enumerate(commands)
    ]


def by_stream(fact: Recorded) -> str:
    """The lane of a policy: one aggregate's facts in order, different aggregates side by side."""
    return fact.commit.stream
