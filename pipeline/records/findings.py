"""What the analysis found in one text: entities, indicators, events, claims, each with its words."""

from typing import Literal

from msgspec import Struct

EntityLabel = Literal[
    "PERSON", "NORP", "ORG", "GROUP", "GPE", "LOC", "FAC", "DATE", "EVENT", "WEAPON", "MALWARE", "TOOL", "PRODUCT"
]  # GROUP: an armed group or a threat actor; NORP: nationalities, religious or political groups; GPE: places with a government
Realis = Literal[
    "actual", "attempted", "threatened", "planned", "denied", "background", "hypothetical", "exercise", "fiction"
]  # did it happen: PLOVER's historical, future, hypothetical and negation, made one field
Confidence = Literal["reported", "claimed", "suspected", "accused", "denied"]
ClaimKind = Literal[
    "killed",
    "wounded",
    "captured",
    "released",
    "surrendered",
    "displaced",
    "abducted",
    "missing",
    "seized",
    "records",
    "accounts",
    "data",
    "money",
    "responsibility",
    "other",
]
VictimKind = Literal[
    "civilian",
    "child",
    "military",
    "police",
    "armed group",
    "official",
    "journalist",
    "aid worker",
    "religious",
    "prisoner",
]
Stance = Literal["states", "claims", "denies", "accuses", "confirms"]
IndicatorVerdict = Literal["malicious", "suspicious", "benign", "unknown"]
CveState = Literal["exploited", "poc", "none known", "patched"]


class Mention(Struct, frozen=True):
    """Words in the text that stand for something, and its canonical id where known."""

    text: str
    start: int
    end: int
    id: str | None = None


class Party(Mention, frozen=True):
    """A perpetrator."""

    kind: Literal["individual", "organisation"] = "organisation"


class Place(Mention, frozen=True):
    """Where; `id` is `geo:` + GeoNames id."""

    name: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2
    latitude: float | None = None  # degrees, WGS 84
    longitude: float | None = None


class Entity(Struct, frozen=True):
    """A name found in the text."""

    text: str
    label: EntityLabel
    start: int
    end: int
    id: str | None = None  # canonical: group:…, geo:…, attack:…, or None
    name: str | None = None  # canonical name


RelatedKind = Literal["malware", "tool", "actor", "campaign", "technique", "cve"]
RelatedScope = Literal["row", "sentence", "section"]


class Related(Struct, frozen=True):
    """What an indicator belongs to, by standing with it in a table row, a sentence or a section."""

    kind: RelatedKind
    name: str  # canonical where known
    id: str | None = (
        None  # canonical: attack:…, malware:…, group:…; for techniques and vulnerabilities the name is the id
    )
    scope: RelatedScope = "sentence"


class Indicator(Struct, frozen=True):
    """A cyber indicator: refanged value beside the text as written."""

    type: str  # ipv4, domain, url, sha256, cve, …: docs/records.md lists all
    value: str  # refanged and normalised
    text: str
    start: int
    end: int
    defanged: bool = False
    verdict: IndicatorVerdict = "unknown"
    reason: str = ""
    role: str | None = None  # c2, download, phishing, exfiltration, payload, victim, vendor, decoy
    related: tuple[Related, ...] = ()
    first_seen: str | None = None  # ISO 8601 date, reduced precision allowed, as the text says
    last_seen: str | None = None
    state: CveState | None = None  # of a vulnerability, what the article says of its use


class Event(Struct, frozen=True, kw_only=True):
    """One event as one article tells it; `start`..`end` is the trigger with its arguments.

    `type` and `subtype` are ACLED's names (2024 codebook), or "Cyber" or "Other" with the sub-types of docs/records.md.
    """

    type: str
    subtype: str | None = None
    muc4: str | None = None  # ARSON, ATTACK, BOMBING, KIDNAPPING, FORCED WORK STOPPAGE, ROBBERY
    realis: Realis = "actual"
    date: str | None = None  # ISO 8601, reduced precision allowed: 2021-08 is a month
    place: Place | None = None
    perpetrators: tuple[Party, ...] = ()
    perpetrator_confidence: Confidence | None = None
    targets: tuple[Mention, ...] = ()
    victims: tuple[Mention, ...] = ()
    weapons: tuple[Mention, ...] = ()
    victim_kinds: tuple[VictimKind, ...] = ()  # what sort of people the victims are, each once
    malware: tuple[Mention, ...] = ()  # of a cyber event
    sector: str | None = None  # of a cyber event's victim: health, finance, government, …
    plover: str | None = None  # the class in PLOVER, with its mode: "ASSAULT/explosives"
    cameo: str | None = None  # CAMEO root code
    gtd: str | None = None  # attack type of the Global Terrorism Database
    start: int
    end: int


class Claim(Struct, frozen=True, kw_only=True):
    """One number, or one attribution: who says so, how surely, over which window."""

    kind: ClaimKind
    low: int | None = None  # the range the words allow: "nearly 600" is 600..600 with a hedge, "30 to 40" is 30..40
    high: int | None = None
    hedge: str | None = None  # as written: nearly, over, some, dozens of
    since: str | None = None  # start of the window it counts, ISO 8601 of reduced precision
    as_of: str | None = None
    stance: Stance = "states"
    realis: Realis = "actual"
    claimant: Mention | None = None
    agent: Mention | None = None
    object: Mention | None = None
    text: str
    start: int
    end: int
    event: int | None = None  # index into Findings.events
    part: bool = False  # counted within a larger total of the same sentence ("40, including 12 children")
    p: float | None = None  # how sure it is, 0..1, that the number is of the main event; None: not read


class Element(Struct, frozen=True, omit_defaults=True):
    """One thing that a line may state, as the article words it; `p`: how sure it is that this is right, 0..1."""

    value: str
    p: float
    start: int | None = None  # where the text says it
    end: int | None = None
    id: str | None = None  # canonical, where known


class LineCount(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A number of the main event that a line may state; the range as for `Claim`."""

    kind: ClaimKind
    low: int | None = None
    high: int | None = None
    hedge: str | None = None
    by: Element | None = None  # who says so
    object: str | None = None  # what is counted, as written
    p: float
    start: int
    end: int


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one article is mainly about, element by element, each with how sure it is; the sure ones are stated."""

    what: Element | None = None  # the class: an ACLED sub-type, "Other: X" or "Cyber: X"
    realis: Realis = "actual"
    by: tuple[Element, ...] = ()
    by_how: Confidence | None = None
    against: tuple[Element, ...] = ()
    where: tuple[Element, ...] = ()  # the most exact first
    when: Element | None = None  # ISO 8601, reduced precision allowed
    counts: tuple[LineCount, ...] = ()
    start: int = 0  # the words that tell of it
    end: int = 0


class Findings(Struct, frozen=True, kw_only=True):
    """What the analysis found in one text."""

    language: str | None = None  # ISO 639-1, as told from the text
    entities: tuple[Entity, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    events: tuple[Event, ...] = ()  # the first is what the text is mainly about
    claims: tuple[Claim, ...] = ()
    model: str = ""  # name and version of the spaCy pipeline
    knowledge: str = ""  # version of the knowledge base
    warnings: str = ""  # version of the warning list
    line: Line | None = None  # what the text is mainly about; None: nothing, or no reader for its language
    worth: float | None = None  # how sure it is, 0..1, that an editor wants an alert; None: not read
    reader: str = ""  # version of the learned reader
