"""The main event of one article, put together from the sentences that tell of it: as a record, as claims, as the alert's line.

The line's names are as written, or, in another script than Latin, in English with what is written in brackets.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from pipeline.records import Claim, ClaimKind, Confidence, Element, Event, Line, LineCount, Mention, Party, Place
from pipeline.text.languages.counts import Count
from pipeline.text.languages.dates import find_date
from pipeline.text.languages.lexicon import Hit, Lexicon
from pipeline.text.languages.parties import Who, agents_of, speaker_of, targets_of
from pipeline.text.languages.places import Found
from pipeline.text.languages.words import Sentence
from pipeline.text.languages.worth import Act

VIOLENT = frozenset(
    (
        "gunmen",
        "militants",
        "rebels",
        "jihadists",
        "terrorists",
        "gang",
        "separatists",
        "cartel",
        "hackers",
        "militia",
        "suicide bomber",
        "guerrillas",
    )
)
"""Actors that speak for an alert wherever they act, by their English word."""
STATE_ACTS = frozenset(("Air/drone strike", "Shelling/artillery/missile attack"))
"""Acts that a state's name beside them says who did."""
P_SURE, P_LIKELY, P_FAR = 0.85, 0.7, 0.4
_LATIN = re.compile(r"[a-zA-ZÀ-ɏ]")


@dataclass(frozen=True, slots=True)
class Read:
    """One sentence with what was found in it."""

    sentence: Sentence
    hits: list[Hit]
    people: list[Who]
    counts: list[Count]
    places: list[Found]


class Telling:
    """The main event of one article, put together from the sentences that tell of it."""

    def __init__(
        self, text: str, lexicon: Lexicon, reads_: list[Read], acts: list[Act], main: Act, published: datetime | None
    ) -> None:
        self._text, self._lexicon, self._main = text, lexicon, main
        self._all = reads_
        old = {a.sentence for a in acts if a.realis == "background"}
        told = [
            r
            for r in reads_
            if r.sentence.index not in old and not any(h.kind == "realis" and h.name == "background" for h in r.hits)
        ]
        same = {a.sentence for a in acts if a.what == main.what}
        self._reads = told or reads_
        self._own = [r for r in self._reads if r.sentence.index in same] or self._reads[:1]
        self._first = [*self._own, *(r for r in self._reads if r not in self._own)]
        self._agents = self._collect(lambda r: agents_of(r.sentence.tokens, lexicon, r.hits, r.people))
        self._claimed = self._responsible("claimed")
        self._accused = self._responsible("accused") or self._responsible("suspected")
        self._targets = self._collect(lambda r: targets_of(r.sentence, lexicon, r.hits, self._agents))
        self._date = next((d for r in self._first[:3] if (d := find_date(r.sentence, lexicon, published))), None)
        self._country = self._main_country()
        self._places = self._ranked_places()

    def _collect(self, find: Callable[[Read], Sequence[Who]]) -> list[Who]:
        for read in self._first[:4]:
            if found := find(read):
                return list(found)
        return []

    def _responsible(self, kind: str) -> list[tuple[Who, Read, Hit]]:
        """Who is said to have claimed it, or is blamed; nobody where the sentence says that nobody has."""
        for read in self._reads:
            for hit in read.hits:
                if hit.kind != kind or any(h.kind == "nobody" and abs(h.first - hit.first) <= 6 for h in read.hits):
                    continue
                able = [
                    w
                    for w in read.people
                    if w.label == "group" or (w.label == "actors" and w.gloss not in ("army", "police"))
                ]
                near = sorted(able, key=lambda w: min(abs(w.first - hit.last), abs(hit.first - w.last)))
                if near:
                    return [(near[0], read, hit)]
        return []

    def _main_country(self) -> str | None:
        codes = Counter(p.toponym.country for r in self._all for p in r.places if p.toponym and p.toponym.country)
        return codes.most_common(1)[0][0] if codes else None

    def _ranked_places(self) -> list[Found]:
        """The places that may be the event's, the most exact of the first sentence with one first."""
        out: list[Found] = []
        for n, read in enumerate(self._first[:4]):
            act = next((h for h in read.hits if h.kind in ("acts", "harm")), None)
            able = [p for p in read.places if not p.is_people and not self._speaks(p, read)]
            if n >= 2 and out:
                break
            out += sorted(able, key=lambda p: (p.rank, not p.cued, abs(p.first - act.first) if act else p.first))
        if not out:  # "l'hôpital de X est paralysé": only within somebody's name
            out = [p for r in self._first[:2] for p in r.places if not p.is_people]
        exact = [p for p in out if p.rank < _COUNTRY]
        return (exact or out) + [p for p in out if exact and p.rank >= _COUNTRY]

    def _speaks(self, place: Found, read: Read) -> bool:
        """Whether a place is part of a name of somebody: "ministère de l'Intérieur du Mali", "Cártel de Sinaloa"."""
        return any(
            w.first < place.first < w.last or (w.first <= place.first and place.last <= w.last) for w in read.people
        )

    def _place(self) -> Place | None:
        if self._places:
            return self._places[0].place(self._country)
        people = next((p for r in self._first for p in r.places if p.is_people), None)
        return people.place(self._country) if people and self._country else None

    def event(self) -> Event:
        """The main event as a record."""
        cls, main = self._main.cls, self._main
        read = next(
            (r for r in self._own if any(h.kind == "acts" and h.name == main.what for h in r.hits)), self._own[0]
        )
        act = next((h for h in read.hits if h.kind == "acts" and h.name == main.what), None)
        start = read.sentence.tokens[act.first].start if act else read.sentence.start
        end = read.sentence.tokens[act.last - 1].end if act else read.sentence.end
        by = self._by()
        return Event(
            type=cls.type,
            subtype=cls.subtype,
            muc4=cls.muc4,
            realis=main.realis,
            date=self._date[0] if self._date else None,
            place=self._place(),
            perpetrators=tuple(Party(self._text[w.start : w.end], w.start, w.end, w.id) for w in by),
            perpetrator_confidence=self._how(by),
            targets=tuple(Mention(self._text[w.start : w.end], w.start, w.end, w.id) for w in self._targets),
            victims=tuple(self._victims()),
            weapons=tuple(self._weapons()),
            plover="/".join(part for part in (cls.plover, cls.mode) if part) or None,
            cameo=cls.cameo,
            gtd=cls.gtd,
            start=start,
            end=end,
        )

    def _by(self) -> list[Who]:
        if self._agents:
            return self._agents
        return [w for w, _, _ in self._claimed or self._accused] or self._state()

    def _state(self) -> list[Who]:
        """Whose strike it was: "raid aérien israélien"."""
        if self._main.what not in STATE_ACTS:
            return []
        for read in self._own:
            for hit in read.hits:
                if hit.kind == "acts" and hit.name == self._main.what:
                    for place in read.places:
                        if place.is_people and hit.first - 2 <= place.first <= hit.last + 1:
                            name = place.toponym.name if place.toponym else ""
                            return [Who(place.first, place.last, place.start, place.end, name)]
        return []

    def _how(self, by: Sequence[Who]) -> Confidence | None:
        if not by:
            return None
        if self._claimed and any(w.gloss == self._claimed[0][0].gloss for w in by):
            return "claimed"
        if self._accused and any(w.gloss == self._accused[0][0].gloss for w in by):
            return "suspected" if self._accused[0][2].kind == "suspected" else "accused"
        return "reported"

    def _victims(self) -> list[Mention]:
        out = []
        for read in self._first[:3]:
            for count in read.counts:
                if count.noun and count.kind in ("killed", "wounded", "abducted", "captured") and not count.part:
                    start, end = (
                        read.sentence.tokens[count.noun[0]].start,
                        read.sentence.tokens[count.noun[1] - 1].end,
                    )
                    out.append(Mention(self._text[start:end], start, end))
        return out[:3]

    def _weapons(self) -> list[Mention]:
        for read in self._first[:2]:
            for hit in read.hits:
                if hit.kind == "weapons":
                    start, end = read.sentence.tokens[hit.first].start, read.sentence.tokens[hit.last - 1].end
                    return [Mention(self._text[start:end], start, end)]
        return []

    def claims(self) -> list[Claim]:
        """The counts of every sentence, and who claims to have done it."""
        out = [self._claim(read, count) for read in self._all for count in read.counts]
        for who, read, hit in self._claimed:
            mention = Mention(self._text[who.start : who.end], who.start, who.end, who.id)
            start, end = (
                min(read.sentence.tokens[hit.first].start, who.start),
                max(read.sentence.tokens[hit.last - 1].end, who.end),
            )
            out.append(
                Claim(
                    kind="responsibility",
                    stance="claims",
                    claimant=mention,
                    agent=mention,
                    text=self._text[start:end],
                    start=start,
                    end=end,
                    event=0,
                )
            )
        return sorted(out, key=lambda c: c.start)

    def _claim(self, read: Read, count: Count) -> Claim:
        tokens = read.sentence.tokens
        start, end = tokens[count.first].start, tokens[max(count.last, count.first + 1) - 1].end
        speaker = speaker_of(read.sentence, read.hits, read.people)
        noun = None
        if count.noun:
            a, b = tokens[count.noun[0]].start, tokens[count.noun[1] - 1].end
            noun = Mention(self._text[a:b], a, b)
        p = self._chance(read, count)
        return Claim(
            kind=cast("ClaimKind", count.kind),
            low=count.low,
            high=count.high,
            hedge=count.hedge,
            claimant=Mention(self._text[speaker.start : speaker.end], speaker.start, speaker.end, speaker.id)
            if speaker
            else None,
            object=noun,
            text=self._text[start:end],
            start=start,
            end=end,
            event=0 if p >= P_FAR else None,
            realis="actual" if read in self._reads else "background",
            part=count.part,
            p=p,
        )

    def _chance(self, read: Read, count: Count) -> float:
        if read not in self._reads:
            return 0.1
        if count.part:
            return P_FAR
        return P_SURE if read in self._own or read.sentence.index < 2 else P_LIKELY

    def line(self, worth: float) -> Line:
        """What an alert may state."""
        event = self.event()
        by = tuple(
            Element(_shown(self._text[w.start : w.end], w.gloss), P_LIKELY, w.start, w.end, w.id) for w in self._by()
        )
        return Line(
            what=Element(self._main.what, round(min(P_SURE, worth), 2), event.start, event.end),
            realis=event.realis,
            by=by,
            by_how=event.perpetrator_confidence,
            against=self._against(),
            where=tuple(self._where()),
            when=Element(self._date[0], P_LIKELY, self._date[1], self._date[2]) if self._date else None,
            counts=tuple(self._line_counts()),
            start=event.start,
            end=event.end,
        )

    def _against(self) -> tuple[Element, ...]:
        by = self._by()
        out = [
            Element(_shown(self._text[w.start : w.end], w.gloss), P_LIKELY, w.start, w.end, w.id) for w in self._targets
        ]
        for read in self._first[:3]:
            for count in read.counts:
                if count.noun and not count.part and count.kind in ("killed", "abducted", "wounded", "captured"):
                    start, end = (
                        read.sentence.tokens[count.noun[0]].start,
                        read.sentence.tokens[count.noun[1] - 1].end,
                    )
                    gloss = self._gloss(read, count)
                    if (
                        gloss not in ("people", "")
                        and not (by and gloss in VIOLENT)
                        and all(e.start != start for e in out)
                    ):
                        out.append(Element(_shown(self._text[start:end], gloss), P_LIKELY, start, end))
        return tuple(out[:3])

    def _gloss(self, read: Read, count: Count) -> str:
        if count.noun is None:
            return ""
        found = {h.kind: h for h in read.hits if h.first == count.noun[0]}
        hit = next((found[kind] for kind in ("people", "actors", "targets") if kind in found), None)
        return _gloss_of(hit.name) if hit else ""

    def _where(self) -> list[Element]:
        out = []
        for place in self._places:
            name = place.toponym.name if place.toponym else place.text
            p = P_SURE if place.cued else P_LIKELY
            out.append(
                Element(
                    name if " " in name and not _LATIN.match(place.text) else _shown(place.text, name),
                    p,
                    place.start,
                    place.end,
                    place.toponym.id if place.toponym else None,
                )
            )
        if not out and (found := self._place()):
            out.append(Element(found.name or found.text, P_LIKELY, found.start, found.end, found.id))
        return out

    def _line_counts(self) -> list[LineCount]:
        out: list[LineCount] = []
        seen: set[str] = set()
        for read in self._first:
            for count in read.counts:
                claim = self._claim(read, count)
                if count.kind in seen or count.part or claim.event is None:
                    continue
                seen.add(count.kind)
                speaker = speaker_of(read.sentence, read.hits, read.people)
                by = (
                    Element(
                        _shown(self._text[speaker.start : speaker.end], speaker.gloss),
                        P_LIKELY,
                        speaker.start,
                        speaker.end,
                        speaker.id,
                    )
                    if speaker
                    else None
                )
                gloss = self._gloss(read, count)
                if count.low == count.high == 1 and gloss != "police":
                    gloss = gloss.removesuffix("s")
                out.append(
                    LineCount(
                        kind=claim.kind,
                        low=count.low,
                        high=count.high,
                        hedge=None,
                        by=by,
                        object=gloss or None,
                        p=claim.p or P_LIKELY,
                        start=claim.start,
                        end=claim.end,
                    )
                )
        return out


_COUNTRY = 4


def _gloss_of(name: str) -> str:
    """The English word of a table's entry: "journalists|one" is a journalist."""
    word, _, number = name.partition("|")
    return word.removesuffix("s") if number == "one" else word


def _shown(written: str, english: str) -> str:
    """A name as an alert prints it: as written in Latin letters; else in English, with what is written in brackets."""
    written = " ".join(written.split())
    if not english or _LATIN.match(written):
        return written
    return f"{english} ({written})"
