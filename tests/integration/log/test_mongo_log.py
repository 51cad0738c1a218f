"""What only a database can do to a log: other processes, lost answers, and its own death."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pymongo import MongoClient

from shared.adapters.mongo import Document, connect, connect_async, create_log_indexes
from shared.adapters.mongo_log import MongoLog
from shared.adapters.mongo_log_async import AsyncMongoLog
from shared.event_log import NewCommit
from shared.rejection import Unavailable
from shared.verify_log import verify
from tests.integration.log.lossy_proxy import LossyProxy
from tests.integration.log.writing import commit, shares, write_many


def is_whole(log: MongoLog, commits: int) -> bool:
    found = verify(log.commits.find(sort=[("_id", 1)]))
    assert found.broken is None, found.broken
    return found.commits == commits


@pytest.fixture
def proxy(mongodb: MongoClient[Document]) -> Iterator[LossyProxy]:
    primary = mongodb.primary or mongodb.address
    assert primary is not None
    wire = LossyProxy(*primary)
    yield wire
    wire.close()


@pytest.fixture
def far_log(mongo_log: MongoLog, proxy: LossyProxy) -> Iterator[MongoLog]:
    """The same log, at the far end of the lossy wire."""
    with connect(proxy.uri) as client:
        log = MongoLog(client, mongo_log.commits.database.name, deadline=5)
        yield log
        log.close()


PLAIN = (
    "import sys; from tests.integration.log.writing import write_alone; write_alone(*sys.argv[1:])"
)
GREEN = f"import eventlet; eventlet.monkey_patch(); {PLAIN}"


@pytest.mark.parametrize("program", [PLAIN, GREEN], ids=["plain", "green"])
def test_four_processes_leave_no_gap(mongo_log: MongoLog, mongodb_uri: str, program: str) -> None:
    order = [sys.executable, "-W", "ignore", "-c", program]
    place = [mongodb_uri, mongo_log.commits.database.name]
    with ExitStack() as processes:
        writers = [processes.enter_context(subprocess.Popen(order + place)) for _ in range(4)]
        for writer in writers:
            processes.callback(writer.kill)
        assert [writer.wait(timeout=30) for writer in writers] == [0] * 4
    assert is_whole(mongo_log, 240)


def test_of_two_who_write_all_the_time_nobody_starves(
    mongo_log: MongoLog, mongodb: MongoClient[Document]
) -> None:
    other = MongoLog(mongodb, mongo_log.commits.database.name, deadline=20)
    written = shares([mongo_log, other], writers=4, commits=600)
    other.close()
    assert min(written) > 600 // 6, written
    assert is_whole(mongo_log, sum(written))


@pytest.mark.parametrize("lost", [1, 2, 5])
def test_a_lost_answer_is_looked_up(
    mongo_log: MongoLog, far_log: MongoLog, proxy: LossyProxy, lost: int
) -> None:
    far_log.append(commit("area-1", 0))
    proxy.swallow = lost
    assert far_log.append(commit("area-2", 0)) == ("area-2", 2, 1, False)
    write_many(far_log, writers=8, each=2)
    assert is_whole(mongo_log, 18)


def test_lost_answers_among_many_writers_lose_and_double_nothing(
    mongo_log: MongoLog, far_log: MongoLog, proxy: LossyProxy
) -> None:
    proxy.swallow = 4
    write_many(far_log, writers=16, each=3)
    assert is_whole(mongo_log, 48)


def test_without_a_database_the_answer_is_unavailable_within_the_deadline(
    mongo_log: MongoLog, far_log: MongoLog, proxy: LossyProxy
) -> None:
    asked = commit("area-1", 0)
    far_log.append(asked)
    proxy.is_dead = True
    began = time.monotonic()
    with pytest.raises(Unavailable):
        far_log.append(commit("area-2", 0))
    assert 4 < time.monotonic() - began < 7
    assert not far_log.wait_for_more(1, 0.1)
    proxy.is_dead = False
    assert far_log.append(asked).is_repeat
    assert far_log.append(commit("area-3", 0)).version == 1
    assert verify(mongo_log.commits.find(sort=[("_id", 1)])).broken is None


def pid_of(client: MongoClient[Document]) -> int:
    """Process id of a mongod on this machine; skips when it is elsewhere."""
    pid = int(client.admin.command("serverStatus")["pid"])
    if not Path(f"/proc/{pid}/exe").resolve().name.startswith("mongod"):
        pytest.skip("MONGODB IS ON ANOTHER MACHINE: pausing and killing it was not tested")
    return pid


class PrivateMongod:
    """Another mongod like the one of the tests, which may be killed."""

    def __init__(self, like: int, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        environ = Path(f"/proc/{like}/environ").read_bytes().split(b"\x00")
        self._environ = dict(pair.split(b"=", 1) for pair in environ if b"=" in pair)
        self._order = [
            *(str(Path(f"/proc/{like}/exe").resolve()), "--bind_ip", "127.0.0.1"),
            *("--port", str(self.port), "--dbpath", str(folder), "--replSet", "rs0"),
            *("--wiredTigerCacheSizeGB", "0.25", "--quiet"),
        ]
        self.uri = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        self.start()
        with connect(self.uri) as client:
            member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
            while not client.admin.command("hello")["isWritablePrimary"]:
                time.sleep(0.05)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._order, env=self._environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def private(mongodb: MongoClient[Document], tmp_path: Path) -> Iterator[PrivateMongod]:
    mongod = PrivateMongod(pid_of(mongodb), tmp_path)
    yield mongod
    mongod.kill()


def keep_writing(log: MongoLog, acknowledged: list[NewCommit], until: threading.Event) -> None:
    number = 0
    while not until.is_set():
        number += 1
        asked = commit(f"area-{threading.get_ident()}-{number}", 0)
        log.append(asked)
        acknowledged.append(asked)


def test_killed_and_paused_under_load_nothing_acknowledged_is_lost(private: PrivateMongod) -> None:
    with connect(private.uri) as client:
        create_log_indexes(client.c_log)
        log = MongoLog(client, "c_log", deadline=30)
        acknowledged: list[NewCommit] = []
        enough = threading.Event()
        order = (log, acknowledged, enough)
        writers = [threading.Thread(target=keep_writing, args=order) for _ in range(8)]
        for writer in writers:
            writer.start()
        time.sleep(0.5)
        os.kill(private.process.pid, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(private.process.pid, signal.SIGCONT)
        time.sleep(0.3)
        private.kill()
        before = len(acknowledged)
        bell = threading.Timer(0.5, private.start)
        bell.start()
        assert log.wait_for_more(log.head() + 1, timeout=25), "the doorbell survives"
        enough.set()
        for writer in writers:
            writer.join()
        assert len(acknowledged) > before
        assert is_whole(log, len(acknowledged))
        log.close()


def test_the_asynchronous_reader_reads_the_same(mongo_log: MongoLog, mongodb_uri: str) -> None:
    write_many(mongo_log, writers=1, each=20)
    database = mongo_log.commits.database.name
    some = frozenset({"GridWorkerRelieved"})

    async def read() -> None:
        async with connect_async(mongodb_uri) as client:
            log = AsyncMongoLog(client, database)
            assert await log.head() == 30
            for start in (0, 1, 2, 29, 30):
                assert await log.read_after(start, 7) == mongo_log.read_after(start, 7)
                assert await log.read_after(start, 7, some) == mongo_log.read_after(start, 7, some)
            assert await log.wait_for_more(29, 1)
            assert not await log.wait_for_more(30, 0.6)
            threading.Timer(0.2, mongo_log.append, [commit("area-new", 0)]).start()
            began = time.monotonic()
            assert await log.wait_for_more(30, 5)
            assert time.monotonic() - began < 1
            await log.close()

    asyncio.run(read())
