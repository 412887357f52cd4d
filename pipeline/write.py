"""WriteAlerts: what is known becomes alerts, and outcomes become done. The last step, and the only one that says so.

One transaction a batch. It begins by inserting the versions into `written`: those that are there already are skipped whole,
so a repeated bundle, or a worker that wakes after a pause, changes nothing. Then, article by article in order: findings
kept, the story joined to its incident, the alert composed anew, its next revision put into the outbox, if there is one.
Rejects take the same way to their topic.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import apache_beam as beam
import structlog
from apache_beam.pvalue import PCollection
from msgspec import Struct

from pipeline.alerts import compose, revise
from pipeline.errors import RetryableError, TocsinError
from pipeline.failpoints import reach
from pipeline.metrics import AGE_S, ARTICLES, REVISIONS
from pipeline.outcomes import Batch, article_of, reject_article
from pipeline.records import Alert, Article, Linked, Reject, Scored, VersionId
from pipeline.store import articles, incidents, outbox
from pipeline.store.announce import announce
from pipeline.store.connection import WRITE_LOCK, Connection
from pipeline.store.session import Session, session
from pipeline.text.dedupe.changes import what_changed

CRASHED_IN_A_ROW_MAX = 50
"""So many crashed articles one after the other mean that we are broken, not they: the job stops and keeps its place."""

DONE = """
INSERT INTO written (version_id, outcome) SELECT v, o FROM unnest(%s::text[], %s::text[]) AS asked (v, o) ORDER BY v
ON CONFLICT (version_id) DO NOTHING RETURNING version_id
"""
FORGET_ATTEMPTS = "DELETE FROM attempts WHERE version_id = ANY(%s)"

log = structlog.get_logger()


class BrokenError(TocsinError):
    """Too many articles in a row crashed."""


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


def versions_of(batch: Sequence[Scored | Reject]) -> list[VersionId]:
    """The versions that have an outcome with this batch."""
    versions = [o.version_id if isinstance(o, Reject) else o.analysed.linked.article.version_id for o in batch]
    return [version for version in versions if version]


def write_all(store: Session, batch: Sequence[Scored | Reject]) -> None:
    """Write the batch in one transaction; if that fails, one by one, and what fails alone becomes a reject."""
    try:
        written = store.transact(lambda connection: write(connection, batch))
    except RetryableError:
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
        count(written)


def count(written: Sequence[Written]) -> None:
    """Add what has been committed to the metrics."""
    now = datetime.now(UTC)
    for one in written:
        ARTICLES.labels(one.kind).inc()
        if one.article is None or one.revision is None:
            continue
        REVISIONS.labels(one.revision.severity, one.revision.change).inc()
        for since, at in (("published", one.article.published), ("fetched", one.article.fetched)):
            if at is not None:
                AGE_S.labels(since).observe(max(0.0, (now - at).total_seconds()))


def write(connection: Connection, batch: Sequence[Scored | Reject]) -> list[Written]:
    """Write the outcomes that are not written yet, in order; what became of each. Runs inside a transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
    keys = [key_of(outcome) for outcome in batch]
    rows = connection.execute(DONE, (keys, [kind_of(outcome) for outcome in batch])).fetchall()
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
            revision = _write_article(connection, outcome)
            written.append(Written(kind_of(outcome), article_of(outcome), revision))
    connection.execute(FORGET_ATTEMPTS, (versions_of(batch),))  # a reject that is replayed begins anew
    reach("writing")
    return written


def _write_article(connection: Connection, scored: Scored) -> Alert | None:
    incidents.keep_findings(connection, scored)
    incident = incidents.incident_of(connection, scored)
    if incident is None:
        return None
    previous = incidents.latest_alert(connection, incident)
    notes = _what_changed(connection, scored.analysed.linked)
    members = incidents.members(connection, incident)
    alert = revise(previous, compose(incident, members), notes)
    return announce(connection, alert, members) if alert is not None else None


def _what_changed(connection: Connection, linked: Linked) -> tuple[str, ...]:
    """What a later version of an article says otherwise, in words."""
    old = articles.get(connection, linked.of) if linked.verdict == "revision" and linked.of else None
    if old is None:
        return ()
    return tuple(f"{linked.article.feed}: {change}" for change in what_changed(old, linked.article))


class _Write(beam.DoFn):
    def __init__(self, store_url: str) -> None:
        self._store_url = store_url
        self._crashed_in_a_row = 0

    def process(self, element: Batch) -> None:
        outcomes = [outcome for outcome in element if isinstance(outcome, Scored | Reject)]
        if len(outcomes) != len(element):
            strays = {type(o).__name__ for o in element} - {"Scored", "Reject"}
            raise TypeError(f"outcomes that no step finished: {', '.join(strays)}")
        self._watch(outcomes)
        write_all(session(self._store_url, "write"), outcomes)
        reach("written")

    def _watch(self, outcomes: Sequence[Scored | Reject]) -> None:
        for outcome in outcomes:
            crashed = isinstance(outcome, Reject) and outcome.crashed
            self._crashed_in_a_row = self._crashed_in_a_row + 1 if crashed else 0
            if self._crashed_in_a_row > CRASHED_IN_A_ROW_MAX:
                raise BrokenError(f"{self._crashed_in_a_row} articles in a row crashed; the last: {outcome}")


class WriteAlerts(beam.PTransform):
    """Batches of scored articles and rejects to rows in the store and its outbox."""

    def __init__(self, store_url: str) -> None:
        super().__init__()
        self._store_url = store_url

    def expand(self, pcoll: PCollection[Batch]) -> PCollection[None]:
        return pcoll | beam.ParDo(_Write(self._store_url))
