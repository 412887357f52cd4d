"""The sections of the configuration, with their defaults; an unknown key is refused."""

import os
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct, field

from pipeline.config.masking import masked
from pipeline.config.strict import Table, read_secret
from pipeline.errors import ConfigError
from pipeline.records.topics import PARTITIONS_DEFAULT

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
WebRole = Literal["viewer", "analyst", "admin"]
DATA_DIR_VARIABLE = "TOCSIN_DATA_DIR"


RECONNECT_MS_MAX = 2_000
"""Longest pause before a lost broker is tried again; kafka-python's 30 s would keep a stream standing after the broker is back."""


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
