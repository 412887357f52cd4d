"""Fixtures shared by every tier: the real broker and the real database, started once per session when first asked for.

Both come with the Python environment, so nothing is skipped for want of them. They live in a temporary directory, on free
loopback ports, and end with the test process, however that ends.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.process import wait_ready
from tests.support.databases import drop_database, make_database

KAFKA_READY_SECONDS = 90  # a cold, shared machine; 3-7 s as a rule
POSTGRES_READY_SECONDS = 30
STOP_SECONDS = 5


@pytest.fixture(scope="session")
def services_dir() -> Iterator[Path]:
    """Where the embedded servers of this session keep data and logs."""
    path = Path(tempfile.mkdtemp(prefix="tocsin-tests-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka_bootstrap(services_dir: Path) -> Iterator[str]:
    """`host:port` of a real broker, shared by the session: use topic and group names of your own."""
    server = Kafka(services_dir / "kafka", log=services_dir / "kafka.log")
    server.prepare()
    server.start()
    try:
        wait_ready(server, KAFKA_READY_SECONDS)
        yield server.bootstrap_servers
    finally:
        server.stop(STOP_SECONDS)


@pytest.fixture(scope="session")
def postgres_server(services_dir: Path) -> Iterator[Postgres]:
    """A real PostgreSQL, shared by the session; not durable, hence fast."""
    server = Postgres(services_dir / "postgres", log=services_dir / "postgres.log", durable=False)
    server.prepare()
    server.start()
    try:
        wait_ready(server, POSTGRES_READY_SECONDS)
        yield server
    finally:
        server.stop(STOP_SECONDS)


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    name = f"test_{secrets.token_hex(6)}"
    url = make_database(postgres_server, name)
    try:
        yield url
    finally:
        drop_database(postgres_server, name)
