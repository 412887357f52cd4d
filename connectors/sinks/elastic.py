"""The sink `elastic`: alerts as documents of an Elasticsearch or OpenSearch index, by the bulk API.

    [sinks.search]
    type = "elastic"
    url = "https://search.example.org:9200"
    index = "tocsin-alerts"
    api_key_file = "/run/secrets/elastic"  # or username and password (or password_file)
    keep = "latest"                      # one document an alert; "all": one a revision
    indicators_index = "tocsin-indicators"  # one document a malicious value, gone when no standing alert tells it; empty: none
    template = true                      # put the index template when the sink starts

Documents have the alert's own fields and those of ECS (`ecs.py`), with `@timestamp` and, where known, `location` (a geo_point). The revision is the external version, so an
older one never takes the place of a later one. Each item of a bulk is judged by itself: one that the index refuses (a mapping that does not
fit) costs no other; one that is turned away for load (429, 5xx) is tried again, with all after it.
"""

import base64
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import structlog

from connectors.sinks.ecs import TYPES, make_document, make_template, make_value_document
from connectors.sinks.http import AWAY, Answer, Http, HttpConfig, check_url, judge
from connectors.sinks.sink import BATCH_MAX, AwayError, Memory, Refusal, Revisions, need_secret
from connectors.sinks.standing import key_of, stand
from pipeline.errors import ConfigError, RejectedError
from pipeline.records import Alert, Indicator

BULK_BYTES_MAX = 5 * 1024 * 1024
"""Both products advise 5 to 15 MB a bulk."""
CONFLICT = 409
NOT_FOUND = 404
log = structlog.get_logger()


class Config(HttpConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a sink of this type."""

    type: str = "elastic"
    url: str
    index: str = "tocsin-alerts"
    api_key: str = ""
    api_key_file: str = ""
    username: str = ""
    password: str = ""
    password_file: str = ""
    keep: Literal["latest", "all"] = "latest"
    indicators_index: str = ""
    template: bool = False


class _Outcome(msgspec.Struct):
    status: int
    error: Any = None


class _Bulk(msgspec.Struct):
    items: list[dict[str, _Outcome]]
    errors: bool = False


class ElasticSink:
    """One index."""

    batch_max = BATCH_MAX

    def __init__(self, name: str, config: Config) -> None:
        config.check()
        for key, index in (("index", config.index), ("indicators_index", config.indicators_index or "none")):
            if not index or index != index.lower() or set(index) & set('\\/*?"<>| ,#:'):
                raise ConfigError(f"{key}: {index!r} is no name of an index: small letters, digits, - and _")
        self.name = name
        self.config = config
        self.revisions: Revisions = "update" if config.keep == "latest" else "append"
        self._base = check_url(config.url, "url").rstrip("/")
        self._url = f"{self._base}/_bulk"
        self._headers = {"Content-Type": "application/x-ndjson", **_login(config)}
        self._http = Http(config)
        self._memory: Memory | None = None

    def open(self, memory: Memory) -> None:
        """Put the templates, if asked to. Raises `AwayError`, and `ConfigError` when they are refused."""
        self._memory = memory
        for index in (self.config.index, self.config.indicators_index) if self.config.template else ():
            if index:
                self._put_template(index)

    def _put_template(self, index: str) -> None:
        body = msgspec.json.encode(make_template(index))
        headers = {**self._headers, "Content-Type": "application/json"}
        try:
            judge(self._http.send("PUT", f"{self._base}/_index_template/{index}", body, headers), self.name)
        except RejectedError as error:
            raise ConfigError(f"sinks.{self.name}: template: {error}") from error

    def write(self, alerts: Sequence[Alert]) -> Sequence[Refusal]:
        """Index the alerts, in bulks of bounded size."""
        refused: list[Refusal] = []
        done = 0
        while done < len(alerts):
            part, body = self._make_bulk(alerts[done:])
            try:
                refused += self._send(part, body)
                self._send_values([a for a in part if a not in [r.alert for r in refused]])
            except AwayError as error:
                error.refusals = (*refused, *error.refusals)
                error.safe += done
                raise
            done += len(part)
        return refused

    def _make_bulk(self, alerts: Sequence[Alert]) -> tuple[Sequence[Alert], bytes]:
        lines: list[bytes] = []
        size = 0
        for number, alert in enumerate(alerts):
            made = b"%s\n%s\n" % (msgspec.json.encode(self._action(alert)), msgspec.json.encode(make_document(alert)))
            if lines and size + len(made) > BULK_BYTES_MAX:
                return alerts[:number], b"".join(lines)
            lines.append(made)
            size += len(made)
        return alerts, b"".join(lines)

    def _action(self, alert: Alert) -> dict[str, Any]:
        if self.config.keep == "all":
            return {"index": {"_index": self.config.index, "_id": f"{alert.alert_id}/{alert.revision}"}}
        return {
            "index": {
                "_index": self.config.index,
                "_id": alert.alert_id,
                "version": alert.revision,
                "version_type": "external_gte",
            }
        }

    def _send(self, alerts: Sequence[Alert], body: bytes) -> list[Refusal]:
        answer = self._http.send("POST", self._url, body, self._headers)
        try:
            judge(answer, self.name)
        except RejectedError as error:
            if len(alerts) > 1:  # the whole bulk was refused: find out of whom
                return self._send_each(alerts)
            return [Refusal(alerts[0], str(error))]
        return self._read(alerts, answer)

    def _send_each(self, alerts: Sequence[Alert]) -> list[Refusal]:
        refused: list[Refusal] = []
        for number, alert in enumerate(alerts):
            try:
                refused += self._send(*self._make_bulk([alert]))
            except AwayError as error:
                error.safe, error.refusals = number, tuple(refused)
                raise
        return refused

    def _read(self, alerts: Sequence[Alert], answer: Answer) -> list[Refusal]:
        """What became of each item, in their order."""
        try:
            items = [next(iter(i.values())) for i in msgspec.json.decode(answer.body, type=_Bulk).items]
        except (msgspec.DecodeError, StopIteration) as error:
            raise AwayError(f"the answer to a bulk can't be read: {answer.tell()}") from error
        if len(items) != len(alerts):
            raise AwayError(f"the answer has {len(items)} items for {len(alerts)} alerts")
        refused: list[Refusal] = []
        for number, (alert, item) in enumerate(zip(alerts, items, strict=True)):
            if item.status < 300 or item.status == CONFLICT:  # a conflict: a later revision is there
                continue
            reason = f"HTTP {item.status} {msgspec.json.encode(item.error).decode()[:300]}"
            if item.status in AWAY or item.status >= 500 or item.status in {401, 403, 404}:
                away = AwayError(f"the index turns it away: {reason}", is_setup=item.status in {401, 403, 404})
                away.safe, away.refusals = number, tuple(refused)
                raise away
            refused.append(Refusal(alert, f"the index refuses it: {reason}"))
        return refused

    def _send_values(self, alerts: Sequence[Alert]) -> None:
        """Index what the alerts call malicious, and delete what no standing alert does any more. Raises `AwayError`."""
        if not self.config.indicators_index or self._memory is None:
            return
        for alert in alerts:
            bad = {key_of(i.type, i.value): i for i in alert.indicators if i.verdict == "malicious" and i.type in TYPES}
            change = stand(self._memory, alert, list(bad))
            lines = [self._value_lines(key, bad[key], alert, who) for key, who in change.tellers.items()]
            lines += [msgspec.json.encode({"delete": self._value_at(key)}) + b"\n" for key in change.gone]
            if lines:
                answer = self._http.send("POST", self._url, b"".join(lines), self._headers)
                judge(answer, self.name)
                self._look_at_values(answer)
            self._memory.write_notes(change.notes)

    def _value_lines(self, key: str, indicator: Indicator, alert: Alert, who: tuple[str, ...]) -> bytes:
        document = make_value_document(indicator, alert, who)
        return b"%s\n%s\n" % (msgspec.json.encode({"index": self._value_at(key)}), msgspec.json.encode(document))

    def _value_at(self, key: str) -> dict[str, str]:
        return {"_index": self.config.indicators_index, "_id": key}

    def _look_at_values(self, answer: Answer) -> None:
        try:
            items = [next(iter(i.values())) for i in msgspec.json.decode(answer.body, type=_Bulk).items]
        except (msgspec.DecodeError, StopIteration) as error:
            raise AwayError(f"the answer to a bulk can't be read: {answer.tell()}") from error
        for item in items:
            if item.status in AWAY or item.status >= 500 or item.status in {401, 403}:
                raise AwayError(f"the index turns a value away: HTTP {item.status}", is_setup=item.status in {401, 403})
            if item.status >= 300 and item.status != NOT_FOUND:  # what is to be deleted may be gone
                log.warning("value_refused", sink=self.name, status=item.status, error=str(item.error)[:300])

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def _login(config: Config) -> dict[str, str]:
    if config.api_key or config.api_key_file:
        return {"Authorization": f"ApiKey {need_secret(config.api_key, config.api_key_file, 'api_key')}"}
    if config.username:
        password = need_secret(config.password, config.password_file, "password")
        return {"Authorization": f"Basic {base64.b64encode(f'{config.username}:{password}'.encode()).decode()}"}
    return {}
