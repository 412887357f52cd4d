"""Annotated reports: the format of `training/reports`, read and checked (docs/annotation.md explains it with examples).

A record is a block of lines that begins with `@ FIRST-LAST worthy`; its quotes are words of the brief that those sentences form. Nothing of the
brief's text stands in the file but quotes of at most `QUOTE_WORDS_MAX` words.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

QUOTE_WORDS_MAX = 12
OWN = "own:"
"""Begins the source of an invented report, whose text stands in the file, on lines that begin with a stroke."""
CLASSES = {
    "clash": "Armed clash",
    "regain": "Government regains territory",
    "overtake": "Non-state actor overtakes territory",
    "chemical": "Chemical weapon",
    "air": "Air/drone strike",
    "suicide": "Suicide bomb",
    "shelling": "Shelling/artillery/missile attack",
    "ied": "Remote explosive/landmine/IED",
    "grenade": "Grenade",
    "sexual": "Sexual violence",
    "attack": "Attack",
    "abduction": "Abduction/forced disappearance",
    "force": "Excessive force against protesters",
    "intervention": "Protest with intervention",
    "protest": "Peaceful protest",
    "demo": "Violent demonstration",
    "mob": "Mob violence",
    "agreement": "Agreement",
    "arrests": "Arrests",
    "change": "Change to group/activity",
    "disrupted": "Disrupted weapons use",
    "base": "Headquarters or base established",
    "looting": "Looting/property destruction",
    "transfer": "Non-violent transfer of territory",
    "diplomacy": "Other: Diplomacy",
    "crime": "Other: Organized crime",
    "manmade": "Other: Man-made disaster",
    "natural": "Other: Natural disaster",
    "c-intrusion": "Cyber: Intrusion",
    "c-ransomware": "Cyber: Ransomware",
    "c-leak": "Cyber: Data leak",
    "c-ddos": "Cyber: Denial of service",
    "c-deface": "Cyber: Defacement",
    "c-exploit": "Cyber: Exploitation",
    "c-takedown": "Cyber: Takedown",
    "c-arrest": "Cyber: Arrest",
    "release": "Change to group/activity",
    "trial": "Arrests",
    "claim": None,
}
"""Short names of classes; None: no class of its own, the act's stands beside it."""
REALIS = frozenset("actual attempted threatened planned denied background hypothetical exercise fiction".split())
KINDS = frozenset(
    "killed wounded captured arrested released surrendered displaced abducted missing seized records accounts data money other".split()
)
HOW = frozenset(("reported", "claimed", "suspected", "accused", "denied"))
RELATIONS = frozenset("report toll claim denial reaction arrest hearing retrospective".split())
_SAME_KIND = {"arrested": "captured"}


@dataclass(frozen=True)
class Quote:
    """Words of the text, and where they stand."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Number:
    """A number with its range, who says so, and whether it is a part of another."""

    words: Quote
    kind: str
    low: int | None
    high: int | None
    by: tuple[Quote, ...]
    part: bool


@dataclass
class Told:
    """One event of a report; a party is its wordings, the best first."""

    id: str
    main: bool
    classes: tuple[str, ...]
    realis: str
    words: list[Quote]
    how: str | None = None
    by: list[list[Quote]] = field(default_factory=list)
    target: list[list[Quote]] = field(default_factory=list)
    victim: list[list[Quote]] = field(default_factory=list)
    weapon: list[list[Quote]] = field(default_factory=list)
    at: list[Quote] = field(default_factory=list)
    on: list[Quote] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)


@dataclass
class Annotated:
    """One report: its text, whether it is worth an alert, and what it tells."""

    source: str
    text: str
    ends: tuple[int, ...]  # of its sentences
    worthy: str  # yes, no, either
    incident: str | None = None
    relation: str | None = None
    events: list[Told] = field(default_factory=list)
    others: list[Number] = field(default_factory=list)  # numbers of no event of it
    sentences: list[str] | None = None
    block: str = ""
    line: int = 0
    title: str | None = None

    @property
    def main(self) -> Told | None:
        """The event that it is about."""
        return next((event for event in self.events if event.main), None)


TextOf = Callable[[str], tuple[str, tuple[int, ...]] | None]
"""The text of a source ("24-29") and the ends of its sentences; None where there is none."""
_HEAD = re.compile(r"@\s*(\S+)\s+(yes|no|either)((?:\s+\w+=\S+)*)$")
_EVENT = re.compile(r"(e\d+)(\*?)\s+([^|]+)\|(.*)$")
_NTH = re.compile(r"#(\d+)$")


def digest(text: str) -> str:
    """The first 16 hexadecimal digits of a brief's SHA-256, by which it is known again in any copy."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class _Reader:
    """Reads the lines of one file; what is wrong is told by line number, and the rest is read all the same."""

    def __init__(self, text_of: TextOf) -> None:
        self._text_of = text_of
        self.found: list[Annotated] = []
        self.errors: list[str] = []
        self._record: Annotated | None = None
        self._event: Told | None = None
        self._at = ""

    def read(self, lines: Sequence[str]) -> None:
        for number, raw in enumerate(lines, 1):
            line = raw.strip()
            if line and not line.startswith("#"):
                self._at = f"line {number}: {line[:80]}"
                self._read(line, number)
        for record in self.found:
            self._check(record)

    def _wrong(self, why: str) -> None:
        self.errors.append(f"{self._at}: {why}")

    def _read(self, line: str, number: int) -> None:
        if line.startswith("@"):
            self._begin(line, number)
            return
        if self._record is None:
            return
        if line.startswith("|"):
            self._more_text(self._record, line[1:].strip())
            return
        if event := _EVENT.match(line):
            self._begin_event(event)
            return
        key, _, value = line.partition(":")
        if key in {"x", "s"}:
            self._end(key, value.strip())
        elif self._event is None:
            self._wrong("no event before this line")
        else:
            self._fill(self._event, key, value.strip())

    def _begin(self, line: str, number: int) -> None:
        self._record = self._event = None
        head = _HEAD.match(line)
        if head is None:
            self._wrong("a record begins with @ FIRST-LAST yes|no|either, and may have inc=, rel= and sha= behind it")
            return
        more = dict(pair.split("=", 1) for pair in head[3].split())
        told = ("", ()) if head[1].startswith(OWN) else self._text_of(head[1])
        if told is None:
            self._wrong("no such sentences")
            return
        if more.get("rel", "report") not in RELATIONS:
            self._wrong("no such relation")
        text, ends = told
        if "sha" in more and more["sha"] != digest(text):
            self._wrong("another text stands there than was annotated")
            return
        self._record = Annotated(head[1], text, ends, head[2], more.get("inc"), more.get("rel"), line=number)
        self.found.append(self._record)

    def _more_text(self, record: Annotated, text: str) -> None:
        """A line of an invented report's own text; a brief's text stands elsewhere."""
        if not record.source.startswith(OWN) or record.events:
            self._wrong("text stands in invented reports alone, before their events")
        record.text = f"{record.text}\n{text}" if record.text else text

    def _begin_event(self, found: "re.Match[str]") -> None:
        assert self._record is not None  # noqa: S101 - asked for by the caller
        head = found[3].split()
        classes, realis = tuple(head[0].split("/")), head[1] if len(head) > 1 else "actual"
        if not set(classes) <= set(CLASSES):
            self._wrong(f"no such class: {set(classes) - set(CLASSES)}")
        if realis not in REALIS:
            self._wrong("no such realis")
        if any(event.id == found[1] for event in self._record.events):
            self._wrong("an event's id twice")
        words = [q for part in found[4].split(" = ") if (q := self._quote(part))]
        self._event = Told(found[1], bool(found[2]), classes, realis, words)
        self._record.events.append(self._event)

    def _end(self, key: str, value: str) -> None:
        assert self._record is not None  # noqa: S101 - asked for by the caller
        if key == "x":
            if number := self._number(value):
                self._record.others.append(number)
            return
        self._record.sentences = value.split()
        known = {event.id for event in self._record.events} | {"-"}
        if self._record.ends and len(self._record.sentences) != len(self._record.ends):
            self._wrong(f"{len(self._record.sentences)} events for {len(self._record.ends)} sentences")
        if not {part for token in self._record.sentences for part in token.split("+")} <= known:
            self._wrong("an event that is not there")

    def _fill(self, event: Told, key: str, value: str) -> None:
        if key == "how":
            event.how = value
            if value not in HOW:
                self._wrong("how: reported, claimed, suspected, accused or denied")
        elif key in {"by", "target", "victim", "with"}:
            parties: list[list[Quote]] = getattr(event, "weapon" if key == "with" else key)
            parties += [[q for part in party.split(" = ") if (q := self._quote(part))] for party in value.split(" ; ")]
        elif key == "at":
            event.at += [q for part in value.split(" > ") if (q := self._quote(part))]
        elif key == "on":
            event.on += [q for part in re.split(" ; | = ", value) if (q := self._quote(part))]
        elif key == "n":
            if number := self._number(value):
                event.numbers.append(number)
        else:
            self._wrong("no such line")

    def _quote(self, words: str) -> Quote | None:
        assert self._record is not None  # noqa: S101 - asked for by the caller
        words, text = words.strip(), self._record.text
        nth = 1
        if found := _NTH.search(words):
            nth, words = int(found[1]), words[: found.start()].strip()
        if not words or len(words.split()) > QUOTE_WORDS_MAX:
            self._wrong("a quote is one to twelve words")
            return None
        at = -1
        for _ in range(nth):
            at = text.find(words, at + 1)
        if at < 0:
            at = text.lower().find(words.lower()) if nth == 1 else -1
        if at < 0:
            self._wrong(f"not in the text: {words!r}")
            return None
        return Quote(text[at : at + len(words)], at, at + len(words))

    def _number(self, value: str) -> Number | None:
        fields = [part.strip() for part in value.split("|")]
        parts = fields[1].split() if len(fields) > 1 else []
        if len(parts) != 3 or parts[0] not in KINDS:
            self._wrong("a number is: words | kind low high | who says | part")
            return None
        try:
            low, high = (None if part == "-" else int(float(part.replace(",", ""))) for part in parts[1:])
        except ValueError:
            self._wrong("no number")
            return None
        words = self._quote(fields[0])
        by = fields[2] if len(fields) > 2 else ""
        said = tuple(q for part in by.split(" = ") if part and (q := self._quote(part)))
        is_part = len(fields) > 3 and fields[3] == "part"
        kind = _SAME_KIND.get(parts[0], parts[0])
        return Number(words, kind, low, high, said, is_part) if words else None

    def _check(self, record: Annotated) -> None:
        self._at = f"line {record.line}: {record.source}"
        if sum(event.main for event in record.events) > 1:
            self._wrong("two main events")
        if record.worthy == "yes" and record.main is None:
            self._wrong("worth an alert, and no main event")


def read_annotations(lines: Sequence[str], text_of: TextOf) -> tuple[list[Annotated], list[str]]:
    """The records of one file, and what is wrong with it, each with its line."""
    reader = _Reader(text_of)
    reader.read(lines)
    return reader.found, reader.errors
