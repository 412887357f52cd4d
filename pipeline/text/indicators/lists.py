"""Imported warning lists: what a file says, and the compact form in which a million entries are looked up at small cost.

An entry is kept as eight bytes of its BLAKE2b digest in one sorted array, so that a million take 8 MB and a look-up takes
twenty comparisons; two different names share a digest with a chance of 1 in 10^13 per look-up. Networks are kept as number
ranges, parts of names as they are. Pure values: no store, no network.
"""

import hashlib
import ipaddress
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from pipeline.errors import UsageError
from pipeline.text.indicators.hosts import owned_domain

Meaning = Literal["benign", "shared"]
"""What it means that a name is listed: benign, or shared by many (clouds, shorteners, VPNs): it says nothing by itself."""

ENTRIES_MAX = 5_000_000
"""Most entries of one list."""
PARTS_MAX = 2_000
"""Most entries of a list that are looked for inside names: each look-up tries all of them."""
KEY_BYTES = 8


class WarningList(Struct, frozen=True):
    """One list, immutable. `digest` names its content; `name` is what people call it."""

    name: str
    meaning: Meaning
    reason: str  # in words, for the verdict
    source: str  # file or address it came from, as the user gave it
    dated: str  # ISO 8601 date: the list's own version date, else the file's
    imported: str  # ISO 8601
    entries: int
    digest: str  # of the sorted entries, hexadecimal
    keys: bytes = b""  # sorted digests of names, KEY_BYTES each, in this machine's byte order read as little-endian
    nets4: tuple[tuple[int, int], ...] = ()  # first and last address, ordered, not overlapping
    nets6: tuple[tuple[int, int], ...] = ()
    parts: tuple[str, ...] = ()

    def title(self) -> str:
        """The reason for a verdict, with the list's name and date."""
        return f"{self.reason} ({self.name}, {self.dated})"


class Provenance(Struct, frozen=True):
    """What is known of a list beside its entries; fields as in `WarningList`."""

    name: str
    meaning: Meaning
    reason: str
    source: str
    dated: str
    imported: str


def make_list(about: Provenance, entries: Iterable[str], *, inside: bool = False) -> tuple[WarningList, bytes]:
    """The list of these entries, and its entries as compressed text for people to read.

    `inside`: an entry is looked for inside names (MISP's type substring). Raises `UsageError` for too many entries or none.
    """
    names = sorted({entry for raw in entries if (entry := normal(raw))})
    most = PARTS_MAX if inside else ENTRIES_MAX
    if len(names) > most:
        raise UsageError(f"{about.source}: {len(names):,} entries; at most {most:,} are taken")
    if not names:
        raise UsageError(
            f"{about.source}: no entries found; a warning list is MISP JSON, Tranco CSV (rank,domain), or one name a line"
        )
    text = "\n".join(names).encode()
    nets4, nets6, plain = ([], [], []) if inside else _parted(names)
    return WarningList(
        name=about.name,
        meaning=about.meaning,
        reason=about.reason,
        source=about.source,
        dated=about.dated,
        imported=about.imported,
        entries=len(names),
        digest=hashlib.blake2b(
            "\n".join((about.name, about.meaning, about.reason, about.dated, "")).encode() + text, digest_size=16
        ).hexdigest(),
        keys=_packed(plain),
        nets4=_merged(nets4),
        nets6=_merged(nets6),
        parts=tuple(names) if inside else (),
    ), zlib.compress(text, 6)


def normal(entry: str) -> str:
    """An entry in the form that is looked up: lower case, no scheme, no `www.` or leading dot, no path, no final dot."""
    entry = entry.strip().lower()
    if "://" in entry:
        entry = entry.partition("://")[2].partition("/")[0]
    return entry.removeprefix("*.").lstrip(".").removeprefix("www.").rstrip(".")


def _parted(names: list[str]) -> tuple[list[tuple[int, int]], list[tuple[int, int]], list[str]]:
    """Networks by family as first and last address, and what is no network."""
    nets4: list[tuple[int, int]] = []
    nets6: list[tuple[int, int]] = []
    plain: list[str] = []
    for name in names:
        if "/" in name and (name[0].isdigit() or ":" in name):
            try:
                net = ipaddress.ip_network(name, strict=False)
            except ValueError:
                plain.append(name)
                continue
            span = (int(net.network_address), int(net.broadcast_address))
            (nets4 if net.version == 4 else nets6).append(span)
        else:
            plain.append(name)
    return nets4, nets6, plain


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans in order, overlapping and touching ones as one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=KEY_BYTES).digest(), "little")


def _packed(names: list[str]) -> bytes:
    keys = array("Q", sorted(_key(name) for name in names))
    return b"".join(key.to_bytes(KEY_BYTES, "little") for key in keys)


def names_of(packed: bytes) -> list[str]:
    """The entries in their readable form."""
    return zlib.decompress(packed).decode().split("\n")


class Lists:
    """Several lists, for look-up. Immutable after it is made."""

    def __init__(self, lists: tuple[WarningList, ...]) -> None:
        self._lists = [(one, _array(one.keys)) for one in lists]
        self._has_parts = any(one.parts for one in lists)

    def find(self, name: str) -> WarningList | None:
        """The first list that has the name, the domain that owns it (but never the suffix that many share), or its network."""
        name = name.lower()
        keys = [_key(candidate) for candidate in _candidates(name)]
        address = _address(name)
        for one, known in self._lists:
            if any(_has(known, key) for key in keys) or (address and _in_net(one, address)):
                return one
            if one.parts and any(part in name for part in one.parts):
                return one
        return None


def _candidates(name: str) -> list[str]:
    """The name, and the hosts above it down to the domain that somebody owns."""
    name = name.removeprefix("www.")
    if "." not in name or name[-1].isdigit() or "/" in name or ":" in name:
        return [name]
    owned = owned_domain(name)
    found = [name]
    while len(name) > len(owned) and "." in name:
        name = name.partition(".")[2]
        found.append(name)
    return found


def _array(packed: bytes) -> "array[int]":
    keys = array("Q")
    keys.frombytes(packed)
    if array("H", [1]).tobytes() != b"\x01\x00":
        keys.byteswap()
    return keys


def _has(known: "array[int]", key: int) -> bool:
    at = bisect_left(known, key)
    return at < len(known) and known[at] == key


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if not (name[:1].isdigit() or ":" in name):
        return None
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _in_net(one: WarningList, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    nets = one.nets4 if address.version == 4 else one.nets6
    number = int(address)
    at = bisect_right(nets, (number, 1 << 128)) - 1
    return at >= 0 and nets[at][0] <= number <= nets[at][1]
