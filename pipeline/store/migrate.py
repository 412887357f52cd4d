"""Create and upgrade the store's tables (Alembic, one revision a file in `migrations/versions`)."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from pipeline.errors import RetryableError
from pipeline.store.connection import CONNECT_TIMEOUT_S, MIGRATE_LOCK, check_address

MIGRATIONS = Path(__file__).parent / "migrations"


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = make_url(url).set(drivername="postgresql+psycopg")
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the store at `url` to a revision; two callers at once take turns. Raises `RetryableError` when it is away."""
    try:
        with psycopg.connect(check_address(url), autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as lock:
            lock.execute("SELECT pg_advisory_lock(%s)", (MIGRATE_LOCK,))
            command.upgrade(_config(url), revision)
    except (psycopg.OperationalError, OperationalError) as error:
        raise RetryableError(f"the store can't be reached: {str(error).strip()}") from error


def downgrade(url: str, revision: str) -> None:
    """Take the store back to an earlier revision; what only the later one held is lost."""
    command.downgrade(_config(url), revision)


def current(url: str) -> str | None:
    """The revision the store stands at; None for an empty one."""
    engine = create_engine(make_url(check_address(url)).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise RetryableError(f"the store can't be reached: {str(error.orig).strip()}") from error


def knows(revision: str) -> bool:
    """Whether this code has the revision."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return revision in {script.revision for script in scripts.walk_revisions()}


def newest() -> str:
    """The revision this code needs."""
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert head is not None, "there is at least one migration"  # noqa: S101 - an invariant of the package
    return head
