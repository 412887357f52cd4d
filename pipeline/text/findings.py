"""From texts to findings: the order in which the analyses are asked, and the model that they share.

    language -> read (sentences, model entities) -> entities -> indicators -> events and claims

The same function serves the stream and the offline commands. Texts go through the model in batches inside a memory zone, so
that a stream does not grow the vocabulary; only plain records leave it.
"""

from collections.abc import Sequence
from dataclasses import replace as replace_told
from datetime import datetime
from functools import partial
from typing import TypeVar

import spacy
from msgspec.structs import replace
from spacy.tokens import Doc

from pipeline.records import Article, Claim, Element, Entity, Event, Findings, Indicator, Line, Mention
from pipeline.text import model
from pipeline.text.cyber import read_cyber, with_states
from pipeline.text.entities import Layout, find_entities, find_layout
from pipeline.text.events.check import EventCheck, check_events
from pipeline.text.events.find import Told, gather_article, read_article, read_rules, read_told
from pipeline.text.events.ontology import class_named
from pipeline.text.events.reading import Reading
from pipeline.text.indicators import find_attached, find_indicators, join_context
from pipeline.text.indicators.warnings import Warnings, own_warnings
from pipeline.text.knowledge import Knowledge, default_knowledge
from pipeline.text.language import tell_language
from pipeline.text.languages import Reported, read_language, reads
from pipeline.text.model.load import TEXT_CHARACTERS_MAX
from pipeline.text.model.wrapped import join_lines
from pipeline.text.reader.gather import Gathered

M = TypeVar("M", bound=Mention)

NO_MODEL = "rules"
"""As the name of a model: none. Gazetteers, forms and windows work alone; faster, and weaker on names and agents."""


ASCII_SHARE_MIN = 0.97
"""Of a text whose language can't be told: from this share of ASCII characters on it is read by the English rules."""


def reads_english(language: str | None, text: str) -> bool:
    """Whether the English rules read a text: English, or too short to tell and written in nothing but ASCII.

    "Five killed in blast" is too short to call English and still says what it says; its language stays unknown (None).
    """
    if language is not None:
        return language == "en"
    return bool(text) and sum(c.isascii() for c in text) >= ASCII_SHARE_MIN * len(text)


def day_of(article: Article) -> datetime | None:
    """The time from which "Monday" and "since August" are resolved: published, else updated, else fetched.

    None where nothing tells it: then no date is resolved, for a time of zero is what clocks say that know none.
    """
    told = article.published or article.updated or article.fetched
    return told if told.timestamp() > 0 else None


def clear(mentions: tuple[M, ...], text: str, layout: Layout) -> tuple[M, ...]:
    """The mentions without what the dateline lent them: "BANNU" did nothing, and "KABUL - Police" are the police."""
    return tuple(kept for mention in mentions if (kept := _behind_dateline(mention, text, layout)) is not None)


def clear_event(event: Event, text: str, layout: Layout) -> Event:
    """The event with no party out of the dateline."""
    return replace(
        event,
        perpetrators=clear(event.perpetrators, text, layout),
        targets=clear(event.targets, text, layout),
        victims=clear(event.victims, text, layout),
    )


def clear_claim(claim: Claim, text: str, layout: Layout) -> Claim:
    """The claim with nobody out of the dateline."""
    parties = {
        name: _behind_dateline(mention, text, layout)
        for name in ("claimant", "agent", "object")
        if (mention := getattr(claim, name)) is not None
    }
    return replace(claim, **parties)


def clear_line(line: Line | None, text: str, layout: Layout) -> Line | None:
    """The line with nothing out of the dateline."""
    if line is None or not layout.datelines:
        return line
    return replace(
        line,
        by=_clear_elements(line.by, text, layout),
        against=_clear_elements(line.against, text, layout),
        counts=tuple(
            replace(c, by=next(iter(_clear_elements((c.by,), text, layout)), None)) if c.by else c for c in line.counts
        ),
    )


def _clear_elements(elements: tuple[Element, ...], text: str, layout: Layout) -> tuple[Element, ...]:
    """The elements, cut behind the dateline they begin in; what stands in one whole is gone."""
    out: list[Element] = []
    for element in elements:
        if element.start is None or element.end is None:
            out.append(element)
            continue
        kept = _behind_dateline(Mention(element.value, element.start, element.end, element.id), text, layout)
        if kept is not None:
            out.append(replace(element, value=kept.text, start=kept.start))
    return tuple(out)


def _behind_dateline(mention: M, text: str, layout: Layout) -> M | None:
    for start, end in layout.datelines:
        if start <= mention.start < end:
            begin = next((i for i in range(end, mention.end) if text[i].isalnum()), mention.end)
            return replace(mention, text=text[begin : mention.end], start=begin) if begin < mention.end else None
    return mention


def _reread(
    article: Article, text: str, entities: tuple[Entity, ...], indicators: tuple[Indicator, ...], told: Told
) -> Told:
    """What an article of the cyber trade tells, read by its own room; of any other what was told before."""
    day = day_of(article)
    rules = (told.events, told.claims)
    found = read_cyber(text, entities, rules, indicators=indicators, title=article.title, published=day)
    return replace_told(told, events=found.events, claims=found.claims, line=found.line) if found else told


class Analyzer:
    """Finds everything in articles; loads its model once, so make one per process.

    `model_name`: the shipped pipeline, any installed spaCy pipeline, a folder, or "rules". Raises `ConfigError` when there is
    no such pipeline. `knowledge` and `warnings`: the shipped ones by default.
    """

    def __init__(
        self, model_name: str = model.SHIPPED, *, knowledge: Knowledge | None = None, warnings: Warnings | None = None
    ) -> None:
        self._nlp = spacy.blank("en") if model_name == NO_MODEL else model.load_model(model_name)
        self._casing = model.load_casing(self._nlp)
        self._knowledge = knowledge or default_knowledge()
        self._warnings = warnings or own_warnings()
        self.model = f"{model_name} {self._nlp.meta.get('version', '')}".strip()
        self._has_model = model_name != NO_MODEL
        self._check: EventCheck | None = None

    def use(
        self,
        *,
        knowledge: Knowledge | None = None,
        warnings: Warnings | None = None,
        check: EventCheck | None = None,
    ) -> None:
        """Go on with other snapshots, from the next call of `analyse` on; each finding names the versions it was made with.

        `check` is asked about the events that may ring an alarm; none is asked by default.
        """
        self._knowledge = knowledge or self._knowledge
        self._warnings = warnings or self._warnings
        self._check = check or self._check

    def analyse(self, articles: Sequence[Article]) -> list[Findings]:
        """What stands in each article, in order. Text beyond `TEXT_CHARACTERS_MAX` is searched for indicators only."""
        texts = [self._plain(article.text[:TEXT_CHARACTERS_MAX]) for article in articles]
        languages = [tell_language(text, article.language) for text, article in zip(texts, articles, strict=True)]
        english = [
            i for i, (language, text) in enumerate(zip(languages, texts, strict=True)) if reads_english(language, text)
        ]
        found: dict[int, Findings] = {}
        if self._has_model:
            with model.memory_zone(self._nlp):
                docs = model.read(self._nlp, [texts[i] for i in english], self._casing)
                for i, doc in zip(english, docs, strict=True):
                    found[i] = self._find(articles[i], texts[i], languages[i], doc)
        for i, article in enumerate(articles):
            if i not in found:
                found[i] = self._find(article, texts[i], languages[i], None)
        return [self._checked(article, found[i]) for i, article in enumerate(articles)]

    def _checked(self, article: Article, findings: Findings) -> Findings:
        return check_events(self._check, article.text, findings).findings if self._check else findings

    def _plain(self, text: str) -> str:
        """The text as it is read, one character for one character: lines joined, capitals given back, sentences parted."""
        joined = join_lines(text)
        return self._casing.part_sentences(self._casing.restore(joined)) if self._has_model else joined

    def read_events(self, text: str) -> tuple[Reading, tuple[Event, ...]]:
        """A text as the rules of events read it, and what they find without the trained judge: what the judge is trained on."""
        with model.memory_zone(self._nlp):
            doc = next(iter(model.read(self._nlp, [text], self._casing)))
            spans = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
            entities = find_entities(text, spans, self._knowledge, language="en")
            reading = read_article(text, entities, doc=doc, parse=partial(model.parse, self._nlp))
            return reading, read_rules(reading)

    def gather(self, text: str, title: str | None = None) -> Gathered:
        """A text as the learned reader is given it: what it is trained on."""
        text = self._plain(text)
        with model.memory_zone(self._nlp):
            doc = next(iter(model.read(self._nlp, [text], self._casing)))
            spans = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
            layout = find_layout(text, title)
            entities = find_entities(text, spans, self._knowledge, language="en", title=title, layout=layout)
            return gather_article(text, entities, doc=doc, parse=partial(model.parse, self._nlp), title=title)

    def _indicators(self, article: Article, entities: tuple[Entity, ...]) -> tuple[Indicator, ...]:
        """The indicators, with what they belong to; an attachment is read by its form, which says that itself."""
        if article.parent is not None:
            return find_attached(article.text, url=article.url, warnings=self._warnings)
        found = find_indicators(article.text, url=article.url, blocks=article.blocks, warnings=self._warnings)
        day = day_of(article)
        found = with_states(article.text, found)
        return join_context(article.text, found, entities, blocks=article.blocks, published=day)

    def _find(self, article: Article, text: str, language: str | None, doc: Doc | None) -> Findings:
        spans = [(e.start_char, e.end_char, e.label_) for e in doc.ents] if doc is not None else []
        rules = "en" if reads_english(language, text) else language or ""
        layout = find_layout(text, article.title)
        entities = find_entities(text, spans, self._knowledge, language=rules, title=article.title, layout=layout)
        day = day_of(article)
        told: Told | Reported
        if reads(rules):
            reported = read_language(rules, text, entities, classes=class_named, title=article.title, published=day)
            told, entities = reported, reported.entities
            indicators = self._indicators(article, entities)
        else:
            parse = partial(model.parse, self._nlp) if doc is not None else None
            read = read_told(text, entities, doc=doc, parse=parse, title=article.title, published=day)
            indicators = self._indicators(article, entities)
            if rules == "en" and article.parent is None:
                read = _reread(article, text, entities, indicators, read)
            told = read
        return Findings(
            language=language,
            entities=entities,
            indicators=indicators,
            events=tuple(clear_event(event, text, layout) for event in told.events),
            claims=tuple(clear_claim(claim, text, layout) for claim in told.claims),
            line=clear_line(told.line, text, layout),
            worth=told.worth,
            reader=told.reader,
            model=self.model,
            knowledge=self._knowledge.version,
            warnings=self._warnings.version,
        )
