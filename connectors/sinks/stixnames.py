"""What an alert names - actors, malware, tools, victims, outlets - as STIX objects, one an id whatever it is called in an article.

Who is an actor of concern is decided by the record behind the id, never by the part played: police, vendors, armies, companies and states are
identities. Cyber actors are intrusion sets, armed groups and gangs threat actors. Canonical name and aliases come from the knowledge base.
"""

import re

from connectors.sinks.known import names_of, party_kind, subject_of
from connectors.sinks.stixmaker import Maker, Object, text
from pipeline.records import Mention, Related, Source

MALWARE_TYPES = {
    "backdoor": "backdoor", "ransomware": "ransomware", "trojan": "trojan", "rat": "remote-access-trojan", "loader": "downloader",
    "downloader": "downloader", "dropper": "dropper", "wiper": "wiper", "botnet": "bot", "spyware": "spyware", "stealer": "spyware",
    "rootkit": "rootkit", "webshell": "webshell", "worm": "worm", "miner": "resource-exploitation",
}  # fmt: skip
"""STIX's kinds of malware (10.15) by those of the knowledge base."""
TOOL_TYPES = {
    "admin": "remote-access", "credential": "credential-exploitation", "discovery": "information-gathering",
    "exploitation": "exploitation", "tunnel": "network-capture",
}  # fmt: skip
ACTOR_TYPES = {
    "jihadist": "terrorist", "islamist": "terrorist", "criminal": "criminal", "ransomware": "crime-syndicate",
    "hacktivist": "activist", "state-sponsored": "nation-state", "vendor": "criminal", "contractor": "nation-state",
}  # fmt: skip
"""STIX's kinds of threat actors (10.23)."""
SECTORS = {
    "health": "healthcare", "finance": "financial-services", "energy": "energy", "government": "government", "defence": "defense",
    "education": "education", "telecommunications": "telecommunications", "transport": "transportation",
    "manufacturing": "manufacturing", "retail": "retail", "media": "entertainment", "water": "water", "technology": "technology",
}  # fmt: skip
"""STIX's sectors (10.12) by those of the events."""
_ATTACK = re.compile(r"[A-Z]{1,3}\d{4}(?:\.\d{3})?")
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
ARTICLES = ("the ", "a ", "an ")


def make_party(maker: Maker, party: Mention, sector: str | None = None) -> Object:
    """An actor or a victim: intrusion set, threat actor or identity."""
    kind = party_kind(party.id)
    return make_actor(maker, party.id, party.text) if kind != "identity" else make_identity(maker, party, sector)


def make_actor(maker: Maker, actor_id: str | None, written: str) -> Object:
    """An intrusion set or a threat actor; one without an id, as indicators are joined to, is an intrusion set."""
    kind = party_kind(actor_id) if actor_id else "intrusion-set"
    if kind == "identity":
        return make_identity(maker, Mention(written, 0, 0, actor_id))
    name, aliases = _names(actor_id, written)
    made = _named(maker, kind, actor_id, name, aliases)
    if kind == "threat-actor":
        subject = subject_of(actor_id)
        made["threat_actor_types"] = [ACTOR_TYPES.get(subject.kind, "unknown") if subject else "unknown"]
    return made


def make_malware(maker: Maker, malware_id: str | None, written: str) -> Object:
    """A family of malware."""
    name, aliases = _names(malware_id, written)
    subject = subject_of(malware_id)
    kind = MALWARE_TYPES.get(subject.kind) if subject else None
    return {
        **_named(maker, "malware", malware_id, name, aliases),
        "is_family": True,
        "malware_types": [kind or "unknown"],
    }


def make_tool(maker: Maker, tool_id: str | None, written: str) -> Object:
    """A tool with honest uses that was put to others."""
    name, aliases = _names(tool_id, written)
    subject = subject_of(tool_id)
    kind = TOOL_TYPES.get(subject.kind) if subject else None
    return {**_named(maker, "tool", tool_id, name, aliases), "tool_types": [kind or "unknown"]}


def make_related(maker: Maker, related: Related) -> Object:
    """What an indicator belongs to."""
    match related.kind:
        case "malware":
            return make_malware(maker, related.id, related.name)
        case "tool":
            return make_tool(maker, related.id, related.name)
        case "actor":
            return make_actor(maker, related.id, related.name)
        case "campaign":
            return _named(maker, "campaign", related.id, text(related.name), [])
        case "technique":
            return make_catalogued(maker, "attack-pattern", related.name)
        case "cve":
            return make_catalogued(maker, "vulnerability", related.name)


def make_catalogued(maker: Maker, kind: str, number: str) -> Object:
    """A vulnerability or a technique, by its number in the catalogue."""
    is_ghsa = number.upper().startswith("GHSA-")
    is_cve, is_attack = _CVE.fullmatch(number) is not None, _ATTACK.fullmatch(number) is not None
    catalogue = "cve" if is_cve else "mitre-attack" if is_attack else "advisory"
    if (kind == "vulnerability") != is_cve and (is_cve or is_attack):  # the number of a thing of another kind
        reference = {"source_name": "tocsin", "description": text(number)}
    else:
        reference = {
            "source_name": "ghsa" if is_ghsa else catalogue,
            "external_id" if is_cve or is_attack or is_ghsa else "description": text(number),
        }
    return {
        **maker.still, "type": kind, "id": maker.id(kind, text(number)), "name": text(number),
        "external_references": [reference],
    }  # fmt: skip


def make_identity(maker: Maker, party: Mention, sector: str | None = None) -> Object:
    """Somebody who is no actor of concern: police, a vendor, an army, a state, a victim."""
    name, others = _names(party.id, party.text)
    identity_class = "organization" if (party.id or "").startswith("org:") else "unknown"
    made = {
        **maker.still, "type": "identity", "id": maker.id("identity", _seed(party.id, name)), "name": name,
        "identity_class": identity_class,
    }  # fmt: skip
    if others:
        made["description"] = text(f"also known as {', '.join(others)}", 1_000)
    if sector in SECTORS:
        made |= {"id": maker.id("identity", f"{_seed(party.id, name)} {sector}"), "sectors": [SECTORS[sector]]}
    return made


def make_sector(maker: Maker, sector: str) -> Object:
    """The victims of whom nothing is known but the sector."""
    name = SECTORS.get(sector, sector)
    return {
        **maker.still, "type": "identity", "id": maker.id("identity", f"sector {name}"), "name": f"sector: {text(name)}",
        "identity_class": "class", **({"sectors": [name]} if sector in SECTORS else {}),
    }  # fmt: skip


def make_outlet(maker: Maker, source: Source) -> Object:
    """Who published a source."""
    name = text(source.owner or source.feed)
    return {
        **maker.still, "type": "identity", "id": maker.id("identity", f"outlet {name}"), "name": name,
        "identity_class": "organization", "description": "publishes what alerts were made from",
    }  # fmt: skip


def is_name(written: str) -> bool:
    """Whether words name somebody: "Northgate Hospital", and not "guards" or "the hospital"."""
    words = written.strip()
    for article in ARTICLES:
        if words.lower().startswith(article):
            return words[len(article) :][:1].isupper()
    return words[:1].isupper() and not words.isupper()


def _names(thing_id: str | None, written: str) -> tuple[str, list[str]]:
    name, others = names_of(thing_id, written)
    return text(name), [text(other) for other in others]


def _named(maker: Maker, kind: str, thing_id: str | None, name: str, aliases: list[str]) -> Object:
    made = {**maker.still, "type": kind, "id": maker.id(kind, _seed(thing_id, name)), "name": name}
    if aliases:
        made["aliases"] = aliases
    if thing_id:
        scheme, _, key = thing_id.partition(":")
        is_attack = scheme == "attack" and _ATTACK.fullmatch(key) is not None
        made["external_references"] = [
            {"source_name": "mitre-attack", "external_id": key}
            if is_attack
            else {"source_name": "tocsin", "external_id": text(thing_id)}
        ]
    return made


def _seed(thing_id: str | None, name: str) -> str:
    """What names a thing: its id alone where it has one, else its name."""
    return thing_id or f"name {name.casefold()}"
