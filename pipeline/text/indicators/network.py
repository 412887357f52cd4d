"""Recognisers of addresses: URLs, e-mail addresses, hosts, IP addresses, networks, ports, MAC addresses."""

import ipaddress
import re
import urllib.parse

from pipeline.text.indicators.candidate import Candidate, Found, Scene, nothing, one
from pipeline.text.indicators.checksums import is_onion_v3, is_ssdeep_block
from pipeline.text.indicators.hosts import is_host, is_tld, is_written_host
from pipeline.text.indicators.patterns import FILE_SUFFIXES

URL_CHARS_MAX = 4096
"""Longest URL, characters; what is longer is cut there."""

_KNOWN_SCHEMES = (
    "https",
    "http",
    "sftp",
    "ftps",
    "ftp",
    "tcp",
    "udp",
    "wss",
    "ws",
    "ldaps",
    "ldap",
    "rmi",
    "ssh",
    "smb",
    "file",
)
_HOST_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "sftp", "ws", "wss", "tcp", "udp"})

_AUTHORITY = re.compile(
    r"(?:[\w.~%!$&*+=:-]{1,256}@)?(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[\w.-]{1,255}+)(?::(?P<port>\d{1,5})(?!\d))?",
    re.ASCII,
)
_IDN_AUTHORITY = re.compile(
    r"(?:[\w.~%!$&*+=:-]{1,256}@)?(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[\w.-]{1,255}+)(?::(?P<port>\d{1,5})(?!\d))?"
)
# What may stand in path, query and fragment: RFC 3986's characters, letters of other alphabets (RFC 3987) but no CJK, which
# runs on without blanks, and signs that are wrong there yet written (quotes inside, braces).
_TAIL = re.compile(r"(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%{}\"`\[\]^]|[^\W\u3000-\u9fff\uac00-\ud7ff])*+")
_COMMA_CUT = re.compile(r",(?=[A-Za-z\"'`\[{]|\Z|,)")
_ENTITY = re.compile(r"&(?:quot|lt|gt|apos|nbsp|#3[49]|#x2[27]|#60|#62);?", re.IGNORECASE)
_TRAILING = ".,;:!?'\"`\u2019\u201d\u00bb)]}>*~^|"
_CLOSERS = {
    "'": "'",
    '"': '"',
    "`": "`",
    "(": ")",
    "[": "]",
    "{": "}",
    "<": ">",
    "\u201c": "\u201d",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
}
_PAIRS = {")": "(", "]": "[", "}": "{"}

_OCTAL = re.compile(r"0[0-3]?[0-7]{2}\Z")
_VERSION_BEFORE = re.compile(
    r"(?:versions?|ver\.?|v\.?|releases?|builds?|firmware|revision|rev\.?|patch|hotfix|update|upgrad(?:e|ed|ing)\ to|prior\ to|earlier\ than|before|through|"
    r"player|reader|acrobat|chrome|chromium|firefox|office|java|jre|jdk|framework|android|ios|sdk|driver|plugin|plug-in|component|fixed\ in|openssl|kernel)"
    r"[\s:(=<>v]{1,4}\Z",
    re.IGNORECASE | re.VERBOSE,
)
_VERSION_CHAIN = re.compile(r"(?:[\s,/;]|and|or|to|through|[-\u2013])+")
_PORT = re.compile(r":(\d{1,5})(?![\d:.]*\d)")


def url(scene: Scene, match: re.Match[str]) -> Found:
    """A URL with its scheme."""
    text, scheme = scene.text, match["url"][:-3].lower()
    start = match.start()
    if scheme not in _KNOWN_SCHEMES:
        glued = next((known for known in _KNOWN_SCHEMES if scheme.endswith(known)), None)
        if glued and not scheme.endswith(("+" + glued, "-" + glued, "." + glued)) and len(scheme) - len(glued) > 1:
            start, scheme = match.end() - 3 - len(glued), glued
    end = _url_end(text, start, match.end())
    authority = _IDN_AUTHORITY.match(text, match.end(), end)
    if authority is None or not _is_url_host(scheme, authority["host"]):
        return nothing(match)
    return _with_handles(scheme + "://" + text[match.end() : end], start, end)


def _is_url_host(scheme: str, host: str) -> bool:
    host = host.strip(".")
    if not host or not any(char.isalnum() for char in host):
        return False
    if scheme not in _HOST_SCHEMES or host.startswith("["):
        return True
    return "." not in host or is_host(host) or _ipv4_value(host) is not None or host.rpartition(".")[2].isalpha()


def _url_end(text: str, start: int, after_scheme: int) -> int:
    """Where the URL that begins at `start` ends: quotes, brackets and markup around it do not belong to it."""
    authority = _IDN_AUTHORITY.match(text, after_scheme)
    if authority is None:
        return after_scheme
    end = authority.end()
    if text[end : end + 1] in ("/", "?", "#"):
        tail = _TAIL.match(text, end, start + URL_CHARS_MAX)
        end = _cut_tail(text, end, tail.end() if tail else end)
    end = _cut_at_closer(text, start, end)
    return _strip(text, after_scheme, end, text[start - 1 : start])


def _cut_tail(text: str, start: int, end: int) -> int:
    entity = _ENTITY.search(text, start, end)
    if entity:
        end = entity.start()
    query = text.find("?", start, end)
    path_end = query if query >= 0 else end
    bracket = min(
        (at for at in (text.find("[", start, path_end), text.find("]", start, path_end)) if at >= 0), default=-1
    )
    if bracket >= 0:
        return _cut_comma(text, start, bracket, bracket)
    return _cut_comma(text, start, path_end, end)


def _cut_comma(text: str, start: int, path_end: int, end: int) -> int:
    """A comma before a letter ends a path: it parts the fields of a list. In a query, or before a digit, it belongs."""
    comma = _COMMA_CUT.search(text, start, path_end)
    return comma.start() if comma else end


def _cut_at_closer(text: str, start: int, end: int) -> int:
    closer = _CLOSERS.get(text[start - 1 : start])
    if closer is None:
        return end
    if closer in "'\"`\u201d\u2019\u00bb>":
        at = text.find(closer, start, end)
        return at if at >= 0 else end
    depth, opener = 0, text[start - 1]
    for at in range(start, end):
        if text[at] == opener:
            depth += 1
        elif text[at] == closer:
            if depth == 0:
                return at
            depth -= 1
    return end


def _strip(text: str, floor: int, end: int, before: str) -> int:
    """`end` moved before punctuation, unbalanced brackets and markup that only follow the URL."""
    counts = {char: text.count(char, floor, end) for char in "()[]{}"}
    while end > floor:
        last = text[end - 1]
        if last in _PAIRS:
            if counts[last] <= counts[_PAIRS[last]]:
                break
            counts[last] -= 1
        elif not (
            last in _TRAILING
            or last in "([{"
            or (last in "+_" and before == last)
            or (last == "+" and text[end - 2] == "+")
        ):
            break
        elif last in counts:
            counts[last] -= 1
        end -= 1
    return end


def encoded(scene: Scene, match: re.Match[str]) -> Found:
    """A percent-encoded URL."""
    end = _strip(scene.text, match.start(), match.end(), "")
    plain = urllib.parse.unquote(scene.text[match.start() : end])
    inner = re.match(r"[a-z]{2,8}://", plain, re.IGNORECASE)
    authority = _IDN_AUTHORITY.match(plain, inner.end()) if inner else None
    if inner is None or authority is None or not _is_url_host(inner[0][:-3].lower(), authority["host"]):
        return nothing(match)
    return one("url", plain, match.start(), end)


_TELEGRAM_URL = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(?:s/|joinchat/)?(\+?[A-Za-z0-9_-]{4,64})", re.IGNORECASE
)
_DISCORD_URL = re.compile(
    r"(?:https?://)?(?:www\.|ptb\.|canary\.)?discord(?:app)?\.(?:gg|com/invite|com/api/webhooks)/([\w/-]{2,160})",
    re.IGNORECASE,
)


def _with_handles(value: str, start: int, end: int) -> Found:
    """A URL, and the Telegram or Discord handle that it names."""
    found = [Candidate("url", value, start, end)]
    if handle := _TELEGRAM_URL.match(value):
        found.append(
            Candidate(
                "telegram", "@" + handle[1].lstrip("+") if not handle[1].startswith("+") else handle[1], start, end
            )
        )
    elif invite := _DISCORD_URL.match(value):
        found.append(Candidate("discord", invite[1], start, end))
    return Found(tuple(found), end)


def email(scene: Scene, match: re.Match[str]) -> Found:
    """An e-mail address; `user@[192.0.2.1]` names the address as well."""
    start, found = match.start(), match["email"]
    local, _, host = found.partition("@")
    if text_before := scene.text[max(0, start - 1) : start]:
        if text_before in "/:" and "://" in scene.text[max(0, start - 40) : start]:
            return nothing(match)
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
        return Found((), match.start() + len(local) + 1)
    kept = local.rstrip(".")
    if kept != local:
        return Found((), match.start() + len(local) + 1)
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
    if value is None or (not scene.is_defanged(start, end) and _is_version(text, start, end)):
        return nothing(match)
    mask = re.compile(r"/(\d{1,2})(?![\w/.])").match(text, end)
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


def _is_version(text: str, start: int, end: int) -> bool:
    """Whether the words before say that a number with three dots counts versions, also of a list of several."""
    before = text[max(0, start - 32) : start]
    for _ in range(4):
        if _VERSION_BEFORE.search(before):
            return True
        earlier = re.search(
            r"(\d{1,5}(?:\.\d{1,5}){2,3})(?:[\s,/;()<>=\u2013-]|and|or|to|through|before|prior){1,8}\Z", before
        )
        if earlier is None:
            return False
        start -= len(before) - earlier.start()
        before = text[max(0, start - 32) : start]
    return False


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
        and not _is_slashed_word(text, start, after)
    ):
        stop = _url_end(text, start, start)
        if stop > after + 1:
            return _with_handles(text[start:after].lower() + text[after:stop], start, stop)
    found = [Candidate(kind, value, start, end)]
    if after > end and port:
        found.append(Candidate("port", str(int(port[1])), port.start(1), port.end(1)))
    return Found(tuple(found), after)


def _is_slashed_word(text: str, start: int, end: int) -> bool:
    """Whether the slash joins alternatives (`a.com/b.com`) rather than beginning a path."""
    other = re.compile(r"/([\w-]{1,63}+(?:\.[\w-]{1,63}+)++)(?![\w/?])").match(text, end)
    return (
        other is not None
        and is_host(other[1])
        and is_host(text[start:end])
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
    if mask and int(mask[1]) <= 128:
        return one("cidr", f"{address.compressed}/{int(mask[1])}", start, mask.end())
    found = one("ipv6", address.compressed, start, end)
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


def dotted(scene: Scene, match: re.Match[str]) -> Found:
    """A host, a scheme-less URL, an onion address, or a file name."""
    start, whole = match.start(), match["dotted"]
    if scene.text[match.end() : match.end() + 1] == "(" and not scene.is_defanged(*match.span()):
        return nothing(match)  # a call in a program
    host, end = _known_host(whole, match.end())
    defanged = bool(host) and scene.is_defanged(start, end)
    if host and (defanged or is_written_host(host)) and not _is_label_tail(scene.text, start):
        return _host(scene, host, start, end)
    return _file_name(scene, match)


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


def _file_name(scene: Scene, match: re.Match[str]) -> Found:
    name = match["dotted"]
    stem, _, suffix = name.rpartition(".")
    if (
        suffix.lower() in FILE_SUFFIXES
        and len(suffix) > 1
        and not stem.replace(".", "").isdigit()
        and is_file_word(stem, suffix)
    ):
        return one("file-name", name, *match.span())
    return nothing(match)


def is_file_word(stem: str, suffix: str) -> bool:
    """Whether a dotted word with a file's extension is a file name and not the name of a thing (`Node.js`)."""
    return not (suffix == "js" and stem[:1].isupper()) and not (suffix == "app" and is_tld(suffix) and "." in stem)
