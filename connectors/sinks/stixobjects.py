"""An alert as STIX 2.1 objects (OASIS standard, June 2021).

| of the alert | becomes |
|---|---|
| the alert | `report`, which refers to all the others, with the sources as external references |
| what happened | `incident` with the extension of `EXTENSION_ID`, because STIX 2.1 leaves incidents open: event type, realis, claims, actors as told |
| where | `location` |
| actors | `intrusion-set`, `threat-actor` or `identity` (`stixnames.py`) |
| malware, tools, victims, outlets | `malware`, `tool`, `identity` |
| indicators called malicious or suspicious, and rules | `indicator` with a pattern (`stixindicators.py`) |
| every other indicator that STIX has an object for | the cyber-observable, `vulnerability` or `attack-pattern` |

How they hang together: `stixgraph.py`. What becomes of them when alerts are revised or taken back: `stixhistory.py`. Report and incident
get a later `modified` with each revision.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import structlog
from msgspec.structs import replace

from connectors.sinks.stixgraph import Link, claim_link, draw
from connectors.sinks.stixhistory import History, NoNotes
from connectors.sinks.stixindicators import Said, refer, say_indicators
from connectors.sinks.stixmaker import EPOCH, NAMESPACE, Maker, Object, Tlp, project_identity, stamp, text
from connectors.sinks.stixnames import make_outlet
from pipeline.incidents.wording import clean, tell_claim
from pipeline.records import Alert

__all__ = ["EXTENSION_ID", "NAMESPACE", "Maker", "Tlp", "make_objects", "revision_of"]

EXTENSION_ID = "extension-definition--1f9d4c8e-52a7-5b53-8a4e-70c51f000002"
EXTENSION_VERSION = "1.1.0"
LABEL_REVISION = "tocsin-revision:"
OUTLETS_MAX = 50

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
        "headline": {"type": "string", "description": "an outlet's own title"},
        "malware": {"type": "array", "items": {"type": "string"}},
        "sector": {"type": "string", "description": "of the victims"},
        "late_s": {"type": "integer", "description": "seconds that the report had waited"},
        "merged_into": {"type": "string", "description": "the alert that goes on in place of this one"},
        "in_scope": {"type": "boolean"},
        "other_indicators": {
            "type": "array",
            "description": "indicators that STIX has no object for",
            "items": {
                "type": "object",
                "required": ["type", "value", "verdict"],
                "properties": {
                    "type": {"type": "string"},
                    "value": {"type": "string"},
                    "verdict": {"enum": "malicious suspicious benign unknown".split()},
                },
            },
        },
    },
}
"""The JSON Schema of the extension's properties; it is sent along as the definition's `schema`."""


def make_objects(alert: Alert, maker: Maker | None = None, history: History | None = None) -> list[Object]:
    """All objects of one revision, the report last; as plain JSON. What `history` learned is not kept yet."""
    maker = maker or Maker()
    at = modified_at(alert)
    history = history or History(NoNotes(), maker, alert, at)
    when = stamp(at)
    incident_id = maker.id("incident", alert.alert_id)
    graph = draw(alert, maker, incident_id)
    said = say_indicators(alert, maker, graph, when)
    for outlet in [make_outlet(maker, s) for s in alert.sources[:OUTLETS_MAX]]:
        graph.add(outlet)
    known = history.claim(said.claims)
    ids = {base: made["id"] for base, made in known.items()}
    claimed = [claim_link(_follow(link, ids), when) for link in [*graph.links, *said.links]]
    for sighting in said.sightings:
        seen = ids[sighting.static["sighting_of_ref"]]
        claimed.append(
            replace(sighting, seed=f"{seen} {sighting.seed}", static={**sighting.static, "sighting_of_ref": seen})
        )
    linked = history.claim(claimed)
    gone = history.withdraw_others([*known, *linked])
    report_id = maker.id("report", alert.alert_id)
    history.load([*graph.things, incident_id, report_id])
    things = [history.version(thing) for thing in graph.things.values()]
    moving = {
        **maker.common,
        "created": stamp(alert.first_seen),
        "modified": when,
        **({"revoked": True} if alert.change == "retracted" else {}),
        "confidence": round(alert.credibility * 100),
        "labels": _labels(alert),
        "external_references": _references(alert),
        "name": text(alert.headline or alert.what),
        "description": _describe(alert),
    }
    incident = {
        **moving, "type": "incident", "id": incident_id,
        "extensions": {EXTENSION_ID: {"extension_type": "property-extension", **_extension(alert, said)}},
    }  # fmt: skip
    told = [history.version(incident), *things, *said.observables, *known.values(), *linked.values(), *gone]
    told = list({o["id"]: o for o in told}.values())
    report = {
        **moving, "type": "report", "id": report_id, "report_types": ["threat-report"], "published": published(alert),
        "object_refs": [o["id"] for o in told],
    }  # fmt: skip
    return [maker.marking, maker.identity, make_project(maker), make_extension(maker), *told, history.version(report)]


def _follow(link: Link, ids: dict[str, str]) -> Link:
    """The link with the indicator of its present generation."""
    return replace(link, source=ids.get(link.source, link.source))


def make_project(maker: Maker) -> Object:
    """Who defined the extension."""
    return {
        "type": "identity", "spec_version": "2.1", "id": project_identity(), "created": EPOCH, "modified": EPOCH,
        "name": "tocsin", "identity_class": "system", **maker.marks,
    }  # fmt: skip


def make_extension(maker: Maker) -> Object:
    """The definition of the incident's extension, its schema inside."""
    return {
        "type": "extension-definition", "spec_version": "2.1", "id": EXTENSION_ID, "created": EPOCH,
        "modified": "2026-12-01T00:00:00.000Z", "created_by_ref": project_identity(),
        "name": "tocsin conflict and cyber events",
        "description": "What tocsin adds to an incident: the coded event, the claims with who makes them, and its own life.",
        "schema": json.dumps(SCHEMA, sort_keys=True), "version": EXTENSION_VERSION,
        "extension_types": ["property-extension"], **maker.marks,
    }  # fmt: skip


def published(alert: Alert) -> str:
    """When the first of its articles was published, as far as they say so."""
    return stamp(min((s.published for s in alert.sources if s.published), default=alert.first_seen))


def modified_at(alert: Alert) -> datetime:
    """Later with each revision, even when no article came (STIX counts milliseconds)."""
    return max(alert.last_seen, alert.first_seen) + timedelta(milliseconds=alert.revision)


def revision_of(stix_object: Any) -> tuple[str, int]:
    """Alert id and revision of an incident or report that `make_objects` made."""
    alert_id = next(r["external_id"] for r in stix_object["external_references"] if r["source_name"] == "tocsin")
    revision = next(label for label in stix_object["labels"] if label.startswith(LABEL_REVISION))
    return alert_id, int(revision.removeprefix(LABEL_REVISION))


def _describe(alert: Alert) -> str:
    lines = [clean(alert.what), *[clean(c) for c in alert.changes], *[tell_claim(c) for c in alert.claims]]
    if alert.disputed:
        lines.append(f"Sources disagree on: {', '.join(alert.disputed)}")
    return "\n".join(lines)


def _labels(alert: Alert) -> list[str]:
    return [alert.category, f"severity:{alert.severity}", f"change:{alert.change}", f"{LABEL_REVISION}{alert.revision}"]


def _references(alert: Alert) -> list[dict[str, str]]:
    found = [{"source_name": "tocsin", "external_id": alert.alert_id}]
    return [*found, *map(refer, alert.sources)]


def _extension(alert: Alert, said: Said) -> dict[str, Any]:
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
        "headline": clean(alert.headline) or None, "malware": [clean(m.text) for m in alert.malware],
        "sector": alert.sector, "late_s": alert.late_s or None, "merged_into": alert.merged_into,
        "in_scope": None if alert.in_scope else False,
        "other_indicators": [
            {"type": i.type, "value": clean(i.value), "verdict": i.verdict} for i in said.left_out
        ],
    }  # fmt: skip
    return {k: v for k, v in told.items() if v not in (None, [])}  # STIX has no empty lists
