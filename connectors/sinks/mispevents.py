"""An alert as a MISP event (MISP core format): one event an alert, its attributes the indicators, its links the sources.

UUIDs are version 5 over STIX's namespace of this project, so the same alert is the same event everywhere; `timestamp` grows with each revision,
because MISP takes only later ones.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal
from uuid import uuid5

from connectors.sinks.card import safe_url
from connectors.sinks.stixmaker import NAMESPACE
from pipeline.incidents.wording import clean, name_event, name_place, tell_claim
from pipeline.records import Alert, Severity

TYPES = {
    "ipv4": "ip-dst", "ipv6": "ip-dst", "cidr": "ip-dst", "domain": "domain", "onion": "domain", "url": "url", "email": "email",
    "md5": "md5", "sha1": "sha1", "sha224": "sha224", "sha256": "sha256", "sha384": "sha384", "sha512": "sha512",
    "ssdeep": "ssdeep", "tlsh": "tlsh", "imphash": "imphash", "cve": "vulnerability", "cwe": "weakness", "asn": "AS",
    "mac": "mac-address", "file-path": "filename", "registry-key": "regkey", "mutex": "mutex", "user-agent": "user-agent",
    "yara-rule": "yara", "sigma-rule": "sigma", "btc": "btc", "xmr": "xmr", "iban": "iban", "phone": "phone-number",
    "ja3": "ja3-fingerprint-md5", "jarm": "jarm-fingerprint",
}  # fmt: skip
"""MISP's attribute type by tocsin's type of indicator; others stand in a comment."""
THREAT_LEVEL: dict[Severity, int] = {"critical": 1, "high": 1, "medium": 2, "low": 3, "info": 4}
INFO_CHARS_MAX = 250
TEXT_CHARS_MAX = 10_000

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]


def event_uuid(alert: Alert) -> str:
    """Of the alert's event."""
    return str(uuid5(NAMESPACE, f"misp {alert.alert_id}"))


def event_time(alert: Alert) -> int:
    """The event's `timestamp`, seconds: later with each revision, even when no article came."""
    return int((alert.last_seen + timedelta(seconds=alert.revision)).timestamp())


def make_event(alert: Alert, *, tlp: Tlp, distribution: int) -> Any:
    """The event of one revision: a `pymisp.MISPEvent`."""
    from pymisp import MISPEvent

    uuid = event_uuid(alert)
    at = event_time(alert)
    event = MISPEvent()
    event.from_dict(
        uuid=uuid,
        info=_info(alert),
        date=alert.first_seen.date().isoformat(),
        threat_level_id=THREAT_LEVEL[alert.severity],
        analysis=2 if alert.change in {"retracted", "closed"} else 1,
        distribution=distribution,
        timestamp=at,
        published=False,
    )
    for tag in _tags(alert, tlp):
        event.add_tag(tag)
    for kind, value, more in _attributes(alert):
        event.add_attribute(
            kind, value, uuid=str(uuid5(NAMESPACE, f"{uuid} {kind} {value}")), timestamp=at, distribution=5, **more
        )
    return event


def revision_of(event: dict[str, Any]) -> tuple[str, int]:
    """Alert id and revision of an event that `make_event` made, as JSON."""
    tags = dict(t["name"].split("=", 1) for t in event["Tag"] if "=" in t["name"])
    return tags["tocsin:alert"].strip('"'), int(tags["tocsin:revision"].strip('"'))


def _info(alert: Alert) -> str:
    mark = f"[{alert.change}] " if alert.change in {"retracted", "disputed", "merged"} else ""
    return f"{mark}{clean(alert.what)}"[:INFO_CHARS_MAX]


def _tags(alert: Alert, tlp: Tlp) -> Iterator[str]:
    yield f"tlp:{tlp}"
    yield f'tocsin:alert="{alert.alert_id}"'
    yield f'tocsin:revision="{alert.revision}"'
    yield f'tocsin:change="{alert.change}"'
    yield f'tocsin:category="{alert.category}"'
    yield f'tocsin:severity="{alert.severity}"'


def _attributes(alert: Alert) -> Iterator[tuple[str, str, dict[str, Any]]]:
    seen = set()
    for indicator in alert.indicators:
        kind = TYPES.get(indicator.type)
        # No marks of lines in a value: MISP would take the parts for several.
        if kind and (kind, indicator.value) not in seen and clean(indicator.value) == indicator.value:
            seen.add((kind, indicator.value))
            yield (
                kind,
                indicator.value,
                {
                    "to_ids": indicator.verdict == "malicious",
                    "comment": clean(": ".join(filter(None, (indicator.verdict, indicator.reason)))),
                },
            )
    for url in dict.fromkeys(s.url for s in alert.sources):
        if url and safe_url(url):
            yield "link", url, {"category": "External analysis", "to_ids": False}
    lines = [
        clean(alert.what),
        name_event(alert),
        name_place(alert),
        *map(tell_claim, alert.claims),
        *map(clean, alert.changes),
    ]
    if alert.disputed:
        lines.append(f"sources disagree on: {', '.join(alert.disputed)}")
    text = "\n".join(line for line in lines if line)[:TEXT_CHARS_MAX]
    yield "text", text or "(no text)", {"category": "External analysis", "to_ids": False, "comment": "what happened"}
