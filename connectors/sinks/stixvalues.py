"""Indicators' values as STIX 2.1 wants them: the pattern that finds a value, and the observables that stand for it.

What has no object in STIX and no custom one in wide use gives None here, and stands in words in the incident's extension.
"""

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import idna
from msgspec import Struct

from connectors.sinks.stixmaker import Object
from pipeline.incidents.wording import clean
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
HASHES = {
    "md5": ("MD5", 32), "sha1": ("SHA-1", 40), "sha224": ("SHA-224", 56), "sha256": ("SHA-256", 64), "sha384": ("SHA-384", 96),
    "sha512": ("SHA-512", 128), "sha3-224": ("SHA3-224", 56), "sha3-256": ("SHA3-256", 64), "sha3-384": ("SHA3-384", 96),
    "sha3-512": ("SHA3-512", 128), "ssdeep": ("SSDEEP", 0), "tlsh": ("TLSH", 0), "authentihash": ("AUTHENTIHASH", 0),
}  # fmt: skip
"""The name of the algorithm (10.7, an open vocabulary), and the digits of a value; 0: any."""
ACCOUNTS = frozenset("telegram discord twitter facebook instagram youtube tiktok linkedin vk github tox".split())
WALLETS = frozenset("btc eth xmr tron ltc doge dash zec xrp bch ada atom bnb osmo zil xlm xtz sol".split())
RULES = {"yara-rule": "yara", "sigma-rule": "sigma"}
"""The pattern's type (10.10) by tocsin's type of indicator."""
PORT_MAX = 65_535
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^\s/?#\[\]@]*@)?(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]+)(?::\d+)?(?:[/?#].*)?"
)
_MAILBOX = re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
"""What the validator of OASIS takes for an address: less than RFC 5321 does, which has an apostrophe as well."""
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH = re.compile(r"(?P<folder>.*[\\/])(?P<name>[^\\/]*)\Z", re.DOTALL)
_PURL = re.compile(r"pkg:[\w.+-]+/(?P<name>[^?#]+?)(?:@(?P<version>[^?#@]+))?(?:[?#].*)?\Z")


class Value(Struct, frozen=True):
    """A value: its pattern, None where it has none; the observables, the one that stands for it first."""

    pattern: str | None
    observables: tuple[Object, ...] = ()
    pattern_type: str = "stix"


def value_of(indicator: Indicator) -> Value | None:
    """The value as STIX has it; None where STIX can't say it, or its own rules do not take it for one."""
    import stix2

    value = indicator.value
    if indicator.type in RULES:
        return Value(value, (), RULES[indicator.type]) if value.strip() else None
    if not value.strip() or clean(value) != value:
        return None
    if indicator.type in HASHES:
        make: Callable[[str], Value] | None = lambda v: _hash(indicator.type, v)  # noqa: E731
    elif indicator.type in ACCOUNTS:
        make = lambda v: _account(indicator.type, v)  # noqa: E731
    elif indicator.type in WALLETS:
        make = lambda v: Value(_equal("cryptocurrency-wallet:value", v))  # noqa: E731
    else:
        make = MAKERS.get(indicator.type)
    try:
        return make(value) if make else None
    except (stix2.exceptions.STIXError, ValueError):
        return None


def endpoint_of(address: str, port: str) -> Value | None:
    """An address with the port that it is reached at."""
    import stix2

    try:
        at = ipaddress.ip_address(address)
        number = int(port)
        if not 0 < number <= PORT_MAX:
            return None
    except ValueError:
        return None
    kind = f"ipv{at.version}-addr"
    host = _plain((stix2.IPv6Address if at.version == 6 else stix2.IPv4Address)(value=str(at)))
    traffic = _plain(stix2.NetworkTraffic(dst_ref=host["id"], dst_port=number, protocols=[f"ipv{at.version}"]))
    pattern = (
        f"[network-traffic:dst_ref.type = '{kind}' AND network-traffic:dst_ref.value = '{at}'"
        f" AND network-traffic:dst_port = {number}]"
    )
    return Value(pattern, (traffic, host))


def quoted(value: str) -> str:
    """A string constant of a pattern: quotes and backslashes in the value stay in the value."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def uri_of(value: str) -> str | None:
    """The address as RFC 3986 has it, with what it does not allow in percent signs; None where it is none."""
    try:
        parts = urlsplit(value)
        host = (
            (parts.hostname or "").encode("idna").decode() if parts.hostname and not parts.hostname.isascii() else None
        )
        _ = parts.port
    except (ValueError, UnicodeError):
        return None
    if not parts.scheme or not parts.hostname:
        return None
    where = parts.netloc.replace(parts.hostname, host) if host and parts.hostname in parts.netloc else parts.netloc
    rest = value[value.index("://") + 3 :][len(parts.netloc) :] if "://" in value else ""
    # Brackets belong to addresses of version 6 alone, and a second # to nothing.
    path, mark, fragment = rest.partition("#")
    tail = quote(path, safe="/?:@!$&'()*+,;=%-._~") + (
        mark + quote(fragment, safe="/?:@!$&'()*+,;=%-._~") if mark else ""
    )
    made = _PERCENT.sub("%25", f"{parts.scheme.lower()}://{where}{tail}")
    return made if _URI.fullmatch(made) and made.isascii() and quote(made, safe=URI_SIGNS) == made else None


def _plain(made: Any) -> Object:
    plain: Object = json.loads(made.serialize())
    return plain


def _equal(path: str, value: str) -> str:
    return f"[{path} = {quoted(value)}]"


def _hash(kind: str, value: str) -> Value:
    import stix2

    name, digits = HASHES[kind]
    if digits and not re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", value):
        raise ValueError(value)
    made = stix2.File(hashes={name: value}, allow_custom=True)
    path = name if name.isalnum() else f"'{name}'"
    return Value(_equal(f"file:hashes.{path}", value), (_plain(made),))


def _imphash(value: str) -> Value:
    if not re.fullmatch(r"[0-9a-fA-F]{32}", value):
        raise ValueError(value)
    return Value(_equal("file:extensions.'windows-pebinary-ext'.imphash", value))


def _account(kind: str, value: str) -> Value:
    import stix2

    login = value.lstrip("@")
    made = stix2.UserAccount(account_type=kind, account_login=login)
    return Value(
        f"[user-account:account_type = '{kind}' AND user-account:account_login = {quoted(login)}]", (_plain(made),)
    )


def _address(value: str) -> Value:
    import stix2

    at = ipaddress.ip_address(value)
    made = (stix2.IPv6Address if at.version == 6 else stix2.IPv4Address)(value=str(at))
    return Value(_equal(f"ipv{at.version}-addr:value", str(at)), (_plain(made),))


def _network(value: str) -> Value:
    import stix2

    network = ipaddress.ip_network(value, strict=False)
    made = (stix2.IPv6Address if network.version == 6 else stix2.IPv4Address)(value=str(network))
    return Value(f"[ipv{network.version}-addr:value ISSUBSET '{network}']", (_plain(made),))


def _domain(value: str) -> Value:
    import stix2

    try:
        idna.encode(value)
    except idna.IDNAError:  # names with an underscore: logs have them, STIX's observable may not
        return Value(_equal("domain-name:value", value))
    return Value(_equal("domain-name:value", value), (_plain(stix2.DomainName(value=value)),))


def _url(value: str) -> Value:
    import stix2

    # Without a scheme as a log has it: either of the two that browsers speak.
    written = [value] if _SCHEME.match(value) else [f"http://{value}", f"https://{value}"]
    uri = uri_of(written[0])
    if uri is None and len(written) == 2:
        raise ValueError(value)
    forms = list(dict.fromkeys([*written, *([uri] if uri and unquote(uri) != unquote(written[0]) else [])]))
    pattern = " OR ".join(f"url:value = {quoted(form)}" for form in forms)
    return Value(f"[{pattern}]", (_plain(stix2.URL(value=uri)),) if uri else ())


def _mailbox(value: str) -> Value:
    import stix2

    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or "/" in value:
        raise ValueError(value)
    observables = (_plain(stix2.EmailAddress(value=value)),) if _MAILBOX.fullmatch(value) else ()
    return Value(_equal("email-addr:value", value), observables)


def _mac(value: str) -> Value:
    import stix2

    digits = re.sub(r"[^0-9a-f]", "", value.lower())
    if len(digits) != 12:
        raise ValueError(value)
    at = ":".join(digits[n : n + 2] for n in range(0, 12, 2))
    return Value(_equal("mac-addr:value", at), (_plain(stix2.MACAddress(value=at)),))


def _registry_key(value: str) -> Value:
    import stix2

    hive, _, rest = value.replace(":\\", "\\", 1).partition("\\")
    key = f"{HIVES.get(hive.upper(), hive)}\\{rest}"
    return Value(_equal("windows-registry-key:key", key), (_plain(stix2.WindowsRegistryKey(key=key)),))


def _file_name(value: str) -> Value:
    import stix2

    return Value(_equal("file:name", value), (_plain(stix2.File(name=value)),))


def _file_path(value: str) -> Value:
    import stix2

    found = _PATH.fullmatch(value)
    if found is None:
        return _file_name(value)
    folder, name = found["folder"], found["name"]
    where = _plain(stix2.Directory(path=folder if len(folder) < 4 else folder[:-1]))
    if not name:
        return Value(_equal("directory:path", where["path"]), (where,))
    made = _plain(stix2.File(name=name, parent_directory_ref=where["id"]))
    return Value(
        f"[file:name = {quoted(name)} AND file:parent_directory_ref.path = {quoted(where['path'])}]", (made, where)
    )


def _as_number(value: str) -> Value:
    import stix2

    number = int(value.upper().removeprefix("AS"))
    if not 0 < number < 2**32:
        raise ValueError(value)
    return Value(f"[autonomous-system:number = {number}]", (_plain(stix2.AutonomousSystem(number=number)),))


def _serial(value: str) -> Value:
    import stix2

    return Value(_equal("x509-certificate:serial_number", value), (_plain(stix2.X509Certificate(serial_number=value)),))


def _thumbprint(value: str) -> Value:
    import stix2

    name = {32: "MD5", 40: "SHA-1", 64: "SHA-256"}[len(value)] if len(value) in {32, 40, 64} else ""
    made = stix2.X509Certificate(hashes={name: value})
    return Value(_equal(f"x509-certificate:hashes.'{name}'", value), (_plain(made),))


def _package(value: str) -> Value:
    import stix2

    found = _PURL.fullmatch(value)
    if found is None:
        raise ValueError(value)
    name, version = unquote(found["name"]), unquote(found["version"] or "")
    made = stix2.Software(name=name, **({"version": version} if version else {}))
    of_version = f" AND software:version = {quoted(version)}" if version else ""
    return Value(f"[software:name = {quoted(name)}{of_version}]", (_plain(made),))


def _software(value: str) -> Value:
    import stix2

    return Value(_equal("software:name", value), (_plain(stix2.Software(name=value)),))


def _mutex(value: str) -> Value:
    import stix2

    return Value(_equal("mutex:name", value), (_plain(stix2.Mutex(name=value)),))


MAKERS: dict[str, Callable[[str], Value]] = {
    "ipv4": _address, "ipv6": _address, "cidr": _network, "domain": _domain, "onion": _domain, "url": _url,
    "email": _mailbox, "mac": _mac, "mutex": _mutex, "registry-key": _registry_key, "file-name": _file_name,
    "file-path": _file_path, "asn": _as_number, "certificate-serial": _serial, "certificate-thumbprint": _thumbprint,
    "purl": _package, "package": _package, "android-package": _software, "imphash": _imphash,
    "user-agent": lambda v: Value(
        _equal("network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", v)
    ),
    "ja3": lambda v: Value(_equal("network-traffic:x_ja3", v)),
    "jarm": lambda v: Value(_equal("network-traffic:x_jarm", v)),
    "service": lambda v: Value(_equal("process:extensions.'windows-service-ext'.service_name", v)),
    "iban": lambda v: Value(_equal("bank-account:iban", v)),
    "phone": lambda v: Value(_equal("phone-number:value", v)),
}  # fmt: skip
"""By tocsin's type of indicator. Wallets, bank accounts and telephone numbers have the names that OpenCTI gave them; JA3 and JARM are
custom properties, as STIX has none for them."""
