"""One command, from the wire to the log: read, decide, append; again when somebody was faster."""

import hashlib
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

import orjson
from pydantic import ValidationError

from shared.access import require
from shared.calendar import beijing_moment
from shared.contracts.message import Command
from shared.contracts.registry import COMMANDS
from shared.decider import Decider
from shared.event_log import Appended, EventLog, NewCommit, Recorded, StreamConflict
from shared.labels import COMMAND, ROLE
from shared.rejection import (
    CommandIdReused,
    InvalidInput,
    NotAllowedNow,
    Rejected,
    StaleVersion,
    Unavailable,
)

MAX_TRIES = 12
_ROLES: Mapping[str, str] = {str(role): name for role, name in ROLE.items()}

C = TypeVar("C", bound=Command)
S = TypeVar("S")
K = TypeVar("K")


@dataclass(frozen=True)
class Instruction:
    """A typed command with what the edge knows about it.

    `command_id` makes a repeat happen once; `expected_version` (None: any) refuses a stale screen;
    `caused_by` is the position of the event that a policy reacted to.
    """

    command: Command
    command_id: str
    correlation_id: str = ""
    expected_version: int | None = None
    caused_by: int | None = None

    @property
    def name(self) -> str:
        return type(self.command).__name__


def digest_of(command: Command) -> str:
    """SHA-256 (hex) of what was asked, without when: a repeat comes later but asks the same."""
    said = command.model_dump(mode="json", exclude={"at"})
    said["by"] = command.by.account_id
    said["__name__"] = type(command).__name__
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def to_wire(instruction: Instruction) -> dict[str, Any]:
    """JSON-ready keyword arguments of a service's `handle`."""
    return {
        "name": instruction.name,
        "body": instruction.command.model_dump(mode="json", exclude_unset=False),
        "command_id": instruction.command_id,
        "correlation_id": instruction.correlation_id,
        "expected_version": instruction.expected_version,
    }


def from_wire(
    name: str,
    body: dict[str, Any],
    command_id: str,
    correlation_id: str = "",
    expected_version: int | None = None,
) -> Instruction:
    """The typed command again. Raises InvalidInput naming every field that does not fit."""
    kind = COMMANDS.get(name)
    if kind is None:
        raise InvalidInput("没有这种指令", name="请使用接口文档中列出的指令")
    try:
        command = kind.model_validate_json(orjson.dumps(body))
    except ValidationError as error:
        raise InvalidInput("指令内容不符合要求", **fields_of(error)) from None
    except (TypeError, orjson.JSONEncodeError):
        raise InvalidInput("指令内容不是有效的 JSON") from None
    return Instruction(command, command_id, correlation_id, expected_version)


def fields_of(error: ValidationError) -> dict[str, str]:
    """Field path → what is wrong with it, without repeating the value (it may be personal)."""
    return {
        ".".join(str(part) for part in problem["loc"]) or "body": problem["msg"]
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    }


def handle(  # noqa: PLR0913 - a decision is made of exactly these
    log: EventLog,
    decider: Decider[Any, Any, S, K],
    key: str,
    asked: Instruction,
    knowledge: K,
    *,
    begins: bool = False,
) -> Appended:
    """Decide one command against the stream `<category>-<key>` and append what follows.

    `begins`: the stream is most likely new, so the first try does not read it; if it is not, the
    log says so and it is read. Raises Rejected (and its kinds); a conflict with a faster writer is
    read again and retried.
    """
    stream = f"{decider.category}-{key}"
    digest = _digest(asked)
    for attempt in range(MAX_TRIES):
        is_guess = begins and attempt == 0
        history = [] if is_guess else log.read_stream(stream)
        if stored := [f for f in history if f.commit.command_id == asked.command_id]:
            return _same_answer(stored, digest)
        version = history[-1].version if history else 0
        try:
            state = decider.replay(fact.event for fact in history)
            if history:
                require(asked.command.by, asked.name, decider.audience(state))
            _refuse_stale(asked.expected_version, version)
            events, audience = _decide(decider, asked, state, bool(history), knowledge)
        except Rejected as refusal:
            if is_guess:
                continue  # it may be the repeat of something that was fine when it was said
            raise _told_by_whom(refusal, history) from None
        if not events:
            return Appended(stream, 0, version)
        commit = _commit(stream, version, asked, digest, events, audience)
        try:
            return log.append(commit)
        except StreamConflict:
            time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))
    raise Unavailable("同一事项的操作过于集中,请稍后再试")


def _digest(asked: Instruction) -> str:
    """A policy that meets its fact again may wish for something else, as it knows more by then.

    Its first wish stands, so what makes its repeat a repeat is the fact alone.
    """
    return asked.command_id if asked.caused_by is not None else digest_of(asked.command)


def rehearse(
    decider: Decider[Any, Any, S, K], asked: Instruction, state: S, is_known: bool, knowledge: K
) -> tuple[Any, ...]:
    """The events that `handle` would append, by the same rules; nothing is written.

    `state` is where the thing stands, `is_known` whether it has a history. Raises Rejected.
    """
    events, _ = _decide(decider, asked, state, is_known, knowledge)
    return events


def _decide(
    decider: Decider[Any, Any, S, K], asked: Instruction, state: S, is_known: bool, knowledge: K
) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """The events, and whom they concern. A new thing is checked by what it would become."""
    actor = asked.command.by
    if is_known:
        require(actor, asked.name, decider.audience(state))
    events = tuple(decider.decide(asked.command, state, knowledge))
    audience = decider.audience(reduce(decider.evolve, events, state))
    if not is_known:
        require(actor, asked.name, audience)
    return events, audience


def _same_answer(stored: list[Recorded], digest: str) -> Appended:
    commit, last = stored[-1].commit, stored[-1]
    if commit.digest != digest:
        raise CommandIdReused("这个操作编号已用于另一项内容,请刷新页面后重新提交")
    return Appended(commit.stream, last.position, last.version, is_repeat=True)


def _refuse_stale(expected: int | None, version: int) -> None:
    if expected is not None and expected != version:
        raise StaleVersion(
            "在您操作期间这件事项已有新进展,请刷新后再决定", expected_version=f"现在是 {version}"
        )


def _told_by_whom(refusal: Rejected, history: list[Recorded]) -> Rejected:
    """Two people decided at once: whoever was second hears what happened, by whom and when."""
    if not history or not isinstance(refusal, NotAllowedNow | StaleVersion):
        return refusal
    last = history[-1].commit
    who = f"{_ROLES.get(last.role, last.role)}（{last.by}）"
    did = COMMAND.get(last.command, last.command)
    last_word = f"最近一次操作：{who}于{beijing_moment(last.at)}{did}"
    return type(refusal)(f"{refusal.message}。{last_word}", **refusal.fields)


def _commit(  # noqa: PLR0913, PLR0917 - a commit is made of exactly these
    stream: str,
    version: int,
    asked: Instruction,
    digest: str,
    events: tuple[Any, ...],
    audience: tuple[str, ...],
) -> NewCommit:
    return NewCommit(
        stream=stream,
        expected_version=version,
        events=events,
        command_id=asked.command_id,
        command=asked.name,
        digest=digest,
        at=asked.command.at,
        by=asked.command.by.account_id,
        role=asked.command.by.role,
        audience=audience,
        correlation_id=asked.correlation_id,
        caused_by=asked.caused_by,
    )
