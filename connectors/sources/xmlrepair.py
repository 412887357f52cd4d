"""What would stop an XML parser, mended in the text of a feed before it is parsed, and entries beyond the limit cut out.

Junk before the root, control characters, bare ampersands, HTML's named entities, broken CDATA sections: so the strict parser can read most broken feeds. What
was mended is named in the warnings.
"""

import html.entities
import itertools
import re

from connectors.sources.dates import parse_date
from connectors.sources.document import ENTRIES_MAX, newest_entries

_CDATA_OPEN = "<![CDATA["
_CDATA_CLOSE = "]]>"
_CDATA_ESCAPED = "&lt;![CDATA["
_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,400}\?>")
ENTRY_OPEN = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s>/]")
_ENTRY_CLOSE = re.compile(r"</(?:[A-Za-z_][\w.-]*:)?(?:item|entry)\s*>")
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_PAIR = re.compile(
    r"&#(?:(5[56]\d{3});&#(5[67]\d{3})|[xX]([dD][89abAB][0-9a-fA-F]{2});&#[xX]([dD][c-fC-F][0-9a-fA-F]{2}));"
)
"""A character beyond the first 65,536 written as the two halves of UTF-16."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTRY_DATE = re.compile(
    r"<(?:[\w.-]+:)?(?:pubDate|published|updated|issued|modified|date)\b[^<>]{0,100}>(?:<!\[CDATA\[)?([^<>\]]{4,100})"
)
_LINK_WITHOUT_SCHEME = re.compile(r"(<link>\s*(?:<!\[CDATA\[\s*)?)(?=www\.[\w-]+\.[\w.-])")
_MEDIA_PREFIX = re.compile(
    r"xmlns:([A-Za-z_][\w.-]{0,20})\s*=\s*[\"']https?://(?:search\.yahoo\.com|video\.search\.yahoo\.com|tools\.search\.yahoo\.com)/mrss/?[\"']"
)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_ENTITY_DECLARATION = "<!ENTITY"
SHOWN_MAX = 5
"""Kinds of a repair that its warning names."""


def cut_entries(text: str, entries_max: int = ENTRIES_MAX) -> tuple[str, int]:
    """The text with the newest entries up to the limit, and how many are cut; what follows the last entry is kept."""
    starts = [match.start() for match in ENTRY_OPEN.finditer(text)]
    if len(starts) <= entries_max:
        return text, 0
    end = max((match.end() for match in _ENTRY_CLOSE.finditer(text, starts[-1])), default=len(text))
    pieces = [text[a:b] for a, b in itertools.pairwise([*starts, end])]
    dates = [parse_date(found[1].strip()) if (found := _ENTRY_DATE.search(piece)) else None for piece in pieces]
    kept = "".join(pieces[number] for number in newest_entries(dates, entries_max))
    return text[: starts[0]] + kept + text[end:], len(starts) - entries_max


def repair(text: str, warnings: list[str]) -> str:
    """The text with what would stop an XML parser mended, outside CDATA sections only."""
    text, controls = _CONTROL.subn("", text)
    if controls:
        warnings.append(f"{controls} control characters")
    start = max(text.find("<"), 0)
    if text[:start].strip():
        warnings.append("text before the document")
    text = _PAIR.sub(_join_halves, text[start:])
    while text.startswith("<?xml") and (declaration := _DECLARATION.match(text)):
        text = text[declaration.end() :].lstrip()
    if text.startswith("<?xml"):  # `<?xml?xml version=…`, `<?xml version="1.0">`: there is no reading it, nor a need to
        text = text[text.find(">") + 1 :].lstrip()
        warnings.append("an XML declaration that is none")
    has_own_entities = _ENTITY_DECLARATION in text[:10_000]
    parts = []
    bad: list[str] = []
    position = 0
    while (opened := text.find(_CDATA_OPEN, position)) >= 0:
        parts.append(_mend_ampersands(text[position:opened], bad, keep_unknown=has_own_entities))
        closed = _end_of_cdata(text, opened)
        position = len(text) if closed < 0 else closed + len(_CDATA_CLOSE)
        inner = text[opened + len(_CDATA_OPEN) : closed if closed >= 0 else len(text)]
        if _CDATA_CLOSE in inner:
            inner = inner.replace(_CDATA_OPEN, "").replace(_CDATA_CLOSE, "")
            warnings.append("CDATA within CDATA")
        parts.append(f"{_CDATA_OPEN}{inner}{_CDATA_CLOSE}")
    parts.append(_mend_ampersands(text[position:], bad, keep_unknown=has_own_entities))
    mended, links = _LINK_WITHOUT_SCHEME.subn(r"\1https://", "".join(parts))
    if links:
        warnings.append(f"{links} links without a scheme")
    if len(bad):
        warnings.append(
            f"{len(bad)} references or ampersands that XML does not know: {', '.join(sorted(set(bad))[:SHOWN_MAX])}"
        )
    if _CDATA_ESCAPED in mended:
        warnings.append("CDATA that was escaped")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + _name_media_words(mended)


def _end_of_cdata(text: str, opened: int) -> int:
    """Where the section that begins at `opened` closes; one with sections inside at its last close before the entry's end."""
    closed = text.find(_CDATA_CLOSE, opened)
    position = opened + len(_CDATA_OPEN)
    while closed >= 0 and (inner := text.find(_CDATA_OPEN, position, closed)) >= 0:
        position = inner + len(_CDATA_OPEN)
        after = closed + len(_CDATA_CLOSE)
        further = text.find(_CDATA_CLOSE, after)
        if further < 0 or text.find(_CDATA_OPEN, after, further) >= 0 or _ENTRY_CLOSE.search(text, after, further):
            break
        closed = further
    return closed


def _name_media_words(text: str) -> str:
    """Media RSS's titles and descriptions under names of their own: feedparser takes them for the entry's."""
    found = _MEDIA_PREFIX.search(text)
    if found is None:
        return text
    return re.sub(rf"(</?{re.escape(found[1])}:)(title|description)(?=[\s/>])", r"\1own\2", text)


def _mend_ampersands(markup: str, bad: list[str], *, keep_unknown: bool) -> str:
    def mend(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            bad.append("&")
            return "&amp;"
        if name in _XML_ENTITIES:
            return match[0]
        if name.startswith("#"):
            if _is_xml_character(name):
                return match[0]
            bad.append(match[0])
            return ""
        known = html.entities.html5.get(f"{name};")
        if known is None:
            if keep_unknown:
                return match[0]
            bad.append(match[0])
            return f"&amp;{name};"
        return known.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    return _AMPERSAND.sub(mend, markup)


def _join_halves(pair: re.Match[str]) -> str:
    high, low = (int(pair[1]), int(pair[2])) if pair[1] else (int(pair[3], 16), int(pair[4], 16))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return pair[0]
    return f"&#{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00};"


def _is_xml_character(reference: str) -> bool:
    """Whether `#8217` or `#x2019` may stand in XML 1.0 (section 2.2)."""
    code = int(f"0{reference[1:]}", 16) if reference[1] in "xX" else int(reference[1:])
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
