"""The sink `misp-feed`: a directory that MISP reads as a feed (its format "MISP Feed"), served by any web server.

    [sinks.feed]
    type = "misp-feed"
    path = "/srv/www/misp"
    organisation = "Example SOC"
    tlp = "clear"

`<uuid>.json` is an event, `manifest.json` lists them, `hashes.csv` has the MD5 of every value for look-ups. A later revision replaces its event;
each file is replaced whole. Needs the extra `misp`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid5

from connectors.sinks.files import replace_file
from connectors.sinks.misp import need_misp
from connectors.sinks.mispevents import Said, Tlp, event_uuid, keep, make_event, recall, say
from connectors.sinks.sink import BATCH_MAX, Memory, Refusal, Revisions, SinkConfig
from connectors.sinks.stixmaker import NAMESPACE
from pipeline.errors import ConfigError
from pipeline.records import Alert

MANIFEST = "manifest.json"
HASHES = "hashes.csv"
ALL_COMMUNITIES = 3
"""A feed is read by whoever can reach it."""


class Config(SinkConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "misp-feed"
    path: str
    organisation: str = "tocsin"
    tlp: Tlp = "clear"


class MispFeedSink:
    """One directory."""

    revisions: Revisions = "update"
    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        need_misp()
        self.name = name
        self.config = config
        self._path = Path(config.path)
        self._manifest: dict[str, Any] = {}
        self._hashes: dict[str, list[str]] = {}
        self._memory: Memory | None = None

    def open(self, memory: Memory) -> None:
        """Make the directory, or read what it lists."""
        self._memory = memory
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            manifest, hashes = self._path / MANIFEST, self._path / HASHES
            self._manifest = json.loads(manifest.read_bytes()) if manifest.exists() else {}
            for line in hashes.read_text().splitlines() if hashes.exists() else []:
                value, comma, uuid = line.partition(",")
                if comma:
                    self._hashes.setdefault(uuid, []).append(value)
        except (OSError, ValueError) as error:
            raise ConfigError(f"sinks.{self.name}: {self._path} can't be used: {error}") from error

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Replace the events of the alerts, then the lists."""
        from pymisp import PyMISPError

        refused = []
        kept = []
        for alert in {a.alert_id: a for a in alerts}.values():  # the latest of each
            try:
                said = say(alert, self.config.tlp, recall(self._memory, alert))
                made = self._make(alert, said)
            except PyMISPError as error:
                refused.append(Refusal(alert, f"MISP can't say it: {error}"))
                continue
            uuid = event_uuid(alert)
            hashes, manifest = made["Event"].pop("_hashes", []), made["Event"].pop("_manifest", {})
            replace_file(self._path / f"{uuid}.json", json.dumps(made).encode())
            self._manifest |= manifest
            self._hashes[uuid] = list(hashes)
            kept.append((alert, said))
        if alerts:
            lines = [f"{value},{uuid}" for uuid, values in self._hashes.items() for value in values]
            replace_file(self._path / HASHES, "".join(f"{line}\n" for line in lines).encode())
            replace_file(self._path / MANIFEST, json.dumps(self._manifest).encode())
        for alert, said in kept:
            keep(self._memory, alert, said)
        return refused

    def _make(self, alert: Alert, said: Said) -> dict[str, Any]:
        from pymisp import MISPOrganisation

        organisation = MISPOrganisation()
        organisation.from_dict(
            name=self.config.organisation, uuid=str(uuid5(NAMESPACE, f"organisation {self.config.organisation}"))
        )
        event = make_event(alert, tlp=self.config.tlp, distribution=ALL_COMMUNITIES, said=said)
        event.Orgc = organisation
        feed: dict[str, Any] = event.to_feed(valid_distributions=[0, 1, 2, 3, 5], with_meta=True)
        return feed

    def close(self) -> None:
        """Nothing is open."""
        self._manifest, self._hashes = {}, {}
