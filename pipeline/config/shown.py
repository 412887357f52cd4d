"""The configuration as it may be shown: secrets masked, as TOML again."""

import re
from typing import Any

import msgspec

from pipeline.config.sections import Config
from pipeline.config.strict import Table


def dump_toml(config: Config) -> str:
    """The configuration as TOML that `load` reads back, secrets included: for files that only their owner may read."""
    return _toml(msgspec.to_builtins(config), ())


def _toml(table: Table, at: tuple[str, ...]) -> str:
    lines = [f"{_key(k)} = {_scalar(v)}" for k, v in table.items() if not isinstance(v, dict) and v is not None]
    parts = ["\n".join(lines) + "\n"] if lines else []
    for key, value in table.items():
        if isinstance(value, dict):
            path = (*at, key)
            parts.append(f"[{'.'.join(_key(k) for k in path)}]\n{_toml(value, path)}")
    return "\n".join(parts)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _scalar(key)


def _scalar(value: Any) -> str:
    # JSON's strings, numbers, booleans and arrays are TOML's too, once DEL is escaped.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
