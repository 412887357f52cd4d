"""What one step of the flow hands to the next."""

from msgspec import Struct

from pipeline.records.alerts import Assessment, LinkVerdict
from pipeline.records.articles import Article
from pipeline.records.findings import Findings
from pipeline.records.ids import StoryId, VersionId


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
