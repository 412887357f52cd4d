"""The sink `stix`: each alert as a STIX 2.1 bundle, a file of its own in a directory.

    [sinks.intel]
    type = "stix"
    path = "/var/lib/tocsin/stix"
    tlp = "green"                        # clear, green, amber, amber+strict, red
    organisation = "Example SOC"         # who the objects say that they are from

`<digits of the alert>.json` has the latest revision; a later one takes its place whole, never half. Needs the extra `stix`.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid5

import msgspec

from connectors.sinks.files import replace_file
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig, need_extra, write_each
from connectors.sinks.stixhistory import History, NoNotes
from connectors.sinks.stixmaker import NAMESPACE, Maker, Object, Tlp
from connectors.sinks.stixobjects import make_objects, modified_at
from pipeline.errors import ConfigError, RejectedError, RetryableError
from pipeline.records import Alert


class StixConfig(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of the sinks that make STIX."""

    tlp: Tlp = "clear"
    organisation: str = "tocsin"  # who the objects say that they are from
    installation: str = ""  # seeds the ids; empty: what the store drew by lot


class Config(StixConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "stix"
    path: str


class StixSink:
    """One directory of bundles."""

    revisions: Revisions = "update"
    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        need_stix()
        self.name = name
        self.config = config
        self._path = Path(config.path)
        self._memory: Memory | None = None
        self._maker = Maker()

    def open(self, memory: Memory) -> None:
        """Make the directory."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"sinks.{self.name}: {self._path} can't be made: {error}") from error
        self._memory, self._maker = memory, make_maker(self.config, memory)

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Write the bundle of each."""
        return write_each(alerts, self._deliver)

    def _deliver(self, alert: Alert) -> None:
        if self._memory is None:
            raise RetryableError(f"sinks.{self.name}: not open")
        history = History(self._memory, self._maker, alert, modified_at(alert))
        raw = bundle_of(alert, self._maker, history, self.name)
        replace_file(self._path / f"{alert.alert_id.removeprefix('alert:')}.json", raw)
        history.keep()

    def close(self) -> None:
        """Nothing is open."""


def need_stix() -> None:
    """Raises `ConfigError` when the library is not installed."""
    if importlib.util.find_spec("stix2") is None:
        raise ConfigError(need_extra("stix2", "stix"))


def make_maker(config: StixConfig, memory: Memory) -> Maker:
    """Who makes the objects of a sink. Raises `RetryableError`."""
    installation = config.installation or memory.installation()
    return Maker(installation=installation, organisation=config.organisation, tlp=config.tlp)


def make_bundle(alert: Alert, tlp: Tlp, sink: str) -> str:
    """The bundle of one alert that nothing went before, as JSON. Raises `RejectedError` when STIX can't say it."""
    maker = Maker(tlp=tlp)
    return bundle_of(alert, maker, History(NoNotes(), maker, alert, modified_at(alert)), sink).decode()


def bundle_of(alert: Alert, maker: Maker, history: History, sink: str) -> bytes:
    """The bundle as JSON. Raises `RejectedError` when STIX can't say it."""
    bundle_id = f"bundle--{uuid5(NAMESPACE, f'{maker.installation} {alert.alert_id} {alert.revision}')}"
    objects = checked_objects(alert, maker, history, sink)
    return msgspec.json.encode({"type": "bundle", "id": bundle_id, "objects": objects})


def checked_objects(alert: Alert, maker: Maker, history: History, sink: str) -> list[Object]:
    """The objects, each read by the library of OASIS, which knows STIX's rules. Raises `RejectedError`."""
    import stix2

    try:
        objects = make_objects(alert, maker, history)
        for made in objects:
            stix2.parse(made, allow_custom=True, version="2.1")
    except (stix2.exceptions.STIXError, ValueError) as error:
        raise RejectedError(f"sink {sink}", f"STIX can't say it: {error}") from error
    return objects
