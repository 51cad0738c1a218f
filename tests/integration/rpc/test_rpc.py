"""Asking a service over RabbitMQ: answers, refusals, bugs, bad messages, a broker that leaves."""

import asyncio
import json
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import amqp
import pytest
import uvloop

from shared.adapters.amqp_link import connect
from shared.adapters.rpc_client import RpcClient
from shared.adapters.rpc_client_blocking import BlockingRpcClient
from shared.adapters.rpc_wire import EXCHANGE, ServiceFailed
from shared.rejection import InvalidInput, NotAllowedNow, Unavailable
from shared.telemetry import tracing

pytestmark = pytest.mark.timeout(90)

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@asynccontextmanager
async def connected(uri: str) -> AsyncIterator[RpcClient]:
    client = RpcClient(uri)
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


def test_a_service_answers_refuses_and_admits_a_bug(
    amqp_uri: str, start_service: Callable[..., Any]
) -> None:
    service = start_service()

    async def story() -> None:
        async with connected(amqp_uri) as client:
            answer = await client.call(service.name, "echo", {"text": "一件难事"}, 5)
            assert answer["text"] == "一件难事"
            with pytest.raises(NotAllowedNow, match="只有进行中的事项可以催办") as refusal:
                await client.call(service.name, "refuse", {}, 5)
            assert refusal.value.fields == {"request_id": "已经办结"}
            with pytest.raises(ServiceFailed) as failure:
                await client.call(service.name, "bug", {}, 5)
            assert failure.value.error_type == "RuntimeError"
            with pytest.raises(ServiceFailed, match="TypeError"):
                await client.call(service.name, "unsayable", {}, 5)
            with pytest.raises(InvalidInput):
                await client.call(service.name, "nope", {}, 5)
            with pytest.raises(InvalidInput):
                await client.call(service.name, "echo", {"speech": 1}, 5)
            with tracing("case-7", TRACEPARENT):
                trace = await client.call(service.name, "traced", {}, 5)
            assert trace == {"correlation_id": "case-7", "traceparent": TRACEPARENT}

    uvloop.run(story())
    assert service.stop() == 0
    assert "13812345678" not in service.log
    lines = [json.loads(line) for line in service.log.splitlines()]
    bug = next(line for line in lines if line.get("query") == "bug")
    assert bug["outcome"] == "error"
    assert any("echo_service.py" in frame for frame in bug["traceback"])


def test_the_blocking_client_meets_the_same_answers(
    amqp_uri: str, start_service: Callable[..., Any]
) -> None:
    service, client = start_service(), BlockingRpcClient(amqp_uri)
    assert client.call(service.name, "echo", {"text": "你好"}, 5)["text"] == "你好"
    with pytest.raises(NotAllowedNow):
        client.call(service.name, "refuse", {}, 5)
    with pytest.raises(ServiceFailed):
        client.call(service.name, "bug", {}, 5)
    with pytest.raises(Unavailable):
        client.call(service.name, "slow", {"seconds": 1}, 0.2)
    with pytest.raises(Unavailable):
        client.call("nobody", "echo", {}, 5)
    assert client.call(service.name, "echo", {"text": "again"}, 5)["text"] == "again"
    client.close()


def test_many_blocking_calls_side_by_side_get_each_its_own_answer_in_order(
    amqp_uri: str, start_service: Callable[..., Any]
) -> None:
    service, client = start_service(), BlockingRpcClient(amqp_uri)
    asked = [{"text": str(number)} for number in range(60)]
    answers = client.call_all(service.name, "echo", asked, 10)
    assert [answer["text"] for answer in answers] == [str(number) for number in range(60)]
    slow_first = [{"seconds": 0.3}, {"seconds": 3}, {"seconds": 0}]
    first, late, last = client.call_all(service.name, "slow", slow_first, 1.5)
    assert (first, last) == ("done", "done")
    assert isinstance(late, Unavailable)
    refused, nonsense = client.call_all(service.name, "refuse", [{}, {"why": 1}], 5)
    assert isinstance(refused, NotAllowedNow)
    assert isinstance(nonsense, InvalidInput | ServiceFailed)
    assert [type(one) for one in client.call_all("nobody", "echo", asked[:2], 5)] == [
        Unavailable,
        Unavailable,
    ]
    assert client.call_all(service.name, "echo", [], 5) == []
    client.close()


def deep(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(levels):
        inner = {"a": inner}
    return inner


GOOD = b'{"args": [], "kwargs": {"text": "x"}}'
JSON = {"content_type": "application/json"}
BACK = {"reply_to": "nowhere", "correlation_id": "1"}
MALFORMED: dict[str, tuple[bytes, dict[str, Any]]] = {
    "nothing at all": (b"", {}),
    "no reply_to": (GOOD, JSON),
    "reply queue gone": (GOOD, JSON | BACK),
    "no JSON": (b"\xff\xfe{", JSON | BACK),
    "wrong content type": (GOOD, {"content_type": "application/x-python-serialize"} | BACK),
    "no content type": (GOOD, BACK),
    "no kwargs": (b'{"args": []}', JSON | BACK),
    "a list": (b"[]", JSON | BACK),
    "kwargs a list": (b'{"args": [], "kwargs": []}', JSON | BACK),
    "wrong signature": (b'{"args": [1, 2, 3], "kwargs": {}}', JSON | BACK),
    "NaN": (b'{"args": [], "kwargs": {"text": NaN}}', JSON | BACK),
    "nested deep": (b'{"args": [], "kwargs": {"text": ' + b"[" * 10_000 + b"}", JSON | BACK),
    "lone surrogate": (b'{"args": [], "kwargs": {"text": "\\ud800"}}', JSON | BACK),
    "odd headers": (
        GOOD,
        JSON
        | BACK
        | {"application_headers": {"deadline": "soon", "traceparent": [1], "correlation_id": 7}},
    ),
    "headers nested deep": (GOOD, JSON | BACK | {"application_headers": deep(300)}),
    "time out of range": (GOOD, JSON | BACK | {"timestamp": 2**62}),
    "5 MB": (b'{"args": [], "kwargs": {"text": "' + b"x" * 5_000_000 + b'"}}', JSON | BACK),
}


class Unreadable(amqp.Message):  # type: ignore[misc] # py-amqp has no types
    """A header with a time some billion years ahead, which py-amqp cannot read."""

    def _serialize_properties(self) -> bytes:
        entry = b"\x01t" + b"T" + struct.pack(">Q", 2**60)
        return struct.pack(">HI", 1 << 13, len(entry)) + entry


def test_no_malformed_message_stops_a_service(
    amqp_uri: str, start_service: Callable[..., Any]
) -> None:
    service, client = start_service(), BlockingRpcClient(amqp_uri)
    first = client.call(service.name, "echo", {"text": "before"}, 5)
    link = connect(amqp_uri)
    channel = link.channel()
    for body, properties in MALFORMED.values():
        for method in ("echo", "handle", "nope"):
            message = amqp.Message(body, **properties)
            channel.basic_publish(
                message, exchange=EXCHANGE, routing_key=f"{service.name}.{method}"
            )
        channel.basic_publish(
            Unreadable(GOOD), exchange=EXCHANGE, routing_key=f"{service.name}.echo"
        )
        after = client.call(service.name, "echo", {"text": "after"}, 5)
        assert after["pid"] == first["pid"]
    left = channel.queue_declare(f"rpc-{service.name}", passive=True)
    assert left.message_count == 0
    link.close()
    client.close()
    assert service.stop() == 0
    assert "broker away" not in service.log  # nothing broke the connection, so nothing came twice


def test_a_service_that_does_not_run_is_unavailable_at_once(amqp_uri: str) -> None:
    async def story() -> None:
        async with connected(amqp_uri) as client:
            began = time.perf_counter()
            with pytest.raises(Unavailable, match="没有启动"):
                await client.call("nobody", "echo", {}, 10)
            assert time.perf_counter() - began < 1

    uvloop.run(story())


def test_a_slow_service_is_unavailable_at_the_deadline(
    amqp_uri: str, start_service: Callable[..., Any]
) -> None:
    service = start_service()

    async def story() -> None:
        async with connected(amqp_uri) as client:
            began = time.perf_counter()
            with pytest.raises(Unavailable, match="时间过长"):
                await client.call(service.name, "slow", {"seconds": 2}, 0.5)
            assert 0.4 < time.perf_counter() - began < 1
            assert await client.call(service.name, "echo", {"text": "next"}, 5)

    uvloop.run(story())


def test_an_expired_call_is_not_worked_on(amqp_uri: str, start_service: Callable[..., Any]) -> None:
    service, client = start_service(), BlockingRpcClient(amqp_uri)
    link = connect(amqp_uri)
    late = {"application_headers": {"deadline": int(time.time() * 1000) - 1}}
    link.channel().basic_publish(
        amqp.Message(GOOD, **JSON, **BACK, **late),
        exchange=EXCHANGE,
        routing_key=f"{service.name}.bug",
    )
    link.close()
    client.call(service.name, "echo", {"text": "x"}, 5)
    client.close()
    service.stop()
    assert '"query":"bug"' not in service.log


def test_no_broker_is_unavailable_and_its_return_is_noticed(
    wire: Any, start_service: Callable[..., Any]
) -> None:
    service = start_service(wire.uri)

    async def story() -> None:
        async with connected(wire.uri) as client:
            waiting = asyncio.create_task(client.call(service.name, "slow", {"seconds": 5}, 20))
            await asyncio.sleep(0.3)
            wire.cut()
            with pytest.raises(Unavailable, match="中断"):
                await waiting
            with pytest.raises(Unavailable):
                await client.call(service.name, "echo", {"text": "x"}, 5)
            assert not client.is_connected
            wire.restore()
            await _answered(client, service.name)

    blocking = BlockingRpcClient(wire.uri)
    blocking.call(service.name, "echo", {"text": "x"}, 5)
    uvloop.run(story())
    assert blocking.call(service.name, "echo", {"text": "y"}, 5)["text"] == "y"
    blocking.close()
    assert service.stop() == 0


async def _answered(client: RpcClient, service: str, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while True:
            try:
                await client.call(service, "echo", {"text": "x"}, 2)
            except Unavailable:
                await asyncio.sleep(0.1)
            else:
                return


async def _both_serve(client: RpcClient, service: str, seconds: float = 20) -> None:
    """Two processes under one name: the first answers for both until the second is up."""
    seen: set[int] = set()
    async with asyncio.timeout(seconds):
        while len(seen) < 2:
            answer = await client.call(service, "echo", {"text": "?"}, 5)
            seen.add(answer["pid"])


def test_a_client_may_start_before_the_broker(wire: Any, start_service: Callable[..., Any]) -> None:
    service = start_service(wire.uri)
    wire.cut()

    async def story() -> None:
        async with connected(wire.uri) as client:
            assert not client.is_connected
            wire.restore()
            await _answered(client, service.name)

    uvloop.run(story())


def test_two_thousand_calls_at_once_are_each_answered_once_and_shared_by_two(
    amqp_uri: str, start_service: Callable[..., Any]
) -> None:
    service = start_service()
    start_service(name=service.name)

    async def story() -> list[Any]:
        async with connected(amqp_uri) as client:
            await _both_serve(client, service.name)
            asked = (client.call(service.name, "echo", {"text": str(n)}, 60) for n in range(2_000))
            return list(await asyncio.gather(*asked))

    answers = uvloop.run(story())
    assert [answer["text"] for answer in answers] == [str(n) for n in range(2_000)]
    shares = [answer["pid"] for answer in answers]
    assert len(set(shares)) == 2
    assert min(shares.count(pid) for pid in set(shares)) > 100


def test_a_service_told_to_stop_finishes_what_it_began(
    amqp_uri: str, start_service: Callable[..., Any]
) -> None:
    service = start_service()

    async def story() -> None:
        async with connected(amqp_uri) as client:
            asked = asyncio.create_task(client.call(service.name, "slow", {"seconds": 1}, 10))
            await asyncio.sleep(0.3)
            assert await asyncio.to_thread(service.stop) == 0
            assert await asked == "done"

    uvloop.run(story())
