"""Lists of groups, actors and malware as others publish them, read from a user's own copy.

`READERS` has the kinds; each reader takes a file's bytes and gives `Listed` records, whatever the list's own form. What a list holds
beside bodies (persons, techniques) is left out and counted. Raises `ListError` naming what is wrong with the file.
"""

from collections.abc import Callable

from pipeline.text.knowledge.lists.attack import read_attack
from pipeline.text.knowledge.lists.misp import read_misp
from pipeline.text.knowledge.lists.plain import read_plain
from pipeline.text.knowledge.lists.records import Listed, ListError, Reading
from pipeline.text.knowledge.lists.sanctions import read_eu, read_opensanctions, read_un, read_us

Reader = Callable[[bytes, str], Reading]

READERS: dict[str, tuple[Reader, str]] = {
    "misp": (read_misp, "a MISP galaxy cluster (JSON): threat actors, ransomware, tools, terrorist groups"),
    "attack": (read_attack, "an ATT&CK bundle (STIX 2 JSON): groups, software"),
    "eu": (read_eu, "the EU's consolidated sanctions list (CSV)"),
    "un": (read_un, "the UN Security Council's consolidated list (XML)"),
    "us": (read_us, "the US Treasury's SDN list (XML)"),
    "opensanctions": (read_opensanctions, "OpenSanctions, targets.simple.csv"),
    "csv": (read_plain, "a table of your own: name, and aliases, kind, country, id"),
}

__all__ = ["READERS", "ListError", "Listed", "Reader", "Reading"]
