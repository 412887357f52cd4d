"""Which addresses may be dialled: the public internet, and what the operator has allowed by name.

Feeds are strangers' documents that make this process connect to places (server-side request forgery). A check of the name before
connecting loses to DNS rebinding, and one in the resolver never sees `http://169.254.169.254/`; so the address is judged where the
socket for it is made, which aiohttp does anew for every connection on every hop. Whatever has an IPv4 address inside is judged by that.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORT_UNPRIVILEGED_MIN = 1024
PORTS_LOW = frozenset({80, 443})
"""Below 1024 only these: a feed is no mail or database server."""

# IANA's special-purpose registries (RFC 6890), beyond what `ipaddress.is_global` knows in every Python version.
_REFUSED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(n)
    for n in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fec0::/10",
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = 0x5EFE
"""Interface identifier ::0:5efe:a.b.c.d or ::200:5efe:a.b.c.d (RFC 5214)."""


class BlockedAddressError(OSError):
    """A connection that may not be made; the message names the address and how to allow it."""


def embedded_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if any: mapped, NAT64, 6to4, Teredo, ISATAP."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if (int(address) >> 32) & 0xFCFF_FFFF == _ISATAP:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet's, and so is any IPv4 address inside it."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = embedded_ipv4(address)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _REFUSED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class Guard:
    """What one feed may reach. `allow` lists networks, addresses and host names, each with or without `:port`."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        self.allow = tuple(allow)
        self._networks: list[tuple[Network, int | None]] = []
        self._hosts: set[tuple[str, int | None]] = set()
        for entry in allow:
            host, port = _split_port(entry)
            try:
                self._networks.append((ipaddress.ip_network(host, strict=False), port))
            except ValueError as error:
                if not host or "/" in host:
                    raise ConfigError(f"allow: {entry!r} is no network, address or host name") from error
                self._hosts.add((host.lower().rstrip("."), port))

    def allows_url(self, url: str) -> bool:
        """Whether the operator allowed the host of this address by its name or literal address."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return False
        if (host, port) in self._hosts or (host, None) in self._hosts:
            return True
        try:
            return self._is_allowed(ipaddress.ip_address(host), port)
        except ValueError:
            return False

    def check(self, host: str, port: int) -> None:
        """Judge a numeric address that is about to be dialled. Raises `BlockedAddressError`."""
        address = ipaddress.ip_address(host.partition("%")[0])
        if _named_host_is_allowed.get() or self._is_allowed(address, port):
            return
        if not is_public(address):
            raise BlockedAddressError(f"{address} is no public address (key `allow` lets it through)")
        if port < PORT_UNPRIVILEGED_MIN and port not in PORTS_LOW:
            raise BlockedAddressError(f"port {port} is not one that feeds are served on (key `allow` lets it through)")

    def _is_allowed(self, address: Address, port: int) -> bool:
        inner = embedded_ipv4(address) if isinstance(address, ipaddress.IPv6Address) else None
        return any(
            candidate.version == network.version and candidate in network and allowed_port in (None, port)
            for candidate in (address, inner)
            if candidate is not None
            for network, allowed_port in self._networks
        )

    def make_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """aiohttp's `socket_factory`: the one place that every dialled address passes. Raises `BlockedAddressError`."""
        family, kind, protocol, _, address = info
        self.check(str(address[0]), int(address[1]))
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setblocking(False)
        return made

    @contextlib.contextmanager
    def for_hop(self, url: str) -> Iterator[None]:
        """The time of one request: a host that was allowed by name is let through wherever its name leads."""
        token = _named_host_is_allowed.set(self.allows_url(url))
        try:
            yield
        finally:
            _named_host_is_allowed.reset(token)


_named_host_is_allowed: ContextVar[bool] = ContextVar("named_host_is_allowed", default=False)
"""Carried into the tasks that aiohttp starts for a connection; per hop, so a redirect elsewhere is judged anew."""


def _split_port(entry: str) -> tuple[str, int | None]:
    """`host:8080`, `10.0.0.1:80`, `[::1]:80`; a bare IPv6 address or network has no port."""
    entry = entry.strip()
    if entry.startswith("["):
        host, _, rest = entry[1:].partition("]")
        port = rest.removeprefix(":")
    elif entry.count(":") == 1:
        host, _, port = entry.partition(":")
    else:
        host, port = entry, ""
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ConfigError(f"allow: {entry!r} has no port between 1 and 65535")
    return host, int(port) if port else None
