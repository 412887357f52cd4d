"""The configuration: one TOML file, checked whole before anything starts.

Unknown keys are refused with the file, the line and the nearest key that exists. `${NAME}` in a string takes the
environment variable; `password_file` and the like read a file. Secrets are masked when a configuration is shown.
Sources and sinks are named tables (`[sources.voa] type = "rss"`) whose other keys belong to their type: `connectors.registry`
checks them.
"""

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, field

from pipeline.errors import ConfigError
from pipeline.records.topics import PARTITIONS_DEFAULT

DATA_DIR_VARIABLE = "TOCSIN_DATA_DIR"
MASK = "********"
RECONNECT_MS_MAX = 2_000
"""Longest pause before a lost broker is tried again; kafka-python's 30 s would keep a stream standing after the broker is back."""
SECRET_KEYS = ("password", "secret", "token", "api_key", "authorization", "hook_url")
"""Keys that end so are masked whole; of every other address, the user and password in it."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_USER_INFO = re.compile(
    r"(?<=://)[^/\s]*:[^/\s]*(?=@)|(?i:(?<=password=)|(?<=passwd=)|(?<=token=)|(?<=api_key=)|(?<=secret=))[^&\s]+"
)
"""User and password in an address, and what its parameters, or a connection's `key=value`, keep secret."""

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

T = TypeVar("T", bound=Struct)
Table = dict[str, Any]
"""A TOML table before its type is known."""


def default_data_dir() -> Path:
    """`$TOCSIN_DATA_DIR`, else `$XDG_DATA_HOME/tocsin`, else `~/.local/share/tocsin`."""
    if chosen := os.environ.get(DATA_DIR_VARIABLE):
        return Path(chosen)
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "tocsin"


class Kafka(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The broker. With `bootstrap_servers` empty, `tocsin up` starts its own."""

    bootstrap_servers: str = ""  # "host:port,host:port"
    security_protocol: SecurityProtocol = "PLAINTEXT"  # PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL
    sasl_mechanism: SaslMechanism = ""  # PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
    sasl_username: str = ""
    sasl_password: str = ""
    sasl_password_file: str = ""
    ssl_cafile: str = ""
    ssl_certfile: str = ""
    ssl_keyfile: str = ""
    partitions: int = PARTITIONS_DEFAULT  # of topics that are created
    replication: int = 1  # of topics that are created

    def client_options(self) -> dict[str, object]:
        """Keyword arguments for every kafka-python client. Raises `ConfigError` naming what does not fit, or is not there."""
        self._check()
        options: dict[str, object] = {
            "bootstrap_servers": [s.strip() for s in self.bootstrap_servers.split(",") if s.strip()],
            "security_protocol": self.security_protocol,
            "reconnect_backoff_max_ms": RECONNECT_MS_MAX,
        }
        if self.sasl_mechanism:
            password = self.sasl_password or read_secret(self.sasl_password_file)
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": password,
            }
        files = {"ssl_cafile": self.ssl_cafile, "ssl_certfile": self.ssl_certfile, "ssl_keyfile": self.ssl_keyfile}
        return options | {name: path for name, path in files.items() if path}

    def __repr__(self) -> str:
        """With secrets masked: it ends up in tracebacks and logs."""
        return f"Kafka({masked(msgspec.to_builtins(self))})"

    def _check(self) -> None:
        """A half set security is refused: it would be none, without a word."""
        needs_sasl = self.security_protocol.startswith("SASL")
        if needs_sasl and not (self.sasl_mechanism and self.sasl_username):
            raise ConfigError(
                f"kafka.security_protocol = {self.security_protocol!r} needs kafka.sasl_mechanism and kafka.sasl_username"
            )
        if self.sasl_mechanism and not needs_sasl:
            raise ConfigError(
                f"kafka.sasl_mechanism needs kafka.security_protocol SASL_SSL (or SASL_PLAINTEXT), not {self.security_protocol}"
            )
        if self.ssl_cafile and self.security_protocol in ("PLAINTEXT", "SASL_PLAINTEXT"):
            raise ConfigError(
                f"kafka.ssl_cafile needs kafka.security_protocol SSL or SASL_SSL, not {self.security_protocol}"
            )
        for key in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
            path = getattr(self, key)
            if path and not os.access(path, os.R_OK):
                raise ConfigError(f"kafka.{key}: {path} is not there, or not readable")


class Store(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """PostgreSQL. With `url` empty, `tocsin up` starts its own."""

    url: str = ""  # postgresql://user:password@host:port/name
    keep_days: int = 90  # articles, findings and alerts

    def __repr__(self) -> str:
        """With secrets masked, as above."""
        return f"Store({masked(msgspec.to_builtins(self))})"


class Websub(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Hubs that tell when a feed has something new. With `callback` empty nothing is subscribed to, and nothing listens."""

    callback: str = ""  # the address at which hubs reach `listen`, through a proxy of yours
    listen: str = "127.0.0.1:8090"  # "host:port" of the connectors


class Metrics(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a process tells whoever watches it."""

    listen: str = ""  # "host:port" of /metrics, /health/live and /health/ready; empty: nowhere


WebRole = Literal["viewer", "analyst", "admin"]


class WebUser(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody who may log in."""

    password: str  # a hash: `tocsin web password` makes one
    role: WebRole = (
        "viewer"  # viewer looks; analyst marks alerts and keeps rules; admin pauses feeds and replays rejects
    )


class Web(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The screen in the browser."""

    listen: str = "127.0.0.1:8080"  # "host:port"; empty: `tocsin up` starts none
    users: dict[str, WebUser] = field(default_factory=dict)  # none: everybody on this machine is an admin
    hosts: tuple[str, ...] = ()  # names under which it may be asked without users, beside localhost
    user_header: str = (
        ""  # header in which your proxy names the user whom it has let in; it must set it on every request
    )
    user_header_role: WebRole = "viewer"  # of a user whom `users` does not name
    https: bool = False  # reached through a proxy that speaks TLS: cookies go over it only
    secret_file: str = ""  # signs sessions; without one they end when the process does

    def __repr__(self) -> str:
        """With secrets masked, as above."""
        return f"Web({masked(msgspec.to_builtins(self))})"


class Pipeline(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The Beam job."""

    workers: int = 0  # processes on one machine; 0: one less than there are cores, at least one
    close_days: int = 7  # an alert that no report has told for so long is closed; a later report opens it again
    group: str = "tocsin-pipeline"  # consumer group that the offsets are committed under


class Extract(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The text analysis."""

    model: str = "tocsin_en"  # the shipped one, or any installed spaCy pipeline, or a path
    check: str = (
        ""  # package.module:function that confirms events or takes them away, such as a language model's; empty: none
    )


class Score(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The score."""

    weights: str = ""  # path of a weights table that replaces the shipped one


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    data_dir: str = ""  # where `tocsin up` keeps everything; empty: default_data_dir()
    kafka: Kafka = field(default_factory=Kafka)
    store: Store = field(default_factory=Store)
    pipeline: Pipeline = field(default_factory=Pipeline)
    extract: Extract = field(default_factory=Extract)
    score: Score = field(default_factory=Score)
    metrics: Metrics = field(default_factory=Metrics)
    websub: Websub = field(default_factory=Websub)
    web: Web = field(default_factory=Web)
    sources: dict[str, Table] = field(default_factory=dict)
    sinks: dict[str, Table] = field(default_factory=dict)

    def __repr__(self) -> str:
        """With secrets masked: a configuration ends up in logs."""
        return f"Config({masked(msgspec.to_builtins(self))})"


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
    filled = _fill_variables(tables, name, text, ())
    return convert(filled, Config, name=name, text=text)


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
    filled: Table = _fill_variables(table, name, "", ())
    return filled


def _fill_variables(value: Any, name: str, text: str, at: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {k: _fill_variables(v, name, text, (*at, k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill_variables(v, name, text, at) for v in value]
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


def masked(value: Any, key: str = "") -> Any:
    """The same value with secrets, and passwords inside addresses, replaced by asterisks."""
    if isinstance(value, dict):
        # A header of one's own is there to let us in, whatever it is called ("Cookie").
        return {k: MASK if key == "headers" and v else masked(v, k) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [masked(v, key) for v in value]
    if isinstance(value, str) and value:
        # Header names are written "Api-Key", several secrets stand under "secrets".
        if key.lower().replace("-", "_").removesuffix("s").endswith(SECRET_KEYS):
            return MASK
        return _USER_INFO.sub(MASK, value)
    return value


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
