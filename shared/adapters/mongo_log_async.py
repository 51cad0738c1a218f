"""The reading side of the log for asyncio: the gateway's one tail for all its event streams."""

import asyncio
import time
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from shared.adapters.log_queries import (
    NEWEST_FIRST,
    OLDEST_FIRST,
    PLACE,
    around,
    is_seamless,
    page_of,
    starting_after,
)
from shared.adapters.mongo import Document, is_passing
from shared.adapters.mongo_doorbell import POLL_EVERY, RINGS, rung_to
from shared.event_codec import CODEC, EventCodec, last_position
from shared.event_log import Page
from shared.rejection import Unavailable

FAR_AHEAD = 100
"""Positions that a reader may be ahead of its doorbell before a new one is hung up."""


class AsyncMongoLog:
    """Reads like MongoLog. `wait_for_more` is for one task at a time; `close` when done."""

    def __init__(
        self, client: AsyncMongoClient[Document], database: str, codec: EventCodec = CODEC
    ) -> None:
        self.commits: AsyncCollection[Document] = client[database].commits
        self._codec = codec
        self._bell: AsyncChangeStream[Document] | None = None
        self._heard = 0

    async def read_after(
        self, position: int, limit: int = 1000, types: frozenset[str] | None = None
    ) -> Page:
        """See EventLog.read_after. Raises Unavailable at once: the tail knows when to try again."""
        try:
            async with self.commits.database.client.start_session() as session:
                return await self._read_after(position, max(1, limit), types, session)
        except PyMongoError as error:
            raise _unavailable(error) from error

    async def head(self) -> int:
        """Position of the last event; 0 for an empty log. Raises Unavailable."""
        try:
            return await self._read_head(None)
        except PyMongoError as error:
            raise _unavailable(error) from error

    async def wait_for_more(self, position: int, timeout: float) -> bool:
        """Until the log has an event after `position`, at most about `timeout` seconds.

        False may also mean that the log could not be reached.
        """
        until = time.monotonic() + timeout
        while True:
            try:
                if await self._rings(position) or await self._read_head(None) > position:
                    return True
            except PyMongoError:  # no bell: the head is looked at until there is one again
                await self.close()
                await asyncio.sleep(min(POLL_EVERY, max(0.0, until - time.monotonic())))
            if time.monotonic() >= until:
                return False

    async def close(self) -> None:
        """Hang up the doorbell; the client stays open."""
        bell, self._bell = self._bell, None
        if bell is not None:
            await bell.close()

    async def _rings(self, position: int) -> bool:
        """Whether the bell rings for an event behind the position within POLL_EVERY seconds."""
        if self._bell is not None and position > self._heard + FAR_AHEAD:
            await self.close()  # cheaper than listening to everything that is known already
        if self._bell is None:
            self._heard = position
            self._bell = await self.commits.watch(RINGS, max_await_time_ms=int(POLL_EVERY * 1000))
            return False
        while (change := await self._bell.try_next()) is not None:
            self._heard = rung_to(change)
            if self._heard > position:
                return True
        return False

    async def _read_after(
        self, position: int, limit: int, types: frozenset[str] | None, session: AsyncClientSession
    ) -> Page:
        head = await self._read_head(session) if types is not None else position
        query = starting_after(position, types)
        found: list[Any] = await self.commits.find(
            query, sort=OLDEST_FIRST, limit=limit, session=session
        ).to_list()
        if not is_seamless(position, found):
            across = await self.commits.find_one(
                around(position), sort=NEWEST_FIRST, session=session
            )
            found = [*([across] if across else []), *found]
        page = page_of(found, position, limit, types, self._codec)
        return page if len(page.facts) >= limit else page._replace(reached=max(page.reached, head))

    async def _read_head(self, session: AsyncClientSession | None) -> int:
        newest = await self.commits.find_one({}, PLACE, sort=NEWEST_FIRST, session=session)
        return last_position(newest) if newest else 0


def _unavailable(error: PyMongoError) -> Unavailable:
    if not is_passing(error):
        raise error
    return Unavailable("数据库暂时无法连接,请稍后重试")
