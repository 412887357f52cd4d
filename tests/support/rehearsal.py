"""The samples through the stages of the flow in memory, in order of publication: what an analyst expected beside what came.

The same functions as in the stream, with the index and the incidents in memory. For measuring quality; that store and broker
agree with it is the integration test's part.
"""

from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from connectors.samples.blocks import plain_text
from connectors.samples.load import load_samples
from connectors.samples.records import Expected
from connectors.samples.stream import Publication, Stream
from pipeline.incidents import matching as incidents
from pipeline.incidents.clustering import MemoryIncidents
from pipeline.incidents.matching import Traits
from pipeline.records import Article, Assessment, Findings, Linked
from pipeline.records.identity import article_id, version_id
from pipeline.text.dedupe.index import MemoryIndex
from pipeline.text.dedupe.link import link
from pipeline.text.findings import Analyzer
from pipeline.text.scoring import assess

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Case(Struct, frozen=True):
    """One sample article with everything known about it."""

    name: str
    expected: Expected
    linked: Linked
    findings: Findings
    assessment: Assessment
    incident: str | None
    traits: Traits | None


def make_article(publication: Publication) -> Article:
    """The article as a connector would make it."""
    text = plain_text(publication.blocks)
    url = None if publication.malformed else f"https://{publication.outlet}.example/{publication.slug}"
    article = article_id(feed=publication.outlet, url=url, title=publication.title, text=text)
    return Article(
        article_id=article,
        version_id=version_id(article, publication.title, text),
        feed=publication.outlet,
        title=publication.title,
        text=text,
        url=url,
        published=publication.published,
        fetched=publication.updated,
        authors=publication.authors,
        categories=publication.categories,
    )


def publish() -> list[Article]:
    """The articles of all samples, in order of publication."""
    return [make_article(publication) for publication in Stream(load_samples(), START).publications]


def rehearse(model: str = "tocsin_en") -> list[Case]:
    """All samples, in order of publication."""
    publications = Stream(load_samples(), START).publications
    articles = [make_article(publication) for publication in publications]
    found = Analyzer(model).analyse(articles)
    index = MemoryIndex()
    known = MemoryIncidents()
    cases = []
    for publication, article, findings in zip(publications, articles, found, strict=True):
        linked = link(article, index)
        assessment = assess(article, findings)
        mine = incidents.traits(article, findings, assessment)
        if linked.verdict == "new" and known.incident(linked.story) is None:
            known.join(linked.story, mine)
        cases.append(Case(publication.name, publication.expected, linked, findings, assessment, None, mine))
    return [replace(case, incident=known.incident(case.linked.story)) for case in cases]
