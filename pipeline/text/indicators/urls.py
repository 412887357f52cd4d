"""Recognisers of URLs, and the question where one ends: quotes, brackets and markup around it do not belong to it."""

import re
import urllib.parse

from pipeline.text.indicators.candidate import Candidate, Found, Scene, nothing, one
from pipeline.text.indicators.hosts import is_host, is_ipv4

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
    r"(?:[\w.~%!$&*+=:-]{1,256}@)?(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[\w.-]{1,255}+)(?::(?P<port>\d{1,5})(?!\d))?"
)
# What may stand in a URL behind its host: RFC 3986's characters, letters of other alphabets (RFC 3987) but no CJK, which runs
# on without blanks, and signs that are wrong there yet written (quotes inside, braces). A bracket ends a path, and so does a
# comma before a letter, for it parts the fields of a list; in a query both belong.
_PATH = re.compile(
    r"(?>(?:[A-Za-z0-9\-._~:/@!$&'()*+;=%{}\"`^]|,(?![A-Za-z\"'`\[{,]|\Z)|[^\W\u3000-\u9fff\uac00-\ud7ff])*)"
)
_QUERY = re.compile(r"(?>(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%{}\"`\[\]^]|[^\W\u3000-\u9fff\uac00-\ud7ff])*)")
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


def url(scene: Scene, match: re.Match[str]) -> Found:
    """A URL with its scheme."""
    text, scheme = scene.text, match["url"][:-3].lower()
    start = match.start()
    if scheme not in _KNOWN_SCHEMES:
        glued = next((known for known in _KNOWN_SCHEMES if scheme.endswith(known)), None)
        if glued and not scheme.endswith(("+" + glued, "-" + glued, "." + glued)) and len(scheme) - len(glued) > 1:
            start, scheme = match.end() - 3 - len(glued), glued
    end = url_end(text, start, match.end())
    authority = _AUTHORITY.match(text, match.end(), end)
    if authority is None or not _is_url_host(scheme, authority["host"]):
        return nothing(match)
    rest = text[match.end() : end].replace("&amp;", "&")
    found = with_handles(f"{scheme}://{rest}", start, end)
    return Found(found.candidates + _digest_in_path(text, match.end(), end, authority["host"]), end)


_ANALYSIS_HOSTS = (
    "virustotal.com",
    "hybrid-analysis.com",
    "bazaar.abuse.ch",
    "any.run",
    "tria.ge",
    "malshare.com",
    "joesandbox.com",
)
_DIGEST_PART = re.compile(
    r"/([0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?:\.(?:exe|dll|bin|zip|rar|7z|apk|elf|msi|scr|jar|docm?|xlsm?|js|vbs|ps1|hta)\Z|(?=/|\Z))",
    re.IGNORECASE,
)


def _digest_in_path(text: str, start: int, end: int, host: str) -> tuple[Candidate, ...]:
    """A digest that is the name of a program in a URL, or that a sample is looked up by."""
    found = _DIGEST_PART.search(text[start:end])
    if found is None or not (found[0].find(".") > 0 or host.lower().endswith(_ANALYSIS_HOSTS)):
        return ()
    kind = {32: "md5", 40: "sha1", 64: "sha256"}[len(found[1])]
    return (Candidate(kind, found[1].lower(), start + found.start(1), start + found.end(1)),)


def _is_url_host(scheme: str, host: str) -> bool:
    host = host.strip(".")
    if not host or not any(char.isalnum() for char in host):
        return False
    if scheme not in _HOST_SCHEMES or host.startswith("["):
        return True
    return "." not in host or is_host(host) or is_ipv4(host) or host.rpartition(".")[2].isalpha()


def url_end(text: str, start: int, after_scheme: int) -> int:
    """Where the URL that begins at `start` ends: quotes, brackets and markup around it do not belong to it."""
    authority = _AUTHORITY.match(text, after_scheme)
    if authority is None:
        return after_scheme
    end = authority.end()
    limit = start + URL_CHARS_MAX
    for first, tail in (("/", _PATH), ("?#", _QUERY)):
        if text[end : end + 1] and text[end] in first and (rest := tail.match(text, end, limit)):
            end = rest.end()
    entity = _ENTITY.search(text, authority.end(), end)
    end = _cut_at_closer(text, start, entity.start() if entity else end)
    return _strip(text, after_scheme, end, text[start - 1 : start])


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
    authority = _AUTHORITY.match(plain, inner.end()) if inner else None
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


_SOCIAL_URL = re.compile(
    r"(?:https?://)?(?:www\.|m\.|mobile\.)?(twitter\.com|x\.com|facebook\.com|instagram\.com|youtube\.com|tiktok\.com|linkedin\.com|vk\.com|github\.com)/"
    r"(?:in/|company/|c/|user/)?(@?[A-Za-z0-9_.-]{3,50})/?(?:\?[^/]{0,200})?\Z",
    re.IGNORECASE,
)
"""An account's own page on a site of accounts: a page below it (a post, a repository) is none."""
_SOCIAL_KINDS = {
    "twitter.com": "twitter", "x.com": "twitter", "facebook.com": "facebook", "instagram.com": "instagram", "youtube.com": "youtube", "tiktok.com": "tiktok",
    "linkedin.com": "linkedin", "vk.com": "vk", "github.com": "github",
}  # fmt: skip
_NO_HANDLES = frozenset(
    "home login signup search explore about privacy terms help hashtag share intent watch feed jobs legal policies features pricing settings download results playlist channel groups events marketplace company in user index.php sharer.php profile.php orgs topics security site contact".split()
)


def with_handles(value: str, start: int, end: int) -> Found:
    """A URL, and the Telegram or Discord handle that it names."""
    found = [Candidate("url", value, start, end)]
    if social := _SOCIAL_URL.match(value):
        kind = _SOCIAL_KINDS[social[1].lower()]
        if (handle := social[2]).lower() not in _NO_HANDLES:
            found.append(Candidate(kind, handle if handle.startswith("@") else "@" + handle, start, end))
    elif channel := _TELEGRAM_URL.match(value):
        found.append(
            Candidate("telegram", "@" + channel[1] if not channel[1].startswith("+") else channel[1], start, end)
        )
    elif invite := _DISCORD_URL.match(value):
        found.append(Candidate("discord", invite[1], start, end))
    return Found(tuple(found), end)
