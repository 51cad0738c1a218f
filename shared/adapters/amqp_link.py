"""One py-amqp connection from a URI, that survives a message whose header nobody can read.

py-amqp asks the socket for every header and every body of a frame, and sends every frame by itself.
Here many frames come and go in one piece, which is cheaper for both ends.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import amqp
from amqp.method_framing import frame_handler
from kombu.utils.url import parse_url

BROKEN: Final[tuple[type[BaseException], ...]] = (OSError, EOFError, amqp.AMQPError, struct.error)
"""What connecting, reading or writing raises when the broker is not there (any more)."""

HEARTBEAT = 10
CONNECT_TIMEOUT = 5
ANSWERED_WITHIN = 10.0
READ_AHEAD = 8192
"""Bytes taken from the socket at once; what is not asked for yet waits in py-amqp's own buffer."""

_HEADER, _NO_PROPERTIES = 2, b"\x00\x00"


class _Connection(amqp.Connection):  # type: ignore[misc] # py-amqp has no types
    # without connection.blocked, publishing does not read from the socket behind the reader's back
    negotiate_capabilities = {  # noqa: RUF012 - py-amqp's own name and shape
        "consumer_cancel_notify": True,
        "authentication_failure_close": True,
    }


def connect(uri: str, heartbeat: int = HEARTBEAT) -> amqp.Connection:
    """An open connection to `amqp[s]://user:password@host:port/vhost`. Raises one of BROKEN."""
    at = parse_url(uri)
    vhost = at["virtual_host"]
    link = _Connection(
        host=f"{at['hostname'] or '127.0.0.1'}:{at['port'] or (5671 if _is_tls(at) else 5672)}",
        userid=at["userid"] or "guest",
        password=at["password"] or "guest",
        login_method="PLAIN",
        virtual_host="/" if vhost in {None, "", "/"} else vhost,
        ssl=_is_tls(at),
        connect_timeout=CONNECT_TIMEOUT,
        heartbeat=heartbeat,
        frame_handler=tolerant,
    )
    link.connect()
    receive = link.transport._quick_recv
    link.transport._quick_recv = lambda wanted: receive(max(wanted, READ_AHEAD))
    return link


@contextmanager
def in_one_piece(link: amqp.Connection) -> Iterator[None]:
    """Frames sent inside leave together at its end, or not at all if something is raised inside.

    Raises one of BROKEN; then nobody knows which have arrived.
    """
    transport, frames = link.transport, bytearray()
    send, transport._write = transport._write, frames.extend
    try:
        yield
    finally:
        transport._write = send
    if frames:
        transport.write(frames)


def be_impatient(link: amqp.Connection, seconds: float = ANSWERED_WITHIN) -> None:
    """Let every wait for an answer end in TimeoutError, one of BROKEN.

    A broker that is just starting may take a declaration and not answer it for a minute.
    """
    link.transport.sock.settimeout(seconds)


def tolerant(connection: Any, callback: Callable[..., Any]) -> Callable[[Any], Any]:
    """py-amqp's frame handler, but an unreadable header is read as an empty one.

    A timestamp of the year 300000 or a table nested a thousand deep would otherwise break the
    connection, come back after reconnecting, and break it again for ever.
    """
    handle = frame_handler(connection, callback)

    def on_frame(frame: tuple[int, int, bytes]) -> Any:
        if frame[0] != _HEADER:
            return handle(frame)
        try:
            return handle(frame)
        except Exception:
            return handle((_HEADER, frame[1], bytes(frame[2][:12]) + _NO_PROPERTIES))

    return on_frame


def _is_tls(at: Any) -> bool:
    return bool(at["transport"] == "amqps")
