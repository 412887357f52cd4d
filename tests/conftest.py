"""Fixtures shared by every tier: the real broker and the real database, started once per session when first asked for.

Both come with the Python environment, so nothing is skipped for want of them. They live in a temporary directory, on free
loopback ports, and end with the test process, however that ends. Of several processes (`make test`) each has its own.
"""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from deploy.local import services
from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.process import Server
from tests.support.databases import drop_database, make_database

STOP_SECONDS = 5

# An example that takes long says something of the machine, not of the code.
settings.register_profile("tocsin", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tocsin")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`: `tests.support.lanes`."""
    from tests.support.lanes import Lanes

    return Lanes(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `-n`: what takes longest comes first."""
    if hasattr(config, "workerinput"):
        from tests.support.lanes import in_order

        place = {nodeid: at for at, nodeid in enumerate(in_order([item.nodeid for item in items]))}
        items.sort(key=lambda item: place[item.nodeid])


@pytest.fixture(scope="session")
def services_dir() -> Iterator[Path]:
    """Where the embedded servers of this session keep data and logs."""
    path = Path(tempfile.mkdtemp(prefix="tocsin-tests-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def bring_up(server: Server) -> None:
    """Start it and wait until it serves; on another port if somebody was quicker."""
    services.bring_up([server], show=lambda *_: None, on_ready=lambda _: None, is_stopping=lambda: False)


@pytest.fixture(scope="session")
def kafka_bootstrap(services_dir: Path) -> Iterator[str]:
    """`host:port` of a real broker, shared by the session: use topic and group names of your own."""
    server = Kafka(services_dir / "kafka", log=services_dir / "kafka.log")
    try:
        bring_up(server)
        yield server.bootstrap_servers
    finally:
        server.stop(STOP_SECONDS)


@pytest.fixture(scope="session")
def postgres_server(services_dir: Path) -> Iterator[Postgres]:
    """A real PostgreSQL, shared by the session; not durable, hence fast."""
    server = Postgres(services_dir / "postgres", log=services_dir / "postgres.log", durable=False)
    try:
        bring_up(server)
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
