"""One tail of the log per process, and the event streams that hang on it.

Each client has a bounded queue of shared frames. A client that cannot keep up loses its queue, not
its events: it reads what it missed from the log, from the last position it was sent.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import orjson

from shared.access import sees
from shared.adapters.mongo_log_async import AsyncMongoLog
from shared.contracts.actor import Actor
from shared.event_log import Recorded
from shared.pacing import pause_after
from shared.rejection import Unavailable
from shared.telemetry import get_logger

QUEUE_LENGTH = 1000
PAGE = 500
HEARTBEAT_SECONDS = 15.0
LARGEST_POSITION = 2**53

log = get_logger()
Welcome = Callable[[], Awaitable[bool]]
Watcher = Callable[[Recorded], Awaitable[None]]


@dataclass(frozen=True)
class Filter:
    """Which events a client asked for; empty sets mean all. Always within what the viewer sees."""

    viewer: Actor
    categories: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()

    def lets_through(self, fact: Recorded) -> bool:
        category = fact.commit.stream.partition("-")[0]
        return (
            (not self.categories or category in self.categories)
            and (not self.types or type(fact.event).__name__ in self.types)
            and sees(self.viewer, fact.commit.audience)
        )


@dataclass(eq=False)
class Client:
    wanted: Filter
    queue: asyncio.Queue[tuple[Recorded, bytes]] = field(
        default_factory=lambda: asyncio.Queue(QUEUE_LENGTH)
    )
    is_behind: bool = True
    sent: int = 0


class Tail:
    """Follows the log for this process and feeds every open stream."""

    def __init__(self, event_log: AsyncMongoLog, watcher: Watcher) -> None:
        self._log = event_log
        self._watcher = watcher
        self._clients: set[Client] = set()
        self.position = 0
        self.is_following = False

    async def run(self) -> None:
        """Follow for ever; a database that is away is waited for."""
        try:
            await self._follow()
        finally:
            self.is_following = False

    async def _follow(self) -> None:
        while True:
            try:
                if not self.is_following:
                    self.position = await self._log.head()
                    self.is_following = True
                await self._log.wait_for_more(self.position, HEARTBEAT_SECONDS)
                while count := await self._read_on():
                    await asyncio.sleep(pause_after(count))
            except Unavailable:
                log.warning("tail_waits", position=self.position)
                await asyncio.sleep(0.5)

    async def head(self) -> int:
        """Where the log ends: known once this process follows it. Raises Unavailable.

        Another process may have shown a client more than this one has read, so it is asked anew.
        """
        head = await self._log.head()
        until = time.monotonic() + HEARTBEAT_SECONDS
        while not self.is_following:
            if time.monotonic() > until:
                raise Unavailable("数据库暂时不可用，请稍后再试")
            await asyncio.sleep(0.05)
        return max(head, self.position)

    async def _read_on(self) -> int:
        """Hand out what is new; how many events that were."""
        page = await self._log.read_after(self.position, PAGE)
        for fact in page.facts:
            await self._watcher(fact)
            self.position = fact.position
            self._hand_out(fact)
        self.position = max(self.position, page.reached)
        return len(page.facts)

    def _hand_out(self, fact: Recorded) -> None:
        frame: bytes | None = None
        for client in self._clients:
            if client.is_behind or not client.wanted.lets_through(fact):
                continue
            frame = frame or encode(fact)
            try:
                client.queue.put_nowait((fact, frame))
            except asyncio.QueueFull:
                client.is_behind = True

    async def stream(
        self, wanted: Filter, after: int | None, is_welcome: Welcome
    ) -> AsyncIterator[bytes]:
        """Frames after a position (None: from now on), then live, with heartbeats.

        Nothing is sent any more once the viewer's session has ended.
        """
        client = Client(wanted, sent=self.position if after is None else after)
        self._clients.add(client)
        try:
            yield b": connected\n\n"
            while True:
                async for frame in self._catch_up(client):
                    if not await is_welcome():
                        return
                    yield frame
                frame = await self._next(client)
                if not await is_welcome():
                    return
                yield frame
        finally:
            self._clients.discard(client)

    async def _next(self, client: Client) -> bytes:
        """The next live frame; when there is none for a while, a heartbeat with the position."""
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                fact, frame = await client.queue.get()
        except TimeoutError:
            if client.queue.empty() and not client.is_behind:
                client.sent = max(client.sent, self.position)
            return b": \nid: %d\n\n" % client.sent
        if fact.position <= client.sent:
            return b""
        client.sent = fact.position
        return frame

    async def _catch_up(self, client: Client) -> AsyncIterator[bytes]:
        """Read the log until this client stands where the tail stands, then let it go live."""
        if not client.is_behind:
            return
        _empty(client.queue)
        while client.sent < self.position:
            try:
                page = await self._log.read_after(client.sent, PAGE)
            except Unavailable:
                await asyncio.sleep(0.5)
                continue
            for fact in page.facts:
                client.sent = fact.position
                if client.wanted.lets_through(fact):
                    yield encode(fact)
            client.sent = max(client.sent, page.reached)
        client.is_behind = False


def _empty(queue: asyncio.Queue[tuple[Recorded, bytes]]) -> None:
    while not queue.empty():
        queue.get_nowait()


def encode(fact: Recorded) -> bytes:
    """One event as a server-sent frame: ids and codes only, because that is all events hold."""
    commit = fact.commit
    body = orjson.dumps(
        {
            "position": fact.position,
            "stream": commit.stream,
            "version": fact.version,
            "type": type(fact.event).__name__,
            "at": commit.at,
            "by": commit.by,
            "role": commit.role,
            "event": fact.event.model_dump(),
        }
    )
    return b"id: %d\ndata: %b\n\n" % (fact.position, body)
