"""`@rpc`: a lean nameko entrypoint that speaks nameko's wire format and cannot be talked to death.

One connection per service: a reader hands calls to workers, one writer sends replies and
acknowledgements, so frames never interleave. Whatever a message contains, it is answered if it
says where to, acknowledged, and logged as one line.
"""

import functools
import inspect
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

import amqp
import eventlet
import orjson
from amqp import spec
from eventlet.queue import Empty, LightQueue
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from shared import telemetry
from shared.adapters import health, rpc_wire
from shared.adapters.amqp_link import BROKEN, HEARTBEAT, be_impatient, connect, in_one_piece
from shared.contracts.registry import COMMANDS
from shared.rejection import InvalidInput, Rejected

F = TypeVar("F", bound=Callable[..., Any])

MAX_BODY: Final = 4 * 1024 * 1024
"""Bytes of one call; the gateway accepts far less."""

MAX_ANSWER: Final = 16 * 1024 * 1024
"""Bytes of one answer; lists are paged long before."""

LONGEST_WAIT: Final = 5.0
"""Seconds between two attempts to reach the broker, at most."""

QUEUE: Final = {"x-queue-type": "classic", "x-expires": 60_000}
"""Goes with its last consumer, so that a missing service shows at once; what a dead broker leaves
goes after a minute. Durable, because RabbitMQ from 4.3 up refuses shared queues that are not."""

SILENT_BROKER: Final = 3.0 * HEARTBEAT
"""Seconds without a single frame, not even a heartbeat, after which the broker is given up."""

log = telemetry.get_logger()


def rpc(method: F) -> F:
    """Make a service's method callable as `<service>.<method>` over RabbitMQ.

    What it returns (JSON-ready; models and named tuples too) becomes `{"ok": …}`; a Rejected
    becomes `{"rejected": {code, message, fields}}`; anything else is a bug: the caller learns the
    type, the log the place. Called directly, the method is itself.
    """
    signature = inspect.signature(method)

    @functools.wraps(method)
    def serve(service: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Call):
            return _answer(args[0], functools.partial(method, service), service.name)
        return method(service, *args, **kwargs)

    register_entrypoint(serve, Rpc(signature))
    return cast(F, serve)


@dataclass
class Call:
    """One message that asks for something, and everything needed to answer it."""

    method: str
    args: list[Any]
    kwargs: dict[str, Any]
    headers: Mapping[str, Any]
    reply_to: str | None
    correlation_id: str | None
    came_at: float = field(default_factory=time.perf_counter)

    @property
    def traced(self) -> tuple[object, object]:
        """Correlation id and traceparent: from the headers, or as a command carries it."""
        known = self.headers.get("correlation_id") or self.kwargs.get("correlation_id")
        return known, self.headers.get("traceparent")

    @property
    def named(self) -> tuple[telemetry.Kind, str]:
        """What this is, for log and metrics: `handle` goes by the command's name."""
        if self.method != "handle":
            return "query", self.method
        name = self.kwargs.get("name")
        return "command", name if isinstance(name, str) and name in COMMANDS else "unknown"

    @property
    def is_expired(self) -> bool:
        deadline = self.headers.get("deadline")
        return isinstance(deadline, int) and deadline < time.time() * 1000


def _answer(call: Call, method: Callable[..., Any], service: str) -> bytes:
    """Run the method and say what came of it, as bytes for the wire. Never raises."""
    with telemetry.tracing(*call.traced):
        outcome, said = "ok", {}
        try:
            result = method(*call.args, **call.kwargs)
            answer = _bounded(rpc_wire.accepted(result))
            said = _about(result)
        except Rejected as refusal:
            outcome, answer = refusal.code, rpc_wire.refused(refusal)
        except Exception as error:
            outcome, answer = "error", rpc_wire.failed(type(error).__name__)
            said = telemetry.blame(error)
        kind, name = call.named
        seconds = time.perf_counter() - call.came_at
        telemetry.handled(kind, name, outcome, seconds, service=service, **said)
        return answer


def _bounded(answer: bytes) -> bytes:
    """The answer itself; one that the broker would refuse, again and again, is a bug of ours."""
    if len(answer) > MAX_ANSWER:
        raise OverflowError("answer too large")
    return answer


def _about(result: Any) -> dict[str, Any]:
    """Where a command's events are, when the result says so."""
    if hasattr(result, "_asdict"):
        result = result._asdict()
    if not isinstance(result, Mapping):
        return {}
    return {key: result[key] for key in ("stream", "position", "version") if key in result}


class Listener(SharedExtension):  # type: ignore[misc] # nameko has no types
    """The service's one connection: it reads calls and writes answers until the service stops."""

    def __init__(self) -> None:
        self.methods: dict[str, Rpc] = {}
        self.outgoing: Any = LightQueue()
        self.is_connected = False
        self.is_stopping = False
        self._channel: Any = None
        self._thread: Any = None

    @property
    def queue(self) -> str:
        return f"rpc-{self.container.service_name}"

    def start(self) -> None:
        if self._thread is None:
            health.add_check(self.queue, lambda: self.is_connected)
            self._thread = self.container.spawn_managed_thread(self._run, identifier=self.queue)

    def pause(self) -> None:
        """Take no new calls; those under way are still answered."""
        if not self.is_stopping:
            self.is_stopping = True
            self.outgoing.put(self._cancel)
            eventlet.sleep(0.05)  # what the broker had already sent is still taken and answered

    def stop(self) -> None:
        """nameko calls this last, when every worker has finished: send what is left and go."""
        self.pause()
        with eventlet.Timeout(5, False):
            while self.is_connected and not self.outgoing.empty():
                eventlet.sleep(0.01)
            eventlet.sleep(0.02)  # the answer last taken from the queue is on its way
        health.remove_check(self.queue)
        if self._thread is not None:
            self._thread.kill()

    def _run(self) -> None:
        failures = 0
        while not self.is_stopping:
            try:
                link = connect(self.container.config["AMQP_URI"])
            except BROKEN as error:
                failures += 1
                self._wait(failures, error)
                continue
            failures = 0
            try:
                self._serve(link)
            except Exception as error:
                self._wait(1, error)
            finally:
                self._leave(link)

    def _serve(self, link: Any) -> None:
        be_impatient(link)
        channel = link.channel()
        channel.auto_decode = False
        channel.exchange_declare(rpc_wire.EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.queue_declare(self.queue, durable=True, auto_delete=True, arguments=QUEUE)
        channel.queue_bind(self.queue, rpc_wire.EXCHANGE, f"{self.container.service_name}.*")
        channel.basic_qos(0, self.container.max_workers, False)
        channel.basic_consume(
            self.queue, callback=functools.partial(self._take, channel), consumer_tag=self.queue
        )
        self._channel, self.is_connected = channel, True
        telemetry.CONNECTED.labels("rpc").set(1)
        log.info("connected", queue=self.queue)
        be_impatient(link, SILENT_BROKER)
        writer = eventlet.spawn(self._write, link)
        try:
            while True:
                link.drain_events()
        finally:
            writer.kill()

    def _write(self, link: Any) -> None:
        """Everything that is ever sent, in order: answers, acknowledgements, heartbeats."""
        try:
            while True:
                try:
                    send = self.outgoing.get(timeout=link.heartbeat / 4 or None)
                except Empty:
                    link.heartbeat_tick()
                else:
                    with in_one_piece(link):
                        send()
                        self._send_what_else_waits()
        except Exception:
            link.transport.close()  # wakes the reader, who starts anew

    def _send_what_else_waits(self) -> None:
        """Those who are committed together are answered together."""
        while not self.outgoing.empty():
            self.outgoing.get_nowait()()

    def _leave(self, link: Any) -> None:
        self.is_connected, self._channel = False, None
        telemetry.CONNECTED.labels("rpc").set(0)
        link.collect()

    def _wait(self, failures: int, error: BaseException) -> None:
        if self.is_stopping:
            return
        pause = min(LONGEST_WAIT, 0.1 * 2 ** min(failures, 8)) * random.uniform(0.5, 1)
        log.warning(
            "broker away",
            queue=self.queue,
            error_type=type(error).__name__,
            attempt=failures,
            retry_in=round(pause, 2),
        )
        eventlet.sleep(pause)

    def _cancel(self) -> None:
        if self._channel is not None:
            self._channel.send_method(spec.Basic.Cancel, "sb", (self.queue, False))

    def _take(self, channel: Any, message: Any) -> None:
        """One message arrived. Never raises, and never leaves it unacknowledged for ever."""
        try:
            call, entrypoint = self._understand(message)
        except InvalidInput as refusal:
            return self._refuse(channel, message, refusal)
        if call.is_expired:
            telemetry.handled(*call.named, "expired", 0.0, service=self.container.service_name)
            return self._acknowledge(channel, message)
        reply = functools.partial(self._reply, channel, message, call)
        try:
            self.container.spawn_worker(
                entrypoint, (call,), {}, context_data=dict(call.headers), handle_result=reply
            )
        except ContainerBeingKilled:
            return None  # not acknowledged: the broker gives it to somebody else
        return None

    def _understand(self, message: Any) -> tuple[Call, "Rpc"]:
        """The call in a message. Raises InvalidInput whose `reason` field says what is wrong."""
        method = str(message.delivery_info.get("routing_key", "")).rpartition(".")[2]
        entrypoint = self.methods.get(method)
        if entrypoint is None:
            raise InvalidInput("没有这种操作", reason="unknown_method")
        properties = message.properties
        reply_to = properties.get("reply_to")
        if not reply_to:
            raise InvalidInput("没有说明答复发往何处", reason="no_reply_to")
        args, kwargs = _body(message)
        if not entrypoint.fits(args, kwargs):
            raise InvalidInput("参数与这种操作不符", reason="wrong_signature")
        headers = properties.get("application_headers") or {}
        return (
            Call(method, args, kwargs, headers, reply_to, properties.get("correlation_id")),
            entrypoint,
        )

    def _refuse(self, channel: Any, message: Any, refusal: InvalidInput) -> None:
        reason = refusal.fields["reason"]
        service = self.container.service_name
        telemetry.MALFORMED.labels(service, reason).inc()
        log.warning("malformed", queue=self.queue, reason=reason)
        properties = message.properties
        if reply_to := properties.get("reply_to"):
            answer = rpc_wire.refused(refusal)
            self._send(channel, reply_to, properties.get("correlation_id"), answer)
        self._acknowledge(channel, message)

    def _reply(
        self,
        channel: Any,
        message: Any,
        call: Call,
        _worker: Any,
        answer: bytes | None,
        exc_info: Any,
    ) -> tuple[Any, Any]:
        self._send(channel, call.reply_to, call.correlation_id, answer or rpc_wire.failed("Error"))
        self._acknowledge(channel, message)
        return None, exc_info

    def _send(
        self, channel: Any, reply_to: str | None, correlation_id: str | None, answer: bytes
    ) -> None:
        said = {"content_type": rpc_wire.CONTENT_TYPE, "content_encoding": "utf-8"}
        if correlation_id:
            said["correlation_id"] = correlation_id
        self._later(
            channel,
            functools.partial(
                channel.basic_publish,
                amqp.Message(answer, **said),
                exchange=rpc_wire.EXCHANGE,
                routing_key=reply_to,
            ),
        )

    def _acknowledge(self, channel: Any, message: Any) -> None:
        self._later(channel, functools.partial(channel.basic_ack, message.delivery_tag))

    def _later(self, channel: Any, send: Callable[[], Any]) -> None:
        # an answer to a connection that is gone has nowhere to go; the caller asks again
        if channel is self._channel:
            self.outgoing.put(functools.partial(self._if_current, channel, send))

    def _if_current(self, channel: Any, send: Callable[[], Any]) -> None:
        if channel is self._channel:
            send()


def _body(message: Any) -> tuple[list[Any], dict[str, Any]]:
    """`args` and `kwargs` of a message. Raises InvalidInput."""
    if message.properties.get("content_type") != rpc_wire.CONTENT_TYPE:
        raise InvalidInput("只接受 JSON", reason="wrong_content_type")
    if len(message.body) > MAX_BODY:
        raise InvalidInput("内容过长", reason="too_large")
    try:
        body = orjson.loads(message.body)
    except orjson.JSONDecodeError:
        raise InvalidInput("内容不是有效的 JSON", reason="invalid_json") from None
    match body:
        case {"args": list(args), "kwargs": dict(kwargs)}:
            return args, kwargs
        case _:
            raise InvalidInput("缺少 args 或 kwargs", reason="no_arguments")


class Rpc(Entrypoint):  # type: ignore[misc] # nameko has no types
    """What `@rpc` puts on a method; nameko binds one per method and service."""

    listener = Listener()

    def __init__(self, signature: inspect.Signature) -> None:
        super().__init__()
        self._signature = signature

    def setup(self) -> None:
        self.listener.methods[self.method_name] = self

    def stop(self) -> None:
        self.listener.pause()

    def fits(self, args: list[Any], kwargs: dict[str, Any]) -> bool:
        """Whether the method can be called with these."""
        try:
            self._signature.bind(None, *args, **kwargs)
        except TypeError:
            return False
        return True
