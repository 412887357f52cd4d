"""The sink `misp`: each alert as an event of your MISP, over its REST API.

    [sinks.misp]
    type = "misp"
    url = "https://misp.example.org"
    api_key_file = "/run/secrets/misp"
    distribution = 0                     # 0 your organisation, 1 community, 2 connected, 3 all
    tlp = "green"

A later revision edits the same event. Needs the extra `misp`.
"""

import importlib.util
import json
from collections.abc import Sequence
from typing import Literal

from connectors.sinks.http import Answer, Http, HttpConfig, check_url, judge
from connectors.sinks.mispevents import Said, Tlp, event_time, event_uuid, keep, make_event, recall, say
from connectors.sinks.sink import BATCH_SINGLE_MAX, Memory, Refusal, Revisions, need_extra, need_secret, write_each
from pipeline.errors import ConfigError, RejectedError
from pipeline.records import Alert


class Config(HttpConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "misp"
    url: str
    api_key: str = ""
    api_key_file: str = ""
    distribution: Literal[0, 1, 2, 3] = 0
    tlp: Tlp = "clear"


class MispSink:
    """One MISP."""

    revisions: Revisions = "update"
    batch_max = BATCH_SINGLE_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        need_misp()
        self.name = name
        self.config = config
        self._url = check_url(config.url, "url").rstrip("/")
        self._headers = {
            "Authorization": need_secret(config.api_key, config.api_key_file, "api_key"),
            "Accept": "application/json",
            "Content-Type": "application/json",
        }
        self._http = Http(config)
        self._memory: Memory | None = None

    def open(self, memory: Memory) -> None:
        """Nothing to do: the server is met with the first alert."""
        self._memory = memory

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Deliver one by one."""
        return write_each(alerts, self._deliver)

    def _deliver(self, alert: Alert) -> None:
        before = recall(self._memory, alert)
        said = say(alert, self.config.tlp, before)
        body = make_json(alert, self.config, said, before, self.name)
        edit = f"/events/edit/{event_uuid(alert)}"
        paths = ("/events/add", edit) if alert.revision == 1 else (edit, "/events/add")
        answer = self._post(paths[0], body)
        if _is_other_way(answer):
            answer = self._post(paths[1], body)
        judge(answer, self.name)
        if alert.revision >= before.revision:
            keep(self._memory, alert, said)

    def _post(self, path: str, body: bytes) -> Answer:
        return self._http.send("POST", f"{self._url}{path}", body, self._headers)

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def need_misp() -> None:
    """Raises `ConfigError` when the library is not installed."""
    if importlib.util.find_spec("pymisp") is None:
        raise ConfigError(need_extra("pymisp", "misp"))


def make_json(alert: Alert, config: Config, said: Said, before: Said, sink: str) -> bytes:
    """The event as the API takes it. Raises `RejectedError` when MISP can't say it."""
    from pymisp import PyMISPError

    try:
        event = json.loads(make_event(alert, tlp=config.tlp, distribution=config.distribution, said=said).to_json())
    except PyMISPError as error:
        raise RejectedError(f"sink {sink}", f"MISP can't say it: {error}") from error
    gone = [{"name": tag, "deleted": True} for tag in before.tags if tag not in said.tags]
    # The library leaves the time to the server; then an older revision could take the place of a later one.
    return json.dumps({"Event": event | {"timestamp": str(event_time(alert)), "Tag": [*gone, *event["Tag"]]}}).encode()


def _is_other_way(answer: Answer) -> bool:
    """There already, when it was to be added; not there, when it was to be edited."""
    return (answer.status == 403 and b"already exists" in answer.body) or (
        answer.status == 404 and b"Invalid event" in answer.body
    )
