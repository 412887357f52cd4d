"""Recognisers of what lies on a machine: file paths, registry keys, user agents, kernel objects."""

import re

from pipeline.text.indicators.candidate import Found, Scene, nothing, one
from pipeline.text.indicators.patterns import AGENTS, FILE_SUFFIXES

PATH_CHARS_MAX = 1024
"""Longest path read, characters."""
AGENT_CHARS_MAX = 512
"""Longest user agent read, characters."""

_HIVES = re.compile(r"<?(HK[A-Z_]+)>?:?\\", re.IGNORECASE)
_KEY_PART = re.compile(r"[\w.\-{}()$@!#&+*%~]{1,255}+")
_KEY_WORD = re.compile(r" (?=[\w({])(?!HK(?:LM|CU|CR|U|CC|EY_\w{1,20})>?:?\\)[\w.\-{}()$@!#&+*%~]{1,64}+")
_SPACED_KEYS = {
    name
    for line in (
        "shell folders|user shell folders|image file execution options|control panel|windows nt|internet settings|session manager",
        "windows defender|internet explorer|browser helper objects|authentication packages|security packages|notification packages",
        "active setup|installed components|command processor|terminal server|windows error reporting|trusted documents|app paths",
        "print processors|open with|policy manager|security center|windows script host|connection manager|help & support",
        "known dlls|real-time protection|trusted locations|trusted publishers|run services|run once|file system|network connections",
    )
    for name in line.split("|")
}
"""Parts of registry keys that have blanks, lower case."""
_SPACED_HEADS = {" ".join(key.split()[:count]) for key in _SPACED_KEYS for count in range(1, len(key.split()))}

_WINDOWS_PART = re.compile(r"[^\s\\/:*?\"<>|,;]{1,255}+")
_WINDOWS_WORDS = re.compile(r"(?:[ ](?=[\w(&])[^\s\\/:*?\"<>|,;]{1,64}+){1,5}")
_UNIX_PART = re.compile(r"[\w.@%+~=,:#${}<>*-]{1,255}+")
_UNIX_WORDS = re.compile(r"(?: [\w.@%+()-]{1,64}+){1,3}(?=/[\w.])")
_JOINING = frozenset(
    ("and", "or", "was", "were", "is", "are", "to", "in", "into", "with", "from", "then", "which", "that", "by", "via")
)
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{1,8})\Z")
_CLOSING = "\"'`\u201d\u2019>|]"

_PRODUCT = re.compile(
    rf" (?:(?!Mozilla/|(?:{AGENTS})/)[A-Za-z][\w.!-]{{0,40}}+/[\w+-]{{1,40}}+(?>(?:\.[\w+-]{{1,40}}+)*)|\([^()\n]{{0,200}}+\)|\[[^\[\]\n]{{0,100}}+\]|Gecko|like|Mobile|Safari|Build)(?=[\s,;\"'`)<\]|]|\.?\Z|\.[\s)\]\"'])"
)
_MOZILLA = re.compile(r"Mozilla/\d\.\d{1,2} \((?>(?:[^()\n]|\([^()\n]{0,100}+\)){0,300})\)")


def registry(scene: Scene, match: re.Match[str]) -> Found:
    """A registry key or value: parts by backslashes; single blanks only inside parts that are known to have them, or that
    another backslash or the end of the line closes."""
    text, start, at = scene.text, match.start(), match.end()
    limit = min(len(text), start + PATH_CHARS_MAX)
    while part := _KEY_PART.match(text, at, limit):
        end = _key_part_end(text, part.start(), part.end(), limit)
        at = end
        if text[at : at + 1] != "\\" or at >= limit:
            break
        at += 1
        while text[at : at + 1] == "\\":
            at += 1
    end = _strip_path(text, match.end(), at, ".,;:)'\"`")
    if end <= match.end() - 1:
        return nothing(match)
    if text[start] == "<" and ">" not in match[0]:
        start += 1
    key = _HIVES.sub(lambda hive: hive[1].upper() + "\\", scene.written(start, end), count=1)
    return one("registry-key", key, start, end)


def _key_part_end(text: str, start: int, end: int, limit: int) -> int:
    """The end of a part whose first word ends at `end`, with the words that belong to it."""
    words, at, stops = text[start:end].lower(), end, [end]
    while (word := _KEY_WORD.match(text, at, limit)) and len(stops) < 7:
        at = word.end()
        stops.append(at)
        if text[at : at + 1] == "\\":
            return at
    known = end
    for stop in stops:
        words = text[start:stop].lower().strip(".,;:)")
        if words in _SPACED_KEYS:
            known = start + len(words)
        elif words not in _SPACED_HEADS and stop != end:
            break
    last = stops[-1]
    rest = text[last : last + 1]
    if known == end and last > end and (not rest or rest in "\r\n" or rest in _CLOSING) and _is_name(text[end:last]):
        return last
    return known


def _is_name(words: str) -> bool:
    """Whether every word has a capital or a digit: a name, not the sentence going on."""
    return all(word[:1].isupper() or word[:1].isdigit() for word in words.split())


def windows_path(scene: Scene, match: re.Match[str]) -> Found:
    """A path on Windows: drive, environment variable or share first."""
    return _path(scene, match, "\\", _WINDOWS_PART, _WINDOWS_WORDS)


def drive_path(scene: Scene, match: re.Match[str]) -> Found:
    """A path on Windows that is written with slashes."""
    return _path(scene, match, "/", _UNIX_PART, _UNIX_WORDS)


def unix_path(scene: Scene, match: re.Match[str]) -> Found:
    """A path on a Unix system under a known root or the home directory."""
    return _path(scene, match, "/", _UNIX_PART, _UNIX_WORDS)


def _path(scene: Scene, match: re.Match[str], slash: str, part: re.Pattern[str], words: re.Pattern[str]) -> Found:
    text, start, at = scene.text, match.start(), match.end()
    limit = min(len(text), start + PATH_CHARS_MAX)
    while True:
        piece = part.match(text, at, limit)
        at = piece.end() if piece else at
        spaced = words.match(text, at, limit) if piece else None
        if spaced and slash == "\\":
            at = _windows_words_end(text, at, spaced.end())
        elif spaced:
            at = spaced.end()
        if text[at : at + 1] != slash or at >= limit:
            break
        while text[at : at + 1] == slash:
            at += 1
    end = _strip_path(text, match.end(), at, ".,;:)'\"`\u201d\u2019]}>")
    if end <= match.end():
        return Found((), max(at, match.end()))
    return one("file-path", scene.written(start, end), start, end)


def _windows_words_end(text: str, start: int, end: int) -> int:
    """How far words after blanks belong to a path: to the next backslash, or to a file's extension."""
    if text[end : end + 1] == "\\":
        return end
    if _SUFFIX.search(text[max(0, start - 9) : start]) and _has_file_suffix(text[max(0, start - 16) : start]):
        return start
    at = start
    for word in re.finditer(r" [^\s]{1,64}", text[start:end]):
        if word[0].strip() in _JOINING:
            break
        if _has_file_suffix(word[0].rstrip(".,;:)'\"")):
            at = start + word.end()
            break
    return at


def _has_file_suffix(word: str) -> bool:
    suffix = _SUFFIX.search(word)
    return suffix is not None and suffix[1].lower() in FILE_SUFFIXES


def _strip_path(text: str, floor: int, end: int, trailing: str) -> int:
    while end > floor and text[end - 1] in trailing:
        if text[end - 1] in ")}>]" and text.count(
            {")": "(", "}": "{", ">": "<", "]": "["}[text[end - 1]], floor, end
        ) >= text.count(text[end - 1], floor, end):
            break
        end -= 1
    return end


def agent(scene: Scene, match: re.Match[str]) -> Found:
    """A user agent: a browser's product tokens, a known tool's token, or whatever a `User-Agent:` label names."""
    text, (start, end) = scene.text, match.span()
    limit = min(len(text), start + AGENT_CHARS_MAX)
    if match["agent"][:4].lower() == "user":
        return _labelled_agent(text, start, end, limit)
    if match["agent"].startswith("Mozilla"):
        head = _MOZILLA.match(text, start, limit)
        if head is None:
            return nothing(match)
        end = head.end()
    elif match["agent"].startswith("Java/") and not match["agent"][5:6].isdigit():
        return nothing(match)
    while product := _PRODUCT.match(text, end, limit):
        end = product.end()
    return one("user-agent", text[start:end], start, end)


def _labelled_agent(text: str, label: int, start: int, limit: int) -> Found:
    before, quote = text[label - 1 : label], text[start : start + 1]
    if quote and quote in "'\"`":
        start += 1
        end = text.find(quote, start, limit)
    elif before and before in "'\"`":
        end = text.find(before, start, limit)
    else:
        end = min(at for at in (text.find("\n", start, limit), text.find("\r", start, limit), limit) if at >= 0)
    end = len(text[start:end].rstrip(" .,;")) + start if end >= 0 else start
    return one("user-agent", text[start:end], start, end) if end - start >= 3 else Found((), start)


def kernel(scene: Scene, match: re.Match[str]) -> Found:
    r"""A named kernel object (`Global\...`): a mutex, as reports list them."""
    name = re.compile(r"[\w.\-{}()$@!#&+*%~]{1,200}+").match(scene.text, match.end())
    if name is None:
        return nothing(match)
    end = _strip_path(scene.text, match.end(), name.end(), ".,;:)'\"`}")
    return one("mutex", scene.written(match.start(), end), match.start(), end) if end > match.end() else nothing(match)
