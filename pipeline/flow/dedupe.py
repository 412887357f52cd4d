"""LinkDuplicates: each article gets its story and a verdict (new, exact, near, revision), and nothing is dropped.

One short transaction a batch: the articles are kept, the attempt at each is counted, the verdicts are looked up or made (under
one advisory lock, which `link_batch` takes, so that two workers with two reprints agree). A version whose outcome has been written already leaves
the flow here; one that ended the process again and again becomes a reject. Article in, `Linked` out.
"""

from collections.abc import Sequence

import apache_beam as beam
import structlog
from apache_beam.pvalue import PCollection
from msgspec.structs import replace

from pipeline.process.failpoints import reach
from pipeline.process.metrics import LINKED
from pipeline.records import Article, Linked, Reject
from pipeline.records.outcomes import Batch, reject_article, work_on
from pipeline.store import articles
from pipeline.store.connection import Connection
from pipeline.store.session import Session, session
from pipeline.store.stories import link_batch

ATTEMPTS_MAX = 3
"""An article that was begun so often and never finished is taken for what ended the process."""
ATTEMPTS_TOGETHER_MAX = 2
"""So often an article is tried together with others, which may be the culprits; then alone, and counted by itself."""

log = structlog.get_logger()


class CrashedError(Exception):
    """The process ended, more than once, while it worked on the article."""


def link_all(store: Session, batch: Sequence[Article]) -> list[Linked | Reject]:
    """Link the batch in one transaction, or some where the store is slow."""
    return [outcome for part in store.transact_in_parts(batch, link) for outcome in part]


def link(connection: Connection, batch: Sequence[Article]) -> list[Linked | Reject]:
    """Link the versions in the batch that are still to be done; runs inside a transaction."""
    versions = {article.version_id: article for article in batch}
    todo = [versions[v] for v in articles.unwritten(connection, list(versions))]
    articles.keep(connection, todo)
    before = articles.attempts_at(connection, [article.version_id for article in todo])
    articles.count_attempts(connection, [v for v, count in before.items() if count < ATTEMPTS_TOGETHER_MAX])
    sound = [article for article in todo if before[article.version_id] < ATTEMPTS_MAX]
    crashed = [article for article in todo if before[article.version_id] >= ATTEMPTS_MAX]
    linked = (replace(item, attempt=before[item.article.version_id] + 1) for item in link_batch(connection, sound))
    return [*linked, *(_give_up(article) for article in crashed)]


def _give_up(article: Article) -> Reject:
    log.error("article_crashed", article_id=article.article_id, feed=article.feed, step="extract")
    return reject_article("extract", CrashedError(f"ended the process {ATTEMPTS_MAX} times"), article)


class _Link(beam.DoFn):
    def __init__(self, store_url: str) -> None:
        self._store_url = store_url

    def process(self, element: Batch) -> list[Batch]:
        store = session(self._store_url, "link")
        linked = work_on("dedupe", element, Article, lambda batch: link_all(store, batch))
        reach("linked")
        for outcome in linked:
            if isinstance(outcome, Linked):
                LINKED.labels(outcome.verdict).inc()
        LINKED.labels("known").inc(len(element) - len(linked))
        return [linked]


class LinkDuplicates(beam.PTransform):
    """Batches of articles to batches of linked articles."""

    def __init__(self, store_url: str) -> None:
        super().__init__()
        self._store_url = store_url

    def expand(self, pcoll: PCollection[Batch]) -> PCollection[Batch]:
        return pcoll | beam.ParDo(_Link(self._store_url))
