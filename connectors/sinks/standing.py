"""Which alerts still tell a value: so that it is taken back where it was sent when the last of them was.

Kept as notes of the sink's memory. `stixhistory.py` does the same for STIX, whose objects have versions.
"""

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from connectors.sinks.sink import Memory
from pipeline.records import Alert

NOTE = "standing {key}"


class _Told(Struct, omit_defaults=True):
    revision: int = 0
    keys: tuple[str, ...] = ()


class Change(Struct, frozen=True):
    """What one revision changes: who tells each of its values, and which values nobody tells any more."""

    tellers: dict[str, tuple[str, ...]]
    gone: tuple[str, ...]
    notes: dict[str, str]


def key_of(kind: str, value: str) -> str:
    """What names a value: the same everywhere."""
    return hashlib.sha256(f"{kind} {value}".encode()).hexdigest()[:40]


def stand(memory: Memory, alert: Alert, keys: Iterable[str]) -> Change:
    """What becomes of the values of a revision; remember `notes` once that is done. An older revision that comes late changes nothing."""
    own = NOTE.format(key=alert.alert_id)
    raw = memory.read_notes([own]).get(own, "")
    before = msgspec.json.decode(raw, type=_Told) if raw else _Told()
    if alert.revision < before.revision:
        return Change({}, (), {})
    told = tuple(dict.fromkeys(keys)) if alert.change not in {"retracted", "merged"} else ()
    every = list(dict.fromkeys((*before.keys, *told, *keys)))
    found = memory.read_notes([NOTE.format(key=k) for k in every])
    tellers: dict[str, tuple[str, ...]] = {}
    for key in every:
        raw = found.get(NOTE.format(key=key), "")
        others = set(msgspec.json.decode(raw, type=list[str])) if raw else set()
        others.discard(alert.alert_id)
        if key in told:
            others.add(alert.alert_id)
        elif alert.change == "merged" and alert.merged_into:
            others.add(alert.merged_into)  # until that alert's own next revision
        tellers[key] = tuple(sorted(others))
    notes = {NOTE.format(key=k): msgspec.json.encode(v).decode() for k, v in tellers.items()}
    # The one that goes on has to let go of what it does not tell itself.
    if alert.change == "merged" and alert.merged_into:
        notes |= _hand_over(memory, alert.merged_into, every)
    notes[own] = msgspec.json.encode(_Told(alert.revision, told)).decode()
    return Change(
        {k: v for k, v in tellers.items() if v and k in told}, tuple(k for k, v in tellers.items() if not v), notes
    )


def _hand_over(memory: Memory, into: str, keys: list[str]) -> dict[str, str]:
    note = NOTE.format(key=into)
    raw = memory.read_notes([note]).get(note, "")
    other = msgspec.json.decode(raw, type=_Told) if raw else _Told()
    return {note: msgspec.json.encode(_Told(other.revision, tuple(dict.fromkeys((*other.keys, *keys))))).decode()}
