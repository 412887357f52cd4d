"""The live view's figures against the real broker and database."""

import time
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from deploy.local.figures import ArticleCount, Reader, read_store
from deploy.local.status import Figures
from pipeline.config import Config, Kafka, Pipeline, Store
from pipeline.publish.lag import Lag
from pipeline.records import topics
from pipeline.store.migrate import upgrade

pytestmark = pytest.mark.integration


@pytest.fixture
def config(kafka_bootstrap: str) -> Config:
    kafka = Kafka(bootstrap_servers=kafka_bootstrap)
    topics.ensure(kafka.client_options(), partitions=2)
    return Config(kafka=kafka, pipeline=Pipeline(group=f"figures-{uuid.uuid4().hex}"))


@pytest.fixture
def store(postgres_url: str) -> Iterator[psycopg.Connection]:
    upgrade(postgres_url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def test_lag_counts_what_is_published_and_not_committed(config: Config) -> None:
    lag = Lag(config)
    before = lag.read()
    assert before is not None
    producer = KafkaProducer(bootstrap_servers=config.kafka.bootstrap_servers)
    last = max(producer.partitions_for(topics.ARTICLES))  # the broker is shared: another test may have made the topic
    for partition in (0, 0, 0, last, last):
        producer.send(topics.ARTICLES, b"{}", partition=partition).get(timeout=60)
    producer.close()
    assert lag.read() == before + 5

    first = TopicPartition(topics.ARTICLES, 0)
    consumer = KafkaConsumer(bootstrap_servers=config.kafka.bootstrap_servers, group_id=config.pipeline.group)
    consumer.assign([first])
    end = consumer.end_offsets([first])[first]
    beginning = consumer.beginning_offsets([first])[first]
    consumer.commit({first: OffsetAndMetadata(end, "", -1)})
    consumer.close()
    assert lag.read() == before + 5 - (end - beginning)
    lag.close()


def test_an_empty_database_has_no_figures(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        assert read_store(connection, ArticleCount()) == Figures()


def test_articles_are_counted_once_from_the_first_look_on(store: psycopg.Connection) -> None:
    now = [0.0]
    count = ArticleCount(clock=lambda: now[0])
    store.execute("INSERT INTO written (version_id, outcome, at) VALUES ('old', 'quiet', now() - interval '1 hour')")
    assert count.read(store) == (0, 0.0)
    time.sleep(1.1)  # it looks one second back, for transactions that were under way
    store.execute("INSERT INTO written (version_id, outcome) SELECT 'v' || n, 'quiet' FROM generate_series(1, 30) n")
    time.sleep(1.1)
    now[0] = 10.0
    assert count.read(store) == (30, 3.0)
    assert count.read(store) == (30, 3.0)


def test_alerts_by_severity_and_the_latest_first(store: psycopg.Connection) -> None:
    for n, severity in enumerate(["low", "critical", "critical"]):
        store.execute(
            "INSERT INTO alerts (alert_id, incident_id, revision, category, severity, what, alert, updated_at)"
            " VALUES (%s, %s, 2, 'conflict', %s, %s, '', now() + %s * interval '1 s')",
            (f"alert:{n}", f"inc:{n}", severity, f"what {n}", n),
        )
    found = read_store(store, ArticleCount())
    assert found.alerts == {"low": 1, "critical": 2}
    assert [(a.what, a.severity, a.revision) for a in found.latest][:2] == [
        ("what 2", "critical", 2),
        ("what 1", "critical", 2),
    ]


def test_feeds_that_fail_are_named_with_their_reason(store: psycopg.Connection) -> None:
    store.execute(
        "INSERT INTO feeds (feed, source, url, active, polls, failures, reason, message) VALUES"
        " ('a', 's', 'http://a', true, 3, 0, null, null), ('b', 's', 'http://b', true, 3, 2, 'timeout', 'no answer in 20 s'),"
        " ('c', 's', 'http://c', true, 0, 0, null, null), ('d', 's', 'http://d', false, 9, 9, 'timeout', 'gone')"
    )
    found = read_store(store, ArticleCount())
    assert (found.feeds_ok, found.feeds_failing) == (1, 1)
    assert [(f.name, f.reason) for f in found.failing] == [("b", "no answer in 20 s")]


def test_the_reader_survives_a_store_that_is_away(config: Config) -> None:
    from msgspec.structs import replace

    reader = Reader(replace(config, store=Store(url="postgresql://nobody@127.0.0.1:1/none")))
    found = reader.read_once()
    assert found.problem is not None
    assert found.lag is not None
    assert found.articles is None
