"""AMQP 0-9-1 frames in a stream of bytes, however it is cut, and what replies need of them.

`kind` 1: a method, its class and number in the first four bytes; 2: the header of a content; 3: a
part of its body; 8: a heartbeat.
"""

from collections.abc import Iterator
from struct import Struct, error
from typing import Final, NamedTuple

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
KINDS: Final = frozenset({METHOD, HEADER, BODY, HEARTBEAT})
END: Final = 0xCE
LARGEST: Final = 131_072
"""Bytes of one frame, all included: what we tell the broker when we greet it."""

STILL_THERE: Final = bytes([HEARTBEAT, 0, 0, 0, 0, 0, 0, END])
"""The heartbeat, as it is sent."""

_HEAD: Final = Struct(">BHI")
_SIZE: Final = Struct(">Q")
_FLAGS: Final = Struct(">H")
_TABLE: Final = Struct(">I")

_CONTENT_TYPE, _CONTENT_ENCODING, _HEADERS = 0x8000, 0x4000, 0x2000
_DELIVERY_MODE, _PRIORITY, _CORRELATION_ID = 0x1000, 0x0800, 0x0400


class NoAmqp(Exception):  # noqa: N818 - says what the bytes are
    """These bytes are no AMQP: whoever speaks is no broker, or frames have been lost."""


class Frame(NamedTuple):
    kind: int
    channel: int
    payload: bytes


class Frames:
    """Cuts what comes into frames; what is not complete yet waits for the rest."""

    def __init__(self) -> None:
        self._rest = b""

    def of(self, more: bytes) -> Iterator[Frame]:
        """The frames that are complete now. Raises NoAmqp."""
        some, at = self._rest + more, 0
        while len(some) - at >= _HEAD.size:
            kind, channel, size = _HEAD.unpack_from(some, at)
            begin, end = at + _HEAD.size, at + _HEAD.size + size
            if kind not in KINDS or size > LARGEST:
                raise NoAmqp
            if end >= len(some):
                break
            if some[end] != END:
                raise NoAmqp
            yield Frame(kind, channel, some[begin:end])
            at = end + 1
        self._rest = some[at:]


def body_size(header: bytes) -> int:
    """How many bytes of body follow a content's header. Raises NoAmqp."""
    try:
        size: int = _SIZE.unpack_from(header, 4)[0]
    except error:
        raise NoAmqp from None
    return size


def correlation_id(header: bytes) -> str | None:
    """Which call a content belongs to; None when its header does not say so, or makes no sense."""
    try:
        (flags,), at = _FLAGS.unpack_from(header, 12), 14
        for text in (_CONTENT_TYPE, _CONTENT_ENCODING):
            at += 1 + header[at] if flags & text else 0
        at += 4 + _TABLE.unpack_from(header, at)[0] if flags & _HEADERS else 0
        at += bool(flags & _DELIVERY_MODE) + bool(flags & _PRIORITY)
        said = header[at + 1 : at + 1 + header[at]] if flags & _CORRELATION_ID else None
    except (error, IndexError):
        return None
    return None if said is None else said.decode("ascii", "replace")
