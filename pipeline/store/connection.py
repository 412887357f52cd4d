"""Connections to the store, with the limits that every transaction of tocsin lives under.

A process that is paused keeps its connection and its locks; the server ends both after the limits below, so that the
others go on. Hence a connection must be expected to be gone at any time: `OperationalError` means that the transaction
did not happen, or is not known to have happened, and everything that writes is written to be tried again.
"""

import psycopg
import psycopg.conninfo

from pipeline.errors import ConfigError, RetryableError

TRANSACTION_TIMEOUT_S = 10
"""A transaction that lasts longer is ended by the server (PostgreSQL 17 and later)."""
IDLE_IN_TRANSACTION_TIMEOUT_S = 5
"""A session that does nothing inside a transaction for longer is ended."""
CONNECT_TIMEOUT_S = 5

Connection = psycopg.Connection[tuple[object, ...]]

LINK_LOCK = 0x70C5_1001
"""Advisory lock of the look-up-and-join part of linking: two reprints handed to two workers meet one after the other."""
WRITE_LOCK = 0x70C5_1002
"""The same for joining stories to incidents."""
RELAY_LOCK = 0x70C5_1003
"""Held by the one relay that publishes."""
MIGRATE_LOCK = 0x70C5_1004


def check_address(url: str) -> str:
    """The address, if it is one. Raises `ConfigError`, which does not quote it: psycopg's own error would, password and all."""
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        url = ""
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConfigError("store.url is no address of a PostgreSQL: postgresql://user:password@host:port/name")
    return url


def connect(url: str, *, application: str, autocommit: bool = False, limits: bool = True) -> Connection:
    """A connection to the store at `url` (postgresql://…); `limits` sets the time-outs above.

    Raises `RetryableError` when the server can't be reached.
    """
    options = ""
    if limits:
        options = (
            f"-c transaction_timeout={TRANSACTION_TIMEOUT_S}s "
            f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_S}s"
        )
    try:
        return psycopg.connect(
            check_address(url),
            autocommit=autocommit,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name=f"tocsin-{application}",
            options=options,
        )
    except psycopg.OperationalError as error:
        raise RetryableError(f"the store can't be reached: {str(error).strip()}") from error
