"""What STIX objects were said before: so that one value has one indicator, versions grow, and what no standing alert says is revoked.

An object that alerts *claim* (an indicator, a relationship, a sighting) stands as long as one alert that was not taken back claims it; its
content is joined from all of them. A revoked object never comes back (STIX 2.1, 3.6): the same value gets an object of the next generation.
Everything else gets a later `modified` when its content changes, and keeps its `created`. Kept as notes of the sink's memory.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from connectors.sinks.stixmaker import Maker, Object, stamp
from pipeline.records import Alert

CLAIMS_TOLD_MAX = 20
"""Alerts whose words make up an indicator's description, references and labels; the latest of those that stand."""
CLAIMS_WHOLE_MAX = 50
"""Of the earlier ones only dates and confidence are kept; that they stand is never forgotten."""
REFERENCES_MAX = 30
NOTE = "stix {id}"


class Notes(Protocol):
    """What of a sink's memory the history needs."""

    def read_notes(self, keys: Sequence[str]) -> dict[str, str]:
        """Those notes that there are."""
        ...

    def write_notes(self, notes: Mapping[str, str]) -> None:
        """Set them, together."""
        ...


class NoNotes:
    """Of a single bundle that nothing went before and nothing follows."""

    def read_notes(self, _: Sequence[str]) -> dict[str, str]:
        """None."""
        return {}

    def write_notes(self, notes: Mapping[str, str]) -> None:
        """Nothing follows."""


class Claim(Struct, frozen=True, omit_defaults=True):
    """What one alert says of a claimed object; the part that differs from alert to alert."""

    at: str = ""
    confidence: int | None = None
    types: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    references: tuple[dict[str, str], ...] = ()
    phases: tuple[str, ...] = ()
    valid_from: str = ""
    valid_until: str = ""


class Claimed(Struct, frozen=True):
    """An object that an alert claims: what never changes of it, named by `seed`, and the claim."""

    kind: str
    seed: str
    static: Object
    claim: Claim


class _Past(Struct, omit_defaults=True):
    """The note of an object."""

    generation: int = 0
    static: Object = field(default_factory=dict)
    by: dict[str, Claim] = field(default_factory=dict)
    object: Object | None = None  # the version that was said last
    digest: str = ""


class _Told(Struct, omit_defaults=True):
    """The note of an alert: which objects it claims, and claimed before."""

    revision: int = 0
    claims: tuple[str, ...] = ()  # their ids in the first generation
    withdrawn: tuple[str, ...] = ()


class History:
    """The past of one alert's objects, from reading it until `keep`."""

    def __init__(self, notes: Notes, maker: Maker, alert: Alert, at: datetime) -> None:
        self._notes = notes
        self._maker = maker
        self._alert = alert
        self._at = at
        self._pasts: dict[str, _Past] = {}
        self._changed: set[str] = set()
        found = notes.read_notes([NOTE.format(id=alert.alert_id)])
        self._told = _read(next(iter(found.values()), ""), _Told) or _Told()
        self._is_stale = alert.revision < self._told.revision
        self._stands = alert.change not in {"retracted", "merged"}

    def claim(self, wanted: Sequence[Claimed]) -> dict[str, Object]:
        """The objects as they stand now, by the id of their first generation."""
        bases = {self._maker.id(c.kind, c.seed): c for c in wanted}
        self._load(bases)
        return {base: self._settle(base, one) for base, one in bases.items()}

    def withdraw_others(self, claimed: Iterable[str]) -> list[Object]:
        """What the alert claimed before and no longer does, as it stands now: revoked where no other alert claims it."""
        now = set(claimed)
        gone = [base for base in dict.fromkeys((*self._told.withdrawn, *self._told.claims)) if base not in now]
        if self._is_stale:
            return []
        self._load(gone)
        self._told = _Told(self._alert.revision, tuple(sorted(now)), tuple(gone))
        return [o for o in (self._settle(base, None) for base in gone) if o]

    def version(self, made: Object) -> Object:
        """An object that nobody claims, with `created` as ever and a later `modified` when it changed; other names become aliases."""
        self._load([made["id"]])
        past = self._pasts[made["id"]]
        if past.object and "aliases" in (made | past.object):
            made = _with_names(made, past.object)
        return self._stamp(made["id"], made, stamp(self._at) if past.object else made["modified"], made["created"])

    def load(self, ids: Iterable[str]) -> None:
        """Read the notes of these together."""
        self._load(ids)

    def keep(self) -> None:
        """Remember it; only after the objects are safe."""
        if self._is_stale:
            return
        notes = {base: msgspec.json.encode(self._pasts[base]).decode() for base in sorted(self._changed)}
        notes[self._alert.alert_id] = msgspec.json.encode(self._told).decode()
        self._notes.write_notes({NOTE.format(id=key): note for key, note in notes.items()})

    def _load(self, ids: Iterable[str]) -> None:
        missing = [i for i in dict.fromkeys(ids) if i not in self._pasts]
        found = self._notes.read_notes([NOTE.format(id=i) for i in missing]) if missing else {}
        for i in missing:
            self._pasts[i] = _read(found.get(NOTE.format(id=i), ""), _Past) or _Past()

    def _settle(self, base: str, one: Claimed | None) -> Object:
        past = self._pasts[base]
        if one is not None:
            past.static = {**one.static, "type": one.kind}
        if not self._is_stale:
            self._count(past, one)
            self._changed.add(base)
        if not past.static:
            return {}
        if past.by and past.object and past.object.get("revoked"):
            past.generation, past.object, past.digest = past.generation + 1, None, ""
        claims = list(past.by.values())
        if not claims:
            last = {**past.static, **_join([one.claim])} if one else _content(past.object or past.static)
            content = {**last, "revoked": True} if not (one and self._is_stale) else last
        else:
            content = {**past.static, **_join(claims)}
        kind = past.static["type"]
        made_id = base if not past.generation else self._maker.id(kind, f"{base} generation {past.generation}")
        return self._stamp(base, {**self._maker.common, **content, "id": made_id}, stamp(self._at), stamp(self._at))

    def _count(self, past: _Past, one: Claimed | None) -> None:
        mine = past.by.pop(self._alert.alert_id, None)
        if one is not None and self._stands:
            past.by[self._alert.alert_id] = one.claim
        elif self._alert.change == "merged" and self._alert.merged_into and (claim := one.claim if one else mine):
            past.by.setdefault(self._alert.merged_into, claim)  # until that alert's own next revision
        for alert_id in sorted(past.by, key=lambda a: past.by[a].at)[:-CLAIMS_WHOLE_MAX]:
            past.by[alert_id] = replace(past.by[alert_id], lines=(), labels=(), references=(), phases=())

    def _stamp(self, base: str, made: Object, at: str, created: str) -> Object:
        past = self._pasts[base]
        content = _content(made)
        digest = hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()[:16]
        if past.object and past.digest == digest:
            return past.object
        modified = at
        if past.object and not self._is_stale:
            created, modified = past.object["created"], max(at, _just_after(past.object["modified"]))
        result = {**content, "created": min(created, modified), "modified": modified}
        if not self._is_stale:
            past.object, past.digest = result, digest
            self._changed.add(base)
        return result


def _content(made: Object) -> Object:
    return {key: value for key, value in made.items() if key not in {"created", "modified"}}


def _join(claims: Sequence[Claim]) -> Object:
    """What several alerts say of one object, as one."""
    latest = sorted(claims, key=lambda c: c.at, reverse=True)[:CLAIMS_TOLD_MAX]
    sure = [c.confidence for c in claims if c.confidence is not None]
    phases = sorted({p for c in latest for p in c.phases})
    joined: dict[str, Any] = {
        "confidence": max(sure) if sure else None,
        "indicator_types": sorted({t for c in claims for t in c.types}),
        "labels": sorted({label for c in latest for label in c.labels}),
        "description": "\n".join(dict.fromkeys(line for c in latest for line in c.lines)),
        "external_references": [
            msgspec.json.decode(raw)
            for raw in dict.fromkeys(msgspec.json.encode(r, order="sorted") for c in latest for r in c.references)
        ][:REFERENCES_MAX],
        "kill_chain_phases": [
            {"kill_chain_name": "lockheed-martin-cyber-kill-chain", "phase_name": phase} for phase in phases
        ],
        "valid_from": min((c.valid_from for c in claims if c.valid_from), default=""),
        # One claim without an end has none.
        "valid_until": max(c.valid_until for c in claims) if all(c.valid_until for c in claims) else "",
    }
    return {key: value for key, value in joined.items() if value not in (None, "", [])}


def _with_names(made: Object, before: Object) -> Object:
    """The name that it was given first, and every other as an alias."""
    names = {made["name"], *made.get("aliases", []), *before.get("aliases", [])} - {before["name"]}
    return {**made, "name": before["name"], "aliases": sorted(names)} if names else {**made, "name": before["name"]}


def _just_after(time: str) -> str:
    return stamp(datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) + timedelta(milliseconds=1))


def _read(raw: str, shape: type[Any]) -> Any:
    return msgspec.json.decode(raw, type=shape) if raw else None
