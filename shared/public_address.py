"""Where the county may send things: public addresses alone, so nobody can point us at ourselves.

Whoever configures an endpoint chooses a URL; what it leads to may be decided by somebody else's
name server. So a URL is read strictly, every address its name has is checked, and the connection
goes to an address that was checked (shared.adapters.http_delivery).
"""

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import urlsplit

USUAL_PORTS = (80, 443)
DEFAULT_PORT = {"http": 80, "https": 443}
MAX_URL = 2000

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments; Python knows them only in part
            "192.88.99.0/24",  # relays of 6to4
            "2002::/16",  # 6to4: an IPv4 address inside
            "2001::/23",  # Teredo, the same, and other special uses
            "3fff::/20",  # documentation
        ),
    )
)


class Refused(Exception):  # noqa: N818 - the configuration is at fault, not we
    """We do not send there. The text is a code for the delivery's row."""


class Destination(NamedTuple):
    """An http or https URL in its parts; `host` is a name in small letters or a plain address."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, as they are sent."""

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT[self.scheme] else f"{host}:{self.port}"


def destination(url: str, ports: tuple[int, ...] = USUAL_PORTS) -> Destination:
    """The parts of a URL. Raises Refused for whatever is not plainly one of ours to call."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORT.get(parts.scheme, 0)
    except ValueError:
        raise Refused("url_malformed") from None
    host = (parts.hostname or "").lower()
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise Refused("url_malformed")
    if parts.scheme not in DEFAULT_PORT or "@" in parts.netloc or parts.fragment:
        raise Refused("url_not_allowed")
    if port not in ports:
        raise Refused("port_not_allowed")
    if not _is_address(host) and not _is_name(host):
        raise Refused("host_not_allowed")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(parts.scheme, host, port, target)


def is_public(address: str) -> bool:
    """Whether an IP address is one that anybody on the internet may reach, and nothing special.

    By the registries of special-purpose addresses (RFC 6890 and successors); addresses that carry
    an IPv4 address inside are refused whole, for what they carry is decided elsewhere.
    """
    ip = ipaddress.ip_address(address)
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if any(ip in network for network in _SPECIAL):
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    return ip in _GLOBAL_UNICAST and ip.scope_id is None


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_name(host: str) -> bool:
    """A name whose last label is a number is an address in disguise: 2130706433, 0x7f.1, 127.1."""
    last = host.rpartition(".")[2]
    return _NAME.fullmatch(host) is not None and _NUMBER.fullmatch(last) is None
