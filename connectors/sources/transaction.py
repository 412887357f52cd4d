"""One connection to the store for what the connectors keep there, and its transactions.

A lost connection is told as `RetryableError` and opened anew by the next transaction; everything done in one may be done again.
"""

import psycopg

from pipeline.errors import RetryableError, UsageError
from pipeline.store.connection import Connection, connect


class StoreLink:
    """One connection, made when first needed and anew when it is lost. Not for several threads at once."""

    def __init__(self, url: str, *, application: str = "connectors") -> None:
        self._url = url
        self._application = application
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """The open connection. Raises `RetryableError`."""
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, application=self._application)
        return self._connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def transaction(self) -> "Transaction":
        """A context in which one transaction happens: committed at its end, rolled back by an error."""
        return Transaction(self)


class Transaction:
    """See `StoreLink.transaction`."""

    def __init__(self, link: StoreLink) -> None:
        self._link = link

    def __enter__(self) -> Connection:
        self._connection = self._link.connection()
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._connection.commit()
                return
            self._connection.rollback()
        except psycopg.Error as failure:
            error = error or failure
        if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
            raise UsageError(
                "the store's tables are missing or of an older version: run `tocsin store migrate`"
            ) from error
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError):
            self._link.close()
            raise RetryableError(f"the store: {str(error).strip()}") from error
