"""Letters over HTTP, to exactly the address that was checked."""

import socket
import ssl
from collections.abc import Mapping

import httpx

from shared.deliveries import Answer, Endpoint
from shared.public_address import Destination, Refused, destination, is_loopback, is_public

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Seconds for each step; whoever runs this bounds the whole (shared.adapters.nameko_deliveries)."""


class HttpDelivery:
    """Implements shared.deliveries.Delivery. `allows_loopback` is for tests and for nothing else.

    The name is looked up once; if any of its addresses is not public, nothing is sent. Then the
    connection is made to the first of them by number, so a second look-up cannot lead elsewhere,
    and TLS still has to prove the name. No proxy, no redirect is followed, no body is read.
    """

    def __init__(
        self, allows_loopback: bool = False, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._allows_loopback = allows_loopback
        self._client = httpx.Client(
            verify=trusted or ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=TIMEOUT,
            # kept connections are known by address, not by the name that TLS has proven
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            where = self._permitted(endpoint)
            request = self._request(where, self._address(where), headers, body)
        except Refused as refusal:
            return Answer(False, str(refusal))
        try:
            response = self._client.send(request, stream=True)
        except httpx.TimeoutException:
            return Answer(False, "timeout")
        except httpx.TransportError as error:
            return Answer(False, "tls" if _is_about_tls(error) else "no_connection")
        response.close()
        return Answer(response.is_success, str(response.status_code))

    def close(self) -> None:
        self._client.close()

    def _permitted(self, endpoint: Endpoint) -> Destination:
        """Texts hold a phone number, so they never travel in the open."""
        where = destination(endpoint.url, endpoint.ports)
        if endpoint.kind == "sms" and where.scheme != "https" and not self._allows_loopback:
            raise Refused("https_needed")
        return where

    def _address(self, where: Destination) -> str:
        """The address to connect to. Raises Refused unless every address of the name will do."""
        try:
            found = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refused("name_unknown") from None
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(map(self._may_reach, addresses)):
            raise Refused("address_not_public")
        return addresses[0]

    def _may_reach(self, address: str) -> bool:
        return is_public(address) or (self._allows_loopback and is_loopback(address))

    def _request(
        self, where: Destination, address: str, headers: Mapping[str, str], body: bytes
    ) -> httpx.Request:
        host = f"[{address}]" if ":" in address else address
        return self._client.build_request(
            "POST",
            f"{where.scheme}://{host}:{where.port}{where.target}",
            headers={**headers, "Host": where.authority},
            content=body,
            extensions={"sni_hostname": where.host},
        )


def _is_about_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError) or "certificate" in str(error).lower():
            return True
        error = error.__cause__ or error.__context__
    return False
