"""The embedded Kafka and PostgreSQL as servers: they start, keep data over restarts, and outlive rough treatment."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from kafka import KafkaConsumer, KafkaProducer

from deploy.local import services
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.process import StartError, wait_ready

pytestmark = pytest.mark.integration
READY_SECONDS = 300
STOP_SECONDS = 60  # at most, on a busy machine


@pytest.fixture
def directory(services_dir: Path, request: pytest.FixtureRequest) -> Path:
    """Not pytest's tmp_path: as root PostgreSQL runs as another user, who must be able to get there."""
    path = services_dir / request.node.name
    path.mkdir()
    return path


def read_all(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        consumer_timeout_ms=120_000,
    )
    values = []
    for message in consumer:
        values.append(message.value)
        if len(values) == count:
            break
    consumer.close()
    return values


def make_topic(bootstrap: str, name: str) -> None:
    from kafka.admin import KafkaAdminClient, NewTopic

    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    admin.close()


class TestKafka:
    @pytest.fixture
    def broker(self, directory: Path) -> Iterator[Kafka]:
        server = Kafka(directory / "kafka", log=directory / "kafka.log")
        server.prepare()
        server.start()
        wait_ready(server, READY_SECONDS)
        yield server
        server.stop(STOP_SECONDS)

    def test_keeps_transactions_over_sigkill_and_other_ports(self, broker: Kafka, directory: Path) -> None:
        make_topic(broker.bootstrap_servers, "kept")
        producer = KafkaProducer(bootstrap_servers=broker.bootstrap_servers, transactional_id="t", acks="all")
        producer.init_transactions()
        producer.begin_transaction()
        for n in range(10):
            producer.send("kept", str(n).encode())
        producer.commit_transaction()
        producer.begin_transaction()
        producer.send("kept", b"never committed").get(timeout=60)
        assert broker.process is not None
        broker.process.kill()
        producer.close(timeout=0)

        again = Kafka(broker.directory, log=broker.log)
        assert again.port != broker.port
        again.prepare()
        again.start()
        try:
            wait_ready(again, READY_SECONDS)
            # Fences the old producer and ends its open transaction, so that a committed reader gets past it.
            heir = KafkaProducer(bootstrap_servers=again.bootstrap_servers, transactional_id="t", acks="all")
            heir.init_transactions()
            heir.begin_transaction()
            heir.send("kept", b"10")
            heir.commit_transaction()
            heir.close()
            assert read_all(again.bootstrap_servers, "kept", 11) == [str(n).encode() for n in range(11)]
        finally:
            assert again.stop(STOP_SECONDS), "it had to be killed"

    def test_says_why_it_did_not_start(self, broker: Kafka, directory: Path) -> None:
        twin = Kafka(directory / "twin", log=directory / "twin.log", port=broker.port)
        twin.prepare()
        twin.start()
        with pytest.raises(StartError, match="Address already in use"):
            wait_ready(twin, READY_SECONDS)  # the first one answers on that port, and is not taken for it


class TestPostgres:
    @pytest.fixture
    def server(self, directory: Path) -> Iterator[Postgres]:
        server = Postgres(directory / "postgres", log=directory / "postgres.log")
        server.prepare()
        server.start()
        wait_ready(server, READY_SECONDS)
        yield server
        server.stop(STOP_SECONDS)

    def test_keeps_what_was_committed_over_sigkill(self, server: Postgres) -> None:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE kept (n integer)")
            connection.execute("INSERT INTO kept VALUES (7)")
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGKILL)
        assert server.process.wait(STOP_SECONDS)
        assert (server.directory / "data" / "postmaster.pid").exists()

        again = Postgres(server.directory, log=server.log)
        again.prepare()
        start_until_ready(again)
        with psycopg.connect(again.url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        assert again.stop(STOP_SECONDS), "it had to be killed"

    def test_starts_over_a_pid_file_that_names_another_process(self, server: Postgres) -> None:
        assert server.stop(STOP_SECONDS)
        pid_file = server.directory / "data" / "postmaster.pid"
        pid_file.write_text(f"{os.getpid()}\n{pid_file.parent}\n1\n{server.port}\n\n127.0.0.1\n0 0\nready\n")
        again = Postgres(server.directory, log=server.log)
        again.prepare()
        again.start()
        wait_ready(again, READY_SECONDS)
        assert again.stop(STOP_SECONDS)

    def test_stops_an_orphan_on_its_data(self, server: Postgres) -> None:
        assert server.process is not None
        again = Postgres(server.directory, log=server.log)
        again.prepare()
        start_until_ready(again)
        assert not server.process.is_running()
        assert again.stop(STOP_SECONDS)

    def test_refuses_a_wrong_password(self, server: Postgres) -> None:
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"postgresql://tocsin:wrong@127.0.0.1:{server.port}/tocsin", connect_timeout=60)

    def test_listens_on_loopback_only(self, server: Postgres) -> None:
        import psutil

        assert server.process is not None
        found = [c.laddr for c in psutil.Process(server.process.pid).net_connections() if c.status == "LISTEN"]
        assert [(a.ip, a.port) for a in found] == [("127.0.0.1", server.port)]


def test_servers_go_on_to_other_ports_when_somebody_was_quicker(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        taken = (first.getsockname()[1], second.getsockname()[1])
        broker = Kafka(directory / "kafka", log=directory / "kafka.log", port=taken[0])
        database = Postgres(directory / "postgres", log=directory / "postgres.log", port=taken[1])
        ready: list[str] = []
        try:
            services.bring_up(
                [broker, database],
                show=lambda name, what: None,
                on_ready=lambda server: ready.append(server.name),
                is_stopping=lambda: False,
            )
            assert sorted(ready) == ["kafka", "postgres"]
            assert broker.port not in taken
            assert database.port not in taken
            psycopg.connect(database.url).close()
        finally:
            broker.stop(STOP_SECONDS)
            database.stop(STOP_SECONDS)


def start_until_ready(server: Postgres) -> None:
    """As the supervisor does: shared memory of a killed server may be in use for a moment."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        server.start()
        try:
            wait_ready(server, READY_SECONDS)
        except StartError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def test_fixtures_serve(kafka_bootstrap: str, postgres_url: str) -> None:
    make_topic(kafka_bootstrap, "fixture-probe")
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
