"""Group commit: one thread per process writes what many callers append, many commits at a time.

Why there is never a gap. A commit is only ever inserted behind a commit that a majority holds, or
behind one that went out before it in the same ordered insert. So the commits form one chain from
position 1 on, and the unique `_id` lets only one commit stand at each place, whoever writes. That
is also why the tail is read at majority: behind a commit that a failover takes back there would be
a hole.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import (
    BulkWriteError,
    PyMongoError,
    WriteError,
    WTimeoutError,
)

from shared.adapters.mongo import Document, is_passing
from shared.adapters.mongo_waiting import Waiting, settle_in_line
from shared.adapters.tail_turns import Turns
from shared.event_codec import last_position
from shared.event_log import Appended, StreamConflict
from shared.hash_chain import GENESIS, seal

MAX_BATCH: Final = 256
MAX_BATCH_BYTES: Final = 16 * 1024 * 1024
"""Far below the 48 MB above which pymongo would cut an insert in two, which might leave a gap."""

GATHERING: Final = 0.0005
"""Seconds without a newcomer after which a batch goes out smaller than the one before."""

PAUSE: Final = 0.1
"""Seconds between tries while MongoDB does not answer."""

_DUPLICATE_KEY: Final = 11000


class Tail(NamedTuple):
    """Where the next commit goes, and the hash of the one before it."""

    position: int
    prev: str


class Committer:
    """Owns the tail of one log within this process. Its thread starts with the first append."""

    def __init__(self, commits: Collection[Document]) -> None:
        self._commits = commits
        self._tail: Tail | None = None
        self._own_tail: Tail | None = None
        self._turns = Turns()
        self._group = 1
        self._needed = 0
        self._queue: deque[Waiting] = deque()
        self._arrived = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def commit(self, waiting: Waiting) -> Appended:
        """Returns or raises what became of it, at its deadline at the latest."""
        try:
            self._submit(waiting)
            return waiting.result()
        finally:
            waiting.leave()  # also when somebody ends the green thread that waits

    def close(self) -> None:
        """Write what waits, then stop."""
        self._is_closed = True
        self._wake()
        if self._thread is not None:
            self._thread.join()

    def _submit(self, waiting: Waiting) -> None:
        if self._thread is None:
            self._start()
        self._queue.append(waiting)
        if 0 < self._needed <= len(self._queue):
            self._wake()

    def _start(self) -> None:
        with self._arrived:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()

    def _wake(self) -> None:
        with self._arrived:
            self._needed = 0
            self._arrived.notify()

    def _sleep_until(self, needed: int, timeout: float | None = None) -> None:
        """Until so many wait. Callers look at `_needed` after they have queued, so none is missed;
        only then do they touch the lock."""
        with self._arrived:
            self._needed = needed
            self._arrived.wait_for(lambda: len(self._queue) >= needed or self._is_closed, timeout)
            self._needed = 0

    def _run(self) -> None:
        batch: list[Waiting] = []
        while batch := self._gather(batch):
            try:
                self._attempt(batch)
            except Exception as mistake:
                self._tail = None
                for waiting in batch:
                    if waiting.outcome is None:
                        waiting.settle(mistake)
            batch = [waiting for waiting in batch if waiting.is_wanted]

    def _gather(self, left: list[Waiting]) -> list[Waiting]:
        """Those left from the last try and those who came; empty when closed."""
        if not left:
            self._sleep_until(1)
            self._let_others_go_ahead()
            self._let_the_group_come()
        batch, size = list(left), sum(len(waiting.body) for waiting in left)
        while self._queue and len(batch) < MAX_BATCH:
            size += len(self._queue[0].body)
            if batch and size > MAX_BATCH_BYTES:
                break
            batch.append(self._queue.popleft())
        self._group = len(batch)
        return batch

    def _let_others_go_ahead(self) -> None:
        if rest := self._turns.rest(time.monotonic()):
            time.sleep(rest)

    def _let_the_group_come(self) -> None:
        """Wait for those who wrote together last time, as long as they keep coming.

        Half of them are enough when the tail is ours alone: the others prepare their commits while
        these are written.
        """
        wanted = self._group if self._turns.is_contested else max(1, self._group // 2)
        seen = 0
        while seen < len(self._queue) < wanted:
            seen = len(self._queue)
            self._sleep_until(wanted, GATHERING)

    def _attempt(self, batch: Sequence[Waiting]) -> None:
        """Settle as many as one insert can; the rest stays without an outcome."""
        try:
            with self._commits.database.client.start_session(causal_consistency=True) as session:
                self._recall([waiting for waiting in batch if waiting.is_in_doubt], session)
                open_ones = [waiting for waiting in batch if waiting.is_wanted]
                chosen, later = _one_per_place(open_ones)
                self._insert(chosen, later, session)
        except PyMongoError as error:
            self._tail = None
            if not is_passing(error):
                raise
            time.sleep(random.uniform(PAUSE / 2, PAUSE))

    def _insert(
        self, chosen: Sequence[Waiting], later: Sequence[Waiting], session: ClientSession
    ) -> None:
        if not chosen:
            return
        began = time.monotonic()
        tail, self._tail = self._tail or self._read_tail(), None
        documents, tails = _sealed(chosen, tail)
        for waiting in chosen:
            waiting.is_in_doubt = True
        refusal = self._send(documents, session)
        stored = refusal["index"] if refusal else len(chosen)
        for waiting in chosen:
            waiting.is_in_doubt = False
        placed = zip(chosen[:stored], tails, strict=False)
        settle_in_line((waiting, _placed(waiting, behind)) for waiting, behind in placed)
        taken = list(chosen[:stored])
        if stored:
            self._turn_taken(began, tail, tails[stored - 1])
        else:
            self._tail = tail
        if refusal:
            taken += self._refused(chosen[stored], refusal)
        self._settle_losers(taken, [*chosen[stored:], *later], session)

    def _send(self, documents: list[RawBSONDocument], session: ClientSession) -> Document | None:
        """One ordered insert; returns what stopped it, if anything did."""
        try:
            self._commits.insert_many(documents, ordered=True, session=session)
        except BulkWriteError as error:
            if error.details["writeConcernErrors"]:
                raise WTimeoutError("no word of a majority: the outcome is unknown") from error
            refusal: Document = error.details["writeErrors"][0]
            return refusal
        return None

    def _refused(self, waiting: Waiting, refusal: Document) -> list[Waiting]:
        """Whose command id or place in the stream turned out to be taken: this one's, or none."""
        if refusal["code"] != _DUPLICATE_KEY:
            waiting.settle(WriteError(refusal["errmsg"], refusal["code"], refusal))
        elif "_id" in refusal["keyPattern"]:
            self._tail = None
            self._turns.lost()
        else:
            return [waiting]
        return []

    def _turn_taken(self, began: float, before: Tail, behind: Tail) -> None:
        """What we remember of the tail is worth nothing when others are about to write."""
        has_moved, self._own_tail = self._own_tail not in {None, before}, behind
        now = time.monotonic()
        self._turns.won(now, now - began, has_moved=has_moved)
        self._tail = None if self._turns.is_contested else behind

    def _settle_losers(
        self, taken: Iterable[Waiting], others: Sequence[Waiting], session: ClientSession
    ) -> None:
        """Answer those whose command id or place in their stream is taken, in one look-up.

        The session makes the look-up wait until a majority holds the commit that was in the way.
        A commit that a failover took back is in nobody's way: who finds nothing tries again.
        """
        places = {waiting.key for waiting in taken}
        ids = {waiting.new.command_id for waiting in taken}
        losers = [w for w in others if w.key in places or w.new.command_id in ids]
        self._recall(losers, session)
        if not (open_ones := [w for w in losers if w.outcome is None]):
            return
        occupied = self._occupied(open_ones, session)
        for waiting in open_ones:
            if waiting.key in occupied:
                waiting.settle(StreamConflict(waiting.new.stream))

    def _recall(self, asked: Sequence[Waiting], session: ClientSession) -> None:
        """Settle those whose command id is in the log."""
        if not asked:
            return
        ids = [waiting.new.command_id for waiting in asked]
        stored = self._commits.find(
            {"command_id": {"$in": ids}}, {"events": 0, "audience": 0}, session=session
        )
        known = {commit["command_id"]: commit for commit in stored}
        for waiting in asked:
            waiting.is_in_doubt = False
            if commit := known.get(waiting.new.command_id):
                waiting.settle_from(commit)

    def _occupied(self, asked: Sequence[Waiting], session: ClientSession) -> set[tuple[str, int]]:
        """Which of the places in their streams are really taken."""
        places = [{"stream": w.new.stream, "version": w.new.expected_version + 1} for w in asked]
        found = self._commits.find(
            {"$or": places}, {"_id": 0, "stream": 1, "version": 1}, session=session
        )
        return {(commit["stream"], commit["version"] - 1) for commit in found}

    def _read_tail(self) -> Tail:
        head = self._commits.find_one({}, {"n": 1, "hash": 1}, sort=[("_id", -1)])
        return Tail(last_position(head) + 1, head["hash"]) if head else Tail(1, GENESIS)


def _one_per_place(batch: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """Who goes now, and who must see first how that ends: same command id, or same place."""
    chosen: list[Waiting] = []
    later: list[Waiting] = []
    places: set[Any] = set()
    for waiting in batch:
        mine = {waiting.key, waiting.new.command_id}
        (chosen if places.isdisjoint(mine) else later).append(waiting)
        places |= mine
    return chosen, later


def _sealed(chosen: Sequence[Waiting], tail: Tail) -> tuple[list[RawBSONDocument], list[Tail]]:
    """The documents one behind the other, and the tail behind each."""
    documents, tails = [], []
    for waiting in chosen:
        document, digest = seal(tail.position, waiting.body, tail.prev)
        waiting.hashes.add(digest)
        tail = Tail(tail.position + len(waiting.new.events), digest)
        documents.append(RawBSONDocument(document))
        tails.append(tail)
    return documents, tails


def _placed(waiting: Waiting, behind: Tail) -> Appended:
    new = waiting.new
    return Appended(new.stream, behind.position - 1, new.expected_version + len(new.events))
