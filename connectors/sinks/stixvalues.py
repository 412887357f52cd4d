"""Indicators' values as STIX 2.1 wants them: patterns and observables."""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from pipeline.records import Indicator

URI_SIGNS = ":/?#[]@!$&'()*+,;=%-._~"
"""What may stand in an address beside letters and digits (RFC 3986, 2)."""


HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}
"""STIX wants the root keys unabbreviated (6.17)."""


PATHS = {
    "ipv4": ("ipv4-addr", ("value",)),
    "ipv6": ("ipv6-addr", ("value",)),
    "cidr": ("ipv4-addr", ("value",)),
    "domain": ("domain-name", ("value",)),
    "onion": ("domain-name", ("value",)),
    "url": ("url", ("value",)),
    "email": ("email-addr", ("value",)),
    "mac": ("mac-addr", ("value",)),
    "mutex": ("mutex", ("name",)),
    "registry-key": ("windows-registry-key", ("key",)),
    "md5": ("file", ("hashes", "MD5")),
    "sha1": ("file", ("hashes", "SHA-1")),
    "sha256": ("file", ("hashes", "SHA-256")),
    "sha512": ("file", ("hashes", "SHA-512")),
    "sha3-256": ("file", ("hashes", "SHA3-256")),
    "ssdeep": ("file", ("hashes", "SSDEEP")),
    "tlsh": ("file", ("hashes", "TLSH")),
}
"""Object and property by tocsin's type of indicator."""


def _uri(value: str) -> str:
    """The value, if it is an address as RFC 3986 has it. Raises `ValueError`."""
    if quote(value, safe=URI_SIGNS) != value:
        raise ValueError(value)
    return value


def _network(value: str) -> str:
    ipaddress.ip_network(value, strict=False)
    return value


def _mailbox(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not (local and at and domain):
        raise ValueError(value)
    return value


def _registry_key(value: str) -> str:
    hive, _, rest = value.partition("\\")
    return f"{HIVES.get(hive.upper(), hive)}\\{rest}"


def make_pattern(indicator: Indicator) -> str:
    """The STIX pattern that finds the indicator; quotes and backslashes in the value stay in the value."""
    from stix2.patterns import EqualityComparisonExpression, ObjectPath, ObservationExpression, StringConstant

    kind, path = PATHS[indicator.type]
    if indicator.type == "cidr" and ":" in indicator.value:
        kind = "ipv6-addr"
    return str(
        ObservationExpression(
            EqualityComparisonExpression(ObjectPath(kind, list(path)), StringConstant(indicator.value))
        )
    )


def make_observable(indicator: Indicator) -> Any:
    import stix2

    value = indicator.value
    kind, path = PATHS[indicator.type]
    make: dict[str, Callable[[], Any]] = {
        "ipv4-addr": lambda: (stix2.IPv6Address if ":" in value else stix2.IPv4Address)(value=_network(value)),
        "ipv6-addr": lambda: stix2.IPv6Address(value=_network(value)),
        "domain-name": lambda: stix2.DomainName(value=value),
        "url": lambda: stix2.URL(value=_uri(value)),
        "email-addr": lambda: stix2.EmailAddress(value=_mailbox(value)),
        "mac-addr": lambda: stix2.MACAddress(value=value.lower().replace("-", ":")),
        "mutex": lambda: stix2.Mutex(name=value),
        "windows-registry-key": lambda: stix2.WindowsRegistryKey(key=_registry_key(value)),
        "file": lambda: stix2.File(hashes={path[-1]: value}),
    }
    try:
        return make[kind]()
    except (stix2.exceptions.STIXError, ValueError):
        return None  # a value that STIX's own rules do not take for one; the pattern still says it
