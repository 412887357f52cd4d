"""Databases on the embedded server of a test."""

import psycopg

from deploy.local.postgres import Postgres


def make_database(server: Postgres, name: str, *, template: str = "template0") -> str:
    """Make a database, empty unless a template is named, and return its address."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")  # type: ignore[arg-type]
    return server.make_url(name)


def drop_database(server: Postgres, name: str) -> None:
    """Drop it, whoever is connected."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]
