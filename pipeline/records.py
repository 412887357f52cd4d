"""The records that travel: what stands on the topics, in the store and between the steps.

All are frozen msgspec structs with tuples for lists, so that a record can be shared, hashed and compared. Times are aware
and in UTC. Offsets are 0-based character offsets, end exclusive, into `Article.text`. Unknown is None, never a guess.

Wire form: JSON with a `v` (schema version) beside a `type` tag on the three records that stand on topics (`Article`,
`Alert`, `Reject`); fields may be added with a default within a version, and nothing else may change.
"""

from datetime import datetime
from typing import Literal, NewType

from msgspec import Struct

ARTICLE_VERSION = 1
ALERT_VERSION = 1
REJECT_VERSION = 1
HEALTH_VERSION = 1

ArticleId = NewType("ArticleId", str)
"""`art:` + 32 hexadecimal digits: SHA-256 (first 128 bits) of the canonical link, or else of feed and guid."""
VersionId = NewType("VersionId", str)
"""`ver:` + 32 hexadecimal digits: SHA-256 (first 128 bits) of article id, title and normalised text."""
StoryId = NewType("StoryId", str)
"""`story:` + the hexadecimal digits of the version that began the story."""
IncidentId = NewType("IncidentId", str)
"""`inc:` + the hexadecimal digits of the story that began the incident."""
AlertId = NewType("AlertId", str)
"""`alert:` + the hexadecimal digits of the incident; the message key on the alert topics."""

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
LinkVerdict = Literal["new", "exact", "near", "revision"]
Severity = Literal["info", "low", "medium", "high", "critical"]
Category = Literal["conflict", "cyber", "unrest", "disaster", "other"]
Change = Literal["created", "revised", "corroborated", "disputed", "merged", "split", "retracted", "closed"]
BlockKind = Literal["heading", "table-cell", "code", "list", "link", "byline", "dateline"]

HealthKind = Literal[
    "failing", "gone", "challenge", "not-a-feed", "silent", "shrunk", "certificate", "moving", "adopted", "gap"
]
HealthState = Literal["begun", "ended", "notice"]

SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")


class Block(Struct, frozen=True, omit_defaults=True):
    """A stretch of `Article.text` that had a form of its own on the page."""

    start: int
    end: int
    kind: BlockKind
    row: int | None = None  # of a table-cell, 0-based
    column: int | None = None
    href: str | None = None  # of a link


class Enclosure(Struct, frozen=True, omit_defaults=True):
    """A file that comes with an entry: a recording, a picture, a list."""

    url: str
    type: str | None = None  # media type, as the feed says
    length: int | None = None  # bytes, as the feed says


class Article(Struct, frozen=True, tag="article", kw_only=True, omit_defaults=True):
    """One version of one article, as a connector publishes it. Kafka key: `article_id`."""

    v: int = ARTICLE_VERSION
    article_id: ArticleId
    version_id: VersionId
    feed: str  # the feed's name in the configuration or the store
    title: str | None = None
    text: str  # what every offset points into; never joined with the title
    url: str | None = None  # cleaned: the address under which the article is known
    guid: str | None = None  # as the feed gave it
    language: str | None = None  # ISO 639-1, as the feed or page says; the analysis decides for itself
    published: datetime | None = None  # as claimed
    updated: datetime | None = None
    fetched: datetime  # when the connector saw it: the event time of the stream
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # the feed's, as the operator gave them
    grade: str | None = None  # the feed's reliability, Admiralty code A to F
    owner: str | None = None  # the feed's, as the operator gave it: feeds of one owner are one source
    full_text: bool = False  # True: text from the article's page; False: what the feed carried
    blocks: tuple[Block, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    parent: ArticleId | None = None  # of a linked attachment


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
    role: str | None = None  # c2, download, phishing, exfiltration, payload, victim
    related: tuple[Related, ...] = ()
    first_seen: str | None = None  # ISO 8601 date, reduced precision allowed, as the text says
    last_seen: str | None = None


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


class Reason(Struct, frozen=True):
    """Why points were given, and the words that show it (None where the reason has no place in the text)."""

    rule: str
    points: float
    start: int | None = None
    end: int | None = None


class Assessment(Struct, frozen=True, kw_only=True):
    """What one article is worth: an alert's severity, or why there is none. Exactly one of `severity` and `why_not` is set."""

    category: Category | None = None
    severity: Severity | None = None
    score: float = 0.0  # 0..1
    credibility: float = 0.0  # 0..1
    reasons: tuple[Reason, ...] = ()
    credibility_reasons: tuple[Reason, ...] = ()  # their points add up to `credibility`, up to its bounds
    why_not: str | None = None
    weights: str = ""  # version of the table of weights


class Evidence(Struct, frozen=True):
    """The words that a field of an alert was read from."""

    field: str  # perpetrator, place, weapon, claim[0].low, …
    version_id: VersionId
    start: int
    end: int
    text: str


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One article version behind an alert."""

    article_id: ArticleId
    version_id: VersionId
    story: StoryId
    feed: str
    verdict: LinkVerdict
    title: str | None = None
    url: str | None = None
    published: datetime | None = None
    agency: str | None = None  # the wire agency whose text it is, if any: reprints of one agency count once
    owner: str | None = None  # of the agency, else of the outlet: what one owner publishes counts once
    grade: str | None = None


class AlertClaim(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A claim as an alert carries it: the words, who says so, and in which source."""

    kind: ClaimKind
    low: int | None = None
    high: int | None = None
    hedge: str | None = None
    since: str | None = None
    stance: Stance = "states"
    realis: Realis = "actual"
    claimant: str | None = None  # as written
    claimant_id: str | None = None
    agent: str | None = None
    object: str | None = None
    text: str = ""
    version_id: VersionId
    start: int
    end: int


class Ring(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a watch rule's topic carries an alert, and what the rule's pace held back before it."""

    rule: str  # its name
    version: str  # of the snapshot of rules that rang
    why: tuple[str, ...] = ()  # one line a condition that holds
    held_back: int = (
        0  # revisions and alerts that this topic did not get since its last message; `tocsin.alerts` has all
    )


class Alert(Struct, frozen=True, tag="alert", kw_only=True, omit_defaults=True):
    """One revision of one alert. Kafka key: `alert_id`; `revision` counts up from 1."""

    v: int = ALERT_VERSION
    alert_id: AlertId
    revision: int
    change: Change
    changes: tuple[str, ...] = ()  # what changed since the revision before, in words
    incident: IncidentId
    category: Category
    severity: Severity
    score: float  # 0..1
    credibility: float  # 0..1
    what: str  # one sentence
    event_type: str | None = None
    event_subtype: str | None = None
    realis: Realis = "actual"
    date: str | None = None
    place: Place | None = None
    actors: tuple[Mention, ...] = ()  # perpetrators and agents, with canonical ids
    targets: tuple[Mention, ...] = ()
    weapons: tuple[Mention, ...] = ()
    claims: tuple[AlertClaim, ...] = ()
    disputed: tuple[str, ...] = ()  # claim kinds on which claimants disagree
    indicators: tuple[Indicator, ...] = ()
    sources: tuple[Source, ...] = ()
    independent_sources: int = 1
    reasons: tuple[Reason, ...] = ()
    credibility_reasons: tuple[Reason, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    first_seen: datetime
    last_seen: datetime
    in_scope: bool = True  # False: no longer matches the topic that carries it
    late_s: int = 0  # how long the report behind this revision had waited, seconds, where that is long; 0: told in time
    merged_into: AlertId | None = None  # with change "merged": the alert that goes on in place of this one
    watch: Ring | None = None  # on the topic of a watch rule only
    model: str = ""
    knowledge: str = ""  # versions of what it was made with, as in the findings
    warnings: str = ""
    weights: str = ""
    rules: str = ""  # of the watch rules it was matched against


class Reject(Struct, frozen=True, tag="reject", kw_only=True, omit_defaults=True):
    """A dead letter: what was refused, at which step, why. Kafka key: `reject_id`."""

    v: int = REJECT_VERSION
    reject_id: str  # `rej:` + 32 hexadecimal digits of SHA-256 over step and position, or over the payload
    step: str  # read, dedupe, extract, score, write
    error: str  # class
    message: str
    crashed: bool = False  # True: an error nobody expected, or a process that died on it
    article_id: ArticleId | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    payload: bytes = b""  # the original bytes; base64 on the wire
    stack: str = ""  # shortened
    code_version: str = ""
    at: datetime
    version_id: VersionId | None = None


class Health(Struct, frozen=True, tag="health", kw_only=True, omit_defaults=True):
    """Something that began or ended being wrong with a feed, or is worth a notice. Kafka key: `feed`."""

    v: int = HEALTH_VERSION
    feed: str
    source: str
    url: str
    kind: HealthKind
    state: HealthState
    message: str
    at: datetime


class Linked(Struct, frozen=True):
    """An article with its story and verdict. `of` is the earlier version it repeats."""

    article: Article
    story: StoryId
    verdict: LinkVerdict
    of: VersionId | None = None
    similarity: float | None = None
    reason: str = ""
    attempt: int = 1  # how often this version has been begun; counted, because some articles end the process


class Analysed(Struct, frozen=True):
    """A linked article with what was found in it."""

    linked: Linked
    findings: Findings


class Scored(Struct, frozen=True):
    """An analysed article with its assessment."""

    analysed: Analysed
    assessment: Assessment
