"""Restoring: the store as it was, made to fit the Kafka that is there now; or the Kafka, made to fit the store.

Three cases, told apart by what stands in Kafka:

    the store was lost      the pipeline's position goes back to the backup's, and what was published since is taken over from the
                            alert topics: articles since the backup are worked on again, no revision is told twice
    both were lost          the backup's messages are published anew: articles not done, alerts not read by everybody, rejects
    Kafka was lost          (`keep_store`) what the store knows to be unfinished is published again, and the feeds are polled anew for
                            what no worker ever met

In each the relay gets a new position (`relay.reconcile`). Nothing of tocsin may run meanwhile. A restore that was interrupted is
begun again with `replace`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from msgspec import Struct

from pipeline.backup import archive, dump, storeside
from pipeline.backup.archive import Manifest, Message, Positions
from pipeline.backup.topicside import Topics
from pipeline.config import Config
from pipeline.errors import UsageError
from pipeline.publish import relay
from pipeline.records import topics as names
from pipeline.records.topics import ALERTS_LATEST, ARTICLES, REJECTS
from pipeline.store import migrate

Report = Callable[[str], None]
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
WITHOUT_BACKUP = timedelta(days=1)
"""Alerts updated since then are told again when Kafka was lost and no backup says who had read what."""


class Restored(Struct, kw_only=True):
    """What was done, for the operator."""

    lines: list[str] = []

    def add(self, count: int, what: str) -> None:
        """Count something."""
        if count:
            self.lines.append(f"{count} {what}")


def restore(
    config: Config,
    backup: Path,
    *,
    replace: bool = False,
    binaries: Path | None = None,
    report: Report = lambda _: None,
) -> Restored:
    """Restore store and messages from a backup. Raises `UsageError`, `RetryableError`."""
    url, options = config.store.url, config.kafka.client_options()
    report("checking the backup")
    manifest = archive.read(backup)
    _refuse_running(url)
    _refuse_later(manifest)
    if migrate.current(url) is not None:
        if not replace:
            raise UsageError("the store is not empty: --replace deletes what is in it")
        report("emptying the store")
        migrate.downgrade(url, "base")
    storeside.clear(url)
    report("restoring the store")
    dump.restore(url, backup / archive.STORE, binaries=binaries)
    migrate.upgrade(url)
    storeside.begin_anew(url)
    _make_topics(config)
    done = Restored()
    with Topics(options) as topics:
        if _is_same(topics, manifest):
            report("going back to where the backup stood in Kafka")
            _rejoin(topics, config, backup, manifest, done)
        else:
            report("publishing the messages of the backup")
            _refill(topics, url, backup, manifest, done)
    relay.reconcile(options, url)
    return done


def refill_kafka(config: Config, backup: Path | None, *, report: Report = lambda _: None) -> Restored:
    """Make a new Kafka fit the living store; the backup adds rejects, and says who had read what."""
    url, options = config.store.url, config.kafka.client_options()
    manifest = archive.read(backup) if backup else None
    _refuse_running(url)
    _make_topics(config)
    done = Restored()
    with Topics(options) as topics:
        if manifest and _is_same(topics, manifest):
            raise UsageError(
                "this is the Kafka that was backed up, and it has what it had: there is nothing to restore"
            )
        report("publishing what the store knows")
        storeside.forget_places(url)
        since = manifest.made_at if manifest else datetime.now(UTC) - WITHOUT_BACKUP
        if backup and manifest:
            _place_readers(topics, manifest)
            rejects = (m for m in archive.read_messages(backup) if m.topic == REJECTS)
            done.add(storeside.publish_first(url, rejects), "rejects published again")
        told = storeside.publish_latest(url, since=since, latest_only=False)
        done.add(told, f"alerts, updated since {since:%Y-%m-%d %H:%M} UTC, told again in their latest revision")
        storeside.publish_latest(url, since=LONG_AGO, latest_only=True)
        begun = storeside.unfinished(url)
        done.add(topics.publish(ARTICLES, begun), "articles without an outcome published again")
        if backup:
            waiting = (m for m in archive.read_messages(backup) if m.topic == ARTICLES)
            done.add(
                topics.publish(ARTICLES, ((m.key, m.value) for m in waiting)), "articles of the backup published again"
            )
        done.add(
            storeside.fetch_again(url),
            "entries had been seen in their feeds and met no worker; those that still stand there are fetched again at the next poll",
        )
    relay.reconcile(options, url)
    return done


def _refuse_running(url: str) -> None:
    if running := storeside.others(url):
        raise UsageError(f"stop tocsin first; connected to the store: {', '.join(running)}")


def _refuse_later(manifest: Manifest) -> None:
    if not migrate.knows(manifest.revision):
        raise UsageError(
            f"the backup was made by tocsin {manifest.version} with tables of revision {manifest.revision}, which this one "
            f"(up to {migrate.newest()}) does not know: upgrade it"
        )


def _is_same(topics: Topics, manifest: Manifest) -> bool:
    """Whether it is the cluster of the backup, and its articles are still there."""
    ends = topics.ends(ARTICLES)
    return topics.cluster() == manifest.cluster and all(
        ends.get(p, -1) >= end for p, end in manifest.ends[ARTICLES].items()
    )


def _rejoin(topics: Topics, config: Config, backup: Path, manifest: Manifest, done: Restored) -> None:
    url, group = config.store.url, config.pipeline.group
    since: Positions = {ALERTS_LATEST: {}, **dict(sorted(manifest.alerts.items())), REJECTS: manifest.rejects}
    known = (message for topic, starts in since.items() for message in topics.read(topic, starts, topics.ends(topic)))
    lifted, dropped = storeside.catch_up(url, known)
    done.add(lifted, "alerts had been revised since the backup; their revisions count on from there")
    done.add(dropped, "messages waiting in the backup had been published already")
    first, now = topics.beginnings(ARTICLES), topics.committed(group).get(ARTICLES, {})
    back = {p: min(offset, now.get(p, offset)) for p, offset in manifest.articles.items()}
    topics.move(group, ARTICLES, {p: max(offset, first.get(p, 0)) for p, offset in back.items()})
    ends = topics.ends(ARTICLES)
    again = sum(end - max(back.get(p, 0), first.get(p, 0)) for p, end in ends.items())
    done.add(again, "articles since the backup will be read again")
    gone = [m for m in archive.read_messages(backup) if m.topic == ARTICLES and m.offset < first.get(m.partition, 0)]
    done.add(
        topics.publish(ARTICLES, ((m.key, m.value) for m in gone)), "articles that Kafka no longer kept published again"
    )
    lost = sum(max(0, first.get(p, 0) - end) for p, end in manifest.ends[ARTICLES].items())
    done.add(
        lost, "articles came after the backup and have left Kafka: lost, except where they still stand in their feed"
    )


def _refill(topics: Topics, url: str, backup: Path, manifest: Manifest, done: Restored) -> None:
    def of(*wanted: str) -> Iterator[Message]:
        return (m for m in archive.read_messages(backup) if m.topic in wanted)

    told = sorted(manifest.alerts)  # the topic that gets every revision is the first of them
    recent = (m for m in of(REJECTS) if m.offset >= manifest.rejects.get(m.partition, 0))
    storeside.forget_places(url)
    _place_readers(topics, manifest)
    storeside.catch_up(url, chain(*map(of, told), recent))
    done.add(storeside.publish_first(url, of(*told, REJECTS)), "alerts and rejects published again")
    storeside.publish_latest(url, since=LONG_AGO, latest_only=True)
    done.add(topics.publish(ARTICLES, ((m.key, m.value) for m in of(ARTICLES))), "articles published again")
    done.lines.append(
        f"what was published after {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC is fetched again where it still stands in its feed"
    )


def _place_readers(topics: Topics, manifest: Manifest) -> None:
    """Let readers who have no position in this Kafka begin with what is published next."""
    for group, positions in manifest.groups.items():
        placed = topics.committed(group)
        for topic in positions:
            there = placed.get(topic, {})
            topics.move(group, topic, {p: end for p, end in topics.ends(topic).items() if p not in there})


def _make_topics(config: Config) -> None:
    """Those that are always there, and those of watch rules that the store has published on."""
    more = [topic for name in storeside.carrying(config.store.url) if (topic := names.topic_named(name))]
    wanted = {topic.name: topic for topic in (*names.TOPICS, *more)}
    names.ensure(
        config.kafka.client_options(),
        tuple(wanted.values()),
        partitions=config.kafka.partitions,
        replication=config.kafka.replication,
    )
