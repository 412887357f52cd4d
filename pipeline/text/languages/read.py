"""One article in another language than English: the same records as the English reader gives, by one set of rules over each language's words.

    sentences -> words found -> places, numbers, people -> acts and their realis -> the main one -> event, claims, line, worth

Pure, and in time linear in the text. The line's names are as written, or, in another script than Latin, in English with what is written in brackets.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.records import Claim, Entity, Event, Line, Realis
from pipeline.text.languages.counts import find_counts
from pipeline.text.languages.dates import find_date
from pipeline.text.languages.lexicon import LANGUAGES, Hit, Lexicon, load
from pipeline.text.languages.numbers import find_numbers
from pipeline.text.languages.parties import find_people
from pipeline.text.languages.places import Found, find_places
from pipeline.text.languages.telling import VIOLENT, Read, Telling
from pipeline.text.languages.words import sentences_of
from pipeline.text.languages.worth import Act, Classes, Signs, main_act, weigh

VERSION = "languages 1"
WORTH_MIN = 0.2
"""An article less sure than this to be worth an alert is read no further; as `worth.min` of the weights."""
REALIS_WORDS_MAX = 7
"""How far before an act a word that says it did not happen may end, words."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What an article tells, with its places as entities beside those that were given."""

    entities: tuple[Entity, ...]
    events: tuple[Event, ...] = ()
    claims: tuple[Claim, ...] = ()
    line: Line | None = None
    worth: float = 0.0
    reader: str = ""


def reads(language: str | None) -> bool:
    """Whether there is a folder for this language."""
    return language in LANGUAGES


def read_language(
    language: str,
    text: str,
    entities: tuple[Entity, ...] = (),
    *,
    classes: Classes,
    title: str | None = None,
    published: datetime | None = None,
) -> Reported:
    """What an article tells; `classes` gives the class of a sub-type. KeyError for a language without a folder."""
    if language not in LANGUAGES:
        raise KeyError(language)
    lexicon = load(language)
    reads_ = _reads(text, lexicon, entities)
    headline = _reads(title.strip(), lexicon, ()) if title and title.strip() else []
    reader = f"{VERSION} {language}"
    named = _with_places(entities, [p for r in reads_ for p in r.places])
    acts = [a for r in headline for a in _acts(r, -1, published, classes)]
    acts += [a for r in reads_ for a in _acts(r, r.sentence.index, published, classes)]
    worth = weigh(acts, _signs(reads_, headline, lexicon, published))
    main = main_act(acts)
    if main is None or worth < WORTH_MIN:
        quiet = () if main is None or main.cls.type == "Cyber" else (_bare_event(main, reads_),)
        return Reported(entities=named, events=quiet, worth=round(worth, 3), reader=reader)
    told = Telling(text, lexicon, reads_, acts, main, published)
    return Reported(named, (told.event(),), tuple(told.claims()), told.line(worth), round(worth, 3), reader)


def _reads(text: str, lexicon: Lexicon, entities: Sequence[Entity]) -> list[Read]:
    sentences = sentences_of(text, lexicon.clitics, lexicon.abbreviations)
    hits = [lexicon.find(s) for s in sentences]
    places = find_places(sentences, lexicon, hits)
    out = []
    for sentence, found in zip(sentences, hits, strict=True):
        people = find_people(sentence, lexicon, found, entities)
        counts = find_counts(sentence, lexicon, found, find_numbers(sentence, lexicon, found))
        out.append(Read(sentence, found, people, counts, [p for p in places if p.sentence == sentence.index]))
    return out


def _acts(read: Read, index: int, published: datetime | None, classes: Classes) -> list[Act]:
    """The words of acts in a sentence that are meant so, with their realis."""
    figures = [(h.first, h.last) for h in read.hits if h.kind == "calm" and h.name == "figure"]
    out = []
    for hit in read.hits:
        if hit.kind != "acts" or any(a < hit.last and hit.first < b for a, b in figures):
            continue
        out.append(
            Act(index, hit, classes(hit.name.partition(": ")[2] or hit.name), hit.name, _realis(read, hit, published))
        )
    return out


def _realis(read: Read, act: Hit, published: datetime | None) -> Realis:
    year = published.year if published else None
    for hit in read.hits:
        if hit.kind != "realis":
            continue
        if hit.name == "background":
            return "background"
        if 0 <= act.first - hit.last <= REALIS_WORDS_MAX or 0 <= hit.first - act.last <= 2:
            return hit.name  # type: ignore[return-value]
    for token in read.sentence.tokens:
        if token.is_digits and len(token.text) == 4 and token.text.isdigit() and year and 1900 < int(token.text) < year:
            return "background"
    return "actual"


def _signs(reads_: Sequence[Read], headline: Sequence[Read], lexicon: Lexicon, published: datetime | None) -> Signs:
    lead = [*headline, *reads_[:2]]
    calm: Counter[str] = Counter(h.name for r in [*headline, *reads_[:4]] for h in r.hits if h.kind == "calm")
    return Signs(
        harm=any(r.counts for r in [*headline, *reads_[:3]]),
        actor=any(w.gloss in VIOLENT or w.label == "group" for r in [*headline, *reads_[:3]] for w in r.people),
        weapon=any(h.kind == "weapons" for r in lead for h in r.hits),
        place=any(p.cued or (p.toponym and p.toponym.kind != "city") for r in reads_[:2] for p in r.places),
        day=any(find_date(r.sentence, lexicon, published) for r in reads_[:2]),
        calm=calm,
    )


def _with_places(entities: tuple[Entity, ...], places: Sequence[Found]) -> tuple[Entity, ...]:
    """The entities with the places found here; one found here takes the place of those that it overlaps."""
    mine = [
        Entity(
            p.text,
            "LOC" if p.toponym and p.toponym.kind == "area" else "GPE",
            p.start,
            p.end,
            p.toponym.id if p.toponym else None,
            p.toponym.name if p.toponym else None,
        )
        for p in places
        if not p.is_people
    ]
    groups = [e for e in entities if e.label not in ("GPE", "LOC")]
    mine = [m for m in mine if not any(g.start < m.end and m.start < g.end for g in groups)]
    kept = [e for e in entities if not any(m.start < e.end and e.start < m.end for m in mine)]
    return tuple(sorted([*kept, *mine], key=lambda e: e.start))


def _bare_event(main: Act, reads_: Sequence[Read]) -> Event:
    read = next((r for r in reads_ if r.sentence.index == main.sentence), None)
    start, end = (
        (read.sentence.tokens[main.hit.first].start, read.sentence.tokens[main.hit.last - 1].end) if read else (0, 0)
    )
    cls = main.cls
    return Event(
        type=cls.type,
        subtype=cls.subtype,
        muc4=cls.muc4,
        realis=main.realis,
        plover=cls.plover,
        cameo=cls.cameo,
        gtd=cls.gtd,
        start=start,
        end=end,
    )
