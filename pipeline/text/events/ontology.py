"""Event classes: ACLED's names, with their counterparts in MUC-4, PLOVER, CAMEO and the Global Terrorism Database.

`classify` names the sub-type of an action from the company its trigger keeps: an attack with drones is an air or drone strike, the
police firing on marchers is excessive force. The names are those of `data/ontology.toml`; an unknown name raises KeyError at once.
"""

import tomllib
from dataclasses import dataclass
from functools import cache

from pipeline.text.events.lexicon import DATA


@dataclass(frozen=True, slots=True)
class EventClass:
    """One sub-type and what other schemes call it; None where they have no such class."""

    type: str
    subtype: str | None
    rank: int  # 0..100: how much it says; of two told in one sentence the higher is the main one
    muc4: str | None = None
    plover: str | None = None
    mode: str | None = None  # PLOVER's mode
    cameo: str | None = None  # CAMEO root code
    gtd: str | None = None  # GTD attack type


@cache
def load_classes() -> dict[str, EventClass]:
    """All classes by sub-type. "Other" of ACLED is "Strategic developments/Other"."""
    table = tomllib.loads((DATA / "ontology.toml").read_text(encoding="utf-8"))
    out: dict[str, EventClass] = {}
    for group in table["class"]:
        for row in group["subtypes"]:
            subtype = row.pop("name")
            key = f"{group['type']}/Other" if subtype == "Other" else subtype
            out[key] = EventClass(type=group["type"], subtype=subtype, **row)
    out["Other"] = EventClass(type="Other", subtype=None, rank=5)
    return out


def class_named(subtype: str) -> EventClass:
    """The class with this sub-type; KeyError when there is none."""
    return load_classes()[subtype]
