"""Sessions on a real MongoDB: how they age, and that every process hears of their end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.adapters.mongo import connect_async
from shared.adapters.mongo_sessions import Session, Sessions
from shared.contracts.actor import Actor
from shared.settings import Settings

WORKER = Actor(account_id="worker-1", role="grid_worker", area_ids=("g-1",))
PATIENCE_SECONDS = 20.0
AGO = timedelta(minutes=2)


def run(uri: str, county: str, story: Callable[["Office"], Awaitable[None]], **more: Any) -> None:
    settings = Settings(county=county, mongodb_uri=uri, **more)

    async def told() -> None:
        async with connect_async(uri) as client:
            await story(Office(client, settings))

    asyncio.run(told())


class Office:
    """Gateway processes that share a database."""

    def __init__(self, client: Any, settings: Settings) -> None:
        self._client, self._settings = client, settings
        self.kept = client[settings.database("gateway")]["sessions"]

    def process(self) -> Sessions:
        return Sessions(self._client, self._settings)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Sessions]:
        """A process that hears the stream: it remembers what it has seen."""
        process = self.process()
        task = asyncio.create_task(process.run())
        await until(lambda: process._hearing is not None)
        yield process
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def age(self, **by: timedelta) -> None:
        for name, span in by.items():
            moved = {"$subtract": [f"${name}", int(span.total_seconds() * 1000)]}
            await self.kept.update_many({}, [{"$set": {name: moved}}])


async def until(is_so: Callable[[], bool]) -> None:
    end = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while not is_so():
        assert asyncio.get_running_loop().time() < end, "not in time"
        await asyncio.sleep(0.01)


async def opened(process: Sessions) -> tuple[str, Session]:
    session = process.new(WORKER, ("password",), None, "微信")
    return await process.keep(session), session


def test_a_session_is_found_by_its_token_alone(mongodb_uri: str, county: str):
    async def story(office: Office) -> None:
        process = office.process()
        token, session = await opened(process)
        found = await process.find(token)
        assert found is not None
        assert (found.actor, found.session_id) == (WORKER, session.session_id)
        assert await process.find(session.session_id) is None
        assert token not in str(await office.kept.find().to_list())

    run(mongodb_uri, county, story)


def test_it_ends_when_nobody_was_there_for_long(mongodb_uri: str, county: str):
    async def story(office: Office) -> None:
        process = office.process()
        token, _ = await opened(process)
        await office.age(seen_at=AGO)
        assert await process.find(token) is not None
        (kept,) = await office.kept.find().to_list()
        assert datetime.now(UTC) - kept["seen_at"] < AGO  # being there was noted
        await office.age(expires_at=timedelta(minutes=31))
        assert await process.find(token) is None

    run(mongodb_uri, county, story, session_idle_minutes=30)


def test_what_a_page_asks_by_itself_does_not_keep_it_awake(mongodb_uri: str, county: str):
    async def story(office: Office) -> None:
        process = office.process()
        token, _ = await opened(process)
        await office.age(seen_at=AGO)
        assert await process.find(token, is_used=False) is not None
        (kept,) = await office.kept.find().to_list()
        assert datetime.now(UTC) - kept["seen_at"] >= AGO

    run(mongodb_uri, county, story)


def test_it_ends_with_its_day_however_busy_it_was(mongodb_uri: str, county: str):
    async def story(office: Office) -> None:
        process = office.process()
        token, _ = await opened(process)
        await office.age(seen_at=AGO, ends_at=timedelta(hours=11, minutes=59))
        assert await process.find(token) is not None
        (kept,) = await office.kept.find().to_list()
        assert kept["expires_at"] == kept["ends_at"]

    run(mongodb_uri, county, story, session_hours=12)


def test_an_end_is_heard_in_every_process(mongodb_uri: str, county: str):
    async def story(office: Office) -> None:
        async with office.listening() as here, office.listening() as there:
            token, _ = await opened(here)
            assert await there.find(token) is not None
            assert there._remembered
            await here.end_all_of("worker-1")
            assert await there.find(token, surely=True) is None
            await until(lambda: not there._remembered)
            assert await there.find(token) is None

    run(mongodb_uri, county, story)


def test_a_look_that_is_on_its_way_does_not_remember_an_ended_session(
    mongodb_uri: str, county: str
):
    async def story(office: Office) -> None:
        async with office.listening() as process:
            token, _ = await opened(process)
            hearing, session = process._hearing, await process.find(token)
            (hashed,) = process._remembered
            await process.end(token)
            await until(lambda: hashed in process._ended)
            assert session is not None
            process._remember(hashed, session, hearing)  # it had read before the end
            assert await process.find(token) is None

    run(mongodb_uri, county, story)


def test_a_process_that_hears_nothing_remembers_nothing(mongodb_uri: str, county: str):
    async def story(office: Office) -> None:
        process = office.process()
        token, _ = await opened(process)
        await process.find(token)
        assert process._remembered == {}
        async with office.listening() as listener:
            await listener.find(token)
            assert listener._remembered
        assert listener._remembered == {}

    run(mongodb_uri, county, story)


def test_the_code_is_owed_for_ten_minutes_and_is_no_sign_in_yet(mongodb_uri: str, county: str):
    async def story(office: Office) -> None:
        process = office.process()
        half = process.new(WORKER, ("password",), "code", "微信")
        token = await process.keep(half)
        assert await process.actor(token) is None
        assert await process.of_account("worker-1") == []
        (kept,) = await office.kept.find().to_list()
        assert kept["expires_at"] - kept["opened_at"] == timedelta(minutes=10)

    run(mongodb_uri, county, story)
