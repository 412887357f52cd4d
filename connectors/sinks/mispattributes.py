"""An alert's indicators as MISP has them: attributes, and objects for what has no type of attribute.

What MISP has neither for is an attribute `other` whose comment names the kind, so that no value is left out.
"""

import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid5

from msgspec import Struct
from msgspec.structs import replace

from connectors.sinks.measures import has_scheme, name_beside, port_behind, read_date
from connectors.sinks.mispgalaxies import tag_indicator
from connectors.sinks.stixmaker import NAMESPACE
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Indicator

TYPES = {
    "ipv4": "ip-dst", "ipv6": "ip-dst", "cidr": "ip-dst", "port": "port", "domain": "domain", "onion": "onion-address", "url": "url",
    "email": "email", "md5": "md5", "sha1": "sha1", "sha224": "sha224", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512",
    "sha3-224": "sha3-224", "sha3-256": "sha3-256", "sha3-384": "sha3-384", "sha3-512": "sha3-512", "ssdeep": "ssdeep",
    "tlsh": "tlsh", "imphash": "imphash", "authentihash": "authentihash", "cve": "vulnerability", "ghsa": "vulnerability",
    "cwe": "weakness", "cpe": "cpe", "asn": "AS", "mac": "mac-address", "file-path": "filename", "file-name": "filename",
    "registry-key": "regkey", "mutex": "mutex", "service": "windows-service-name", "user-agent": "user-agent", "yara-rule": "yara",
    "sigma-rule": "sigma", "btc": "btc", "xmr": "xmr", "dash": "dash", "iban": "iban", "phone": "phone-number",
    "ja3": "ja3-fingerprint-md5", "jarm": "jarm-fingerprint", "github": "github-username", "twitter": "twitter-id",
    "android-package": "mobile-application-id",
}  # fmt: skip
"""MISP's attribute type by tocsin's type of indicator."""
THUMBPRINTS = {32: "x509-fingerprint-md5", 40: "x509-fingerprint-sha1", 64: "x509-fingerprint-sha256"}
COINS = frozenset("eth tron ltc doge zec xrp bch ada atom bnb osmo zil xlm xtz sol".split())
ACCOUNTS = frozenset("discord facebook instagram youtube tiktok linkedin vk tox".split())
DIGITS = {
    "md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128, "sha3-224": 56, "sha3-256": 64, "sha3-384": 96,
    "sha3-512": 128, "imphash": 32, "ja3": 32,
}  # fmt: skip
"""Hexadecimal digits, as MISP checks them: it drops an attribute whose value is none of its type."""
RULES = frozenset({"yara-rule", "sigma-rule"})
VALUE_CHARS_MAX = 10_000


class Attribute(Struct, frozen=True, omit_defaults=True):
    """One attribute; with `in_object` and `relation`, the one attribute of an object of that template."""

    kind: str
    value: str
    category: str = ""  # empty: the type's own
    to_ids: bool = False
    comment: str = ""
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    in_object: str = ""
    relation: str = ""
    beside: tuple[tuple[str, str], ...] = ()  # relation and value of the object's other attributes
    tags: tuple[str, ...] = ()

    def uuid(self, event_uuid: str) -> str:
        """The same for the same value in the same event, whatever is said of it."""
        return str(uuid5(NAMESPACE, f"{event_uuid} {self.in_object or self.kind} {self.value}"))


def list_attributes(alert: Alert) -> list[Attribute]:
    """All of them, each value once; the surest of one value stands."""
    found: dict[tuple[str, str], Attribute] = {}
    for indicator in alert.indicators:
        for made in _attributes(indicator, alert):
            key = (made.in_object or made.kind, made.value)
            if key not in found or (made.to_ids and not found[key].to_ids):
                found[key] = made
    return list(found.values())


def _attributes(indicator: Indicator, alert: Alert) -> Iterator[Attribute]:
    value = indicator.value if indicator.type in RULES else clean(indicator.value).strip()
    if not value:
        return
    first, last = read_date(indicator.first_seen), read_date(indicator.last_seen, is_end=True)
    reason = clean(": ".join(filter(None, (indicator.verdict, indicator.reason, indicator.role))))
    plain = Attribute(
        kind="other",
        value=value[:VALUE_CHARS_MAX],
        to_ids=indicator.verdict == "malicious" and alert.change != "retracted",
        comment=f"taken back; was {reason}" if alert.change == "retracted" else reason,
        first_seen=first,
        last_seen=last if last and first and last >= first else None,
        tags=tag_indicator(indicator),
    )
    yield _typed(plain, indicator)
    if indicator.type in {"ipv4", "ipv6"} and (port := port_behind(indicator, alert.indicators)) and _fits(indicator):
        yield _with(plain, kind="ip-dst|port", value=f"{value}|{port}")
    if (name := name_beside(indicator, alert.indicators)) and _fits(indicator) and "|" not in name:
        yield _with(plain, kind=f"filename|{TYPES[indicator.type]}", value=f"{clean(name)}|{value}")


def _typed(plain: Attribute, indicator: Indicator) -> Attribute:
    kind, value = indicator.type, plain.value
    if kind == "telegram":
        return _with(plain, kind="text", in_object="telegram-account", relation="username")
    if kind in COINS:
        beside = (("symbol", kind.upper()),)
        return _with(plain, kind="text", in_object="coin-address", relation="address-crypto", beside=beside)
    if kind in ACCOUNTS:
        beside = (("account-type", kind),)
        return _with(plain, kind="text", in_object="user-account", relation="username", beside=beside)
    if kind == "certificate-thumbprint" and len(value) in THUMBPRINTS:
        return _with(plain, kind=THUMBPRINTS[len(value)])
    if kind == "email" and indicator.role == "phishing":
        return _with(plain, kind="email-src", category="Payload delivery")
    if kind == "email":
        return _with(plain, kind="email", category="Network activity")
    if kind == "url" and not has_scheme(value):
        return _with(plain, kind="url", value=f"http://{value}", comment=f"{plain.comment} (written without a scheme)")
    if kind in TYPES and _fits(indicator):
        return _with(plain, kind=TYPES[kind])
    return _with(plain, category="Other", to_ids=False, comment=f"{kind}: {plain.comment}")


def _fits(indicator: Indicator) -> bool:
    """Whether the value is one of its type, as MISP checks."""
    value = indicator.value
    if indicator.type in DIGITS:
        return re.fullmatch(f"[0-9a-fA-F]{{{DIGITS[indicator.type]}}}", value) is not None
    try:
        match indicator.type:
            case "ipv4" | "ipv6":
                ipaddress.ip_address(value)
            case "cidr":
                ipaddress.ip_network(value, strict=False)
            case "port":
                return value.isdecimal() and 0 < int(value) < 65_536
            case "asn":
                return value.upper().removeprefix("AS").isdecimal()
            case "cve":
                return value.upper().startswith("CVE-")
    except ValueError:
        return False
    return True


def _with(plain: Attribute, **fields: object) -> Attribute:
    return replace(plain, **fields)
