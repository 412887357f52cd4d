"""A run's history, read from the topics, the store, the sink's file and the feed server, once everything is quiet."""

import json
from pathlib import Path
from typing import Any

import psycopg
from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from pipeline.config import Config
from pipeline.errors import RejectedError
from pipeline.publish.readback import read_committed
from pipeline.records import Alert, Article, codec, topics
from tests.chaos.records import Arrival, FeedCount, History, Outcome, Remembered, Told

LEFT = {
    "rows in the outbox": "SELECT count(*) FROM outbox",
    "attempts": "SELECT count(*) FROM attempts",
    "open batches": "SELECT count(*) FROM relay_batches WHERE done_at IS NULL",
}
ALERT_OF = """
SELECT f.version_id, a.alert_id
FROM findings f JOIN incident_stories s USING (story_id) JOIN alerts a USING (incident_id)
"""


def read(config: Config, sink_file: Path | None, outlets: dict[str, int]) -> History:
    """What topics, store and sink say; `outlets` is the number of each feed by its address."""
    history = History()
    _read_topics(config, history)
    with psycopg.connect(config.store.url) as store:
        _read_store(store, history, outlets)
    history.left = {**left(config), "lag": lag(config)}
    if sink_file is not None and sink_file.exists():
        lines = [json.loads(line) for line in sink_file.read_text(encoding="utf-8").splitlines()]
        history.delivered = [(line["alert_id"], line["revision"]) for line in lines]
    return history


def left(config: Config) -> dict[str, int]:
    """What the store has still to do."""
    with psycopg.connect(config.store.url) as store:
        return {name: int((store.execute(query).fetchone() or (0,))[0]) for name, query in LEFT.items()}  # type: ignore[arg-type]


def progress(config: Config) -> int:
    """A number that grows with whatever the system gets done; 0 when the store does not tell."""
    count = "SELECT (SELECT count(*) FROM written) + (SELECT coalesce(max(batch), 0) FROM relay_batches) + count(*) FROM feed_seen"
    try:
        with psycopg.connect(config.store.url) as store:
            return int((store.execute(count).fetchone() or (0,))[0])
    except psycopg.Error:
        return 0


def lag(config: Config) -> int:
    """Articles on the topic whose offset is not committed."""
    options = config.kafka.client_options()
    consumer = KafkaConsumer(**options, group_id=config.pipeline.group, enable_auto_commit=False)
    try:
        at = [TopicPartition(topics.ARTICLES, p) for p in sorted(consumer.partitions_for_topic(topics.ARTICLES) or ())]
        ends = consumer.end_offsets(at)
        return int(sum(ends[p] - (consumer.committed(p) or 0) for p in at))
    finally:
        consumer.close()


def _read_topics(config: Config, history: History) -> None:
    for m in read_committed(config.kafka.client_options(), topics.ARTICLES):
        try:
            a = codec.decode(m.value, Article)
        except RejectedError:
            continue  # no article, so no arrival: it is among the rejects
        words = (a.url or "", a.title or "", a.text)
        history.arrivals.append(Arrival(a.version_id, a.article_id, *words, m.partition, m.offset, m.timestamp / 1000))
    for m in read_committed(config.kafka.client_options(), topics.ALERTS):
        alert = codec.decode(m.value, Alert)
        sources = tuple(source.version_id for source in alert.sources)
        history.told.append(Told(alert.alert_id, alert.revision, sources, m.partition, m.offset, m.timestamp / 1000))
    for m in read_committed(config.kafka.client_options(), topics.ALERTS_LATEST):
        alert = codec.decode(m.value, Alert)
        history.latest[alert.alert_id] = alert.revision
    history.rejects = [m.key.decode() for m in read_committed(config.kafka.client_options(), topics.REJECTS)]


def _read_store(store: psycopg.Connection[Any], history: History, outlets: dict[str, int]) -> None:
    for key, outcome, at in store.execute("SELECT version_id, outcome, at FROM written"):
        history.outcomes[key] = Outcome(outcome, at.timestamp())
    history.stored = dict(store.execute("SELECT alert_id, revision FROM alerts").fetchall())
    history.alert_of = dict(store.execute(ALERT_OF).fetchall())
    for url, articles, entries, new, skipped in store.execute(
        "SELECT url, articles, entries_last, articles_last, skipped_last FROM feeds WHERE active"
    ):
        history.feeds.append(FeedCount(outlets[url], articles, entries or 0, new or 0, sum(skipped.values())))
    for url, wording, at in store.execute(
        "SELECT f.url, s.wording, s.seen_at FROM feed_seen s JOIN feeds f USING (feed)"
    ):
        history.remembered.append(Remembered(outlets[url], wording, at.timestamp()))
