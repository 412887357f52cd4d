"""What the sample files hold: outlets, articles with what an analyst expects of them, and the blocks of their text.

No markup and no clock here: `load.py` reads these, `stream.py` says when each is published, `documents.py` and `pages.py` in
what form.
"""

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct, field

from pipeline.records import Category, ClaimKind, LinkVerdict

OutletFormat = Literal["rss2", "rss1", "atom", "json", "broken"]
"""`broken` answers with bad XML, always."""
Carries = Literal["text", "summary"]
"""What the outlet's feed carries: the whole text, or the first paragraph with the rest on the article's page."""

ClaimGold = Annotated[str, Meta(pattern=rf"^(?:{'|'.join(get_args(ClaimKind))})(?: \d+(?:-\d+)?)?$")]
"""Kind and number, or range: `killed 12`, `wounded 30-40`, `responsibility`."""
IndicatorGold = Annotated[str, Meta(pattern=r"^[a-z0-9-]+ \S+$")]
"""Type and refanged value: `domain relay.example`."""
EventGold = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z/ -]+(?:: [A-Z][A-Za-z/ -]+)?$")]
"""Type, or type and sub-type, in ACLED's names and ours: `Battles: Armed clash`."""


class Outlet(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One invented publisher and its feed."""

    title: str
    description: str
    format: OutletFormat
    carries: Carries
    grade: Literal["A", "B", "C", "D", "E", "F"]  # Admiralty code
    tags: tuple[str, ...]
    language: str = "en"  # ISO 639-1
    encoding: str = "utf-8"  # of the feed document


class Expected(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an analyst takes from one article, written down before any output was seen."""

    alert: bool | Literal["either"]  # either: analysts differ, both are right
    category: Category | None = None
    story: str | None = None  # article that began the report; None: this one did
    verdict: LinkVerdict = "new"
    incident: str | None = None  # name of the cluster of stories about one event
    event: EventGold | None = None
    actors: tuple[str, ...] = ()  # canonical ids of those who did it
    claims: tuple[ClaimGold, ...] = ()
    indicators: tuple[IndicatorGold, ...] = ()
    why: str = ""  # for the reader, where it isn't plain


class Front(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The head of an article's file."""

    title: str
    offset_s: int  # publication, seconds after the stream's start; negative: before it
    expected: Expected
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    malformed: bool = False  # published without link and guid, and with a date that is none


class Paragraph(Struct, frozen=True):
    text: str


class Heading(Struct, frozen=True):
    text: str


class Bullets(Struct, frozen=True):
    points: tuple[str, ...]


class Code(Struct, frozen=True):
    text: str


class Grid(Struct, frozen=True):
    """A table; the first row is its head."""

    rows: tuple[tuple[str, ...], ...]


TextBlock = Paragraph | Heading | Bullets | Code | Grid


class Sample(Struct, frozen=True, kw_only=True):
    """One version of one invented article."""

    name: str  # outlet/slug, and .2, .3 for later versions
    outlet: str
    slug: str  # the same for all versions
    version: int  # from 1
    front: Front
    blocks: tuple[TextBlock, ...]

    @property
    def story(self) -> str:
        """Name of the article that began the report this one belongs to."""
        return self.front.expected.story or self.name


class Collection(Struct, frozen=True, kw_only=True):
    """All outlets and articles; the articles in order of publication."""

    outlets: dict[str, Outlet]
    samples: tuple[Sample, ...] = field(default=())
