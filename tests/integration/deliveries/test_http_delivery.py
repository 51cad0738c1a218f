"""What is posted where: real sockets on this machine, and refusals before any is opened."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.http_delivery import HttpDelivery
from shared.deliveries import Answer, Endpoint
from shared.public_address import USUAL_PORTS
from tests.integration.deliveries.receiver import Receiver, receiver

SECRET = "x" * 32


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def careful() -> Iterator[HttpDelivery]:
    """As it is in a county."""
    delivery = HttpDelivery()
    yield delivery
    delivery.close()


@pytest.fixture
def local() -> Iterator[HttpDelivery]:
    """As it is in a test."""
    delivery = HttpDelivery(allows_loopback=True)
    yield delivery
    delivery.close()


def endpoint(url: str, *ports: int, kind: str = "webhook") -> Endpoint:
    types = ("RequestPlaced",) if kind == "webhook" else ()
    return Endpoint(
        endpoint_id="there",
        kind=kind,
        url=url,
        secret=SECRET,
        types=types,
        ports=ports or USUAL_PORTS,
    )


def post(delivery: HttpDelivery, to: Endpoint) -> Answer:
    return delivery.post(to, {"X-County-Delivery": "there:1"}, b"hello")


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "0.0.0.0", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]"),
        *("2130706433", "0x7f000001", "017700000001", "127.1", "10.0.0.1", "172.16.0.1"),
        *("192.168.0.1", "[fc00::1]", "[fe80::1]", "100.64.0.1", "[::]", "[64:ff9b::7f00:1]"),
    ],
)
def test_nothing_is_sent_to_ourselves_or_our_neighbours(
    careful: HttpDelivery, there: Receiver, host: str
):
    answer = post(careful, endpoint(f"http://{host}:{there.port}/", there.port))
    assert answer.is_taken is False
    assert answer.said in {"address_not_public", "host_not_allowed", "name_unknown"}
    assert there.got == []


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "192.168.0.1", "[fc00::1]"])
def test_what_a_test_may_do_is_loopback_and_no_more(local: HttpDelivery, host: str):
    assert post(local, endpoint(f"http://{host}/")).said == "address_not_public"


def test_a_name_is_refused_when_one_of_its_addresses_is_ours(
    careful: HttpDelivery, monkeypatch: pytest.MonkeyPatch
):
    def two_faced(*_: object, **__: object) -> Any:
        return [(socket.AF_INET, 1, 6, "", (address, 443)) for address in ("1.1.1.1", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", two_faced)
    assert post(careful, endpoint("https://two-faced.example/")).said == "address_not_public"


def test_a_name_is_looked_up_once_so_it_cannot_change_its_mind(
    local: HttpDelivery, there: Receiver, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    genuine = socket.getaddrinfo

    def rebinding(host: str, *more: Any, **named: Any) -> Any:
        """The name says 127.0.0.1 the first time it is asked, and somewhere else ever after."""
        if host != "fickle.example":
            return genuine(host, *more, **named)
        asked.append(host)
        return genuine("127.0.0.1" if len(asked) == 1 else "169.254.169.254", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = f"http://fickle.example:{there.port}/hook"
    assert post(local, endpoint(url, there.port)) == Answer(True, "204")
    assert asked == ["fickle.example"]
    assert there.got[0].headers["Host"] == f"fickle.example:{there.port}"


def test_a_port_that_is_not_named_is_not_called(local: HttpDelivery, there: Receiver):
    assert post(local, endpoint(there.url())).said == "port_not_allowed"
    assert there.got == []


def test_a_redirect_is_an_answer_and_not_an_instruction(local: HttpDelivery, there: Receiver):
    there.location = there.url("/elsewhere")
    for status in (301, 302, 303, 307, 308):
        there.answers = [status]
        answer = post(local, endpoint(there.url(), there.port))
        assert answer == Answer(False, str(status))
    assert {got.path for got in there.got} == {"/"}


def test_the_environment_names_no_proxy(there: Receiver, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    fresh = HttpDelivery(allows_loopback=True)
    assert post(fresh, endpoint(there.url(), there.port)).is_taken
    fresh.close()


def test_texts_do_not_travel_in_the_open(careful: HttpDelivery):
    assert post(careful, endpoint("http://sms.example.org/", kind="sms")).said == "https_needed"


def test_nobody_there_is_an_answer_too(local: HttpDelivery):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        assert post(local, endpoint(f"http://127.0.0.1:{port}/", port)).said == "no_connection"


# --- TLS ---

Trust = Callable[[], ssl.SSLContext]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For `receiver.example` alone, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.fail("openssl is needed to make a certificate for this test")
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=receiver.example", "-addext", "subjectAltName=DNS:receiver.example"),
            *("-keyout", str(key), "-out", str(made)),
        ],
        check=True,
        capture_output=True,
    )
    return key, made


@pytest.fixture
def behind_tls(certificate: tuple[Path, Path]) -> Iterator[Receiver]:
    key, made = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    with receiver(context) as found:
        yield found


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `….example` lives on this machine."""
    genuine = socket.getaddrinfo

    def asked(host: str, *more: Any, **named: Any) -> Any:
        return genuine("127.0.0.1" if host.endswith(".example") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", asked)


@pytest.mark.usefixtures("at_home")
def test_tls_proves_the_name_though_the_address_is_called(
    behind_tls: Receiver, certificate: tuple[Path, Path]
):
    trusted = ssl.create_default_context(cafile=str(certificate[1]))
    delivery = HttpDelivery(allows_loopback=True, trusted=trusted)
    port = behind_tls.port
    assert post(delivery, endpoint(f"https://receiver.example:{port}/", port)).is_taken
    assert post(delivery, endpoint(f"https://other.example:{port}/", port)).said == "tls"
    assert post(delivery, endpoint(f"https://127.0.0.1:{port}/", port)).said == "tls"
    assert len(behind_tls.got) == 1
    delivery.close()


@pytest.mark.usefixtures("at_home")
def test_a_certificate_that_nobody_vouches_for_is_refused(
    local: HttpDelivery, behind_tls: Receiver
):
    port = behind_tls.port
    assert post(local, endpoint(f"https://receiver.example:{port}/", port)).said == "tls"
    assert behind_tls.got == []
