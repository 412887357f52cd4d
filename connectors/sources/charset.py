"""Which characters the bytes of a document stand for, decided as browsers decide it, but never into mojibake.

The order is BOM, HTTP, the document's own declaration, sniffing. Publishers lie about it in both directions, so the
bytes have the last word: bytes that are UTF-8 throughout, with characters beyond ASCII, are UTF-8 whatever was declared (no
text in a single-byte charset is that by chance), and a declaration under which the bytes make no text is passed over.
"""

import codecs
import re
from typing import NamedTuple

from charset_normalizer import from_bytes

DECLARATION_BYTES_MAX = 1_024
"""How far into the document a declaration is looked for (HTML Standard, 13.2.3.2)."""
SNIFF_BYTES_MAX = 64 * 1024
"""How much text the sniffer is shown."""
CHANCE_SEQUENCES = 4
"""With fewer UTF-8 sequences than this, text of a declared multi-byte charset may look like UTF-8 by chance."""
BROKEN_SHARE_MAX = 0.05
"""UTF-8 with at most this share of its non-ASCII bytes broken is UTF-8 with a few Windows-1252 bytes pasted in."""
MOJIBAKE_SHARE = 0.5
"""Above this share of accented Latin letters that touch one another, text read as Western is something else."""
_EVIDENCE_MIN = 8
CLUMP_CHARS = 3
"""So many accented letters in a row are no Western word's."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ((b"<\x00?\x00", "utf-16-le"), (b"\x00<\x00?", "utf-16-be"), (b"<\x00\x00\x00", "utf-32-le"), (b"\x00\x00\x00<", "utf-32-be"),
         (b"<\x00h\x00", "utf-16-le"), (b"<\x00r\x00", "utf-16-le"), (b"<\x00f\x00", "utf-16-le"), (b"{\x00", "utf-16-le"),
         (b"\x00<\x00", "utf-16-be"), (b"\x00{", "utf-16-be"))  # fmt: skip
_ALIASES = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "iso8859-1": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312-80": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "windows-949": "cp949", "x-euc-jp": "euc_jp", "big5": "cp950",
    "big5-hkscs": "big5hkscs", "utf8": "utf-8", "unicode": "utf-8", "utf-16": "utf-8", "x-cp1251": "cp1251", "win-1251": "cp1251",
    "x-mac-cyrillic": "mac_cyrillic", "iso-8859-8-i": "iso8859_8",
}  # fmt: skip
"""Labels as the WHATWG Encoding Standard reads them; a declared utf-16 that was readable as ASCII is none."""
_MULTI_BYTE = frozenset({"gb18030", "cp932", "cp949", "cp950", "big5hkscs", "euc_jp", "euc_kr"})

_XML_DECLARATION = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]+)", re.IGNORECASE
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]+)", re.IGNORECASE)
_HTTP_CHARSET = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]+)", re.IGNORECASE)
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_ACCENTED = re.compile("[\u00a1-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192]+")
_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")


class Decoded(NamedTuple):
    """The text, the charset it was read in, and what was wrong with the declarations."""

    text: str
    charset: str
    warning: str | None = None


def decode(raw: bytes, content_type: str | None = None) -> Decoded:
    """The text of an XML, HTML or JSON document. Never raises: what can't be read becomes U+FFFD."""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return Decoded(raw[len(bom) :].decode(name, "replace"), name)
    for start, name in _WIDE:
        if raw.lstrip(b" \t\r\n").startswith(start):
            return Decoded(raw.decode(name, "replace"), name)
    declared = _declared(raw, content_type)
    if "iso2022_jp" in declared and _ISO_2022.search(raw):
        return Decoded(raw.decode("iso2022_jp", "replace"), "iso2022_jp")
    if raw.isascii():
        return Decoded(raw.decode("ascii"), "ascii")
    return _utf8(raw, declared) or _as_declared(raw, declared) or _sniffed(raw, declared)


def _declared(raw: bytes, content_type: str | None) -> list[str]:
    """Python's names of the declared charsets, HTTP's first; unknown ones left out."""
    head = raw[:DECLARATION_BYTES_MAX]
    labels = [found[1] for found in [_HTTP_CHARSET.search(content_type or "")] if found]
    for found_there in (_XML_DECLARATION.search(head), _META_CHARSET.search(head)):
        labels += [found_there[1].decode("ascii")] if found_there else []
    names: list[str] = []
    for label in labels:
        try:
            name = codecs.lookup(_ALIASES.get(label.lower(), label)).name
        except (LookupError, ValueError):
            continue
        if name not in names and not name.startswith(("utf-16", "utf-32", "utf-7")):
            names.append(name)
    return names


def _utf8(raw: bytes, declared: list[str]) -> Decoded | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _mended_utf8(raw, declared)
    if declared and declared[0] in _MULTI_BYTE and len(_SEQUENCE.findall(raw)) < CHANCE_SEQUENCES:
        return _strictly(raw, declared[0]) or Decoded(text, "utf-8")
    lie = next((name for name in declared if name != "utf-8"), None)
    return Decoded(text, "utf-8", f"declared as {lie}, but is utf-8" if lie else None)


def _mended_utf8(raw: bytes, declared: list[str]) -> Decoded | None:
    """UTF-8 with a few foreign bytes in it: those are read as Windows-1252, as authors pasted them."""
    beyond_ascii = len(raw.translate(None, bytes(range(128))))
    good = sum(len(sequence) for sequence in _SEQUENCE.findall(raw))
    broken = beyond_ascii - good
    if broken > beyond_ascii * BROKEN_SHARE_MAX and not (declared[:1] == ["utf-8"] and broken <= 2 and good):
        return None
    return Decoded(raw.decode("utf-8", "tocsin-windows-1252"), "utf-8", "has bytes that are not utf-8")


def _strictly(raw: bytes, name: str) -> Decoded | None:
    try:
        return Decoded(raw.decode(name), name)
    except (UnicodeDecodeError, LookupError):
        return None


def _as_declared(raw: bytes, declared: list[str]) -> Decoded | None:
    for name in declared:
        if name == "utf-8":
            continue
        decoded = _strictly(raw, name)
        if name == "cp1252" and decoded is None:  # five bytes are undefined there; browsers read them as C1 controls
            decoded = Decoded(raw.decode("cp1252", "tocsin-windows-1252"), "cp1252")
        if decoded is not None and not (name == "cp1252" and _is_mojibake(decoded.text)):
            return decoded
    return None


def _is_mojibake(text: str) -> bool:
    """Whether Western text has its accented letters in clumps, as Cyrillic or Greek read as Western has."""
    runs = [len(run) for run in _ACCENTED.findall(text[:SNIFF_BYTES_MAX])]
    letters = sum(runs)
    return letters >= _EVIDENCE_MIN and sum(n for n in runs if n >= CLUMP_CHARS) > letters * MOJIBAKE_SHARE


def _sniffed(raw: bytes, declared: list[str]) -> Decoded:
    best = from_bytes(_sample(raw)).best()
    name = best.encoding if best is not None and not _is_western(raw) else "cp1252"
    name = _ALIASES.get(name.replace("_", "-"), name)
    decoded = _strictly(raw, name) or Decoded(raw.decode("cp1252", "tocsin-windows-1252"), "cp1252")
    said = ", ".join(declared) or "nothing"
    return decoded._replace(warning=f"declared as {said}, read as {decoded.charset}")


def _is_western(raw: bytes) -> bool:
    """Whether so few characters are beyond ASCII, each between plain letters, that nothing but a Western text is likely."""
    beyond = raw.translate(None, bytes(range(128)))
    if len(beyond) >= _EVIDENCE_MIN:
        return False
    text = raw.decode("cp1252", "tocsin-windows-1252")
    return all(len(run) < CLUMP_CHARS for run in _ACCENTED.findall(text))


def _sample(raw: bytes) -> bytes:
    """The part of the document where its first characters beyond ASCII stand."""
    first = next((match.start() for match in re.finditer(rb"[\x80-\xff]", raw)), 0)
    return raw[first : first + SNIFF_BYTES_MAX]


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in bad), error.end


codecs.register_error("tocsin-windows-1252", _read_as_windows_1252)
