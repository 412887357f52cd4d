"""The topics: their names, shapes and retention, and how they are made. No name is typed anywhere else."""

from collections.abc import Sequence

from msgspec import Struct

from pipeline.errors import RetryableError
from pipeline.records.codec import MESSAGE_BYTES_MAX

DAY_MS = 24 * 60 * 60 * 1000
PARTITIONS_DEFAULT = 12
"""Enough for twelve workers; more partitions than workers cost little, and partitions can't be taken away later."""
CREATE_TIMEOUT_MS = 30_000

ARTICLES = "tocsin.articles"
ALERTS = "tocsin.alerts"
ALERTS_LATEST = "tocsin.alerts.latest"
ALERTS_CRITICAL = "tocsin.alerts.critical"
ALERTS_CONFLICT = "tocsin.alerts.conflict"
ALERTS_CYBER = "tocsin.alerts.cyber"
WATCH_PREFIX = "tocsin.alerts.watch."
REJECTS = "tocsin.rejects"
ALERTS_AGAIN = "tocsin.again"
RELAY = "tocsin.relay"
HEALTH = "tocsin.health"


class Topic(Struct, frozen=True):
    """A topic as it is created."""

    name: str
    what: str  # one line for the documents
    record: str | None  # the record on it; None: internal
    key: str
    partitions: int | None = None  # None: as configured
    keep_days: int | None = None  # None: compacted, kept for ever

    def settings(self) -> dict[str, str]:
        """Kafka's topic settings."""
        keep = (
            {"cleanup.policy": "compact"}
            if self.keep_days is None
            else {"cleanup.policy": "delete", "retention.ms": str(self.keep_days * DAY_MS)}
        )
        return {**keep, "max.message.bytes": str(MESSAGE_BYTES_MAX), "compression.type": "producer"}


TOPICS: tuple[Topic, ...] = (
    Topic(ARTICLES, "Article versions as the connectors publish them.", "article", "article_id", keep_days=14),
    Topic(ALERTS, "Every revision of every alert, in order per alert.", "alert", "alert_id", keep_days=30),
    Topic(ALERTS_LATEST, "The latest revision of every alert (compacted).", "alert", "alert_id"),
    Topic(ALERTS_CRITICAL, "Alerts that are, or once were, critical.", "alert", "alert_id", keep_days=30),
    Topic(ALERTS_CONFLICT, "Alerts of category conflict or unrest.", "alert", "alert_id", keep_days=30),
    Topic(ALERTS_CYBER, "Alerts of category cyber.", "alert", "alert_id", keep_days=30),
    Topic(REJECTS, "What was refused, with step, error and original bytes.", "reject", "reject_id", 1, 30),
    Topic(HEALTH, "What begins and ends being wrong with a feed: silence, gaps, refusals.", "health", "feed", 1, 30),
    Topic(
        ALERTS_AGAIN,
        "Alerts that a sink refused, sent again to the one that the header `sink` names.",
        "alert",
        "alert_id",
        1,
        30,
    ),
    Topic(RELAY, "The relay's position, written in the transaction of each batch (compacted).", None, "store id", 1),
)


def watch_topic(rule: str) -> Topic:
    """The topic of a watch rule. One partition: a rule is paced, and its alerts stand there in one order."""
    return Topic(f"{WATCH_PREFIX}{rule}", f"What the watch rule {rule} rings for.", "alert", "alert_id", 1, 30)


def topic_named(name: str) -> Topic | None:
    """The topic of that name, a watch rule's among them; None when it is none of ours."""
    if name.startswith(WATCH_PREFIX):
        return watch_topic(name.removeprefix(WATCH_PREFIX))
    return next((topic for topic in TOPICS if topic.name == name), None)


def ensure(
    client_options: dict[str, object],
    wanted: Sequence[Topic] = TOPICS,
    *,
    partitions: int = PARTITIONS_DEFAULT,
    replication: int = 1,
) -> list[str]:
    """Create the topics of `wanted` (by default all fixed ones) that are missing; the names of those created.

    Topics that exist are left as they are: an operator may have set them otherwise. `RetryableError` when the broker can't
    be reached or refuses.
    """
    from kafka.admin import KafkaAdminClient, NewTopic  # only this function needs the client
    from kafka.errors import KafkaError, TopicAlreadyExistsError

    try:
        admin = KafkaAdminClient(**client_options)
    except KafkaError as error:
        raise RetryableError(
            f"Kafka can't be reached to create the topics (does it run, and do protocol, user, password and certificates fit?): {error}"
        ) from error
    try:
        there = set(admin.list_topics())
        created = []
        for topic in wanted:
            if topic.name in there:
                continue
            new = NewTopic(
                topic.name,
                num_partitions=topic.partitions or partitions,
                replication_factor=replication,
                topic_configs=topic.settings(),
            )
            try:
                admin.create_topics([new], timeout_ms=CREATE_TIMEOUT_MS)
            except TopicAlreadyExistsError:
                continue
            created.append(topic.name)
    except KafkaError as error:
        raise RetryableError(f"Kafka refused to create the topics: {error}") from error
    finally:
        admin.close()
    return created
