"""Making a backup while everything runs: positions first, then the store's snapshot, then the messages (see the package)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline import __version__
from pipeline.backup import archive, dump, storeside
from pipeline.backup.archive import Manifest, Message, Offsets, Positions
from pipeline.backup.topicside import Topics, is_alert_topic
from pipeline.errors import UsageError
from pipeline.records.topics import ARTICLES, REJECTS
from pipeline.store import migrate

Report = Callable[[str], None]


def make(
    client_options: dict[str, object],
    store_url: str,
    group: str,
    folder: Path,
    *,
    binaries: Path | None = None,
    report: Report = lambda _: None,
) -> tuple[Path, Manifest]:
    """Back up into a new directory below `folder`; `group` is the pipeline's. Raises `RetryableError`, `UsageError`."""
    made_at = datetime.now(UTC)
    partial = archive.begin(folder, f"tocsin-{made_at:%Y%m%dT%H%M%SZ}")
    with Topics(client_options) as topics:
        report("asking Kafka who has read how far")
        articles = topics.beginnings(ARTICLES) | topics.committed(group).get(ARTICLES, {})
        groups = _readers(topics, group)
        alerts = {n: _slowest(groups, n, topics.beginnings(n), topics.ends(n)) for n in topics.alert_topics()}
        rejects = topics.ends(REJECTS)
        report("copying the store")
        revision = migrate.current(store_url)
        if revision is None:
            raise UsageError("the store is empty: there is nothing to back up")
        dump.dump(store_url, partial / archive.STORE, binaries=binaries)
        report("copying messages that are not done with")
        until = {topic: topics.ends(topic) for topic in (ARTICLES, *alerts, REJECTS)}

        def messages() -> Iterator[Message]:
            yield from topics.read(ARTICLES, articles, until[ARTICLES])
            for topic, starts in alerts.items():
                yield from topics.read(topic, starts, until[topic])
            yield from topics.read(REJECTS, {}, until[REJECTS])

        counts = archive.write_messages(partial / archive.MESSAGES, messages())
        manifest = Manifest(
            made_at=made_at,
            version=__version__,
            revision=revision,
            store=storeside.store_id(store_url),
            cluster=topics.cluster(),
            articles=articles,
            alerts=alerts,
            rejects=rejects,
            ends=until,
            groups=groups,
            messages=counts,
            files={name: archive.describe(partial / name) for name in (archive.STORE, archive.MESSAGES)},
        )
    return archive.finish(partial, manifest), manifest


def _readers(topics: Topics, pipeline: str) -> dict[str, Positions]:
    """Everybody but the pipeline who has a position in an alert topic."""
    found = {
        group: {topic: at for topic, at in topics.committed(group).items() if is_alert_topic(topic)}
        for group in topics.groups()
        if group != pipeline
    }
    return {group: positions for group, positions in found.items() if positions}


def _slowest(groups: dict[str, Positions], topic: str, first: Offsets, ends: Offsets) -> Offsets:
    """Where the slowest reader of each partition stands; the end when nobody reads the topic.

    A reader who has a position in some partitions and none in another may have read nothing there.
    """
    readers = [positions[topic] for positions in groups.values() if topic in positions]
    return {p: min([end, *(at.get(p, first[p]) for at in readers)]) for p, end in ends.items()}
