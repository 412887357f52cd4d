"""Who makes STIX objects, and what all of them share: ids of their own, a marking, the maker's identity.

Ids are UUIDv5 over the namespace of the installation, so two installations never write different versions of the same object, and one
keeps its ids over restarts. Cyber-observables alone have the ids that STIX itself prescribes (2.9), which are the same everywhere.
"""

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from msgspec import Struct

from pipeline.incidents.wording import clean

NAMESPACE = UUID("5b0d1a3e-7c1f-5d0c-9c55-70c51f000001")
EPOCH = "2026-01-01T00:00:00.000Z"
"""When the objects were made that are named after what never changes, as far as STIX is concerned."""
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_IDS = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""The markings of TLP 2.0 as OASIS published them (common object repository, October 2022)."""
NAME_CHARS_MAX = 200

Tlp = Literal["clear", "green", "amber", "amber+strict", "red", "white"]
"""Levels of TLP 2.0 (FIRST, August 2022); "white" is what TLP 1 called "clear"."""
Object = dict[str, Any]


class Maker(Struct, frozen=True, kw_only=True):
    """The installation that makes the objects. `installation`: any text that names it, the same for ever."""

    installation: str = ""
    organisation: str = "tocsin"
    tlp: Tlp = "clear"

    def id(self, kind: str, seed: str) -> str:
        """The id of an object: the same for the same seed, in this installation."""
        return f"{kind}--{uuid5(uuid5(NAMESPACE, f'installation {self.installation}'), f'{kind} {seed}')}"

    @property
    def level(self) -> str:
        """The TLP level by its name of today."""
        return "clear" if self.tlp == "white" else self.tlp

    @property
    def marks(self) -> Object:
        """What marks an object."""
        return {"object_marking_refs": [TLP_IDS[self.level]]}

    @property
    def common(self) -> Object:
        """What every object but observables has."""
        return {"spec_version": "2.1", "created_by_ref": self.identity["id"], **self.marks}

    @property
    def still(self) -> Object:
        """What an object has that is named after what never changes."""
        return {**self.common, "created": EPOCH, "modified": EPOCH}

    @property
    def marking(self) -> Object:
        """The definition of the marking."""
        return {
            "type": "marking-definition", "spec_version": "2.1", "id": TLP_IDS[self.level],
            "created": "2022-10-01T00:00:00.000Z", "name": f"TLP:{self.level.upper()}",
            "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": self.level}},
        }  # fmt: skip

    @property
    def identity(self) -> Object:
        """The installation itself."""
        return {
            "type": "identity", "spec_version": "2.1", "id": self.id("identity", "installation"), "created": EPOCH,
            "modified": EPOCH, "name": text(self.organisation),
            "identity_class": "system" if self.organisation == "tocsin" else "organization", **self.marks,
        }  # fmt: skip


def project_identity() -> str:
    """The id of who defined the extension: the project, the same everywhere."""
    return f"identity--{uuid5(NAMESPACE, 'identity tocsin')}"


def text(value: str, most: int = NAME_CHARS_MAX) -> str:
    """One line of at most so many characters, and never empty."""
    cleaned = clean(value)
    return (cleaned if len(cleaned) <= most else f"{cleaned[: most - 1]}…") or "(no text)"


def stamp(at: datetime) -> str:
    """A time as STIX writes it, in milliseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
