"""The refanged view: the text with defanging undone, and a map from every place in it back to the text as written.

Recognisers read the view and so know one spelling of everything (`http://`, `.`, `@`); the map gives the exact words.
Undone here: bracketed, spelled-out and escaped dots, colons, slashes and at signs; mangled schemes; look-alike and
invisible characters; a bracketed dot at a line break. Not undone: anything that prose may say (`met at dot`), unless its
neighbours make it an address.

Guarantee: linear time (every quantifier is bounded or possessive); `View.span` of any stretch is exact.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.text.indicators.hosts import is_tld, words

GAP_CHARS_MAX = 4
"""Blanks allowed on one side of a bracketed dot or at sign, characters."""
WRAPPED_CHARS_MAX = 400
"""How much of an address before the end of a line is read, characters."""
WRAP_COLUMN_MIN = 60
"""A line at least so long may have been broken within an address, characters; in a shorter one a final slash ends the address."""
SPELLED_BEFORE_CHARS = 140
"""How far before a dot that is written as a word its at sign may stand, characters: a label, and the blanks around it."""
INDENT_CHARS_MAX = 40
"""Indentation allowed where a bracketed dot stands at a line break, characters."""

_FULL_STOPS = "\u2024\u3002\uff0e\uff61\ufe52"  # one dot leader, ideographic, full-width, half-width, small full stop
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"  # soft hyphen, zero-width characters, byte order mark
_LOOKALIKES = {"\u2010": "-", "\u2011": "-", "\u2044": "/", "\u2215": "/", "\ua789": ":", "\u2236": ":", "\u29f8": "/"}
_LOOKALIKES.update({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in _FULL_STOPS})

_OPEN, _CLOSE = r"[\[({<]", r"[\])}>]"
_DEFANGED = re.compile(
    rf"""
    (?P<dot>  {_OPEN}[ \t]{{0,4}}+(?:\.|dot|d0t|punkt|punto|ponto|point)[ \t]{{0,4}}+{_CLOSE} | \[,\](?=[a-z0-9]) | (?<=[a-z0-9])(?:\|\.\||"\."|'\.'|"dot"|'dot')(?=[a-z0-9]) )
  | (?P<tail> (?<=[a-z0-9])(?: \[\.(?P<tld>[a-z]{{2,12}}+)\] | \.\[(?P<last>[a-z]{{2,12}}+)\] ) )
  | (?P<coded> (?<=[a-z0-9])(?:%2e|&\#46;|&\#x2e;|&period;)(?=[a-z0-9]) )
  | (?P<half> (?<=[a-z0-9])(?: \[\.(?=[a-z0-9]) | \.\](?=[a-z0-9]) | \[dot(?=[.\[\w]) ) )
  | (?P<back> (?<=[a-z0-9])\\\.(?=[a-z0-9]) )
  | (?P<at>   {_OPEN}[ \t]{{0,4}}+(?:@|at|a\.t|et|\u00e4t|arroba|a)[ \t]{{0,4}}+{_CLOSE} | (?<=[a-z0-9])(?:\|@\||"@"|'@'|"at")(?=[a-z0-9]) )
  | (?P<colon> \[://\] | (?<=:)\[//\] | \[::?\] | \[:(?=//) | (?<=[a-z]):\[(?=//) )
  | (?P<slash> \[/\] )
  | (?P<spaced> (?<=[a-z0-9\])}}>])(?: [ \t]{{1,3}}+(?:dot|punto|punkt|ponto)[ \t]{{1,3}}+ | [/_-]dot[/_-] | [ \t]\.(?=(?:com|net|org|info|biz|ru|cn|xyz|top|io|cc|su|pw)(?![\w-])) )(?=[a-z0-9]) )
  | (?P<ats>  (?<=[a-z0-9])(?: [ \t]{{1,3}}+(?:at|arroba)[ \t]{{1,3}}+ | [/_]at[/_] | [ \t]{{0,3}}+@[ \t]{{1,3}}+ | [ \t]{{1,3}}+@[ \t]{{0,3}}+ )(?=[a-z0-9]) )
  | (?P<scheme> (?<![a-z0-9])(?: (?P<h>h(?:xx|\*\*|__|zz|\#\#|~~|\+\+|\(xx\)|\[tt\]|x?t?x|t?x|\[xx\]|\u0445\u0445|\u0445x|x\u0445)p(?P<hs>\[?s?\]?)) | (?P<f>s?f[x*]{{1,2}}ps?) | (?P<x>(?:xxxx|hxxx|meow|ttp|hzzp|htt|hxtp|hptt)s?)(?=[\[(]?:|\\) | (?P<plain>https?|s?ftps?) )
       [ \t]?+(?P<sep> \[://\] | \[?:\]?(?: // | \\\\{{1,2}} | \\/\\/ | \[//\] | /\ / | /(?=[a-z0-9]) ) | :?__(?=[a-z0-9]) | ;//(?=[a-z0-9]) | //(?=[a-z0-9]) | :[ \t]//)  [ \t]?+ )
  | (?P<escaped> (?<=[a-z0-9])\\/(?=[^\s\\/]) )
  | (?P<stop> (?<=[a-z0-9\uff10-\uff5a])[{_FULL_STOPS}](?=[a-z0-9\uff10-\uff5a]) )
  | (?P<wrapped> (?<=[/=&?%_-])\r?\n[ \t]{{0,8}}+(?=(?P<rest>[\w%/?&=.~+-]{{2,200}}+)(?:[),;]|\.?(?:\s|\Z))) )
  | (?P<invisible> [{_INVISIBLE}]++ )
  | (?P<alike> [{"".join(_LOOKALIKES)}] )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_BRACKETS = re.compile(r"[\[({<](?=[ \t]{0,4}[.,@:/dDaAeEpP\u00e4])")
_SCHEMES = re.compile(r"[hHsSfF](?<![A-Za-z0-9].)(?=\S{1,8}?[pP][sS\]\[]{0,3}[ \t]?(?::|;|\[|__|//))")
_ODD_SCHEMES = tuple(
    f"{scheme}{s}" for scheme in ("xxxx", "hxxx", "meow", "ttp", "hzzp", "htt", "hxtp", "hptt") for s in ("", "s")
)
_AFTER_SCHEMES = re.compile(r"[\[(:\\]")
_ODD_SCHEME_CHARS_MAX = max(map(len, _ODD_SCHEMES))
_SEPARATORS = ("//", ":\\", ":[", "[:", "__", ":]", "]:", ":/", "/ /")
_CODED = ("%2e", "%2E", "&#46;", "&#x2", "&#X2", "&period", "&PERIOD", "&Period")
_WRAPPED = ("/\n", "=\n", "&\n", "?\n", "%\n", "_\n", "-\n", "/\r", "=\r", "&\r", "?\r", "%\r", "_\r", "-\r")
_QUOTED_SIGNS = re.compile(r"[\"'|](?=(?:[.@]|dot|at)[\"'|])", re.IGNORECASE)
_SIGNS = re.compile(r"[\\.:](?=[./\]\[])")
_WORDS = re.compile(r"[ \t/_@-](?=[ \t]{0,2}(?:dot|at|arroba|pun[tk]t?o?|ponto|@)[ \t/_-]|[ \t])|@[ \t]", re.IGNORECASE)
_FOREIGN = re.compile(f"[{_FULL_STOPS}{_INVISIBLE}{''.join(_LOOKALIKES)}\u0445]")

_RIGHT_WORDS = re.compile(
    r"([a-z0-9-]{1,63}+)(?=([ \t]{1,3}+(?:dot|punto|punkt|ponto)[ \t]|[/_]dot[/_])?)", re.IGNORECASE
)
_AFTER_AT = re.compile(
    r"[a-z0-9][a-z0-9-]{0,62}+(?:[ \t]{1,3}+(?:dot|punto|punkt|ponto)[ \t]{1,3}+|[/_]dot[/_]|[ \t]{0,3}+[\[({<][ \t]{0,3}+dot[ \t]{0,3}+[\])}>][ \t]{0,3}+)[a-z0-9]",
    re.IGNORECASE,
)
_HOST_AFTER = re.compile(
    r"[a-z0-9][a-z0-9-]{0,62}+[ \t]{0,4}+(?:[\[({<]?[ \t]{0,4}+(?:\.|dot)[ \t]{0,4}+[\])}>]?)[ \t]{0,4}+[a-z0-9]",
    re.IGNORECASE,
)
_BEGUN = re.compile(r"(?:h\W?(?:tt|xx|XX)\W?ps?|s?f[tx]ps?)[\[(]?:[\])]?[\[(]?//[^\s/]{4,}/", re.IGNORECASE)
_IN_PATH = re.compile(r"[/=&?%]|\.[a-z]{2,5}\Z|\d[A-Za-z]|[A-Za-z]\d")
_DIGEST = re.compile(r"[0-9A-Fa-f]{32,}|[\d.]+")
_IN_HOST = re.compile(r"://[^\s/]{1,64}\Z")
_LAST_WORD = re.compile(r"\S{1,80}\Z")
_PATH_AFTER = re.compile(r"[a-z]{2,4}/[A-Za-z0-9]")
_WORD_BEFORE = re.compile(r"[a-z0-9._%+-]{1,64}\Z", re.IGNORECASE)
_SPELLED = ("dot", "punto", "punkt", "ponto", "arroba")
_COMMON_TLDS = words("com net org info biz edu gov mil io ru cn xyz top onion online site club de uk fr co")
_NO_HOST = words(
    "a an the this that dot by of and or big red blue black white green on to in new old pre post early late"
)
_NO_MAILBOX = words(
    "hosted located available found look looked looking site website domain server servers host page url address was is be are were located "
    "registered resolving pointed points arrived stay live lived based reachable stored him her them us me it not even only still"
)


class View(NamedTuple):
    """The refanged text; `places` and `shifts` map it back (ordered by place in the view)."""

    text: str
    source: str
    places: tuple[tuple[int, int, int, int], ...]  # start and end in the view, start and end in the source
    starts: tuple[int, ...]  # the first column of `places`, for bisection

    def _piece(self, place: int) -> tuple[int, int, int, int]:
        at = bisect_right(self.starts, place) - 1
        return self.places[at] if at >= 0 else (0, 0, 0, 0)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the source the stretch `start`..`end` of the view (not empty) was written."""
        if not self.places:
            return start, end
        begin, stop = self._piece(start), self._piece(end - 1)
        first = begin[2] if start < begin[1] else begin[3] + start - begin[1]
        last = stop[3] if end - 1 < stop[1] else stop[3] + end - stop[1]
        return first, last


def _spots(text: str) -> list[int]:
    """Where `_DEFANGED` is worth trying: a superset of the places where it can match, in order.

    Plain searches where they do, for a pattern that begins with a class of signs is tried at every character.
    """
    gates = [_QUOTED_SIGNS]
    if any(sign in text for sign in "[({<"):
        gates.append(_BRACKETS)
    spots = [place for sign in _CODED for place in places_of(text, sign)]
    if any(sign in text for sign in _SEPARATORS):
        gates.append(_SCHEMES)
        spots += _odd_schemes(text)
    spots += [place for sign in (" .", "\t.") for place in places_of(text, sign)]
    spots += [place + 1 for sign in _WRAPPED for place in places_of(text, sign)]
    if "\\" in text or "]" in text:
        gates.append(_SIGNS)
    for place in _spelled(text):
        spots += [match.start() for match in _WORDS.finditer(text, max(0, place - SPELLED_BEFORE_CHARS), place + 12)]
    spots += _parted_at_signs(text)
    if not text.isascii():
        gates.append(_FOREIGN)
    return sorted({match.start() for gate in gates for match in gate.finditer(text)}.union(spots))


def places_of(text: str, words: str) -> Iterator[int]:
    """Where `words` stand in the text, in order; several times as fast as a pattern."""
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)


def _odd_schemes(text: str) -> Iterator[int]:
    for sign in _AFTER_SCHEMES.finditer(text):
        end = sign.start()
        before = text[max(0, end - _ODD_SCHEME_CHARS_MAX) : end].lower()
        if before.endswith(_ODD_SCHEMES):
            yield from (end - len(scheme) for scheme in _ODD_SCHEMES if before.endswith(scheme))


def _spelled(text: str) -> Iterator[int]:
    """Where a dot or at sign is written as a word of its own ("anecdote" is none)."""
    lower = text.lower()
    yield from places_of(lower, "/at/")
    for word in _SPELLED:
        for at in places_of(lower, word):
            if not (lower[at - 1 : at].isalnum() or lower[at + len(word) : at + len(word) + 1].isalnum()):
                yield at


def _parted_at_signs(text: str) -> Iterator[int]:
    """At signs with blanks on a side; where the blanks before one begin."""
    for at in places_of(text, "@"):
        start = at
        while start > max(0, at - 3) and text[start - 1] in " \t":
            start -= 1
        if start < at or text[at + 1 : at + 2] in (" ", "\t"):
            yield start


def refang(text: str) -> View:
    """The refanged view of `text`."""
    pieces: list[str] = []
    places: list[tuple[int, int, int, int]] = []
    length = done = 0
    for spot in _spots(text):
        match = _DEFANGED.match(text, spot) if spot >= done else None
        if match is None:
            continue
        undone = _undo(match, text, done)
        if undone is None:
            continue
        start, end, plain = undone
        pieces.append(text[done:start])
        length += start - done
        pieces.append(plain)
        places.append((length, length + len(plain), start, end))
        length += len(plain)
        done = end
    if not places:
        return View(text, text, (), ())
    pieces.append(text[done:])
    return View("".join(pieces), text, tuple(places), tuple(place[0] for place in places))


def _undo(match: re.Match[str], text: str, done: int) -> tuple[int, int, str] | None:
    """Start, end and plain form of one defanged spot, or None where it is prose after all."""
    kind, (start, end) = _kind(match), match.span()
    if kind in ("dot", "at"):
        return _undo_bracketed(text, start, end, done, "." if kind == "dot" else "@")
    if kind == "scheme":
        return _undo_scheme(match)
    if kind in _DOUBTFUL:
        plain, is_meant = _DOUBTFUL[kind]
        return (start, end, plain) if is_meant(match) else None
    if kind == "tail":
        tld = match["tld"] or match["last"]
        return (start, end, "." + tld) if is_tld(tld) else None
    return start, end, _PLAIN.get(kind or "") or _LOOKALIKES.get(match[0]) or _COLONS.get(match[0], "")


def _kind(match: re.Match[str]) -> str | None:
    """The outer group that matched: inner groups end first and hide it."""
    return "tail" if match["tail"] else "wrapped" if match["rest"] else match.lastgroup


def _undo_bracketed(text: str, start: int, end: int, done: int, plain: str) -> tuple[int, int, str] | None:
    """A bracketed dot or at sign with the blanks, or the one line break, around it."""
    left = _skip_blanks(text, start, -1, done)
    right = _skip_blanks(text, end, 1, len(text))
    before, after = text[left - 1 : left], text[right : right + 1]
    if not (before.isalnum() or before in "_-)]}>") or not (after.isalnum() or after in "_-[({<"):
        return None
    if plain == "@" and not (before.isalnum() and (after.isalnum() or after == "[")):
        return None
    return left, right, plain


def _skip_blanks(text: str, place: int, step: int, limit: int) -> int:
    """`place` moved over blanks, at most one line break among them; back where it was if there are too many."""
    at, blanks, breaks = place, 0, 0
    while at != limit:
        char = text[at - 1] if step < 0 else text[at]
        if char == "\n":
            breaks += 1
        elif char not in " \t\r":
            break
        else:
            blanks += 1
        if breaks > 1 or blanks > (INDENT_CHARS_MAX if breaks else GAP_CHARS_MAX):
            return place
        at += step
    return at


def _is_spelled_dot(match: re.Match[str]) -> bool:
    """Whether ` dot ` joins a host name: what follows must be a usual top-level domain, or another label with a dot."""
    text, (start, end) = match.string, match.span()
    if match[0].endswith("."):
        return _is_parted_dot(text, start, end)
    right = _RIGHT_WORDS.match(text, end)
    left = _WORD_BEFORE.search(text, max(0, start - 64), start)
    if right is None or (left and left[0].lower() in _NO_HOST):
        return False
    word = right[1].lower()
    return (
        right[2] is not None
        or word in _COMMON_TLDS
        or (text[start] in "/_" and is_tld(word))
        or _is_after_at(text, start)
    )


def _is_in_host(match: re.Match[str]) -> bool:
    """Whether a coded dot stands in the host of an address; in its path the code is part of it."""
    return _IN_HOST.search(match.string, max(0, match.start() - 80), match.start()) is not None


def _is_wrapped(match: re.Match[str]) -> bool:
    """Whether an address goes on in the next line: in the middle of a path or query, and what follows is no indicator of its own."""
    text, start, rest = match.string, match.start(), match["rest"]
    line = text.rfind("\n", max(0, start - WRAPPED_CHARS_MAX), start) + 1
    word = text[max(line, start - WRAPPED_CHARS_MAX) : start].rpartition(" ")[2]
    if _BEGUN.search(word) is None:
        return False
    if text[start - 1] == "/" and start - line < WRAP_COLUMN_MIN:
        return False
    host = rest.partition("/")[0]
    return _IN_PATH.search(rest) is not None and not (_DIGEST.fullmatch(rest) or is_tld(host.rpartition(".")[2]))


def _is_parted_dot(text: str, start: int, end: int) -> bool:
    """Whether ` .com` ends the host before the blank: that began as an address, or a path follows. `a .net shop` does not."""
    left = _LAST_WORD.search(text, max(0, start - 80), start)
    tail = _PATH_AFTER.match(text, end)
    return left is not None and ("://" in left[0] or left[0].lower().startswith("www.") or tail is not None)


def _is_after_at(text: str, start: int) -> bool:
    """Whether an at sign, spelled or not, stands before the label that ends at `start`."""
    return bool(
        re.search(
            r"(?:@|[\s/_\[({<](?:at|et|arroba)[\s/_\])}>])[ \t]{0,3}[a-z0-9.-]{1,63}\Z",
            text[max(0, start - 80) : start],
            re.IGNORECASE,
        )
    )


def _is_spelled_at(match: re.Match[str]) -> bool:
    """Whether ` at ` or ` @ ` joins an e-mail address: a mailbox before it and a host name behind it."""
    text, (start, end) = match.string, match.span()
    left = _WORD_BEFORE.search(text, max(0, start - 64), start)
    if left is None or left[0].lower().strip(".") in _NO_MAILBOX:
        return False
    if ("@" in text[start:end] or text[start] == "/") and _HOST_AFTER.match(text, end):
        return True
    return _AFTER_AT.match(text, end) is not None


def _undo_scheme(match: re.Match[str]) -> tuple[int, int, str] | None:
    """A mangled scheme or separator; None where nothing is mangled."""
    if match["h"]:
        plain = "https" if "s" in match["hs"].lower() else "http"
    elif match["x"]:
        plain = "https" if match["x"].lower().endswith("s") else "http"
    elif match["f"]:
        plain = re.sub(r"f[x*]{1,2}p", "ftp", match["f"].lower())
    else:
        plain = match["plain"]
    if match[0] == plain + "://":
        return None
    if match["plain"] and match["sep"] == "//":
        return None
    return match.start(), match.end(), plain + "://"


_PLAIN = {"half": ".", "back": ".", "stop": ".", "slash": "/", "escaped": "/"}
_COLONS = {"[://]": "://", "[//]": "//", "[:]": ":", "[::]": "::", "[:": ":", ":[": ":"}
_DOUBTFUL: dict[str, tuple[str, Callable[[re.Match[str]], bool]]] = {
    "spaced": (".", _is_spelled_dot),
    "ats": ("@", _is_spelled_at),
    "wrapped": ("", _is_wrapped),
    "coded": (".", _is_in_host),
}
"""What these forms stand for, and whether they are meant so: prose says them too."""
