"""The log without a database: same promises, same bytes, gone with the process."""

import threading
from bisect import bisect_left
from typing import Any

import bson

from shared.event_codec import (
    CODEC,
    EventCodec,
    appended,
    last_position,
    last_version,
    repeat_of,
)
from shared.event_log import Appended, NewCommit, Page, Recorded, StreamConflict
from shared.hash_chain import GENESIS, seal

_OPTIONS: bson.CodecOptions[dict[str, Any]] = bson.CodecOptions(tz_aware=True)


class MemoryLog:
    """An EventLog for tests; safe to share between threads. `commits` are the stored documents."""

    def __init__(self, codec: EventCodec = CODEC) -> None:
        self.commits: list[dict[str, Any]] = []
        self._codec = codec
        self._commands: dict[str, dict[str, Any]] = {}
        self._versions: dict[str, int] = {}
        self._grown = threading.Condition()

    def append(self, commit: NewCommit) -> Appended:
        body = self._codec.body(commit)
        with self._grown:
            if stored := self._commands.get(commit.command_id):
                return repeat_of(stored, commit.digest)
            if self._versions.get(commit.stream, 0) != commit.expected_version:
                raise StreamConflict(commit.stream)
            prev = self.commits[-1]["hash"] if self.commits else GENESIS
            document = bson.decode(seal(self.head() + 1, body, prev)[0], _OPTIONS)
            self.commits.append(document)
            self._commands[commit.command_id] = document
            self._versions[commit.stream] = last_version(document)
            self._grown.notify_all()
            return appended(document)

    def read_stream(self, stream: str) -> list[Recorded]:
        commits = [commit for commit in list(self.commits) if commit["stream"] == stream]
        return [fact for commit in commits for fact in self._codec.facts(commit)]

    def read_after(
        self, position: int, limit: int = 1000, types: frozenset[str] | None = None
    ) -> Page:
        commits = list(self.commits)
        facts: list[Recorded] = []
        reached = position
        for commit in commits[bisect_left(commits, position + 1, key=last_position) :]:
            if len(facts) >= limit:
                break
            facts += self._codec.facts(commit, position, types)
            reached = last_position(commit)
        return Page(facts, reached)

    def head(self) -> int:
        return last_position(self.commits[-1]) if self.commits else 0

    def wait_for_more(self, position: int, timeout: float) -> bool:
        with self._grown:
            return self._grown.wait_for(lambda: self.head() > position, timeout)
