"""How fast the whole path is: HTTP in, decided, committed, on an open event stream, at a consumer.

Runs against a whole stack of its own, started and thrown away. The client is a few lines of
asyncio, because a comfortable HTTP client would cost more than the server that is measured.
"""

import asyncio
import json
import socket
import statistics
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import amqp
from kombu.utils.url import parse_url

from deploy.demo.signing_in import Entry, read_accounts, tries
from deploy.local.private import Stack
from services.ledger.domain.register import REGISTER
from shared.adapters.mongo import connect
from shared.adapters.mongo_log import MongoLog
from shared.contracts.accounts import AccountDisabled
from shared.event_log import NewCommit

Figure = dict[str, Any]
CLIENTS = 50
SECONDS = 8.0
PER_SECOND = 100
PERCENT = 100

PARTICULARS = {
    "name": "王小明",
    "phone": "13812345678",
    "address": "东门路12号",
    "text": "独居老人需要人帮忙打扫卫生、换灯泡。" * 8,
}
BODY = json.dumps(
    {
        "grid_id": "539901001201-01",
        "service_code": "volunteer-help",
        "urgency": "normal",
        "beneficiary_category": "resident",
        "particulars": PARTICULARS,
    }
).encode()


@dataclass
class Connection:
    """One kept-alive HTTP/1.1 connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    cookie: str = ""

    @classmethod
    async def open(cls, port: int) -> "Connection":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(reader, writer)

    async def sign_in(self, entry: Entry) -> None:
        body = json.dumps(next(tries(entry))[1]).encode()
        head, _ = await self.ask("POST", "/api/v1/session", body)
        line = next(h for h in head.split(b"\r\n") if h.lower().startswith(b"set-cookie:"))
        self.cookie = line.split(b":", 1)[1].split(b";")[0].strip().decode()

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
        if body:
            lines.append("Content-Type: application/json")
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    async def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[bytes, bytes]:
        """Head and body of the answer; it has to be a success."""
        self.send(method, path, body, **headers)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 2"):
            raise SystemExit(head.decode())
        found = next(h for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:"))
        return head, await self.reader.readexactly(int(found.split(b":")[1]))

    async def place(self) -> int:
        """Place one request; the position of its event."""
        key = uuid.uuid4().hex
        _, body = await self.ask("POST", "/api/v1/requests", BODY, Idempotency_Key=key)
        return int(json.loads(body)["position"])


def run() -> list[Figure]:
    """Every figure of the gateway; takes about two minutes."""
    say("starting a stack")
    began = time.monotonic()
    with Stack(county="bench", with_demo=True) as stack:
        started = time.monotonic() - began
        accounts = read_accounts(stack.folder / "accounts.json")
        port = int(stack.gateway_url.rpartition(":")[2])
        found = asyncio.run(gateway_figures(port, accounts))
        settle(stack)
        found += consumer_figures(stack)
        found.append(figure("stack: from start to a loaded demo county", started, "s"))
        say("idle for 30 s")
        time.sleep(30)
        found.append(figure("stack: resident memory, idle", resident_mebibytes(stack), "MiB"))
    return found


async def gateway_figures(port: int, accounts: dict[str, Entry]) -> list[Figure]:
    clients = [await Connection.open(port) for _ in range(CLIENTS)]
    await clients[0].sign_in(accounts["grid-worker-01"])
    for client in clients[1:]:
        client.cookie = clients[0].cookie
    say(f"no-op route at {CLIENTS} clients")
    noop, noop_times = await closed_loop(clients, lambda c: c.ask("GET", "/livez"))
    say(f"placing requests at {CLIENTS} clients")
    await closed_loop(clients, Connection.place, seconds=2.0)
    writes, write_times = await closed_loop(clients, Connection.place)
    await asyncio.sleep(10)
    say(f"latency at {PER_SECOND} requests/s")
    stream = await Connection.open(port)
    await stream.sign_in(accounts["center-dispatcher-1"])
    latencies = await to_the_stream(clients, stream)
    name = f"gateway: placed requests at {CLIENTS} clients"
    limit = ("no-op route", noop)
    return [
        figure("gateway: no-op route", noop, "requests/s"),
        figure(name, writes, "requests/s", *limit),
        figure(f"{name}, p99", p99(write_times), "ms", "no-op route p99", p99(noop_times)),
        figure("acknowledgement → event stream, median", median(latencies), "ms"),
        figure("acknowledgement → event stream, p99", p99(latencies), "ms"),
    ]


async def closed_loop(
    clients: list[Connection], act: Any, seconds: float = SECONDS
) -> tuple[float, list[float]]:
    """Every client asks again as soon as it is answered: answers/s and each one's ms."""
    times: list[float] = []
    until = time.perf_counter() + seconds

    async def one(client: Connection) -> None:
        while (began := time.perf_counter()) < until:
            await act(client)
            times.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(one(client) for client in clients))
    return len(times) / seconds, times


async def to_the_stream(clients: list[Connection], stream: Connection) -> list[float]:
    """At a steady rate: from the HTTP acknowledgement to the event on an open stream, in ms.

    An event that is seen before its acknowledgement counts as 0.
    """
    acknowledged: dict[int, float] = {}
    seen: dict[int, float] = {}
    stream.send("GET", "/api/v1/events?type=RequestPlaced")
    watching = asyncio.create_task(watch(stream, seen))
    await asyncio.sleep(0.5)
    count = int(PER_SECOND * SECONDS)

    async def one(number: int) -> None:
        await asyncio.sleep(number / PER_SECOND)
        client = clients[number % len(clients)]
        async with locks[number % len(clients)]:
            position = await client.place()
        acknowledged[position] = time.perf_counter()

    locks = [asyncio.Lock() for _ in clients]
    await asyncio.gather(*(one(number) for number in range(count)))
    await asyncio.sleep(2)
    watching.cancel()
    missing = acknowledged.keys() - seen.keys()
    if missing:
        raise SystemExit(f"{len(missing)} acknowledged events never came to the stream")
    return [max(0.0, seen[p] - at) * 1000 for p, at in acknowledged.items()]


async def watch(stream: Connection, seen: dict[int, float]) -> None:
    while True:
        line = await stream.reader.readline()
        if line.startswith(b"id: "):
            seen.setdefault(int(line[4:]), time.perf_counter())


def consumer_figures(stack: Stack) -> list[Figure]:
    """From the return of an append to the message at a consumer of the broker, at a steady rate."""
    say(f"commit → consumer at {PER_SECOND} commits/s")
    consumed: dict[int, float] = {}
    ready, done = threading.Event(), threading.Event()
    arguments = (stack.amqp_uri, consumed, ready, done)
    consumer = threading.Thread(target=consume, args=arguments, daemon=True)
    consumer.start()
    ready.wait(10)
    committed = commit_steadily(stack)
    time.sleep(2)
    done.set()
    consumer.join(5)
    if missing := committed.keys() - consumed.keys():
        raise SystemExit(f"{len(missing)} committed events never came to the consumer")
    found = [max(0.0, consumed[p] - at) * 1000 for p, at in committed.items()]
    return [
        figure("commit → consumer, median", median(found), "ms"),
        figure("commit → consumer, p99", p99(found), "ms"),
    ]


def commit_steadily(stack: Stack) -> dict[int, float]:
    committed: dict[int, float] = {}
    with connect(stack.mongodb_uri, "bench") as client:
        log = MongoLog(client, f"{stack.county}_log")
        began = time.perf_counter()
        for number in range(int(PER_SECOND * SECONDS / 2)):
            time.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            appended = log.append(commit(number))
            committed[appended.position] = time.perf_counter()
        log.close()
    return committed


def commit(number: int) -> NewCommit:
    key = f"bench-{number}-{uuid.uuid4().hex}"
    return NewCommit(
        stream=f"account-{key}",
        expected_version=0,
        events=(AccountDisabled(account_id=key[:60], reason="left_post"),),
        command_id=key,
        command="DisableAccount",
        digest=key,
        at=datetime.now(UTC),
        by="bench",
        role="administrator",
    )


def consume(
    uri: str, consumed: dict[int, float], ready: threading.Event, done: threading.Event
) -> None:
    where = parse_url(uri)
    link = amqp.Connection(
        host=f"{where['hostname']}:{where['port']}",
        userid=where["userid"],
        password=where["password"],
        virtual_host=where["virtual_host"] or "/",
    )
    link.connect()
    channel = link.channel()
    queue = channel.queue_declare(exclusive=True).queue
    channel.queue_bind(queue, "events", routing_key="accounts.AccountDisabled")

    def received(message: Any) -> None:
        consumed.setdefault(int(json.loads(message.body)["id"]), time.perf_counter())

    channel.basic_consume(queue, no_ack=True, callback=received)
    ready.set()
    while not done.is_set():
        try:
            link.drain_events(timeout=0.2)
        except TimeoutError:
            continue
    link.close()


def settle(stack: Stack) -> None:
    """Wait until the views have caught up with the load before something else is measured."""
    with connect(stack.mongodb_uri, "bench") as client:
        head = client[f"{stack.county}_log"].commits.find_one(sort=[("_id", -1)])
        checkpoints = client[f"{stack.county}_ledger"].checkpoints
        until = time.monotonic() + 60
        while head and time.monotonic() < until:
            register = checkpoints.find_one({"_id": REGISTER.collection})
            if register and register["position"] >= head["_id"]:
                return
            time.sleep(0.5)


def resident_mebibytes(stack: Stack) -> float:
    """All processes of the stack, MongoDB and RabbitMQ included, each page of each counted."""
    group = descendants(stack.pid)
    return sum(resident_kibibytes(pid) for pid in group) / 1024


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = [pid]
    for child in children:
        found += descendants(int(child))
    return found


def resident_kibibytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def median(values: list[float]) -> float:
    return statistics.median(values)


def p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=PERCENT)[-1]


def figure(
    name: str, value: float, unit: str, limit_name: str = "", limit: float | None = None
) -> Figure:
    ratio = value / limit if limit else None
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "limit_name": limit_name,
        "ratio": ratio,
    }


def say(line: str) -> None:
    sys.stderr.write(f"… {line}\n")
    sys.stderr.flush()
