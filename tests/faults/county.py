"""A whole running county, and what must be true of it after every fault."""

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from amqp import Channel
from pymongo import MongoClient

from deploy.local.private import Stack
from deploy.local.program import ROOT, python
from shared.adapters.amqp_link import connect as connect_to_broker
from shared.adapters.mongo import connect
from shared.calendar import beijing_day
from tests.faults.load import ROUTES, Cast, Load
from tests.faults.people import Book, Person, sign_in
from tests.faults.watching import Watcher

CENTER = "center-dispatcher-1"
CATCHING_UP = 30.0
"""Seconds that views and streams may need until they show what the log holds."""

REPEATED = 5
Json = dict[str, Any]


class County:
    """A started stack with people signed in, one book, and one stream open all the time."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.book = Book()
        names = set[str]().union(*(route.accounts for route in ROUTES))
        accounts = stack.folder / "accounts.json"
        self._cookies = sign_in(stack.gateway_url, accounts, names | {CENTER})
        self._mongodb: MongoClient[Json] = connect(stack.mongodb_uri, "fault tests")
        self._began_after = max(commit["_id"] for commit in self._commits())
        self.watcher = Watcher(stack.gateway_url, self._cookies[CENTER])

    def close(self) -> None:
        self.watcher.stop()
        self._mongodb.close()

    def database(self, name: str) -> Any:
        return self._mongodb[f"{self.stack.county}_{name}"]

    def load(self) -> Load:
        """A load to run while something dies."""
        return Load(self.stack.gateway_url, self._cookies, self.book)

    def person(self, account: str) -> Person:
        return Person(self.stack.gateway_url, account, self._cookies[account], self.book)

    def cast(self) -> Cast:
        """The people of one route, to do something by hand; to be closed."""
        return Cast(self.stack.gateway_url, ROUTES[0], self._cookies, self.book)

    @contextmanager
    def broker(self) -> Iterator[Channel]:
        """A channel of one's own to RabbitMQ, for a moment."""
        with connect_to_broker(self.stack.amqp_uri) as link:
            yield link.channel()

    def must_have_survived(self) -> None:
        """It serves again, and nothing was lost, doubled or made up."""
        self._serves()
        commits = self._commits()
        _has_no_gap(commits)
        _holds_exactly([c for c in commits if c["_id"] > self._began_after], self.book)
        self._counts(commits)
        self._was_watched(commits)
        self._answers_repeats_alike()
        self._verifies()

    def _commits(self) -> list[Json]:
        return list(self.database("log").commits.find(sort=[("_id", 1)]))

    def _serves(self) -> None:
        """One more request goes all the way."""
        cast = self.cast()
        try:
            cast.walk()
        finally:
            cast.close()

    def _counts(self, commits: list[Json]) -> None:
        """The board comes to say what the log says."""
        day = beijing_day(commits[-1]["at"])
        placed = sum(
            event["t"] == "RequestPlaced" and beijing_day(commit["at"]) == day
            for commit in commits
            for event in commit["events"]
        )
        center = self.person(CENTER)
        try:
            _eventually(lambda: _placed_on(center, day), placed)
        finally:
            center.close()

    def _was_watched(self, commits: list[Json]) -> None:
        """The open stream has seen every position once, in order, over all reconnections."""
        head = _last_position(commits[-1])
        self.watcher.wait_for(head, CATCHING_UP)
        assert self.watcher.positions[:head] == list(range(1, head + 1))
        assert self.watcher.refusals == []

    def _answers_repeats_alike(self) -> None:
        """A client that asks again, after everything, is told the same."""
        before = len(self.book.acknowledged)
        for write in list(self.book.acknowledged.values())[-REPEATED:]:
            person = self.person(write.account)
            try:
                answer = person.write_again(write.path, write.key, write.body)
            finally:
                person.close()
            assert (answer["position"], answer["is_repeat"]) == (write.position, True)
        assert len(self.book.acknowledged) == before

    def _verifies(self) -> None:
        verified = subprocess.run(
            python("-m", "deploy.verify", "--wait", str(CATCHING_UP)),
            env={**os.environ, **self.stack.addresses.environment()},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr


def _has_no_gap(commits: list[Json]) -> None:
    """Positions and the versions of every stream follow each other without a hole."""
    position, versions = 0, Counter[str]()
    for commit in commits:
        stream = commit["stream"]
        assert commit["_id"] == position + 1
        assert commit["version"] == versions[stream] + 1, stream
        assert commit["n"] == len(commit["events"]) > 0
        position = _last_position(commit)
        versions[stream] += commit["n"]


def _holds_exactly(commits: list[Json], book: Book) -> None:
    """What was acknowledged is there once, at the place that was named; what was refused is not."""
    times = Counter(commit["command_id"] for commit in commits)
    assert [command_id for command_id, count in times.items() if count > 1] == []
    accounts = {write.account for write in book.acknowledged.values()}
    written = {
        commit["command_id"]: _last_position(commit) for commit in commits
        if commit["by"] in accounts
    }  # fmt: skip
    promised = {command_id: write.position for command_id, write in book.acknowledged.items()}
    assert sorted(written.items() ^ promised.items()) == []
    assert set(book.refused.values()) <= {"not_yours"}
    assert times.keys().isdisjoint(book.refused)


def _last_position(commit: Json) -> int:
    return int(commit["_id"] + commit["n"] - 1)


def _placed_on(center: Person, day: str) -> int:
    headline = center.read(f"board?day={day}")["headline"]
    return next(int(figure["count"]) for figure in headline if figure["name"] == "placed_today")


def _eventually(found: Callable[[], int], expected: int) -> None:
    until = time.monotonic() + CATCHING_UP
    while (number := found()) != expected:
        assert time.monotonic() < until, f"{number} instead of {expected}"
        time.sleep(0.1)
