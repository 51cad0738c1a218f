"""What every deciding service does with a message: from wire to log, from facts to wishes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shared.contracts.message import Command
from shared.event_log import Appended, Recorded
from shared.handling import Instruction
from shared.rejection import Rejected, Unavailable


def answer(appended: Appended) -> dict[str, Any]:
    """What the asker is told: where the command's events are."""
    return {
        "stream": appended.stream,
        "position": appended.position,
        "version": appended.version,
        "is_repeat": appended.is_repeat,
    }


def verdict(rehearsed: Callable[[], Sequence[Any]]) -> dict[str, Any]:
    """What a command would be answered: `{"code": "ok" | "unchanged"}`, or its refusal.

    Raises Unavailable: no answer is not a verdict.
    """
    try:
        return {"code": "ok" if rehearsed() else "unchanged"}
    except Unavailable:
        raise
    except Rejected as refusal:
        return {"code": refusal.code, "message": refusal.message, "fields": refusal.fields}


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
