"""Options that several commands share, and what they load."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import config as configuration
from pipeline.config import Config
from pipeline.errors import UsageError

RUNNING_CONFIG = Path("run") / "effective.toml"
"""Where `tocsin up` keeps the configuration in force, below its data directory."""

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
    return config.store.url
