"""Host names: top-level domains, registered domains, and what only looks like a host name.

The public suffix list is the one bundled with tldextract, read without network and without a cache on disk.
"""

import re
from functools import lru_cache

import idna
import tldextract


def words(line: str) -> frozenset[str]:
    """The blank-separated words of `line`."""
    return frozenset(line.split())


HOST_CHARS_MAX = 253
"""Longest host name, characters (RFC 1035, section 2.3.4)."""
LABEL_CHARS_MAX = 63
"""Longest label of a host name, characters (RFC 1035, section 2.3.4)."""

SPECIAL_TLDS = frozenset(
    {
        "onion",
        "i2p",
        "bit",
        "local",
        "lan",
        "test",
        "example",
        "invalid",
        "localhost",
        "arpa",
        "lib",
        "bazar",
        "coin",
        "emc",
    }
)
"""Names that are no public suffix and yet occur as hosts in reports (RFC 6761, RFC 7686; alternative roots)."""

_UNDELEGATED = frozenset({"local", "lan", "test", "example", "invalid", "localhost", "lib", "coin"})
"""Of those, the ones taken for a host only inside a URL or when defanged: alone they are words."""

_FILE_SUFFIX_TLDS = words(
    "py sh pl rs zip mov md ps so cc app java swift vi am ink cab cpl csc mm tf st bar pub map ms ml sc"
)
"""Top-level domains that are file extensions as well. `foo.zip` in prose is a file; `foo[.]zip` is a host."""
_SURE_FILE_SUFFIXES = words("py sh pl rs zip mov md ps so app cab cpl")

_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)\Z")
_CLASS_LABELS = words(
    "trojan backdoor win32 win64 w32 w64 w97m x97m worm heur ransom ransomware adware riskware msil vbs exploit packed hacktool generic spyware "
    "virus dropper downloader trojandownloader trojandropper trojanspy trojan-downloader trojan-dropper trojan-spy trojan-banker trojan-psw "
    "malware rootkit bootkit keylogger banker infostealer androidos osx.trojan unix linux.trojan pua pup not-a-virus behaveslike suspicious "
    "gen variant bds ddos bot worm32 html js script vba o97m powershell android macos ios multi"
)
_SURE_CLASS_LABELS = _CLASS_LABELS - {
    "generic",
    "bot",
    "script",
    "js",
    "html",
    "android",
    "ios",
    "macos",
    "multi",
    "linux",
    "unix",
    "gen",
    "suspicious",
    "variant",
    "virus",
    "malware",
    "powershell",
}
_NAMESPACES = words(
    "system microsoft windows java javax org.apache android androidx kotlin self this window document math object console process request response module"
)
_FRAMEWORKS = frozenset({"asp.net", "vb.net", "ado.net", "ml.net", "ef.net", "c#.net", "f#.net"})
_SECOND_LEVEL = words("CO COM ORG NET GOV AC EDU")
_COMMON = words("com net org gov edu mil info biz int")

_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)


@lru_cache(maxsize=1)
def _tlds() -> frozenset[str]:
    last = {suffix.rpartition(".")[2].lower() for suffix in _suffixes.tlds}
    encoded = set()
    for name in last:
        if not name.isascii():
            encoded.add(idna.encode(name).decode("ascii"))
    return frozenset(last | encoded | SPECIAL_TLDS)


def is_tld(label: str) -> bool:
    """Whether `label` ends host names: a public top-level domain, or one of `SPECIAL_TLDS`."""
    return label.lower() in _tlds()


@lru_cache(maxsize=8192)
def registered_domain(host: str) -> str:
    """The registered domain of `host` (`example.co.uk`), or the host itself where there is none."""
    found = _suffixes.extract_str(host)
    return f"{found.domain}.{found.suffix}".lower() if found.domain and found.suffix else host.lower()


@lru_cache(maxsize=8192)
def owned_domain(host: str) -> str:
    """The same, but with the suffixes under which strangers have names (`a.github.io`): the part that one owner has."""
    found = _suffixes.extract_str(host, include_psl_private_domains=True)
    return f"{found.domain}.{found.suffix}".lower() if found.domain and found.suffix else host.lower()


def is_host(host: str) -> bool:
    """Whether `host` is a well-formed name of two labels or more under a known top-level domain."""
    if len(host) > HOST_CHARS_MAX:
        return False
    labels = host.split(".")
    if len(labels) < 2 or not is_tld(labels[-1]):
        return False
    return all(_LABEL.match(label) for label in labels)


def is_written_host(host: str) -> bool:
    """Whether `host`, found bare in prose and not defanged, is meant as one.

    Refused: file names (`setup.py`), anti-virus labels (`Trojan.Win32.Agent.ws`), class and package names (`System.Net`,
    `com.example.app`), and sentences run together (`over.It`).
    """
    labels = host.split(".")
    tld, name = labels[-1], labels[-2]
    lower = [label.lower() for label in labels]
    if lower[-1] in _UNDELEGATED or host.lower() in _FRAMEWORKS:
        return False
    if len(labels) == 2 and lower[-1] in _SURE_FILE_SUFFIXES:
        return False
    if tld[0].isupper() and not tld.isupper():
        return False  # "over.It was": a sentence that lost its blank
    if (
        tld.isupper()
        and not host.isupper()
        and lower[-1] not in _COMMON
        and not (name.isupper() and name in _SECOND_LEVEL)
    ):
        return False  # Win32.Korplug.PO
    if host.isupper() and len(name) == 1 and len(labels) == 2:
        return False  # initials
    if any(label in _SURE_CLASS_LABELS for label in lower[:-1]) and (len(labels) > 2 or lower[-1] not in _COMMON):
        return False
    if lower[0] in ("com", "org", "net", "io") and len(labels) > 2 and lower[-1] not in _COMMON:
        return False  # com.example.app
    return not (lower[0] in _NAMESPACES and (labels[0][0].isupper() or lower[-1] not in _COMMON) and len(labels) <= 4)


def is_ipv4(text: str) -> bool:
    """Whether `text` is an IPv4 address in four plain decimals."""
    octets = text.split(".")
    return len(octets) == 4 and all(octet.isdecimal() and len(octet) <= 3 and int(octet) <= 255 for octet in octets)
