"""What an article is worth, and the alert that subscribers see of an incident."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from pipeline.records.findings import ClaimKind, Indicator, Line, Mention, Place, Realis, Stance
from pipeline.records.ids import AlertId, ArticleId, IncidentId, StoryId, VersionId

ALERT_VERSION = 1
Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
Category = Literal["conflict", "cyber", "unrest", "disaster", "other"]
Change = Literal["created", "revised", "corroborated", "disputed", "merged", "split", "retracted", "closed"]
Relation = Literal["report", "toll", "claim", "denial", "reaction", "arrest", "hearing", "retrospective"]
LinkVerdict = Literal["new", "exact", "near", "revision"]


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
    relation: Relation = "report"  # what it is to the incident; only reports and tolls corroborate the facts


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
    also: bool = False  # of another event of the same article than the alert's own
    part: bool = False  # counted within a larger total of the same sentence
    as_of: str | None = None  # ISO 8601: the day that the words name, else when the article was published


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
    headline: str = ""  # the chosen outlet's own title
    what: str  # one sentence
    event_type: str | None = None
    event_subtype: str | None = None
    realis: Realis = "actual"
    date: str | None = None
    place: Place | None = None
    actors: tuple[Mention, ...] = ()  # perpetrators and agents, with canonical ids
    targets: tuple[Mention, ...] = ()
    weapons: tuple[Mention, ...] = ()
    malware: tuple[Mention, ...] = ()  # of a cyber event
    sector: str | None = None  # of a cyber event's victim: health, finance, government, …
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
    line: Line | None = None  # what is told, element by element, each with how sure it is; what is stated is the surest
    merged_into: AlertId | None = None  # with change "merged": the alert that goes on in place of this one
    watch: Ring | None = None  # on the topic of a watch rule only
    model: str = ""
    knowledge: str = ""  # versions of what it was made with, as in the findings
    warnings: str = ""
    weights: str = ""
    rules: str = ""  # of the watch rules it was matched against
