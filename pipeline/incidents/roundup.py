"""A report that tells of several incidents: its parts, each as if it were a report of its own.

A round-up says what happened in one town in one sentence, and what happened in another in the next. Whole, it agrees a little with
everything; part by part it agrees with each of its incidents as much as a flash of the same words would.
"""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from pipeline.incidents.traits import Traits, traits
from pipeline.records import Article, Assessment, Findings

PARTS_MAX = 8
PART_CHARS_MIN = 40
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=[^\s\"”’])[^.!?\n]*)*[.!?\n]*[\"”’]?\s*")


def parts(article: Article, findings: Findings, assessment: Assessment) -> list[Traits]:
    """The traits of each sentence that tells of an event of its own; empty for a report of a single one."""
    spans = list(_telling(article.text, findings))
    if len(spans) < 2:
        return []
    told = [_part(article, findings, assessment, start, end) for start, end in spans[:PARTS_MAX]]
    return [
        t for t in told if t.specific or t.numbers or t.cves
    ]  # a sentence without place and number may be about anything


def _telling(text: str, findings: Findings) -> Iterator[tuple[int, int]]:
    """Sentences in which an event is told that did happen."""
    starts = sorted(e.start for e in findings.events if e.realis in {"actual", "background", "attempted"})
    for match in _SENTENCE.finditer(text):
        if len(match.group()) >= PART_CHARS_MIN and any(match.start() <= s < match.end() for s in starts):
            yield match.span()


def _part(article: Article, findings: Findings, assessment: Assessment, start: int, end: int) -> Traits:
    """The traits of one sentence, with what was found in it; its event counts as happening, background of the whole or not."""
    inside = [e for e in findings.events if start <= e.start < end]
    events = tuple(replace(e, realis="actual" if e.realis == "background" else e.realis) for e in inside)
    entities = tuple(
        replace(e, start=e.start - start, end=e.end - start) for e in findings.entities if start <= e.start < end
    )
    found = replace(
        findings,
        events=events,
        entities=entities,
        claims=tuple(c for c in findings.claims if start <= c.start < end),
        indicators=tuple(i for i in findings.indicators if start <= i.start < end),
        line=None,
    )
    return traits(replace(article, title=None, text=article.text[start:end]), found, assessment)
