"""TLS, client certificates, passwords and permissions, tried against a broker that insists on them."""

import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from msgspec.structs import replace

from deploy.local.process import wait_ready
from pipeline.config import Config, Kafka, Store, dump_toml
from pipeline.errors import ConfigError, RetryableError
from pipeline.records import codec, topics
from pipeline.records.topics import ALERTS, ARTICLES, REJECTS
from pipeline.store import migrate
from tests.support.certificates import Authority
from tests.support.secure_kafka import MECHANISMS, SecureKafka
from tests.support.stack import Stack, make_article, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

ROLES = Path(__file__).parents[2] / "deploy" / "roles" / "kafka.sh"
OPERATOR = "tocsin-operator"
QUICK = {"request_timeout_ms": 30_000, "max_block_ms": 30_000, "bootstrap_timeout_ms": 10_000}


def commands() -> list[list[str]]:
    """The words of each line that gives a permission."""
    return [
        shlex.split(line)[1:] for line in ROLES.read_text(encoding="utf-8").splitlines() if line.startswith("acls --")
    ]


def allow_all(broker: SecureKafka) -> None:
    """What `kafka-acls.sh` would do, by the same words."""
    for words in commands():
        text = " ".join(words)
        (principal,) = re.findall(r"--allow-principal User:(\S+)", text)
        operations = ",".join(re.findall(r"--operation (\S+)", text))
        ((kind, name),) = re.findall(r"--(topic|group|transactional-id) (\S+)", text)
        prefix = "--resource-pattern-type prefixed" in text
        broker.allow(principal, operations, kind.upper().replace("-", "_"), name, prefix=prefix)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    folder = tmp_path_factory.mktemp("secure")
    users = {re.findall(r"User:(\S+)", " ".join(words))[0]: secrets.token_hex(12) for words in commands()}
    server = SecureKafka(folder / "kafka", log=folder / "kafka.log", authority=Authority(folder), users=users)
    server.prepare()
    server.start()
    try:
        wait_ready(server, 120)
        server.add_scram_users()
        allow_all(server)
        topics.ensure(server.sasl(OPERATOR, "PLAIN").client_options(), partitions=2)
        yield server
    finally:
        server.stop(5)


def refusal(config: Kafka) -> str:
    """Why a client so configured does not get to publish an article; empty when it does."""
    try:
        producer = KafkaProducer(**config.client_options(), acks="all", **QUICK)
        producer.send(ARTICLES, key=b"probe", value=b"{}").get(timeout=120)
        producer.close(timeout=5)
    except (KafkaError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_password_over_tls_lets_in_and_a_wrong_one_does_not(broker: SecureKafka, mechanism: str) -> None:
    assert refusal(broker.sasl("tocsin-connectors", mechanism)) == ""
    assert refusal(broker.sasl("tocsin-connectors", mechanism, sasl_password="wrong"))


def test_a_client_certificate_lets_in_and_none_or_a_stranger_s_does_not(broker: SecureKafka, tmp_path: Path) -> None:
    good = broker.mtls("tocsin-connectors")
    assert refusal(good) == ""
    assert refusal(replace(good, ssl_certfile="", ssl_keyfile=""))
    certificate, key = Authority(tmp_path, "stranger").issue("tocsin-connectors")
    assert refusal(replace(good, ssl_certfile=str(certificate), ssl_keyfile=str(key)))


def test_a_broker_that_can_t_be_verified_is_not_talked_to(broker: SecureKafka, tmp_path: Path) -> None:
    good = broker.sasl("tocsin-connectors", "PLAIN")
    assert refusal(replace(good, ssl_cafile=str(Authority(tmp_path, "somebody else").ca)))
    assert refusal(replace(good, bootstrap_servers=good.bootstrap_servers.replace("127.0.0.1", "localhost"))), (
        "another name"
    )
    assert refusal(replace(good, ssl_cafile="")), "unknown to the system's authorities"


def test_what_is_missing_is_named_before_anything_is_dialled(broker: SecureKafka, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ssl_cafile.*nothing.pem"):
        broker.sasl(OPERATOR, "PLAIN", ssl_cafile=str(tmp_path / "nothing.pem")).client_options()
    with pytest.raises(ConfigError, match="sasl_mechanism"):
        Kafka(bootstrap_servers="b:1", security_protocol="SASL_SSL").client_options()
    with pytest.raises(ConfigError, match="security_protocol"):
        Kafka(bootstrap_servers="b:1", sasl_mechanism="PLAIN", sasl_username="u", sasl_password="p").client_options()


def test_the_processes_work_with_the_permissions_in_the_roles_and_no_more(
    broker: SecureKafka, postgres_url: str, tmp_path: Path
) -> None:
    migrate.upgrade(postgres_url)
    stacks: dict[str, Stack] = {}
    for user in ("tocsin-pipeline", "tocsin-relay", "tocsin-sinks"):
        folder = tmp_path / user
        folder.mkdir()
        config = Config(
            kafka=broker.sasl(user, "SCRAM-SHA-512"),
            store=Store(url=postgres_url),
            sinks={"file": {"type": "jsonl", "path": str(tmp_path / "alerts.jsonl")}} if user == "tocsin-sinks" else {},
        )
        config = replace(config, extract=replace(config.extract, model="rules"))
        (folder / "tocsin.toml").write_text(dump_toml(config), encoding="utf-8")
        stacks[user] = Stack(config, folder)
    article = make_article(
        1, "Bomb in Mogadishu", "A car bomb killed at least 12 people in Mogadishu on Monday, police said."
    )
    producer = KafkaProducer(**broker.mtls("tocsin-connectors").client_options(), acks="all", enable_idempotence=True)
    producer.send(ARTICLES, key=b"a", value=codec.encode(article)).get(timeout=120)
    producer.close()
    try:
        stacks["tocsin-pipeline"].start("worker", "pipeline", "run")
        stacks["tocsin-relay"].start("relay", "relay", "run")
        stacks["tocsin-sinks"].start("sinks", "sinks", "run")

        def is_delivered() -> bool:
            for stack in stacks.values():
                stack.tend()
            return (tmp_path / "alerts.jsonl").exists() and article.version_id in (
                tmp_path / "alerts.jsonl"
            ).read_text()

        wait_until("the alert has come through all of them", is_delivered, 300)
    finally:
        for stack in stacks.values():
            for name in list(stack.processes):
                stack.end(name)
    soc = broker.sasl("soc", "SCRAM-SHA-256").client_options()
    consumer = KafkaConsumer(
        ALERTS, **soc, group_id="soc", auto_offset_reset="earliest", isolation_level="read_committed"
    )
    wait_until("a subscriber reads it", lambda: bool(consumer.poll(timeout_ms=500)))
    consumer.close()


FORBIDDEN = [
    ("tocsin-connectors", ALERTS),
    ("tocsin-connectors", REJECTS),
    ("tocsin-pipeline", ALERTS),
    ("tocsin-pipeline", ARTICLES),
    ("tocsin-relay", ARTICLES),
    ("tocsin-sinks", ALERTS),
    ("soc", ALERTS),
    ("soc", ARTICLES),
]


@pytest.mark.parametrize(("user", "topic"), FORBIDDEN)
def test_nobody_publishes_where_it_is_not_theirs(broker: SecureKafka, user: str, topic: str) -> None:
    producer = KafkaProducer(
        **broker.sasl(user, "PLAIN").client_options(), acks="all", enable_idempotence=False, **QUICK
    )
    with pytest.raises(KafkaError, match=r"(?i)authoriz"):
        producer.send(topic, key=b"forged", value=b"{}").get(timeout=20)
    producer.close(timeout=5)


def test_only_the_relay_takes_the_relay_s_transaction(broker: SecureKafka) -> None:
    options = broker.sasl("tocsin-sinks", "PLAIN").client_options()
    producer = KafkaProducer(**options, transactional_id="tocsin-relay", enable_idempotence=True, acks="all", **QUICK)
    with pytest.raises(KafkaError, match=r"(?i)authoriz"):
        producer.init_transactions()
    producer.close(timeout=5)


def test_only_the_operator_makes_topics(broker: SecureKafka) -> None:
    more = (topics.watch_topic("anything"),)
    with pytest.raises(RetryableError, match=r"(?i)authoriz"):
        topics.ensure(broker.sasl("soc", "PLAIN").client_options(), more)
    topics.ensure(broker.sasl("tocsin-relay", "PLAIN").client_options(), more)


def test_a_refused_password_is_told_without_it(broker: SecureKafka, tmp_path: Path) -> None:
    config = Config(kafka=broker.sasl("tocsin-connectors", "PLAIN", sasl_password="hunter2hunter2"))
    (tmp_path / "tocsin.toml").write_text(dump_toml(config), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline.cli", "topics", "create", "--config", str(tmp_path / "tocsin.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "password" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
