"""Where the county sends nothing, however it is spelt."""

import pytest

from shared.public_address import Destination, Refused, destination, is_public

NOT_PUBLIC = (
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "169.254.169.254", "255.255.255.255"),
    *("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    *("100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.0.99", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fc00::1", "fd12::1"),
    *("fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
    *("2002:7f00:1::", "2001::1", "2001:db8::1", "100::1", "3fff::1", "2400:3200::1%eth0"),
)
PUBLIC = ("1.1.1.1", "8.8.8.8", "223.5.5.5", "172.32.0.1", "100.128.0.1", "2400:3200::1")


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_not_reached(address: str):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are(address: str):
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://2130706433/", "host_not_allowed"),
        ("http://0x7f000001/", "host_not_allowed"),
        ("http://0x7f.1/", "host_not_allowed"),
        ("http://0177.0.0.1/", "host_not_allowed"),
        ("http://127.1/", "host_not_allowed"),
        ("http://example.org.0x7f/", "host_not_allowed"),
        ("http://localhost./", "host_not_allowed"),
        ("http://exa_mple.org/", "host_not_allowed"),
        ("http:///path", "host_not_allowed"),
        ("http://[::1", "url_malformed"),
        ("http://example.org:port/", "url_malformed"),
        ("http://example.org:99999/", "url_malformed"),
        ("http://例子.cn/", "url_malformed"),
        ("http://example.org/a b", "url_malformed"),
        ("http://example.org/\r\nX: y", "url_malformed"),
        ("http://example.org/" + "a" * 2000, "url_malformed"),
        ("ftp://example.org/", "url_not_allowed"),
        ("file:///etc/passwd", "url_not_allowed"),
        ("gopher://example.org/", "url_not_allowed"),
        ("//example.org/", "url_not_allowed"),
        ("http://user@example.org/", "url_not_allowed"),
        ("http://example.org@127.0.0.1/", "url_not_allowed"),
        ("http://example.org/#part", "url_not_allowed"),
        ("http://example.org:22/", "port_not_allowed"),
        ("https://example.org:8443/", "port_not_allowed"),
    ],
)
def test_a_url_is_read_strictly(url: str, reason: str):
    with pytest.raises(Refused, match=f"^{reason}$"):
        destination(url)


def test_a_plain_url_is_taken_apart():
    assert destination("https://Hooks.Example.org/county?x=1") == Destination(
        "https", "hooks.example.org", 443, "/county?x=1"
    )
    assert destination("http://[2400:3200::1]").authority == "[2400:3200::1]"


def test_another_port_has_to_be_named():
    where = destination("https://example.org:8443/", (8443,))
    assert where.authority == "example.org:8443"
