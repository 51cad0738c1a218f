"""The gateway's way to ask a service: one connection, one reply queue, many calls at once.

Whatever goes wrong on the way is an Unavailable that is safe to repeat with the same command id.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from typing import Any

from shared import telemetry
from shared.adapters import rpc_wire
from shared.adapters.rpc_line import Line, open_line
from shared.rejection import Rejected, Unavailable

CONNECT_TIMEOUT = 5.0
LONGEST_WAIT = 5.0
"""Seconds between two attempts to reach the broker, at most."""

log = telemetry.get_logger()


class RpcClient:
    """Calls methods of nameko services. Keeps itself connected in the background, for ever."""

    def __init__(self, amqp_uri: str) -> None:
        self._uri = amqp_uri
        self._line: Line | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._first_try = asyncio.Event()

    @property
    def is_connected(self) -> bool:
        return self._line is not None

    async def start(self) -> None:
        """Connect, or at least try once: without a broker every call is Unavailable until it is."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_connected(), name="rpc client")
        await self._first_try.wait()

    async def stop(self) -> None:
        """Close the connection; calls still waiting become Unavailable."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
            self._keeper = None
            self._first_try.clear()

    async def call(
        self, service: str, method: str, kwargs: Mapping[str, Any], deadline: float = 10.0
    ) -> Any:
        """What `service.method(**kwargs)` returns, within `deadline` seconds.

        Raises the Rejected that the method raised; Unavailable when no such service runs, the
        broker is away or no answer came in time; ServiceFailed when the service has a bug.
        """
        began = time.perf_counter()
        outcome = "ok"
        try:
            if self._line is None:
                raise Unavailable(rpc_wire.NO_BROKER)
            body = await self._line.ask(service, method, kwargs, deadline)
            return rpc_wire.understand(service, method, body)
        except Rejected as refusal:
            outcome = refusal.code
            raise
        except (rpc_wire.ServiceFailed, asyncio.CancelledError) as error:
            outcome = "error" if isinstance(error, rpc_wire.ServiceFailed) else "left"
            raise
        finally:
            seconds = time.perf_counter() - began
            telemetry.RPC_CALLS.labels(service, method, outcome).observe(seconds)

    async def _keep_connected(self) -> None:
        failures = 0
        while True:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    line = await open_line(self._uri)
            except Exception as error:  # whatever it is: there is no line, and the next try may do
                failures += 1
                self._first_try.set()
                await _wait(failures, error)
            else:
                failures = 0
                await self._hold(line)

    async def _hold(self, line: Line) -> None:
        """Let calls go over this line until it is lost."""
        self._line = line
        self._first_try.set()
        telemetry.CONNECTED.labels("rpc client").set(1)
        try:
            await line.lost
        finally:
            self._line = None
            telemetry.CONNECTED.labels("rpc client").set(0)
            line.leave()


async def _wait(failures: int, error: Exception) -> None:
    pause = min(LONGEST_WAIT, 0.1 * 2 ** min(failures, 8)) * random.uniform(0.5, 1)
    error_type, retry_in = type(error).__name__, round(pause, 2)
    log.warning("broker away", error_type=error_type, attempt=failures, retry_in=retry_in)
    await asyncio.sleep(pause)
