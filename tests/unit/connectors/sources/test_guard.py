"""Which addresses may be dialled."""

import ipaddress

import pytest

from connectors.sources.guard import BlockedAddressError, Guard, is_public
from pipeline.errors import ConfigError


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1",  # mapped
        "::127.0.0.1",  # compatible
        "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",  # NAT64
        "2002:7f00:1::1", "2002:a9fe:a9fe::",  # 6to4
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo of 127.0.0.1
        "2600:1::5efe:10.0.0.1", "2600:1::200:5efe:192.168.0.1",  # ISATAP
    ],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "2606:2800:220:1::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"],
)
def test_what_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_low_ports_other_than_the_webs_are_refused() -> None:
    guard = Guard()
    guard.check("1.1.1.1", 443)
    guard.check("1.1.1.1", 8080)
    for port in (22, 25, 6379 - 6000, 1023):
        with pytest.raises(BlockedAddressError, match=f"port {port}"):
            guard.check("1.1.1.1", port)


def test_what_is_allowed_passes_and_nothing_else() -> None:
    guard = Guard(["127.0.0.0/8", "10.0.0.5:8080", "[fd00::1]:80", "fd00:2::/64"])
    guard.check("127.0.0.1", 9)
    guard.check("::ffff:127.0.0.1", 9)
    guard.check("10.0.0.5", 8080)
    guard.check("fd00::1", 80)
    guard.check("fd00:2::7", 81)
    for host, port in (
        ("10.0.0.5", 8081),
        ("10.0.0.6", 8080),
        ("fd00::1", 81),
        ("fd00:3::1", 80),
        ("169.254.169.254", 80),
    ):
        with pytest.raises(BlockedAddressError):
            guard.check(host, port)


def test_a_named_host_is_allowed_only_for_its_own_hop() -> None:
    guard = Guard(["intranet.example", "wiki.example:8080"])
    with guard.for_hop("http://Intranet.example./feed"):
        guard.check("10.0.0.1", 80)
    with guard.for_hop("http://wiki.example:8080/feed"):
        guard.check("10.0.0.1", 8080)
    for url in ("http://wiki.example/feed", "http://other.example/", "http://intranet.example.evil.example/"):
        with guard.for_hop(url), pytest.raises(BlockedAddressError):
            guard.check("10.0.0.1", 80)
    with pytest.raises(BlockedAddressError):
        guard.check("10.0.0.1", 80)


@pytest.mark.parametrize("entry", ["10.0.0.0/33", "host:0", "host:99999", "", "a/b"])
def test_an_allow_list_that_means_nothing_is_refused(entry: str) -> None:
    with pytest.raises(ConfigError, match="allow"):
        Guard([entry])
