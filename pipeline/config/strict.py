"""TOML read strictly: an unknown key is refused with its line and the nearest key there is; variables and secrets are filled in."""

import difflib
import os
import re
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from pipeline.errors import ConfigError

Table = dict[str, Any]
"""A TOML table before its type is known."""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


T = TypeVar("T", bound=Struct)


def convert(table: Table, kind: type[T], *, name: str, text: str = "", at: tuple[str, ...] = ()) -> T:
    """The table as a `kind` (a msgspec struct that forbids unknown fields); `at` is the path of the table in the file.

    Raises `ConfigError` naming file, line and key, and the nearest valid key when one is unknown.
    """
    _refuse_unknown(table, kind, name, text, at)
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `$")
        keys = (*at, *[k for k in where.rstrip("`").split(".") if k])
        raise ConfigError(f"{_where(name, text, keys)}: {'.'.join(keys) or 'the file'}: {message}") from error


def _refuse_unknown(table: Table, kind: type[Any], name: str, text: str, at: tuple[str, ...]) -> None:
    hints = get_type_hints(kind)
    for key, value in table.items():
        path = (*at, key)
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"valid keys: {', '.join(hints)}"
            raise ConfigError(f"{_where(name, text, path)}: unknown key {'.'.join(path)!r}; {hint}")
        inner = next((t for t in (hints[key], *get_args(hints[key])) if _is_struct(t)), None)
        if inner is None or not isinstance(value, dict):
            continue
        # `[web.users.ann]` is one of several tables with names of the operator's own.
        tables = value.items() if get_origin(hints[key]) is dict else [("", value)]
        for own, one in tables:
            if isinstance(one, dict):
                _refuse_unknown(one, inner, name, text, (*path, own) if own else path)


def _is_struct(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _where(name: str, text: str, path: tuple[str, ...]) -> str:
    """`name:line` of a key, as far as the text tells."""
    line = find_line(text, path)
    return f"{name}:{line}" if line else name


def find_line(text: str, path: tuple[str, ...]) -> int | None:
    """The 1-based line on which the key at `path` stands; None when it can't be told."""
    table: tuple[str, ...] = ()
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("[") and line.rstrip().split("#")[0].rstrip().endswith("]"):
            table = tuple(k.strip().strip("\"'") for k in line.split("#")[0].strip().strip("[]").split("."))
            if table == path:
                return number
        elif "=" in line:
            key = tuple(k.strip().strip("\"'") for k in line.split("=", 1)[0].split("."))
            if (*table, *key) == path:
                return number
    return None


def fill_variables(table: Table, name: str) -> Table:
    """The table with every `${NAME}` in its strings replaced from the environment; `name` is what errors call it. Raises `ConfigError`."""
    filled: Table = fill_table(table, name, "", ())
    return filled


def fill_table(value: Any, name: str, text: str, at: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {k: fill_table(v, name, text, (*at, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [fill_table(v, name, text, at) for v in value]
    if not isinstance(value, str):
        return value

    def variable(match: re.Match[str]) -> str:
        found = os.environ.get(match.group(1))
        if found is None:
            raise ConfigError(
                f"{_where(name, text, at)}: {'.'.join(at)}: the environment variable {match.group(1)} is not set"
            )
        return found

    return _VARIABLE.sub(variable, value)


def read_secret(path: str) -> str:
    """What stands in the file, without white space around it; empty without a path. Raises `ConfigError`."""
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{path}: the secret can't be read: {error}") from error
