"""A member of an incident: the latest version of one article with all that is known about it."""

from msgspec import Struct

from pipeline.records import (
    Article,
    Assessment,
    Findings,
    LinkVerdict,
    StoryId,
)


class Member(Struct, frozen=True):
    """The latest version of one article of an incident, with all that is known about it."""

    article: Article
    story: StoryId
    verdict: LinkVerdict
    findings: Findings
    assessment: Assessment
    relation: str = "report"  # what it is to the incident: `pipeline.incidents.relation`
