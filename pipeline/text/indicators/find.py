"""Find every cyber indicator in a text: where it stands, what it is, what it is doing there.

Guarantee: pure and thread-safe; linear in the text; never raises on a string; `text[start:end] == indicator.text` for each.
The order is that of the text. The host of a URL or e-mail address is not repeated as an indicator of its own.
"""

import re
from urllib.parse import urlsplit

from msgspec import structs

from pipeline.records import Block, Indicator
from pipeline.text.indicators import hostside, identifiers, labelled, network, urls
from pipeline.text.indicators.candidate import Candidate, Recogniser, Scene
from pipeline.text.indicators.context import Context
from pipeline.text.indicators.encoded import find_encoded
from pipeline.text.indicators.patterns import SCAN, find_starts
from pipeline.text.indicators.refang import View, refang
from pipeline.text.indicators.verdict import DIGESTS, NETWORK, Judge, spread
from pipeline.text.indicators.warnings import Warnings, own_warnings

_LINE_BREAK = re.compile(r"\r?\n[ \t]*")
TEXT_CHARS_MAX = 4_000_000
"""Longest text searched, characters; the rest is left."""
INDICATORS_MAX = 20_000
"""Most indicators taken from one text; the rest is left."""

RECOGNISERS: dict[str, Recogniser] = {
    "registry": hostside.registry,
    "encoded": urls.encoded,
    "yara": labelled.yara,
    "sigma": labelled.sigma,
    "url": urls.url,
    "email": network.email,
    "cve": identifiers.cve,
    "cwe": identifiers.cwe,
    "ghsa": identifiers.ghsa,
    "cvss": identifiers.cvss,
    "technique": identifiers.technique,
    "attack": identifiers.attack,
    "tracker": identifiers.tracker,
    "cpe": identifiers.cpe,
    "asn": identifiers.asn,
    "advisory": identifiers.advisory,
    "purl": identifiers.purl,
    "arn": identifiers.arn,
    "agent": hostside.agent,
    "tlsh": identifiers.tlsh,
    "ether": identifiers.ether,
    "mac": network.mac,
    "ssdeep": network.ssdeep,
    "colons": network.colons,
    "ipv4": network.ipv4,
    "hex": identifiers.hexadecimal,
    "wallet": identifiers.wallet,
    "bech32": identifiers.bech32,
    "cash": identifiers.cash,
    "stellar": identifiers.stellar,
    "iban": identifiers.iban,
    "labelled": labelled.labelled,
    "kernel": hostside.kernel,
    "path": hostside.windows_path,
    "drive": hostside.drive_path,
    "dotted": network.dotted,
    "bot": labelled.bot,
    "v6tail": network.v6tail,
    "envpath": hostside.windows_path,
    "unc": hostside.windows_path,
    "unix": hostside.unix_path,
    "phone": identifiers.phone,
}
"""The recogniser of each alternative of `patterns.SCAN`."""


def find_indicators(
    text: str,
    *,
    url: str | None = None,
    blocks: tuple[Block, ...] = (),
    warnings: Warnings | None = None,
    is_list: bool = False,
) -> tuple[Indicator, ...]:
    """Every indicator in `text`, in order, with verdict, reason and role.

    `url` is the article's own address, `blocks` its structure, `warnings` the warning list (ours by default): they serve
    the verdicts only, so that the same text gives the same indicators without them. `is_list`: the whole text is a list of
    indicators (an attachment).
    """
    text = text[:TEXT_CHARS_MAX]
    view = refang(text)
    candidates = _scan(Scene(view))
    spans = [(*view.span(found.start, found.end), found) for found in candidates[:INDICATORS_MAX]]
    spans += [(found.start, found.end, found) for found in find_encoded(text)]
    if not spans:
        return ()
    spans.sort(key=lambda item: (item[0], -item[1]))
    context = Context(text, [start for start, _, _ in spans], blocks, is_list=is_list)
    return _judge([_indicator(text, view, *item) for item in spans], context, url, warnings or own_warnings())


def _judge(found: list[Indicator], context: Context, url: str | None, warnings: Warnings) -> tuple[Indicator, ...]:
    digests = sum(one.type in DIGESTS for one in found)
    judge = Judge(context, warnings, urlsplit(url).hostname if url else None, digests)
    judged = []
    for one in found:
        verdict, reason, role = judge.judge(one)
        judged.append(structs.replace(one, verdict=verdict, reason=reason, role=role))
    return tuple(spread(judged, warnings))


def _scan(scene: Scene) -> list[Candidate]:
    """All candidates, left to right. A recogniser says where the scan goes on, always behind the start of its match."""
    candidates: list[Candidate] = []
    place = 0
    text = scene.text
    for start, sign in find_starts(text):
        if sign < place:
            continue
        start = _skip_to_word(text, max(start, place), sign)  # noqa: PLW2901 - what is behind a find begins anew
        match = SCAN.match(text, start)
        if match is None:
            continue
        found = RECOGNISERS[match.lastgroup or ""](scene, match)
        candidates += found.candidates
        place = max(found.resume, start + 1)
    return candidates


def _skip_to_word(text: str, start: int, sign: int) -> int:
    """`start`, or the next letter, digit or underscore up to the sign."""
    while start < sign and not (text[start].isalnum() or text[start] == "_"):
        start += 1
    return start


def _indicator(text: str, view: View, start: int, end: int, found: Candidate) -> Indicator:
    written = text[start:end]
    defanged = found.kind in NETWORK and _unbroken(written) != _unbroken(view.text[found.start : found.end])
    return Indicator(type=found.kind, value=found.value, text=written, start=start, end=end, defanged=defanged)


def _unbroken(words: str) -> str:
    """The words without what hides nothing: the slash that JSON escapes, and the end of a line that was too short."""
    words = words.replace("\\/", "/") if "\\" in words else words
    return _LINE_BREAK.sub("", words) if "\n" in words else words
