"""The county's log in MongoDB, for plain and for green threads."""

import random
import time
from collections.abc import Callable
from itertools import chain, islice
from typing import Final, TypeVar

from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from shared.adapters.log_queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    PLACE,
    around,
    batch_for,
    is_seamless,
    page_of,
    starting_after,
)
from shared.adapters.mongo import Document, connect, is_passing
from shared.adapters.mongo_commits import PAUSE, Committer
from shared.adapters.mongo_doorbell import Doorbell
from shared.adapters.mongo_waiting import Waiting
from shared.event_codec import CODEC, EventCodec, last_position, last_version
from shared.event_log import Appended, NewCommit, Page, Recorded, StreamConflict
from shared.rejection import Unavailable
from shared.settings import Settings

T = TypeVar("T")

REMEMBERED_STREAMS: Final = 10_000


def open_log(settings: Settings, name: str = "") -> "MongoLog":
    """The log of the county, with a client of its own. Its indexes: mongo.create_log_indexes."""
    client = connect(settings.mongodb_uri, name)
    return MongoLog(client, settings.database("log"), settings.command_deadline)


class MongoLog:
    """An EventLog (see there for what it promises). Share one per process between all threads.

    `deadline`: seconds that a call goes on trying while MongoDB does not answer.
    """

    def __init__(
        self,
        client: MongoClient[Document],
        database: str,
        deadline: float = 10.0,
        codec: EventCodec = CODEC,
    ) -> None:
        self.commits: Collection[Document] = client[database].commits
        self._deadline = deadline
        self._codec = codec
        self._committer = Committer(self.commits)
        self._doorbell = Doorbell(self.commits, lambda: self._patiently(self._read_head, 0.0))
        self._versions: dict[str, int] = {}

    def append(self, commit: NewCommit) -> Appended:
        waiting = Waiting(commit, self._codec.body(commit), time.monotonic() + self._deadline)
        self._require_an_end(commit)
        appended = self._committer.commit(waiting)
        self._remember(appended.stream, appended.version)
        return appended

    def read_stream(self, stream: str) -> list[Recorded]:
        commits = self._patiently(
            lambda: list(self.commits.find({"stream": stream}, sort=[("version", 1)]))
        )
        facts = [fact for commit in commits for fact in self._codec.facts(commit)]
        if facts:
            self._remember(stream, facts[-1].version)
        return facts

    def read_after(
        self, position: int, limit: int = 1000, types: frozenset[str] | None = None
    ) -> Page:
        return self._patiently(lambda: self._read_after(position, max(1, limit), types))

    def head(self) -> int:
        return self._patiently(self._read_head)

    def wait_for_more(self, position: int, timeout: float) -> bool:
        return self._doorbell.wait(position, timeout)

    def close(self) -> None:
        """Write what waits and stop the threads; the client stays open."""
        self._committer.close()
        self._doorbell.close()

    def _read_after(self, position: int, limit: int, types: frozenset[str] | None) -> Page:
        with self.commits.database.client.start_session(causal_consistency=True) as session:
            head = self._read_head(session) if types is not None else position
            found = self.commits.find(
                starting_after(position, types),
                sort=OLDEST_FIRST,
                limit=limit,
                batch_size=batch_for(limit),
                session=session,
            )
            first = list(islice(found, 1))
            if not is_seamless(position, first):
                across = self.commits.find_one(around(position), sort=NEWEST_FIRST, session=session)
                first = [*([across] if across else []), *first]
            page = page_of(chain(first, found), position, limit, types, self._codec)
            return (
                page if len(page.facts) >= limit else page._replace(reached=max(page.reached, head))
            )

    def _read_head(self, session: ClientSession | None = None) -> int:
        newest = self.commits.find_one({}, PLACE, sort=NEWEST_FIRST, session=session)
        return last_position(newest) if newest else 0

    def _require_an_end(self, commit: NewCommit) -> None:
        """Refuse a version at which no commit of the stream ends; the index would let it pass.

        Callers expect what they have read, so what this process has seen needs no look-up.
        """
        expected = commit.expected_version
        if expected in {0, self._versions.get(commit.stream)}:
            return
        if not self._patiently(lambda: self._may_follow(commit)):
            raise StreamConflict(commit.stream)

    def _may_follow(self, commit: NewCommit) -> bool:
        before = self.commits.find_one(
            {"stream": commit.stream, "version": {"$lte": commit.expected_version}},
            {"version": 1, "n": 1},
            sort=[("version", -1)],
        )
        if before and last_version(before) == commit.expected_version:
            return True
        return self.commits.find_one({"command_id": commit.command_id}, {}) is not None

    def _remember(self, stream: str, version: int) -> None:
        if len(self._versions) >= REMEMBERED_STREAMS:
            self._versions.clear()
        self._versions[stream] = version

    def _patiently(self, read: Callable[[], T], patience: float | None = None) -> T:
        """Read again while MongoDB does not answer. Raises Unavailable when that takes too long."""
        until = time.monotonic() + (self._deadline if patience is None else patience)
        while True:
            try:
                return read()
            except PyMongoError as error:
                if not is_passing(error):
                    raise
                if time.monotonic() >= until:
                    raise Unavailable("数据库暂时无法连接,请稍后重试") from error
            time.sleep(random.uniform(PAUSE / 2, PAUSE))
