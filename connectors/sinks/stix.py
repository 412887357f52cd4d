"""The sink `stix`: each alert as a STIX 2.1 bundle, a file of its own in a directory.

    [sinks.intel]
    type = "stix"
    path = "/var/lib/tocsin/stix"
    tlp = "green"                        # white, green, amber, red

`<digits of the alert>.json` has the latest revision; a later one takes its place whole, never half. Needs the extra `stix`.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid5

from connectors.sinks.files import replace_file
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig, need_extra, write_each
from connectors.sinks.stixobjects import NAMESPACE, Tlp, make_objects
from pipeline.errors import ConfigError, RejectedError
from pipeline.records import Alert


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "stix"
    path: str
    tlp: Tlp = "white"


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

    def open(self, _: Memory) -> None:
        """Make the directory."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"sinks.{self.name}: {self._path} can't be made: {error}") from error

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Write the bundle of each."""
        return write_each(alerts, self._deliver)

    def _deliver(self, alert: Alert) -> None:
        raw = make_bundle(alert, self.config.tlp, self.name).encode()
        replace_file(self._path / f"{alert.alert_id.removeprefix('alert:')}.json", raw)

    def close(self) -> None:
        """Nothing is open."""


def need_stix() -> None:
    """Raises `ConfigError` when the library is not installed."""
    if importlib.util.find_spec("stix2") is None:
        raise ConfigError(need_extra("stix2", "stix"))


def make_bundle(alert: Alert, tlp: Tlp, sink: str) -> str:
    """The bundle as JSON. Raises `RejectedError` when STIX can't say it."""
    import stix2

    try:
        objects = make_objects(alert, tlp)
        bundle_id = f"bundle--{uuid5(NAMESPACE, f'{alert.alert_id} {alert.revision}')}"
        return str(stix2.Bundle(*objects, id=bundle_id, allow_custom=True).serialize())
    except (stix2.exceptions.STIXError, ValueError) as error:
        raise RejectedError(f"sink {sink}", f"STIX can't say it: {error}") from error
