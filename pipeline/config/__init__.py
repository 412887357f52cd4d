"""The configuration: one TOML file, checked whole before anything starts.

Unknown keys are refused with the file, the line and the nearest key that exists. `${NAME}` in a string takes the
environment variable; `password_file` and the like read a file. Secrets are masked when a configuration is shown.
Sources and sinks are named tables (`[sources.voa] type = "rss"`) whose other keys belong to their type: `connectors.registry`
checks them.
"""

import tomllib
from pathlib import Path

from pipeline.config.masking import MASK, SECRET_KEYS, masked
from pipeline.config.sections import (
    DATA_DIR_VARIABLE,
    RECONNECT_MS_MAX,
    Config,
    Extract,
    Kafka,
    Metrics,
    Pipeline,
    Score,
    Store,
    Web,
    WebRole,
    Websub,
    WebUser,
    default_data_dir,
)
from pipeline.config.shown import dump_toml
from pipeline.config.strict import Table, convert, fill_table, fill_variables, find_line, read_secret
from pipeline.errors import ConfigError

__all__ = [
    "DATA_DIR_VARIABLE",
    "MASK",
    "RECONNECT_MS_MAX",
    "SECRET_KEYS",
    "Config",
    "Extract",
    "Kafka",
    "Metrics",
    "Pipeline",
    "Score",
    "Store",
    "Table",
    "Web",
    "WebRole",
    "WebUser",
    "Websub",
    "convert",
    "default_data_dir",
    "dump_toml",
    "fill_variables",
    "find_line",
    "load",
    "masked",
    "parse",
    "read_secret",
]


def load(path: Path | None = None) -> Config:
    """The configuration in `path`, or the defaults without one. Raises `ConfigError`."""
    if path is None:
        return Config()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Config:
    """The configuration in a TOML text; `name` is what errors call it."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: not TOML: {error}") from error
    filled = fill_table(tables, name, text, ())
    return convert(filled, Config, name=name, text=text)
