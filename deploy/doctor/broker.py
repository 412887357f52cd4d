"""Kafka: reachable, with our topics, as they should be."""

import time
from collections.abc import Iterator

from deploy.doctor.verdict import Finding, failed, not_asked, ok, warning
from pipeline.config import Config
from pipeline.errors import ConfigError
from pipeline.publish.lag import Lag
from pipeline.records.topics import ARTICLES, TOPICS

LAG_MUCH = 1_000
ANSWER_MS_MAX = 5_000
TRIES, TRY_AGAIN_S = 3, 1.0


def look(config: Config) -> Iterator[Finding]:
    """One finding after the other."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import KafkaError

    if not config.kafka.bootstrap_servers:
        yield failed("Kafka", "no address", "start `tocsin up`, or set kafka.bootstrap_servers")
        yield not_asked("topics", "Kafka is not known")
        return
    try:
        admin = KafkaAdminClient(**config.kafka.client_options(), request_timeout_ms=ANSWER_MS_MAX)
    except (KafkaError, ConfigError, OSError, ValueError) as error:
        do = "is it running, and do address, security_protocol, user, password and certificates fit?"
        yield failed("Kafka", f"{config.kafka.bootstrap_servers}: {error}", do)
        yield not_asked("topics", "Kafka does not answer")
        return
    try:
        yield ok("Kafka", config.kafka.bootstrap_servers)
        there = set(admin.list_topics())
        yield _topics(there)
        if ARTICLES in there:
            yield _partitions(len(admin.describe_topics([ARTICLES])[0]["partitions"]), config)
            yield _lag(config)
    except (KafkaError, OSError) as error:
        yield failed("topics", str(error), "may this user list and describe topics? deploy/roles/kafka.sh has the ACLs")
    finally:
        admin.close()


def _topics(there: set[str]) -> Finding:
    missing = [topic.name for topic in TOPICS if topic.name not in there]
    if missing:
        return failed(
            "topics", f"missing: {', '.join(missing)}", "`tocsin topics create`, or let an operator create them"
        )
    return ok("topics", f"all {len(TOPICS)}")


def _partitions(count: int, config: Config) -> Finding:
    if count < config.pipeline.workers:
        do = f"more workers than partitions idle: {config.pipeline.workers} workers want as many partitions"
        return warning("partitions", f"{ARTICLES} has {count}", do)
    return ok("partitions", f"{ARTICLES} has {count}")


def _lag(config: Config) -> Finding:
    lag = Lag(config)
    try:
        waiting = lag.read()
        for _ in range(TRIES - 1):
            if waiting is None:  # a client has not heard of new topics at once
                time.sleep(TRY_AGAIN_S)
                waiting = lag.read()
    finally:
        lag.close()
    if waiting is None:
        return warning("backlog", "Kafka does not say", "may this user describe the group of the pipeline?")
    if waiting > LAG_MUCH:
        return warning(
            "backlog", f"{waiting:,} articles wait", "is a worker running? `tocsin top` shows the rate; add workers"
        )
    return ok("backlog", f"{waiting} articles wait")
