"""An alert as a MISP event (MISP core format): one event an alert, its attributes the indicators, its links the sources.

UUIDs are version 5 over STIX's namespace of this project, so the same alert is the same event everywhere, and the same value the same attribute;
`timestamp` grows with each revision, because MISP takes only later ones. MISP keeps what an edit does not name: so what the revision before
carried and this one does not is sent along, attributes without `to_ids` and with a note, tags as deleted.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal
from uuid import uuid5

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from connectors.sinks.card import safe_url
from connectors.sinks.mispattributes import Attribute, list_attributes
from connectors.sinks.mispgalaxies import tag_event
from connectors.sinks.sink import Memory
from connectors.sinks.stixmaker import NAMESPACE
from pipeline.incidents.wording import clean, count_sources, name_event, name_place, tell_claim
from pipeline.records import Alert, Severity

THREAT_LEVEL: dict[Severity, int] = {"critical": 1, "high": 1, "medium": 2, "low": 3, "info": 4}
INFO_CHARS_MAX = 250
TEXT_CHARS_MAX = 10_000

NOTE = "misp {id}"

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]


def event_uuid(alert: Alert) -> str:
    """Of the alert's event."""
    return str(uuid5(NAMESPACE, f"misp {alert.alert_id}"))


def event_time(alert: Alert) -> int:
    """The event's `timestamp`, seconds: later with each revision, even when no article came."""
    return int((alert.last_seen + timedelta(seconds=alert.revision)).timestamp())


class Said(Struct, frozen=True, omit_defaults=True):
    """What an event has carried so far."""

    revision: int = 0
    attributes: tuple[Attribute, ...] = ()
    tags: tuple[str, ...] = ()


def recall(memory: Memory | None, alert: Alert) -> Said:
    """What the alert's event carried before."""
    found = memory.read_notes([NOTE.format(id=alert.alert_id)]) if memory is not None else {}
    raw = next(iter(found.values()), "")
    return msgspec.json.decode(raw, type=Said) if raw else Said()


def say(alert: Alert, tlp: Tlp, before: Said) -> Said:
    """What the event of this revision carries: what it tells, then what it tells no more."""
    now = list_attributes(alert)
    uuid = event_uuid(alert)
    told = {a.uuid(uuid) for a in now}
    gone = [_take_back(a, alert) for a in before.attributes if a.uuid(uuid) not in told]
    return Said(alert.revision, (*now, *gone), tuple(_tags(alert, tlp)))


def keep(memory: Memory | None, alert: Alert, said: Said) -> None:
    """Remember it, once it is safe."""
    if memory is not None:
        memory.write_notes({NOTE.format(id=alert.alert_id): msgspec.json.encode(said).decode()})


def _take_back(attribute: Attribute, alert: Alert) -> Attribute:
    if not attribute.to_ids and attribute.comment.startswith("no longer told"):
        return attribute
    was = f"no longer told since revision {alert.revision}; was {attribute.comment}"
    return replace(attribute, to_ids=False, comment=was, tags=())


def make_event(alert: Alert, *, tlp: Tlp, distribution: int, said: Said | None = None) -> Any:
    """The event of one revision: a `pymisp.MISPEvent`."""
    from pymisp import MISPEvent

    said = said or say(alert, tlp, Said())
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
    for tag in said.tags:
        event.add_tag(tag)
    for attribute in said.attributes:
        _add(event, attribute, uuid, at)
    for kind, value, key, more in _others(alert):
        event.add_attribute(
            kind, value, uuid=str(uuid5(NAMESPACE, f"{uuid} {key}")), timestamp=at, distribution=5, to_ids=False, **more
        )
    return event


def _add(event: Any, attribute: Attribute, uuid: str, at: int) -> None:
    given: dict[str, Any] = {
        "uuid": attribute.uuid(uuid), "timestamp": at, "distribution": 5, "to_ids": attribute.to_ids, "comment": attribute.comment,
        "first_seen": attribute.first_seen, "last_seen": attribute.last_seen, "category": attribute.category or None,
    }  # fmt: skip
    given = {key: value for key, value in given.items() if value is not None}
    if attribute.in_object:
        _add_object(event, attribute, given, at)
        return
    made: Any = event.add_attribute(attribute.kind, attribute.value, **given)
    for tag in attribute.tags:
        made.add_tag(tag)


def _add_object(event: Any, attribute: Attribute, given: dict[str, Any], at: int) -> None:
    from pymisp import MISPObject

    made = MISPObject(attribute.in_object)
    made.from_dict(
        uuid=str(uuid5(NAMESPACE, f"object {given['uuid']}")), timestamp=at, distribution=5, comment=given["comment"]
    )
    main: Any = made.add_attribute(attribute.relation, value=attribute.value, type=attribute.kind, **given)
    for tag in attribute.tags:
        main.add_tag(tag)
    for relation, value in attribute.beside:
        beside = str(uuid5(NAMESPACE, f"{relation} {given['uuid']}"))
        made.add_attribute(relation, value=value, uuid=beside, timestamp=at, distribution=5, to_ids=False)
    event.add_object(made)


def revision_of(event: dict[str, Any]) -> tuple[str, int]:
    """Alert id and revision of an event that `make_event` made, as JSON."""
    tags = dict(t["name"].split("=", 1) for t in event["Tag"] if "=" in t["name"] and not t.get("deleted"))
    return tags["tocsin:alert"].strip('"'), int(tags["tocsin:revision"].strip('"'))


def _info(alert: Alert) -> str:
    mark = f"[{alert.change}] " if alert.change in {"retracted", "disputed", "merged"} else ""
    info = f"{mark}{clean(alert.headline or alert.what).strip() or '(no text)'}"
    return info if len(info) <= INFO_CHARS_MAX else f"{info[: INFO_CHARS_MAX - 1]}…"


def _tags(alert: Alert, tlp: Tlp) -> Iterator[str]:
    yield f"tlp:{tlp}"
    yield f'tocsin:alert="{alert.alert_id}"'
    yield f'tocsin:revision="{alert.revision}"'
    yield f'tocsin:change="{alert.change}"'
    yield f'tocsin:category="{alert.category}"'
    yield f'tocsin:severity="{alert.severity}"'
    yield from tag_event(alert)


def _others(alert: Alert) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Links and words: type, value, what names the attribute, and more of it."""
    for url in dict.fromkeys(s.url for s in alert.sources):
        if url and safe_url(url):
            yield "link", url, f"link {url}", {"category": "External analysis"}
    lines = [
        clean(alert.headline),
        clean(alert.what),
        name_event(alert),
        name_place(alert),
        f"when: {alert.date}" if alert.date else "",
        *(
            f"{name}: {', '.join(clean(m.text) for m in parties)}"
            for name, parties in (("by", alert.actors), ("against", alert.targets), ("with", alert.weapons))
            if parties
        ),
        *map(tell_claim, alert.claims),
        *map(clean, alert.changes),
        f"goes on as {alert.merged_into}" if alert.merged_into else "",
        (
            f"score {alert.score:.2f}, credibility {alert.credibility:.2f}, {count_sources(alert)},"
            f" told {alert.first_seen:%Y-%m-%d %H:%M:%S} to {alert.last_seen:%Y-%m-%d %H:%M:%S} UTC"
        ),
    ]
    if alert.disputed:
        lines.append(f"sources disagree on: {', '.join(alert.disputed)}")
    text = "\n".join(dict.fromkeys(line for line in lines if line.strip()))
    if len(text) > TEXT_CHARS_MAX:
        text = f"{text[: TEXT_CHARS_MAX - 1]}…"
    # One attribute over all revisions: an edit replaces its words.
    yield "text", text or "(no text)", "what happened", {"category": "External analysis", "comment": "what happened"}
