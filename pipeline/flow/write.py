"""WriteAlerts: what is known becomes alerts, and outcomes become done. The last step, and the only one that says so.

One transaction a batch, or some where the store is slow. It begins by inserting the versions into `written`: those that are there
already are skipped whole, so a repeated bundle, or a worker that wakes after a pause, changes nothing. Then, article by article in order: findings
kept, the story joined to its incident, the alert composed anew, its next revision put into the outbox, if there is one.
Rejects take the same way to their topic.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast

import apache_beam as beam
import structlog
from apache_beam.pvalue import PCollection
from msgspec import Struct

from pipeline.errors import RetryableError, TocsinError
from pipeline.incidents.facts import outcomes_of
from pipeline.incidents.traits import Traits, traits
from pipeline.process.failpoints import reach
from pipeline.process.metrics import AGE_S, ARTICLES, FEED_ARTICLES, LINE_ELEMENTS, REVISIONS
from pipeline.records import Alert, Article, Linked, Reject, Scored, VersionId
from pipeline.records.outcomes import Batch, article_of, reject_article
from pipeline.store import articles, incidents, outbox
from pipeline.store.announce import refresh_rules
from pipeline.store.connection import WRITE_LOCK, Connection
from pipeline.store.joining import place
from pipeline.store.revisions import revise_alert
from pipeline.store.session import Session, session
from pipeline.text.dedupe.changes import what_changed

CRASHED_MAX = 50
CRASHED_WITHIN = timedelta(minutes=10)
"""More crashed articles within so long, and more crashed than sound ones, mean that we are broken, not they: the stream stops
and keeps its place. Counted in the store, over all workers, so that a restart does not begin anew."""

DONE = """
INSERT INTO written (version_id, outcome, crashed)
SELECT v, o, c FROM unnest(%s::text[], %s::text[], %s::boolean[]) AS asked (v, o, c) ORDER BY v
ON CONFLICT (version_id) DO NOTHING RETURNING version_id
"""
WAITED = "SELECT extract(epoch FROM now() - %s)::int"
STORM = "SELECT count(*) FILTER (WHERE crashed), count(*) FROM written WHERE at > now() - %s"

log = structlog.get_logger()


class BrokenError(TocsinError):
    """Most articles crash: the fault is in this version or its model, and going on would only empty the stream into the rejects."""


class Written(Struct, frozen=True):
    """What became of one outcome: alert, quiet, reject or repeat, and the revision that it led to."""

    kind: str
    article: Article | None = None
    revision: Alert | None = None


def key_of(outcome: Scored | Reject) -> str:
    """What `written` knows an outcome by."""
    return outcome.reject_id if isinstance(outcome, Reject) else outcome.analysed.linked.article.version_id


def kind_of(outcome: Scored | Reject) -> str:
    """What became of it: each article is counted as exactly one of these."""
    if isinstance(outcome, Reject):
        return "reject"
    return "alert" if outcome.assessment.severity else "quiet"


def is_crash(outcome: Scored | Reject) -> bool:
    """Whether an error that nobody expected became of it."""
    return isinstance(outcome, Reject) and outcome.crashed


def versions_of(batch: Sequence[Scored | Reject]) -> list[VersionId]:
    """The versions that have an outcome with this batch."""
    versions = [o.version_id if isinstance(o, Reject) else o.analysed.linked.article.version_id for o in batch]
    return [version for version in versions if version]


def write_all(store: Session, batch: Sequence[Scored | Reject]) -> None:
    """Write the batch; if that fails, one by one, and what fails alone becomes a reject."""
    try:
        parts = store.transact_in_parts(batch, write)
    except (RetryableError, BrokenError):
        raise
    except Exception as error:
        if len(batch) > 1:
            for outcome in batch:
                write_all(store, [outcome])
        elif isinstance(batch[0], Scored):
            write_all(store, [reject_article("write", error, article_of(batch[0]))])
        else:
            raise  # a reject that can't be written: the store is at fault, and the article keeps its place
    else:
        count([one for written in parts for one in written])


def count(written: Sequence[Written]) -> None:
    """Add what has been committed to the metrics."""
    now = datetime.now(UTC)
    for one in written:
        ARTICLES.labels(one.kind).inc()
        if one.article is not None and one.kind in {"alert", "quiet"}:
            FEED_ARTICLES.labels(one.article.feed, one.kind).inc()
        if one.article is None or one.revision is None:
            continue
        REVISIONS.labels(one.revision.severity, one.revision.change).inc()
        if one.revision.change == "created":
            for element, outcome in outcomes_of(one.revision):
                LINE_ELEMENTS.labels(element, outcome).inc()
        for since, at in (("published", one.article.published), ("fetched", one.article.fetched)):
            if at is not None:
                AGE_S.labels(since).observe(max(0.0, (now - at).total_seconds()))


def write(connection: Connection, batch: Sequence[Scored | Reject]) -> list[Written]:
    """Write the outcomes that are not written yet, in order; what became of each. Runs inside a transaction."""
    told = {
        key_of(o): _traits_of(o) for o in batch if isinstance(o, Scored)
    }  # before the lock: others need not wait for it
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
    keys = [key_of(outcome) for outcome in batch]
    rows = connection.execute(DONE, (keys, [kind_of(o) for o in batch], [is_crash(o) for o in batch])).fetchall()
    _refuse_storm(connection, batch)
    fresh = {str(row[0]) for row in rows}
    written = []
    for outcome in batch:
        if key_of(outcome) not in fresh:
            written.append(Written("repeat"))
            continue
        fresh.discard(key_of(outcome))  # the same version twice in a batch
        if isinstance(outcome, Reject):
            outbox.put_reject(connection, outcome)
            written.append(Written(kind_of(outcome)))
        else:
            revision = _write_article(connection, outcome, told[key_of(outcome)])
            written.append(Written(kind_of(outcome), article_of(outcome), revision))
    articles.forget_attempts(connection, versions_of(batch))  # a reject that is replayed begins anew
    reach("writing")
    return written


def _refuse_storm(connection: Connection, batch: Sequence[Scored | Reject]) -> None:
    """Raise `BrokenError` when most of what was written lately, this batch included, crashed."""
    crashes = [outcome for outcome in batch if is_crash(outcome)]
    if not crashes:
        return
    crashed, written = connection.execute(STORM, (CRASHED_WITHIN,)).fetchone() or (0, 0)
    if int(str(crashed)) > CRASHED_MAX and 2 * int(str(crashed)) > int(str(written)):
        last = cast("Reject", crashes[-1])
        raise BrokenError(
            f"{crashed} of the last {written} articles crashed within {CRASHED_WITHIN.seconds // 60} minutes, the last in step "
            f"{last.step}: {last.error}: {last.message}. The stream stands and loses nothing; run a version, or a model, that works."
        )


def _traits_of(scored: Scored) -> Traits:
    return traits(scored.analysed.linked.article, scored.analysed.findings, scored.assessment)


def _write_article(connection: Connection, scored: Scored, mine: Traits) -> Alert | None:
    incidents.keep_findings(connection, scored)
    placed = place(connection, scored, mine)
    if placed is None:
        return None
    article = scored.analysed.linked.article
    waited = connection.execute(WAITED, (article.fetched,)).fetchone() or (0,)
    notes = _what_changed(connection, scored.analysed.linked)
    return revise_alert(connection, placed.incident, notes, placed.shifts, waited_s=int(str(waited[0])))


def _what_changed(connection: Connection, linked: Linked) -> tuple[str, ...]:
    """What a later version of an article says otherwise, in words."""
    old = articles.get(connection, linked.of) if linked.verdict == "revision" and linked.of else None
    if old is None:
        return ()
    return tuple(f"{linked.article.feed}: {change}" for change in what_changed(old, linked.article))


class _Write(beam.DoFn):
    def __init__(self, store_url: str) -> None:
        self._store_url = store_url

    def process(self, element: Batch) -> None:
        outcomes = [outcome for outcome in element if isinstance(outcome, Scored | Reject)]
        if len(outcomes) != len(element):
            strays = {type(o).__name__ for o in element} - {"Scored", "Reject"}
            raise TypeError(f"outcomes that no step finished: {', '.join(strays)}")
        store = session(self._store_url, "write")
        refresh_rules(store)
        try:
            write_all(store, outcomes)
        except BrokenError:
            # They did not end the process, we did: the attempt is not held against them.
            store.transact(partial(articles.forget_attempts, versions=versions_of(outcomes)))
            raise
        reach("written")


class WriteAlerts(beam.PTransform):
    """Batches of scored articles and rejects to rows in the store and its outbox."""

    def __init__(self, store_url: str) -> None:
        super().__init__()
        self._store_url = store_url

    def expand(self, pcoll: PCollection[Batch]) -> PCollection[None]:
        return pcoll | beam.ParDo(_Write(self._store_url))
