"""How many calls a second one gateway process gets answered by one service process."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import aiormq

from shared.adapters.rpc_client import RpcClient
from shared.rejection import Unavailable

CALLERS = 50
CALLS = 8_000
SERVICE = "bench-echo"
ECHO = Path(__file__).parents[1] / "integration" / "rpc" / "echo_service.py"


def run(amqp_uri: str) -> list[dict[str, Any]]:
    """Figures: name, value, unit, limit, limit_name, ratio.

    The limit is what the broker itself carries there and back in the same run: the same client
    calls, answered by a consumer that only copies the body.
    """
    with echo_service(amqp_uri):
        rate, median, p99 = asyncio.run(_measure(amqp_uri, SERVICE))
    limit = asyncio.run(_bare_round_trips(amqp_uri))
    name = f"rpc at {CALLERS} callers"
    bare = "round trips through RabbitMQ without a service"
    return [
        _figure(f"{name}: calls", rate, "1/s", limit, bare),
        _figure(f"{name}: median", median * 1000, "ms", CALLERS / limit * 1000, bare),
        _figure(f"{name}: p99", p99 * 1000, "ms", CALLERS / limit * 1000, bare),
    ]


@contextmanager
def echo_service(amqp_uri: str, name: str = SERVICE) -> Iterator[None]:
    """The tests' tiny service as a process of its own."""
    environment = {**os.environ, "AMQP_URI": amqp_uri, "ECHO_NAME": name, "PYTHONPATH": "."}
    process = subprocess.Popen(
        [sys.executable, str(ECHO)],
        env=environment,
        cwd=ECHO.parents[3],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


async def _measure(amqp_uri: str, service: str) -> tuple[float, float, float]:
    """Calls a second, median and 99th percentile in seconds."""
    client = RpcClient(amqp_uri)
    await client.start()
    await _until_answered(client, service)
    waits: list[float] = []

    async def caller(calls: int) -> None:
        for _ in range(calls):
            began = time.perf_counter()
            await client.call(service, "echo", {"text": "基层点单 " * 20}, 30)
            waits.append(time.perf_counter() - began)

    await asyncio.gather(*(caller(10) for _ in range(CALLERS)))  # everybody is awake
    waits.clear()
    began = time.perf_counter()
    await asyncio.gather(*(caller(CALLS // CALLERS) for _ in range(CALLERS)))
    rate = CALLS / (time.perf_counter() - began)
    await client.stop()
    waits.sort()
    return rate, waits[len(waits) // 2], waits[int(len(waits) * 0.99)]


async def _until_answered(client: RpcClient, service: str) -> None:
    while True:
        try:
            await client.call(service, "echo", {"text": ""}, 5)
        except Unavailable:
            await asyncio.sleep(0.1)
        else:
            return


async def _bare_round_trips(amqp_uri: str) -> float:
    """Messages a second that leave and come back over one aiormq connection, 50 under way."""
    connection = await aiormq.connect(amqp_uri)
    channel = cast(aiormq.Channel, await connection.channel(publisher_confirms=False))
    queue = str((await channel.queue_declare(exclusive=True)).queue)
    left, done = CALLS, asyncio.Event()

    async def again(_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()
        elif left >= CALLERS:
            await channel.basic_publish(b"x" * 300, routing_key=queue, wait=False)

    await channel.basic_consume(queue, again, no_ack=True)
    began = time.perf_counter()
    for _n in range(CALLERS):
        await channel.basic_publish(b"x" * 300, routing_key=queue, wait=False)
    await done.wait()
    rate = CALLS / (time.perf_counter() - began)
    await connection.close()
    return rate


def _figure(name: str, value: float, unit: str, limit: float, limit_name: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "limit": round(limit, 2),
        "limit_name": limit_name,
        "ratio": round(value / limit, 3),
    }


if __name__ == "__main__":
    for figure in run(os.environ["AMQP_URI"]):
        print(figure)
