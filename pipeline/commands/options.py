"""Options that several commands share, and what they load."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from pipeline import config as configuration
from pipeline.config import Config
from pipeline.errors import UsageError

RUNNING_CONFIG = Path("run") / "effective.toml"
"""Where `tocsin up` keeps the configuration in force, below its data directory."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_AGE = re.compile(r"(\d+)([smhd])")

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="Configuration (TOML); else that of the tocsin running here.", envvar="TOCSIN_CONFIG"
    ),
]


def load_config(path: Path | None) -> Config:
    """The configuration named, or else the one in force in the default data directory, or else the defaults."""
    running = configuration.default_data_dir() / RUNNING_CONFIG
    return configuration.load(path or (running if running.exists() else None))


def need_kafka(config: Config) -> dict[str, object]:
    """The client options; `UsageError` when no broker is known."""
    if not config.kafka.bootstrap_servers:
        raise UsageError(
            "no Kafka is known: start `tocsin up` first, or name a configuration with kafka.bootstrap_servers (--config FILE)"
        )
    return config.kafka.client_options()


def need_store(config: Config) -> str:
    """The store's address; `UsageError` when none is known."""
    if not config.store.url:
        raise UsageError(
            "no store is known: start `tocsin up` first, or name a configuration with store.url (--config FILE)"
        )
    from pipeline.store.connection import check_address  # psycopg: not for `--help`

    return check_address(config.store.url)


def parse_since(text: str, now: datetime) -> datetime:
    """A moment from an age ("30m", "2h", "7d") or an RFC 3339 time. Raises `UsageError`."""
    if match := _AGE.fullmatch(text):
        return now - timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--since {text!r} is neither an age such as 2h nor a time such as 2026-01-31T12:00Z"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
