"""URLs hidden in base64, also broken over lines.

A blob is looked at only where one of the three spellings of `http` in base64 stands, or could stand over a line break;
each blob is decoded once, so the pass is linear.
"""

import base64
import re

from pipeline.text.indicators.candidate import Candidate
from pipeline.text.indicators.hosts import is_host
from pipeline.text.indicators.identifiers import url_in

BLOB_CHARS_MAX = 64 * 1024
"""Longest blob decoded, characters."""

_SPELLINGS = (
    "aHR0c",
    "h0dH",
    "odHRw",
    "ZnRwO",
    "Z0cDov",
    "mdHA6L",
)  # http and ftp:, by position in the group of three bytes
_UTF16 = ("aAB0AHQAcA", "AdAB0AHAA", "AHQAdABwA")  # http in UTF-16, as PowerShell takes its commands
_STARTS = ("aHR0", "h0dH", "odHR", "ZnRw", "Z0cDo", "mdHA6", *_UTF16)
_ESCAPED = re.compile(
    r"(?:%[0-9A-Fa-f]{2}){10,}+|(?:\\\\?x[0-9A-Fa-f]{2}){10,}+|(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2} ){10,}+(?:[0-9A-Fa-f]{2})?+"
)
_ESCAPED_STARTS = ("%68%74%74%70", "x68\\x74\\x74\\x70", "x68\\\\x74", "68 74 74 70", "%66%74%70", "66 74 70 3a")
_BLOB = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{6,}+(?>(?:\s{0,2}\n[ \t]{0,40}+[A-Za-z0-9+/]{4,}+)*)={0,2}")


def find_encoded(text: str) -> list[Candidate]:
    """URLs in base64, as candidates that span the whole blob."""
    found = _find_escaped(text)
    if not any(start in text for start in _STARTS):
        return found
    for match in _BLOB.finditer(text):
        blob = match[0]
        if len(blob) < 16 or len(blob) > BLOB_CHARS_MAX:
            continue
        joined = re.sub(r"\s+", "", blob) if "\n" in blob else blob
        if not any(spelling in joined for spelling in (*_SPELLINGS, *_UTF16)):
            continue
        if url := _decode(joined):
            found.append(Candidate("url", url, match.start(), match.end()))
    return found


def _find_escaped(text: str) -> list[Candidate]:
    """URLs that are escaped sign by sign: %68%74, \\x68\\x74, 68 74."""
    lower = text.lower()
    if not any(start in lower for start in _ESCAPED_STARTS):
        return []
    found = []
    for match in _ESCAPED.finditer(text):
        digits = re.sub(r"[^0-9A-Fa-f]", "", match[0].replace("x", ""))
        url = url_in(bytes.fromhex(digits).decode("latin-1"))
        if url and _is_sound(url):
            found.append(Candidate("url", url, match.start(), match.start() + len(match[0].rstrip())))
    return found


def _decode(blob: str) -> str | None:
    """The URL in a blob. A last group of less than four characters counts only if it can be the end of base64 and the URL
    stays sound with it: blobs are often cut."""
    blob = blob.rstrip("=")
    whole = blob[: len(blob) - len(blob) % 4]
    if blob != whole and _is_tail(blob[len(whole) :]):
        url = url_in(_plain(blob))
        if url and _is_sound(url):
            return url
    url = url_in(_plain(whole))
    return url if url and _is_sound(url) else None


def _is_tail(group: str) -> bool:
    """Whether the unused bits of a last group are zero, as RFC 4648 (section 3.5) wants them."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return len(group) > 1 and alphabet.index(group[-1]) % (16 if len(group) == 2 else 4) == 0


def _plain(blob: str) -> str:
    """The decoded text; of UTF-16 (every other byte is zero) the half that says something."""
    raw = _bytes(blob)
    return (raw.replace(b"\0", b"") if raw.count(0) * 3 > len(raw) else raw).decode("latin-1")


def _bytes(blob: str) -> bytes:
    return base64.b64decode(blob + "=" * (-len(blob) % 4))


def _is_sound(url: str) -> bool:
    host = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0].partition(":")[0]
    return is_host(host) or bool(re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host))
