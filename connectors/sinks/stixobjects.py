"""An alert as STIX 2.1 objects (OASIS standard, June 2021).

| of the alert | becomes |
|---|---|
| the alert | `report`, which refers to all the others, with the sources as external references |
| what happened | `incident` with the extension of `EXTENSION_ID`, because STIX 2.1 leaves incidents open: event type, realis, claims, actors as told |
| where | `location`, `related-to` the incident |
| actors with a canonical id | `intrusion-set` (ATT&CK) or `threat-actor`, `related-to` the incident |
| indicators called malicious or suspicious | `indicator` with a pattern |
| every other indicator that STIX has an object for | the cyber-observable, `vulnerability` or `attack-pattern` |

Ids are UUIDv5 over `NAMESPACE`, so the same alert has the same ids everywhere. Report and incident get a later `modified` with each
revision; every other object is named after its own content and never changes. A retracted alert is `revoked`.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID, uuid5

import structlog

from connectors.sinks.stixvalues import PATHS, URI_SIGNS, make_observable, make_pattern
from pipeline.incidents.wording import clean, tell_claim
from pipeline.records import Alert, Indicator, Mention

NAMESPACE = UUID("5b0d1a3e-7c1f-5d0c-9c55-70c51f000001")
EXTENSION_ID = "extension-definition--1f9d4c8e-52a7-5b53-8a4e-70c51f000002"
EXTENSION_VERSION = "1.0.0"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When the objects that never change were made, as far as STIX is concerned."""
LABEL_REVISION = "tocsin-revision:"


Tlp = Literal["white", "green", "amber", "red"]
Objects = list[Any]
"""Objects of the library, which has no types; `Any` ends in this package."""
log = structlog.get_logger()
SCHEMA = {
    "type": "object",
    "required": ["alert_id", "revision", "change", "category", "severity"],
    "properties": {
        "extension_type": {"const": "property-extension"},
        "alert_id": {"type": "string", "description": "tocsin's id of the alert"},
        "revision": {"type": "integer", "minimum": 1},
        "change": {"enum": "created revised corroborated disputed merged split retracted closed".split()},
        "changes": {"type": "array", "items": {"type": "string"}, "description": "what changed, in words"},
        "category": {"enum": "conflict cyber unrest disaster other".split()},
        "severity": {"enum": "info low medium high critical".split()},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "event_type": {"type": "string", "description": "ACLED's event type (2024 codebook), Cyber, or Other"},
        "event_subtype": {"type": "string"},
        "realis": {
            "enum": "actual attempted threatened planned denied background hypothetical exercise fiction".split(),
            "description": "whether it happened",
        },
        "date": {"type": "string", "description": "ISO 8601, reduced precision allowed"},
        "place": {"type": "string"},
        "actors": {"type": "array", "items": {"type": "string"}, "description": "as the sources name them"},
        "targets": {"type": "array", "items": {"type": "string"}},
        "weapons": {"type": "array", "items": {"type": "string"}},
        "claims": {
            "type": "array",
            "description": "numbers and attributions, each with who says so",
            "items": {
                "type": "object",
                "required": ["kind", "stance"],
                "properties": {
                    "kind": {"type": "string"},
                    "low": {"type": "integer"},
                    "high": {"type": "integer"},
                    "hedge": {"type": "string"},
                    "stance": {"enum": "states claims denies accuses confirms".split()},
                    "claimant": {"type": "string"},
                    "text": {"type": "string"},
                },
            },
        },
        "disputed": {"type": "array", "items": {"type": "string"}, "description": "claim kinds sources disagree on"},
        "independent_sources": {"type": "integer", "minimum": 0},
    },
}
"""The JSON Schema of the extension's properties; it is sent along as the definition's `schema`."""


def make_objects(alert: Alert, tlp: Tlp = "white") -> Objects:
    """All objects of one revision, the report last."""
    import stix2

    identity = make_identity()
    common = {"created_by_ref": identity["id"], "object_marking_refs": [_marking(tlp)["id"]]}
    still = {**common, "created": EPOCH, "modified": EPOCH}
    moving = {
        **common,
        "created": alert.first_seen,
        "modified": _modified(alert),
        "revoked": alert.change == "retracted",
    }
    incident = stix2.Incident(
        id=_id("incident", alert.alert_id),
        name=_text(alert.what, 200),
        description=_describe(alert),
        confidence=round(alert.credibility * 100),
        labels=_labels(alert),
        external_references=_references(alert),
        extensions={EXTENSION_ID: {"extension_type": "property-extension", **_extension(alert)}},
        allow_custom=True,
        **moving,
    )
    told: Objects = [incident]
    for related in [*_locations(alert, still), *_actors(alert, still)]:
        seed = f"{related['id']} related-to {incident['id']}"
        told += [
            related,
            stix2.Relationship(
                id=_id("relationship", seed), relationship_type="related-to", source_ref=incident["id"],
                target_ref=related["id"], **still,
            ),
        ]  # fmt: skip
    for indicator in alert.indicators:
        try:
            told += _indicator(indicator, alert, still)
        except (stix2.exceptions.STIXError, ValueError) as error:  # a hash of a length that STIX does not know
            log.warning("indicator_left_out", alert=alert.alert_id, type=indicator.type, reason=str(error)[:200])
    told = list({o["id"]: o for o in told}.values())
    report = stix2.Report(
        id=_id("report", alert.alert_id),
        name=_text(alert.what, 200),
        description=_describe(alert),
        report_types=["threat-report"],
        published=alert.first_seen,
        confidence=round(alert.credibility * 100),
        labels=_labels(alert),
        external_references=_references(alert),
        object_refs=[o["id"] for o in told],
        **moving,
    )
    return [_marking(tlp), identity, make_extension(), *told, report]


def make_identity() -> Any:
    """Who made the objects."""
    import stix2

    return stix2.Identity(
        id=_id("identity", "tocsin"), name="tocsin", identity_class="system", created=EPOCH, modified=EPOCH
    )


def make_extension() -> Any:
    """The definition of the incident's extension, its schema inside."""
    import stix2

    return stix2.ExtensionDefinition(
        id=EXTENSION_ID,
        name="tocsin conflict and cyber events",
        description="What tocsin adds to an incident: the coded event, the claims with who makes them, and its own life.",
        schema=json.dumps(SCHEMA, sort_keys=True),
        version=EXTENSION_VERSION,
        extension_types=["property-extension"],
        created_by_ref=make_identity()["id"],
        created=EPOCH,
        modified=EPOCH,
    )


def revision_of(stix_object: Any) -> tuple[str, int]:
    """Alert id and revision of an incident or report that `make_objects` made."""
    alert_id = next(r["external_id"] for r in stix_object["external_references"] if r["source_name"] == "tocsin")
    revision = next(label for label in stix_object["labels"] if label.startswith(LABEL_REVISION))
    return alert_id, int(revision.removeprefix(LABEL_REVISION))


def _id(kind: str, seed: str) -> str:
    return f"{kind}--{uuid5(NAMESPACE, f'{kind} {seed}')}"


def _marking(tlp: Tlp) -> Any:
    import stix2

    return {"white": stix2.TLP_WHITE, "green": stix2.TLP_GREEN, "amber": stix2.TLP_AMBER, "red": stix2.TLP_RED}[tlp]


def _modified(alert: Alert) -> datetime:
    """Later with each revision, even when no article came (STIX counts milliseconds)."""
    return max(alert.last_seen, alert.first_seen) + timedelta(milliseconds=alert.revision)


def _text(text: str, most: int) -> str:
    return clean(text)[:most] or "(no text)"


def _describe(alert: Alert) -> str:
    lines = [clean(alert.what), *[clean(c) for c in alert.changes], *[tell_claim(c) for c in alert.claims]]
    if alert.disputed:
        lines.append(f"Sources disagree on: {', '.join(alert.disputed)}")
    return "\n".join(lines)


def _labels(alert: Alert) -> list[str]:
    return [alert.category, f"severity:{alert.severity}", f"change:{alert.change}", f"{LABEL_REVISION}{alert.revision}"]


def _references(alert: Alert) -> list[dict[str, str]]:
    found = [{"source_name": "tocsin", "external_id": alert.alert_id}]
    for source in alert.sources:
        told = {"source_name": _text(source.feed, 200), "description": _text(source.title or "", 300)}
        if source.url and source.url.startswith(("http://", "https://")) and clean(source.url) == source.url:
            told["url"] = quote(source.url, safe=URI_SIGNS)
        found.append(told)
    return found


def _extension(alert: Alert) -> dict[str, Any]:
    claims = [
        {
            "kind": c.kind, "low": c.low, "high": c.high, "hedge": c.hedge, "stance": c.stance,
            "claimant": clean(c.claimant) if c.claimant else None, "text": clean(c.text),
        }
        for c in alert.claims
    ]  # fmt: skip
    told: dict[str, Any] = {
        "alert_id": alert.alert_id, "revision": alert.revision, "change": alert.change,
        "changes": [clean(c) for c in alert.changes], "category": alert.category, "severity": alert.severity,
        "score": alert.score, "event_type": alert.event_type, "event_subtype": alert.event_subtype,
        "realis": alert.realis, "date": alert.date,
        "place": clean(alert.place.name or alert.place.text) if alert.place else None,
        "actors": [clean(m.text) for m in alert.actors], "targets": [clean(m.text) for m in alert.targets],
        "weapons": [clean(m.text) for m in alert.weapons],
        "claims": [{k: v for k, v in c.items() if v is not None} for c in claims],
        "disputed": list(alert.disputed), "independent_sources": alert.independent_sources,
    }  # fmt: skip
    return {k: v for k, v in told.items() if v not in (None, [])}  # STIX has no empty lists


def _locations(alert: Alert, still: dict[str, Any]) -> Iterator[Any]:
    import stix2

    place = alert.place
    if place is None:
        return
    where: dict[str, Any] = {"country": place.country} if place.country else {}
    if place.latitude is not None and place.longitude is not None:
        where |= {"latitude": place.latitude, "longitude": place.longitude}
    if where:
        name = _text(place.name or place.text, 200)
        yield stix2.Location(id=_id("location", f"{place.id} {name} {where}"), name=name, **where, **still)


def _actors(alert: Alert, still: dict[str, Any]) -> Iterator[Any]:
    import stix2

    for actor in alert.actors:
        if actor.id is None:
            continue  # a name that nobody vouches for stays in the incident's words
        name = _text(actor.text, 200)
        seed, reference = f"{actor.id} {name}", _actor_reference(actor)
        if actor.id.startswith("attack:"):
            yield stix2.IntrusionSet(id=_id("intrusion-set", seed), name=name, external_references=[reference], **still)
        else:
            yield stix2.ThreatActor(
                id=_id("threat-actor", seed), name=name, threat_actor_types=["unknown"], external_references=[reference],
                **still,
            )  # fmt: skip


def _actor_reference(actor: Mention) -> dict[str, str]:
    kind, _, key = (actor.id or "").partition(":")
    return {
        "source_name": "mitre-attack" if kind == "attack" else "tocsin",
        "external_id": key if kind == "attack" else f"{kind}:{key}",
    }


def _indicator(indicator: Indicator, alert: Alert, still: dict[str, Any]) -> Objects:
    import stix2

    value = indicator.value
    if indicator.type == "cve":
        reference = {"source_name": "cve", "external_id": value}
        return [
            stix2.Vulnerability(id=_id("vulnerability", value), name=value, external_references=[reference], **still)
        ]
    if indicator.type == "attack-technique":
        reference = {"source_name": "mitre-attack", "external_id": value}
        return [
            stix2.AttackPattern(id=_id("attack-pattern", value), name=value, external_references=[reference], **still)
        ]
    if indicator.type not in PATHS:
        return []
    observable = make_observable(indicator)
    found = [observable] if observable else []
    if indicator.verdict in {"malicious", "suspicious"}:
        kind = "malicious-activity" if indicator.verdict == "malicious" else "anomalous-activity"
        pattern = make_pattern(indicator)
        reason = f" - {clean(indicator.reason)}" if indicator.reason else ""
        seed = f"{alert.alert_id} {pattern} {kind}{reason}"
        found.append(
            stix2.Indicator(
                id=_id("indicator", seed), name=f"{indicator.type} {_text(value, 200)}", indicator_types=[kind],
                description=f"{indicator.verdict}{reason}", pattern=pattern, pattern_type="stix", valid_from=alert.first_seen,
                **still,
            )
        )  # fmt: skip
    return found
