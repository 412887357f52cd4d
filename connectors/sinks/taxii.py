"""The sink `taxii`: a TAXII 2.1 server from which others take the alerts as STIX 2.1 objects.

    [sinks.exchange]
    type = "taxii"
    listen = "127.0.0.1:6100"
    path = "/var/lib/tocsin/taxii.sqlite"
    username = "partner"                 # needed to listen on anything but loopback
    password_file = "/run/secrets/taxii"
    cert_file = "server.pem"             # with key_file: over TLS
    tlp = "green"

Collections, each also found by its alias: `all`, one a category (`conflict`, `cyber`, …), one a kind of object (`indicators`, `malware`, `actors`,
`vulnerabilities`), and one a watch rule (`watch-NAME`) for each rule whose topic it reads. A revision is a new version of the same objects; older ones stay. Needs the extra `stix`.
"""

import ipaddress
import sqlite3
import ssl
from collections.abc import Sequence
from pathlib import Path

import msgspec

from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, need_secret, write_each
from connectors.sinks.stix import StixConfig, checked_objects, make_maker, need_stix
from connectors.sinks.stixhistory import History
from connectors.sinks.stixmaker import Maker
from connectors.sinks.stixobjects import modified_at
from connectors.sinks.taxiiserver import TaxiiServer
from connectors.sinks.taxiistore import Collection, TaxiiStore
from pipeline.errors import ConfigError, RetryableError
from pipeline.records import Alert

ALL = Collection("all", "All alerts")
KINDS = {
    Collection("indicators", "Indicators"): frozenset({"indicator"}),
    Collection("malware", "Malware and tools"): frozenset({"malware", "tool"}),
    Collection("actors", "Intrusion sets and threat actors"): frozenset({"intrusion-set", "threat-actor", "campaign"}),
    Collection("vulnerabilities", "Vulnerabilities"): frozenset({"vulnerability"}),
}
"""Collections by kind of object; each also has what all objects refer to."""
SHARED = frozenset({"marking-definition"})


class Config(StixConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "taxii"
    listen: str = "127.0.0.1:6100"
    path: str
    username: str = ""
    password: str = ""
    password_file: str = ""
    cert_file: str = ""
    key_file: str = ""


class TaxiiSink:
    """One server with its file."""

    revisions: Revisions = "update"
    batch_max = BATCH_MAX
    per_rule = True  # an alert that rang for two rules stands in the collections of both

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        need_stix()
        self.name = name
        self.config = config
        host, _, port = config.listen.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:
            raise ConfigError('listen: must be an address and a port such as "127.0.0.1:6100"')
        login = (
            (config.username, need_secret(config.password, config.password_file, "password"))
            if config.username
            else None
        )
        if login is None and not _is_loopback(host):
            raise ConfigError("username: needed to listen on anything but loopback")
        self._server = TaxiiServer(Path(config.path), host.strip("[]"), int(port), login=login, tls=_tls(config))
        self._store: TaxiiStore | None = None
        self._memory: Memory | None = None
        self._maker = Maker()

    @property
    def port(self) -> int:
        """Where it listens; the configured port, or the one that was free for port 0."""
        return self._server.port

    def open(self, memory: Memory) -> None:
        """Open the file and listen."""
        if memory is not None:
            self._memory, self._maker = memory, make_maker(self.config, memory)
        try:
            self._store = TaxiiStore(Path(self.config.path))
            categories = [_category(c) for c in ("conflict", "cyber", "unrest", "disaster", "other")]
            self._store.add([ALL, *categories, *KINDS], [])
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(f"sinks.{self.name}: {self.config.path}: {error}") from error
        try:
            self._server.start()
        except ConfigError as error:
            raise ConfigError(f"sinks.{self.name}: listen: {error}") from error

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Put the objects of each into its collections."""
        return write_each(alerts, self._deliver)

    def _deliver(self, alert: Alert) -> None:
        if self._store is None or self._memory is None:
            raise RetryableError(f"sinks.{self.name}: not open")
        history = History(self._memory, self._maker, alert, modified_at(alert))
        objects = checked_objects(alert, self._maker, history, self.name)
        rows = [
            (
                str(o["id"]),
                str(o.get("modified", o.get("created", ""))),
                str(o["type"]),
                msgspec.json.encode(o).decode(),
            )
            for o in objects
        ]
        try:
            self._store.add(_collections(alert), rows)
            makers = {o["created_by_ref"] for o in objects if "created_by_ref" in o}
            for collection, kinds in KINDS.items():
                if any(kind in kinds for _, _, kind, _ in rows):
                    part = [row for row in rows if row[2] in kinds | SHARED or row[0] in makers]
                    self._store.add([collection], part)
        except sqlite3.Error as error:
            raise RetryableError(f"sinks.{self.name}: {self.config.path}: {error}") from error
        history.keep()

    def close(self) -> None:
        """Listen no more."""
        self._server.stop()
        store, self._store = self._store, None
        if store is not None:
            store.close()


def _collections(alert: Alert) -> list[Collection]:
    rule = (
        [Collection(f"watch-{alert.watch.rule}", f"Alerts of the watch rule {alert.watch.rule}")] if alert.watch else []
    )
    return [ALL, _category(alert.category), *rule]


def _category(category: str) -> Collection:
    return Collection(category, f"Alerts of category {category}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(config: Config) -> ssl.SSLContext | None:
    if bool(config.cert_file) != bool(config.key_file):
        raise ConfigError("cert_file: give both cert_file and key_file, or neither")
    if not config.cert_file:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(config.cert_file, config.key_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"cert_file: {config.cert_file} and {config.key_file} can't be used: {error}") from error
    return context
