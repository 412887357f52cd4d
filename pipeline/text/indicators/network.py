"""Recognisers of addresses without a scheme: e-mail addresses, hosts, IP addresses, networks, ports, MAC addresses."""

import ipaddress
import re

from pipeline.text.indicators.candidate import Candidate, Found, Scene, nothing, one
from pipeline.text.indicators.checksums import is_onion_v3, is_ssdeep_block
from pipeline.text.indicators.files import file_name
from pipeline.text.indicators.hosts import is_host, is_written_host
from pipeline.text.indicators.patterns import FILE_SUFFIXES
from pipeline.text.indicators.urls import url_end, with_handles
from pipeline.text.indicators.versions import is_version

_OCTAL = re.compile(r"0[0-3]?[0-7]{2}\Z")
_MASK4 = re.compile(r"/(\d{1,2})(?![\w/]|\.\w)")
_PORT = re.compile(r":(\d{1,5})(?![\d:.]*\d)")


_APOSTROPHE_BEFORE = re.compile(r"(?<![\w.'])[A-Za-z]{1,20}'\Z")


def email(scene: Scene, match: re.Match[str]) -> Found:
    """An e-mail address; `user@[192.0.2.1]` names the address as well. An apostrophe inside a name belongs to it."""
    start, found = match.start(), match["email"]
    if name := _APOSTROPHE_BEFORE.search(scene.text, max(0, start - 22), start):
        start, found = name.start(), name[0] + found
    local, _, host = found.partition("@")
    if host.startswith("["):
        address = _ipv4_value(host[1:-1])
        if address is None:
            return nothing(match)
        inner = match.end() - len(host) + 1
        return Found(
            (Candidate("email", found, start, match.end()), Candidate("ipv4", address, inner, match.end() - 1)),
            match.end(),
        )
    host, end = _known_host(host, match.end())
    if not host or ".." in local:
        return Found((), start + len(local) + 1)
    kept = local.rstrip(".")
    if kept != local:
        return Found((), start + len(local) + 1)
    return one("email", f"{local}@{host.lower()}", start, end)


def _known_host(host: str, end: int) -> tuple[str, int]:
    """`host` without a last word that the sentence glued to it, and its new end; empty where no host is left."""
    host, end = host.rstrip("-_"), end - (len(host) - len(host.rstrip("-_")))
    if is_host(host):
        return host, end
    shorter, _, last = host.rpartition(".")
    if last[:1].isupper() and is_host(shorter) and not last.isupper():
        return shorter, end - len(last) - 1
    return "", end


def ipv4(scene: Scene, match: re.Match[str]) -> Found:
    """An IPv4 address, network, address with port, or scheme-less URL on an address; a version number is none."""
    text, (start, end) = scene.text, match.span()
    value = _ipv4_value(match["ipv4"])
    if value is None or (not scene.is_defanged(start, end) and _is_version(scene, start, end)):
        return nothing(match)
    mask = _MASK4.match(text, end)
    if mask and int(mask[1]) <= 32:
        return one("cidr", f"{value}/{mask[1]}", start, mask.end())
    return _host_with_tail(scene, "ipv4", value, start, end)


def _ipv4_value(quad: str) -> str | None:
    """The address in plain decimals. All octets with leading zeros may be octal or padded: those stay as written."""
    octets = quad.split(".")
    if len(octets) != 4 or not all(octet.isdecimal() and octet.isascii() for octet in octets):
        return None
    if any(len(octet) > 3 for octet in octets):
        return quad if all(len(octet) == 4 and _OCTAL.match(octet) for octet in octets) else None
    if any(int(octet) > 255 for octet in octets):
        return None
    if all(len(octet) > 1 and octet[0] == "0" for octet in octets):
        return quad
    return ".".join(str(int(octet)) for octet in octets)


def _is_version(scene: Scene, start: int, end: int) -> bool:
    """Whether four numbers count versions; with a port or a network's mask behind they are an address."""
    text = scene.text
    return _PORT.match(text, end) is None and _MASK4.match(text, end) is None and is_version(text, start, end)


def _host_with_tail(scene: Scene, kind: str, value: str, start: int, end: int) -> Found:
    """A bare host with what follows it: a port, or a path that makes it a URL without a scheme."""
    text = scene.text
    port = _PORT.match(text, end)
    after = port.end() if port and int(port[1]) < 65536 else end
    path = text[after : after + 2]
    if (
        path[:1] == "/"
        and path[1:]
        and (path[1:].isalnum() or path[1:] in "~_-.?#%$")
        and not _is_slashed_word(text[start:end], text, after)
    ):
        stop = url_end(text, start, start)
        if stop > after + 1:
            return with_handles(text[start:after].lower() + text[after:stop], start, stop)
    found = [Candidate(kind, value, start, end)]
    if after > end and port:
        found.append(Candidate("port", str(int(port[1])), port.start(1), port.end(1)))
    return Found(tuple(found), after)


def _is_slashed_word(host: str, text: str, end: int) -> bool:
    """Whether the slash joins alternatives (`a.com/b.com`) rather than beginning a path."""
    other = re.compile(r"/([\w-]{1,63}+(?>(?:\.[\w-]{1,63}+)+))(?![\w/?])").match(text, end)
    return (
        other is not None
        and is_host(other[1])
        and is_host(host)
        and other[1].rpartition(".")[2].lower() not in FILE_SUFFIXES
    )


def colons(scene: Scene, match: re.Match[str]) -> Found:
    """An IPv6 address or network, or a colon-separated serial number."""
    start = match.start()
    if scene.text[start - 1 : start] == ":" or scene.text[start - 1 : start] == ".":
        return nothing(match)
    written = match[0].rstrip(".")
    if written.endswith(":") and not written.endswith("::"):
        written = written[:-1]
    end = start + len(written)
    return _ipv6(scene, written, start, end, match.end())


def v6tail(scene: Scene, match: re.Match[str]) -> Found:
    """An IPv6 address that begins with two colons."""
    return _ipv6(scene, match[0], match.start(), match.end(), match.end())


def _ipv6(scene: Scene, written: str, start: int, end: int, resume: int) -> Found:
    try:
        address = ipaddress.IPv6Address(written)
    except ValueError:
        return Found((), resume)
    if scene.text[end : end + 1].isalnum() or written == "::" or not _is_meant_as_ipv6(written):
        return Found((), resume)
    mask = re.compile(r"/(\d{1,3})(?!\w)").match(scene.text, end)
    value = f"::ffff:{address.ipv4_mapped}" if address.ipv4_mapped else address.compressed
    if mask and int(mask[1]) <= 128:
        return one("cidr", f"{value}/{int(mask[1])}", start, mask.end())
    found = one("ipv6", value, start, end)
    return Found(found.candidates, max(end, min(resume, end + 1)))


def _is_meant_as_ipv6(written: str) -> bool:
    """`a::b` is a scope in a program and `1::2` a typing slip: an abbreviated address needs a full group or four groups."""
    groups = [group for group in written.split(":") if group]
    if "::" not in written:
        return True
    if not any(char.isdigit() for char in written):
        return len(groups) >= 4
    return written.startswith("::") or len(groups) >= 4 or len(groups[0]) >= 3


def ssdeep(scene: Scene, match: re.Match[str]) -> Found:
    """An ssdeep hash: its block size is 3 times a power of two. Otherwise it may be an IPv6 address."""
    size, first, _ = match["ssdeep"].split(":")
    if is_ssdeep_block(int(size)) and len(first) >= 8:
        return one("ssdeep", match[0], *match.span())
    again = re.compile(r"[0-9A-Fa-f]{1,4}+:[0-9A-Fa-f:]{2,120}+(?:\.\d{1,3}){0,3}").match(scene.text, match.start())
    return colons(scene, again) if again else nothing(match)


def mac(scene: Scene, match: re.Match[str]) -> Found:
    """A MAC address, not the beginning or end of a longer row of bytes."""
    before = scene.text[max(0, match.start() - 1) : match.start()]
    if before and before in ":-." and match.start() > 1 and scene.text[match.start() - 2].isalnum():
        return nothing(match)
    return one("mac", match[0].lower(), *match.span())


_PACKAGE = re.compile(
    r"(?:com|org|net|io|app|me|co|cn|ru|jp|fr|de|uk|in|kr|br|tr|ir|mobi|info|eu)(?:\.[a-z][A-Za-z0-9_]{1,40}){2,7}",
    re.ASCII,
)
"""An Android package: a host's name backwards, three parts or more. Looked for where a text speaks of Android."""


def _is_app_site(host: str) -> bool:
    """`torch-plus.app`: a program's bundle in a text about Macs, a site elsewhere."""
    return host.lower().endswith(".app") and host.count(".") == 1


_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}(?=[\w-])")
_CVE_INSIDE = re.compile(r"(?<=\.)CVE[-_]\d{4}", re.IGNORECASE)


def dotted(scene: Scene, match: re.Match[str]) -> Found:
    """A host, a scheme-less URL, an onion address, or a file name."""
    start, whole = match.start(), match["dotted"]
    if scene.text[start - 1 : start] == "%" and _HEX_PAIR.match(whole):
        start, whole = start + 2, whole[2:]  # user%40kettle.com
    if scene.text[match.end() : match.end() + 1] == "(" and not scene.is_defanged(*match.span()):
        return nothing(match)  # a call in a program
    host, end = _known_host(whole, match.end())
    defanged = bool(host) and scene.is_defanged(start, end)
    if (
        host
        and (defanged or is_written_host(host) or (not scene.is_mac and _is_app_site(host)))
        and not _is_label_tail(scene.text, start)
    ):
        return _host(scene, host, start, end)
    if scene.is_mobile and _PACKAGE.fullmatch(whole):
        return one("android-package", whole, start, match.end())
    if inner := _CVE_INSIDE.search(whole):
        return Found((), start + inner.start())  # Exploit.CVE-2017-11882.Gen
    return file_name(scene, match)


def _is_label_tail(text: str, start: int) -> bool:
    """Whether the word goes on to the left (`Win32/Foo.me`, `@name.it`): then it is no host of its own."""
    before = text[max(0, start - 12) : start]
    return bool(before) and (
        before[-1] == "\\"
        or bool(re.search(r"(?:Win32|Win64|MSIL|Android|Linux|OSX|TR|JS|VBS|W32|W64|HTML|PHP|Python|VBA)/\Z", before))
    )


def _host(scene: Scene, host: str, start: int, end: int) -> Found:
    labels = host.lower().split(".")
    if labels[-1] == "onion":
        onion = labels[-2]
        if (len(onion) == 56 and is_onion_v3(onion)) or (
            len(onion) == 16 and len(labels) == 2 and re.fullmatch(r"[a-z2-7]{16}", onion)
        ):
            return _host_with_tail(scene, "onion", host.lower(), start, end)
    return _host_with_tail(scene, "domain", host.lower(), start, end)
