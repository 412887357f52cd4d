"""All entities of one text: the knowledge base first, then form, then the model, made one by the article's own words.

The order of trust: what the article defines, names of the knowledge base, names given away by their form, the model. A text in
another language than English gets names of the knowledge base and places only. Boilerplate at the end yields nothing; people
in by-lines are found, and `Layout.is_byline` tells them from those who act.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from pipeline.records import Entity, EntityLabel
from pipeline.text.dates import find_dates
from pipeline.text.entities.aliases import join_aliases
from pipeline.text.entities.candidates import Candidate, Rank, choose
from pipeline.text.entities.context import Context
from pipeline.text.entities.coreference import (
    apply_definitions,
    follow_abbreviations,
    follow_short_names,
    follow_surnames,
)
from pipeline.text.entities.cyber import find_cyber_names
from pipeline.text.entities.definitions import find_definitions
from pipeline.text.entities.forms import (
    find_armed_groups,
    find_facilities,
    find_landforms,
    find_settlements,
    find_ships,
)
from pipeline.text.entities.layout import Layout, find_layout
from pipeline.text.entities.organisations import find_organisations
from pipeline.text.entities.people import find_bylined, find_people, trim_person
from pipeline.text.entities.weapons import find_weapons
from pipeline.text.knowledge import Knowledge
from pipeline.text.places import (
    Toponym,
    countries_named,
    default_gazetteer,
    find_peoples,
    find_toponyms,
    resolve_places,
)

ModelSpan = tuple[int, int, str]
"""Start, end and label of an entity that a spaCy pipeline found; labels as in `EntityLabel`, others are left out."""

_MODEL_LABELS: dict[str, EntityLabel] = {
    label: label
    for label in (
        "PERSON",
        "NORP",
        "ORG",
        "GROUP",
        "GPE",
        "LOC",
        "FAC",
        "EVENT",
        "PRODUCT",
        "MALWARE",
        "TOOL",
        "WEAPON",
        "DATE",
    )
}
_PLACE_LABELS = frozenset({"GPE", "LOC", "FAC"})
_LONG_LABELS = frozenset({"PERSON", "ORG", "EVENT", "FAC", "GPE", "LOC"})
_EDGE = re.compile(r"[\s\"'“”‘’(),;:.\[\]–—-]+")
_KIND = re.compile(
    r"\s(?:ransomware|malware|trojan|backdoor|botnet|loader|spyware|wiper|bootkit|worm|stealer|gang|group|cartel|militia|rebels|separatists|network|spyware firm)\Z"
)
_OFFICE_BEFORE = re.compile(r"\b(?:Secretary|Minister)\sof\s(?:the\s)?\Z")
"""What a person is, and no organisation: the Secretary of State."""
OFFICE_CHARS = 20
_ARTICLE = re.compile(r"(?:[Tt]he|[Aa]n?)\s+")


def find_entities(
    text: str,
    model_spans: Sequence[ModelSpan],
    knowledge: Knowledge,
    *,
    language: str = "en",
    title: str | None = None,
    layout: Layout | None = None,
) -> tuple[Entity, ...]:
    """The entities of `text` in order, none overlapping another.

    Args:
        text: the article's text; offsets point into it.
        model_spans: what a spaCy pipeline found in the same text; may be empty.
        knowledge: the snapshot of the knowledge base to use.
        language: ISO 639-1; for any but "en" only known names and places are looked for.
        title: the article's title, which is not part of the text.
        layout: zones of the text where the caller has them already.
    """
    layout = layout or find_layout(text, title)
    gazetteer = default_gazetteer()
    english = language == "en"
    trusted = {(start, end) for start, end, label in model_spans if label in _PLACE_LABELS}
    distrusted = {(start, end) for start, end, label in model_spans if label == "PERSON"}
    peoples, toponyms = find_peoples(text, gazetteer), find_toponyms(text, gazetteer, trusted, distrusted)
    countries = countries_named(text, peoples, toponyms, gazetteer)
    candidates = list(_known(text, knowledge, countries))
    candidates += [
        Candidate(
            Rank.FORM if (start, end) in distrusted else _place_rank(text[start:end], places[0]),  # its cue says so
            start,
            end,
            "LOC" if places[0].kind == "area" else "GPE",
        )
        for start, end, places in toponyms
    ]
    if english:
        leads = dict(peoples) | {
            start: end for start, end, places in toponyms if places[0].certain and places[0].kind == "country"
        }
        plain = {(start, end) for start, end, _ in toponyms} | set(peoples)
        formed = (
            one
            for one in _by_form(text, layout)
            if one.label != "PERSON" or one.rank < Rank.FORM or (one.start, one.end) not in plain
        )
        people = [*formed, *_from_model(text, model_spans, plain)]
        candidates += [_without_country(text, one, leads) if one.label == "PERSON" else one for one in people]
        candidates += [Candidate(Rank.PEOPLE, start, end, "NORP") for start, end in peoples]
    entities = choose(text, (one for one in candidates if not layout.is_boilerplate(one.start, one.end)))
    if english:
        entities = apply_definitions(text, entities, find_definitions(text, entities), knowledge)
        entities = join_aliases(text, entities)
        entities = follow_short_names(text, entities)
        countries_as_written = {text[start:end] for start, end, places in toponyms if places[0].kind == "country"}
        entities = follow_surnames(text, entities, countries_as_written)
        entities = follow_abbreviations(entities)
        entities = [entity for entity in entities if not layout.is_boilerplate(entity.start, entity.end)]
    return resolve_places(text, entities, gazetteer, countries)


def _known(text: str, knowledge: Knowledge, countries: Counter[str]) -> Iterator[Candidate]:
    matches = knowledge.find(text)
    if not matches:
        return
    context = Context(text, matches, countries)
    for match in matches:
        reading = context.choose(match)
        if reading is None:
            continue
        subject = reading.subject
        rank = Rank.FORM if subject.label == "ORG" else Rank.KNOWN
        end = _without_kind(text, match.start, match.end)
        if context.is_open(match):
            yield Candidate(rank, match.start, end, subject.label)
        else:
            yield Candidate(rank, match.start, end, subject.label, subject.id, subject.name)


def _without_kind(text: str, start: int, end: int) -> int:
    """Where the name ends without the kind of thing after it: "REvil ransomware gang" is named REvil."""
    while kind := _KIND.search(text[start:end]):
        end = start + kind.start()
    return end


def _place_rank(name: str, place: Toponym) -> Rank:
    """ "Kingdom of Saudi Arabia" is as plain as a form; "Tripoli" is not."""
    return Rank.FORM if " " in name and place.kind != "city" else Rank.PLACE


def _by_form(text: str, layout: Layout) -> Iterator[Candidate]:
    for start, end in find_bylined(text, layout.bylines):
        yield Candidate(Rank.BYLINE, start, end, "PERSON")
    for start, end, label in find_cyber_names(text):
        yield Candidate(Rank.FORM, start, end, label)
    for start, end in find_dates(text):
        yield Candidate(Rank.FORM, start, end, "DATE")
    for start, end in find_people(text):
        yield Candidate(Rank.FORM, start, end, "PERSON")
    for start, end in find_armed_groups(text):  # before organisations: of equal spans the first counts
        yield Candidate(Rank.FORM, start, end, "GROUP")
    for start, end in find_organisations(text):
        yield Candidate(Rank.FORM, start, end, "ORG")
    for start, end in find_ships(text):
        yield Candidate(Rank.FORM, start, end, "PRODUCT")
    for start, end in find_facilities(text):
        yield Candidate(Rank.FORM, start, end, "FAC")
    for start, end in find_landforms(text):
        yield Candidate(Rank.FORM, start, end, "LOC")
    for start, end in find_settlements(text):
        yield Candidate(Rank.FORM, start, end, "GPE")
    for start, end in find_weapons(text):
        yield Candidate(Rank.FORM if text[start:end].isupper() else Rank.WORD, start, end, "WEAPON")


def _from_model(text: str, model_spans: Sequence[ModelSpan], plain: Collection[tuple[int, int]]) -> Iterator[Candidate]:
    """What the model found, but for long names that are plainly places or peoples (`plain`)."""
    for start, end, given in model_spans:
        label = _MODEL_LABELS.get(given)
        if label is None:
            continue
        span = trim_person(text, start, end) if label == "PERSON" else _trim(text, start, end)
        if span is None or (label == "ORG" and _OFFICE_BEFORE.search(text, max(0, span[0] - OFFICE_CHARS), span[0])):
            continue
        several = " " in text[slice(*span)] and span not in plain and label in _LONG_LABELS
        yield Candidate(Rank.MODEL_LONG if several else Rank.MODEL, *span, label)


def _without_country(text: str, person: Candidate, leads: Mapping[int, int]) -> Candidate:
    """ "Afghanistan Thomas West" (after "Representative for") is Thomas West; a name of two words stays whole."""
    end = leads.get(person.start)
    if end is None or end >= person.end or " " not in text[end : person.end].strip():
        return person
    begin = person.end - len(text[end : person.end].lstrip())
    bare = trim_person(text, begin, person.end)  # "British Prime Minister Keir Starmer" is Keir Starmer
    return person._replace(start=bare[0], end=bare[1]) if bare else person


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without articles, possessives and punctuation at its edges; None when nothing stays."""
    if edge := _EDGE.match(text, start, end):
        start = edge.end()
    if article := _ARTICLE.match(text, start, end):
        start = article.end()
    while end > start and text[start:end].endswith(("'s", "’s")):
        end -= 2
    while (end > start and text[end - 1] in " \t\n\"'“”‘’(,;:[–—-") or (
        text[start:end].endswith(")") and "(" not in text[start:end]
    ):
        end -= 1
    return (start, end) if start < end else None


def without_byline(entities: Sequence[Entity], layout: Layout) -> tuple[Entity, ...]:
    """The entities that may act in the story: those of by-lines, datelines and boilerplate left out."""
    return tuple(entity for entity in entities if layout.is_story(entity.start, entity.end))
