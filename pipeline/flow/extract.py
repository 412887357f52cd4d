"""ExtractFindings: entities, indicators, conflict events and claims, read from each article's text.

The costly step, and the only one that holds no transaction. Articles that were begun before and never finished are analysed
one by one, each counted, so that the one that ends the process is found and the others go on. `Linked` in, `Analysed` out.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache, partial

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipeline.flow import watchdog
from pipeline.flow.dedupe import ATTEMPTS_TOGETHER_MAX
from pipeline.records import Analysed, Article, ArticleId, Linked, VersionId
from pipeline.records.outcomes import Batch, Outcome, work_on
from pipeline.store import articles
from pipeline.store.current_knowledge import current_knowledge
from pipeline.store.current_warnings import current_warnings
from pipeline.store.session import Session, session
from pipeline.text.events.check import load_check
from pipeline.text.findings import Analyzer

ARTICLE_S_MAX = 20.0
"""Analysis of one article: a thousand times the usual."""
BATCH_S_PER_ARTICLE_MAX = 2.0
"""What each further article of a batch may add."""


WARM_UP = Article(
    article_id=ArticleId("art:0"),
    version_id=VersionId("ver:0"),
    feed="warm-up",
    title="Explosion in Mogadishu",
    text="Police in Mogadishu said on Monday that the group killed at least 3 people with a bomb. C2: c2[.]example, 192.0.2[.]1",
    fetched=datetime(2026, 1, 1, tzinfo=UTC),
)
"""An invented article that makes the analysis load all its tables: on a busy machine that takes longer than any article may."""


@cache
def analyzer(model: str) -> Analyzer:
    """The analyzer that everything in this process shares: a model is loaded once, and ready when this returns."""
    made = Analyzer(model)
    made.analyse([WARM_UP])
    return made


def analyse(model: str, batch: Sequence[Linked]) -> list[Analysed]:
    """The batch with what was found, in order."""
    seconds = ARTICLE_S_MAX + BATCH_S_PER_ARTICLE_MAX * (len(batch) - 1)
    ready = analyzer(model)
    with watchdog.limit(seconds, f"the analysis of {len(batch)} articles"):
        found = ready.analyse([linked.article for linked in batch])
    return [Analysed(linked, findings) for linked, findings in zip(batch, found, strict=True)]


def analyse_alone(model: str, store: Session, batch: Batch) -> Batch:
    """The linked articles in the batch one by one: an attempt counts only for the one that is being analysed."""

    def analyse_one(one: Sequence[Linked]) -> list[Analysed]:
        version = [linked.article.version_id for linked in one]
        store.transact(partial(articles.count_attempts, versions=version))
        try:
            return analyse(model, one)
        finally:  # also after an error, which is answered by a reject; not when the process ends
            store.transact(partial(articles.uncount_attempts, versions=version))

    return tuple(outcome for linked in batch for outcome in work_on("extract", (linked,), Linked, analyse_one))


class _Extract(beam.DoFn):
    def __init__(self, model: str, store_url: str, check: str) -> None:
        self._model = model
        self._store_url = store_url
        self._check = check

    def setup(self) -> None:
        ready = analyzer(self._model)
        if self._check:
            ready.use(check=load_check(self._check))

    def process(self, element: Batch) -> list[Batch]:
        store = session(self._store_url, "extract")
        analyzer(self._model).use(
            knowledge=current_knowledge(self._store_url).refresh_or_keep(store.transact),
            warnings=current_warnings(self._store_url).refresh_or_keep(store.transact),
        )
        suspects = tuple(o for o in element if isinstance(o, Linked) and o.attempt > ATTEMPTS_TOGETHER_MAX)
        others: tuple[Outcome, ...] = tuple(o for o in element if o not in suspects)
        together = work_on("extract", others, Linked, lambda batch: analyse(self._model, batch))
        alone = analyse_alone(self._model, store, suspects) if suspects else ()
        return [(*together, *alone)]


class ExtractFindings(beam.PTransform):
    """Batches of linked articles to batches of analysed ones."""

    def __init__(self, model: str, store_url: str, check: str = "") -> None:
        super().__init__()
        self._extract = _Extract(model, store_url, check)

    def expand(self, pcoll: PCollection[Batch]) -> PCollection[Batch]:
        return pcoll | beam.ParDo(self._extract)
