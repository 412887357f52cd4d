"""Alerts and indicators in the Elastic Common Schema (ECS 8.11): what detection rules and the Intelligence page of Elastic look for.

An alert keeps its own fields beside those of ECS. An indicator's document has one value, as rules of the type "indicator match" want it.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import msgspec

from connectors.sinks.known import names_of, party_kind
from connectors.sinks.measures import port_behind, read_date
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Indicator, Severity

ECS_VERSION = "8.11.0"
SEVERITIES: dict[Severity, int] = {"info": 1, "low": 21, "medium": 47, "high": 73, "critical": 99}
"""Numbers by which Elastic ranks its own alerts."""
DIGESTS = frozenset("md5 sha1 sha224 sha256 sha384 sha512 ssdeep tlsh".split())
TYPES = {
    "ipv4": "ipv4-addr", "ipv6": "ipv6-addr", "cidr": "ipv4-addr", "domain": "domain-name", "onion": "domain-name", "url": "url",
    "email": "email-addr", "mac": "mac-addr", "asn": "autonomous-system", "registry-key": "windows-registry-key", "mutex": "mutex",
    "file-name": "file", "file-path": "file", "imphash": "file", "user-agent": "user-agent", "service": "process",
    "certificate-serial": "x509-certificate", "certificate-thumbprint": "x509-certificate", "purl": "software", "telegram": "user-account",
} | dict.fromkeys(DIGESTS, "file")  # fmt: skip
"""The expected values of `threat.indicator.type`, and where there is none the name in STIX."""
PLACES = {
    "domain": ("url", "domain"), "onion": ("url", "domain"), "email": ("email", "address"), "file-name": ("file", "name"),
    "file-path": ("file", "path"), "imphash": ("file", "pe", "imphash"), "certificate-serial": ("x509", "serial_number"),
}  # fmt: skip
"""Fields below `threat.indicator` that hold a value as it is."""
CONFIDENCES = ((0.7, "High"), (0.4, "Medium"), (0.0, "Low"))
"""ECS knows words only."""


def make_document(alert: Alert) -> dict[str, Any]:
    """The document of an alert: as on its topic, with what both products look for."""
    document: dict[str, Any] = {
        **msgspec.to_builtins(alert),
        "@timestamp": alert.last_seen,
        "message": clean(alert.headline or alert.what),
        "ecs": {"version": ECS_VERSION},
        "event": _event(alert),
        "related": _related(alert),
        "threat": {
            "indicator": [make_indicator(i, alert) for i in alert.indicators],
            "group": [_group(m.id, m.text) for m in alert.actors if m.id and party_kind(m.id) != "identity"],
            "software": [{"name": names_of(m.id, m.text)[0]} for m in alert.malware],
            "technique": [{"id": i.value} for i in alert.indicators if i.type == "attack-technique"],
        },
        "vulnerability": {"id": [i.value for i in alert.indicators if i.type == "cve"]},
    }
    if alert.place and alert.place.latitude is not None and alert.place.longitude is not None:
        document["location"] = {"lat": alert.place.latitude, "lon": alert.place.longitude}
    return document


def make_indicator(indicator: Indicator, alert: Alert) -> dict[str, Any]:
    """`threat.indicator` of one value."""
    value = clean(indicator.value)
    url = next((s.url for s in alert.sources if s.url and s.url.startswith(("http://", "https://"))), None)
    told: dict[str, Any] = {
        "type": TYPES.get(indicator.type, indicator.type),
        "name": value,
        "description": clean(": ".join(filter(None, (indicator.verdict, indicator.reason)))),
        "confidence": next(word for least, word in CONFIDENCES if alert.credibility >= least),
        "first_seen": _when(indicator.first_seen),
        "last_seen": _when(indicator.last_seen, is_end=True),
        "provider": "tocsin",
        "reference": url,
        **_value(indicator, value, alert),
    }
    return {key: found for key, found in told.items() if found not in (None, "")}


def make_value_document(indicator: Indicator, alert: Alert, tellers: tuple[str, ...]) -> dict[str, Any]:
    """The document of one value, told by those alerts that stand."""
    groups = [_group(r.id, r.name) for r in indicator.related if r.kind == "actor"]
    software = [{"name": r.name} for r in indicator.related if r.kind in {"malware", "tool"}]
    return {
        "@timestamp": alert.last_seen,
        "ecs": {"version": ECS_VERSION},
        "event": {
            "kind": "enrichment", "category": ["threat"], "type": ["indicator"], "dataset": "tocsin.indicators", "provider": "tocsin",
        },
        "threat": {
            "indicator": make_indicator(indicator, alert), "feed": {"name": "tocsin"},
            **({"group": groups} if groups else {}), **({"software": software} if software else {}),
        },
        "tags": [tag for tag in (indicator.role, alert.category) if tag],
        "tocsin": {"verdict": indicator.verdict, "alerts": list(tellers)},
    }  # fmt: skip


def _event(alert: Alert) -> dict[str, Any]:
    told = {
        "kind": "alert", "category": ["threat"], "type": ["indicator" if alert.indicators else "info"], "dataset": "tocsin.alerts",
        "provider": "tocsin", "id": f"{alert.alert_id}/{alert.revision}", "action": alert.change,
        "severity": SEVERITIES[alert.severity], "risk_score": round(100 * alert.score, 1), "start": alert.first_seen,
        "end": alert.last_seen, "url": next((s.url for s in alert.sources if s.url and s.url.startswith("http")), None),
    }  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def _related(alert: Alert) -> dict[str, list[str]]:
    """All values of a kind, whatever they are for: by these documents are joined."""
    by_kind = {"ip": {"ipv4", "ipv6"}, "hosts": {"domain", "onion"}, "hash": DIGESTS}
    found = {name: [i.value for i in alert.indicators if i.type in kinds] for name, kinds in by_kind.items()}
    found["ip"] = [value for value in found["ip"] if _is_ip(value)]
    return {name: list(dict.fromkeys(values)) for name, values in found.items() if values}


def _group(group_id: str | None, written: str) -> dict[str, Any]:
    name, aliases = names_of(group_id, written)
    attack = (group_id or "").removeprefix("attack:") if (group_id or "").startswith("attack:") else None
    return {"name": name, **({"alias": aliases} if aliases else {}), **({"id": attack} if attack else {})}


def _value(indicator: Indicator, value: str, alert: Alert) -> dict[str, Any]:
    """The value where ECS looks for it; nothing where it has no field."""
    kind = indicator.type
    if kind in DIGESTS:
        return {"file": {"hash": {kind: value}}}
    if kind in PLACES:
        told: Any = value
        for name in reversed(PLACES[kind]):
            told = {name: told}
        return dict(told)
    match kind:
        case "ipv4" | "ipv6" if _is_ip(value):
            port = port_behind(indicator, alert.indicators)
            return {"ip": value, **({"port": int(port)} if port and port.isdecimal() else {})}
        case "url":
            return {"url": _url(value)}
        case "registry-key":
            hive, _, key = value.partition("\\")
            return {"registry": {"path": value, "hive": hive, "key": key}}
        case "asn" if value.upper().removeprefix("AS").isdecimal():
            return {"as": {"number": int(value.upper().removeprefix("AS"))}}
    return {}


def _url(value: str) -> dict[str, Any]:
    try:
        host = urlsplit(value if "://" in value else f"//{value}").hostname
    except ValueError:
        host = None
    return {"original": value, "full": value, **({"domain": host} if host else {})}


def _when(written: str | None, *, is_end: bool = False) -> Any:
    return read_date(written, is_end=is_end)


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def make_template(index: str) -> dict[str, Any]:
    """The composable index template, for Elasticsearch and OpenSearch; needed before the first document."""
    word = {"type": "keyword", "ignore_above": 8_191}
    day = {"type": "date"}
    indicator = {
        "properties": {
            "type": word, "name": word, "confidence": word, "provider": word, "reference": word, "ip": {"type": "ip"},
            "description": {"type": "text"}, "port": {"type": "long"}, "first_seen": day, "last_seen": day,
            "as": {"properties": {"number": {"type": "long"}}},
        }
    }  # fmt: skip
    properties = {
        "@timestamp": day, "first_seen": day, "last_seen": day, "message": {"type": "text"}, "what": {"type": "text"},
        "headline": {"type": "text"}, "date": word, "location": {"type": "geo_point"}, "revision": {"type": "long"},
        "event": {"properties": {"severity": {"type": "long"}, "risk_score": {"type": "float"}, "start": day, "end": day}},
        "threat": {"properties": {"indicator": indicator}}, "related": {"properties": {"ip": {"type": "ip"}}},
        # Dates of reduced precision, which no date field takes.
        "indicators": {"properties": {"first_seen": word, "last_seen": word}}, "claims": {"properties": {"since": word}},
        "line": {"type": "object", "enabled": False}, "evidence": {"type": "object", "enabled": False},
    }  # fmt: skip
    words_by_default = {"strings": {"match_mapping_type": "string", "mapping": word}}
    return {
        "index_patterns": [index, f"{index}-*"],
        "priority": 200,
        "template": {
            "settings": {"index": {"mapping": {"total_fields": {"limit": 2_000}}}},
            "mappings": {"date_detection": False, "dynamic_templates": [words_by_default], "properties": properties},
        },
        "_meta": {"description": "alerts and indicators of tocsin, ECS", "version": ECS_VERSION},
    }
