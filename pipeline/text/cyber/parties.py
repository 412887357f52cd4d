"""Who did it and to whom: names on the side of a trigger where its frame says they stand.

Attackers are known by what stands beside their name ("the X gang", "a seller called x"), by a list, by their form (UNC7011), or as the subject of
a trigger. Only names are told: "hackers" are nobody. Pure functions over one article; linear in it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.records import Confidence, Entity
from pipeline.text.cyber.frames import Act, Frame
from pipeline.text.cyber.names import NAME, Name, names_in, trim
from pipeline.text.places import default_gazetteer, find_peoples

_KIND = r"(?:gang|group|crew|collective|cartel|outfit|hackers?|hacktivists?|spy|spies|operators?|affiliates?|actors?|operation|syndicate|team|cluster|brigade|extortionists|campaigners)"
_KIND_AFTER = (
    r"(?:gang|group|crew|collective|cartel|outfit|hackers?|hacktivists?|actor|syndicate|cluster|extortionists)"
)
_SORT = r"(?:ransomware|extortion|hacking|hacker|hacktivist|cyber-?crime|cyber-?espionage|cyber|threat|espionage|spying|APT|state|crime|criminal|data-theft|leak|ransomware-as-a-service)"
_SHAME = r"(?:dark\s?web\s)?(?:data\s)?(?:leak|extortion)\s(?:site|blog|page|portal)"
_BEFORE_KIND = re.compile(
    rf"(?<![\w.@/-])(?P<name>{NAME})(?:\s{_SORT}){{0,2}}\s(?:{_KIND}|{_SHAME})\b(?!\s(?:could|might))"
)
_AFTER_KIND = re.compile(
    rf"\b(?:(?:{_SORT}\s){{0,2}}{_KIND_AFTER}),?\s(?:(?:is\s)?(?:called|named|dubbed|known\sas|tracked\sas|nicknamed|calling\sitself|that\scalls\sitself)\s)?[“\"‘']?(?P<name>{NAME})"
)
_CALLED = re.compile(
    r"\b(?:user|seller|hacker|member|account|poster|vendor|broker|criminal|gang|group|crew|person|someone|actor|individual|handle|alias)\s(?:of\sthe\sforum\s)?(?:who\sis\s)?(?:called|named|nicknamed|known\sas|calling\s(?:itself|himself|herself|themselves)|using\sthe\s(?:name|handle|alias)|under\sthe\s(?:name|alias|handle)(?:\sof)?|by\sthe\sname\sof)\s[“\"‘']?(?P<name>[A-Za-z0-9][\w-]{1,30}(?:\s[A-Z]\w{1,30})?)"
)
_BY = re.compile(
    rf"\bby\s(?:the\s|a\s)?(?:(?:hackers|members|operators|affiliates|{_SORT}|{_KIND})\s(?:of\s(?:the\s)?)?){{0,3}}(?P<name>{NAME})"
)
_SUSPECTED = re.compile(
    rf"\b(?:attribut(?:ed|es?)\s(?:[\w-]+\s){{0,5}}?to|blamed\s(?:[\w-]+\s){{0,3}}?on|link(?:ed|s)?\s(?:[\w-]+\s){{0,5}}?to|tied\s(?:[\w-]+\s){{0,4}}?to|the\swork\sof|blamed|blames|pinned\s(?:[\w-]+\s){{0,3}}?on|suspect(?:ed|s)?)\s(?:the\s|a\s)?(?:{_SORT}\s){{0,2}}(?:{_KIND}\s)?(?P<name>{NAME})"
)
_SUBJECT_GAP = re.compile(
    r"[’']?s?\s?(?:\([^()]{0,40}\)\s?)?(?:,\s[^,.;]{1,60},\s)?(?:(?:has|have|had|also|then|first|again|reportedly|allegedly|later|recently|now|since|been|on\s\w+day|last\s\w+|said\s(?:on\s\w+\s)?(?:that\s)?(?:it|they)\s(?:had\s)?|says\s(?:that\s)?(?:it|they)\s(?:had\s|has\s)?|claims\sto\shave|claimed\sto\shave|is|are|was|were)\s?){0,5}\s?\Z"
)
_NOBODY = re.compile(
    r"\b(?:hackers?|attackers?|intruders?|criminals|cyber ?criminals|thieves|hacktivists?|spies|gang|group|crew|actors?|scammers|fraudsters|insider|employee|botnet|worm|malware|it|they|who|which|that)\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[;:]|\.(?=\s|\Z)|\s(?:on|in|after|before|with|who|which|that|as|because|since|during|when|while|using|through|via|over|between|to|by|for|where|whose|saying|claiming|but|so|until|amid|has|have|had|was|were|is|are|said|says)\s|,\s(?:an?|its|his|their|which|who|the\s(?:company|firm|agency|exchange|bank|ministry|police|group|gang|airline|operator|university|city|hospital|clinic|utility))\s|,\s(?:and|but)\s|\sand\s(?:(?:also|then|later)\s)?(?:[a-z]+ed|stole|took|read|kept|put|made|left|held|said|sent|got|hid|ran)\b"
)
_STOP_FROM = re.compile(
    r"[;:]|\.(?=\s|\Z)|\s(?:on|after|before|with|who|which|that|as|because|since|during|when|while|using|through|via|over|between|by|where|whose|saying|but|was|were|said|says|to)\s|,\s(?:an?|its|which|who|the\s(?:company|firm|agency|exchange|bank|ministry|police|airline|operator|university|city|hospital|clinic|utility))\s"
)
_FROM = re.compile(r"\s(?:from|of|belonging\sto|held\sby|at)\s")
_LISTED = re.compile(r"(?:,\s(?:and\s)?|\sand\s)(?:the\s)?(?:[a-z-]+\s){0,3}\Z")
_PLACED = re.compile(
    r"(?:\b(?:in|on|by|near|via|with|says|said|told|to|for|since|from\sthe\scountry\sof|like|such\sas|including)\s(?:the\s)?(?:[a-z-]+\s){0,1})\Z"
)
_SOFTWARE = re.compile(
    r"\b(?:package|module|library|extension|plug-?in|crate|add-?on|image|gem|action|app|repository|project)s?\s(?P<name>@?[A-Za-z][\w./@-]{1,60}[\w])"
)
_PEOPLE = re.compile(r"(?:ian|ean|ese|an)s?\Z")
SUBJECT_CHARS_MAX = 140
"""How far before its trigger a subject may begin, characters."""
BEFORE_CHARS = 30
_BY_NAME: frozenset[Act] = frozenset(("ransom",))
"""Acts whose subject is the gang whatever else its name may be."""
_SAYS = re.compile(r"\s(?:said|says|told|warned|warns|confirmed|reported|announced|wrote|found|added)\b")
_FACILITY = re.compile(
    r"\s(?P<name>(?:(?:small|large|local|regional|private|public|state|national|major|water|treatment|waste|power|nuclear|chemical|steel|gas|oil|hydroelectric|desalination|medical|defence|telecom|shipping|food|law)\s){0,3}"
    r"(?:plant|dam|station|substation|grid|hospital|clinic|school|university|utility|refinery|pipeline|mill|factory|port|airport|railway|embassy|ministry|parliament|bank|municipality|brewery|mine|prison|farm|waterworks))\b(?!\s[A-Z])"
)


@dataclass(frozen=True, slots=True)
class Actor:
    """An attacker's name, and the words that show it to be one (`start`..`end` of the name)."""

    name: Name
    id: str | None
    how: Confidence = "reported"


class Cast:
    """The names of one article: which are attackers, peoples, places, malware."""

    def __init__(self, text: str, entities: Sequence[Entity]) -> None:
        self.text = text
        peoples = find_peoples(text, default_gazetteer())
        self._peoples = {text[start:end].casefold() for start, end in peoples}
        self._by_label: dict[str, set[str]] = {}
        self._spans = [(e.start, e.end, e.label, e.id) for e in entities]
        for entity in entities:
            label = "PEOPLE" if entity.label == "NORP" else entity.label
            self._by_label.setdefault(label, set()).add(entity.text.casefold())
        self.actors = self._find_actors(entities)
        self.is_warned = False  # whether something beside the words of a lure shows that it is one
        self.names = {a.name.text.casefold() for a in self.actors}

    def is_a(self, name: str, *labels: str) -> bool:
        """Whether an entity of this very text has one of the labels; a people must be known or sound like one."""
        if "NORP" in labels and (
            name.casefold() in self._peoples or (_PEOPLE.search(name) and self.is_a(name, "PEOPLE"))
        ):
            return True
        return any(name.casefold() in self._by_label.get(label, ()) for label in labels if label != "NORP")

    def id_of(self, start: int, end: int) -> str | None:
        """The canonical id of an entity there, if it has one."""
        return next((i for s, e, _, i in self._spans if s < end and start < e and i), None)

    def _is_people(self, name: str) -> bool:
        """A people or a country on the map, or a stance towards one: "Chinese hackers", "pro-Russian group"."""
        mapped = any(i and self.text[s:e] == name for s, e, label, i in self._spans if label in ("GPE", "LOC"))
        return mapped or self.is_a(name, "NORP", "DATE") or name.startswith(("Pro-", "Anti-"))

    def _find_actors(self, entities: Sequence[Entity]) -> tuple[Actor, ...]:
        found: dict[tuple[int, int], Actor] = {}
        for pattern in (_BEFORE_KIND, _AFTER_KIND, _CALLED, _SUSPECTED):
            for match in pattern.finditer(self.text):
                opens = match.start("name") if pattern is not _CALLED else -1
                start, end = match.span("name")
                name = (
                    trim(self.text, start, end, opens=opens)
                    if pattern is not _CALLED
                    else Name(match["name"], start, end)
                )
                if name is None or (self._is_people(name.text) and not self.is_a(name.text, "GROUP")):
                    continue
                if pattern is _SUSPECTED and self.is_a(name.text, "GPE", "NORP", "LOC"):
                    continue
                how: Confidence = "suspected" if pattern is _SUSPECTED else "reported"
                found.setdefault((name.start, name.end), Actor(name, self.id_of(name.start, name.end), how))
        for entity in entities:
            if entity.label == "GROUP" and not any(s < entity.end and entity.start < e for s, e in found):
                found[(entity.start, entity.end)] = Actor(Name(entity.text, entity.start, entity.end), entity.id)
        return tuple(sorted(found.values(), key=lambda a: a.name.start))

    def actors_within(self, start: int, end: int) -> list[Actor]:
        """The attackers named there, and again wherever their name stands ("Qilin" after "the Qilin gang")."""
        return [a for a in self.actors if start <= a.name.start and a.name.end <= end]


def has_agent(text: str, opens: int, start: int) -> bool:
    """Whether hackers of any sort stand before the trigger."""
    return bool(_NOBODY.search(text, max(opens, start - SUBJECT_CHARS_MAX), start))


def subject_of(cast: Cast, frame: Frame, opens: int, start: int, end: int, closes: int) -> Actor | None:
    """Who does what the trigger at `start`..`end` says, in the sentence `opens`..`closes`."""
    near = cast.actors_within(max(opens, start - SUBJECT_CHARS_MAX), start)
    if near and frame.subject:
        return near[-1]
    if match := _BY.search(cast.text, end, closes):
        name = trim(cast.text, *match.span("name"), opens=opens)
        if (
            name is not None
            and not cast.is_a(name.text, "NORP", "GPE", "LOC", "DATE", "MALWARE", "TOOL")
            and frame.act != "exploit"
        ):
            return Actor(name, cast.id_of(name.start, name.end))
    if not frame.subject:
        return None
    named = list(names_in(cast.text, max(opens, start - SUBJECT_CHARS_MAX), start, opens=opens))
    if named and _SUBJECT_GAP.fullmatch(cast.text, named[-1].end, start):
        name = named[-1]
        if not cast.is_a(name.text, "NORP", "DATE", "MALWARE", "TOOL", "GPE", "LOC") or frame.act in _BY_NAME:
            return Actor(name, cast.id_of(name.start, name.end), "reported")
    return None


def _fits(cast: Cast, name: Name) -> bool:
    low = name.text.casefold()
    if low in cast.names or cast.is_a(name.text, "MALWARE", "TOOL", "DATE", "NORP", "GROUP"):
        return False
    return not any(low in actor or actor in low.split() for actor in cast.names)


def victims_of(cast: Cast, frame: Frame, opens: int, start: int, end: int, closes: int) -> list[Name]:
    """To whom it is done: the names on the side of the trigger that its frame says; where none stands, "a dam", "the hospital"."""
    if frame.victim == "none":
        return []
    named = _named_victims(cast, frame, opens, start, end, closes)
    if not named and frame.victim == "after" and frame.act in ("attack", "deface", "flood"):
        stop = _STOP.search(cast.text, end, closes)
        kind = _FACILITY.search(cast.text, end, stop.start() if stop else closes)
        return [Name(kind["name"], *kind.span("name"))] if kind else []
    return named


def _named_victims(cast: Cast, frame: Frame, opens: int, start: int, end: int, closes: int) -> list[Name]:
    if frame.victim == "before":
        return _before(cast, opens, start, end)
    text = cast.text
    if frame.act in ("steal", "theft", "leak"):
        return _taken_from(cast, opens, end, closes)
    if software := _SOFTWARE.match(text, _behind(text, end, closes), closes):
        return [Name(software["name"], *software.span("name"))]
    stop = _STOP.search(text, end, closes)
    found = _listed(cast, names_in(text, end, stop.start() if stop else closes, opens=opens), end)
    if not found and frame.act == "ransom" and (colon := text.find(":", end, closes)) >= 0:
        return [n for n in names_in(text, colon, closes, opens=opens) if _fits(cast, n)]
    if not found and stop and stop.group().strip() in ("on", "against", "at") and frame.act in ("attack", "flood"):
        again = _STOP.search(text, stop.end(), closes)
        found = _listed(cast, names_in(text, stop.end(), again.start() if again else closes, opens=opens), stop.end())
    return found


_DETERMINED = re.compile(
    r"\s(?:an?\s|the\s|its\s|their\s)?(?:(?:popular|npm|PyPI|Go|Maven|browser|Chrome|widely|used|Python|JavaScript|open-source|VS|Code|Rust|crates\.io)\s){0,3}"
)


def _behind(text: str, end: int, closes: int) -> int:
    match = _DETERMINED.match(text, end, closes)
    return match.end() if match else end


def _listed(cast: Cast, names: Iterable[Name], floor: int) -> list[Name]:
    """The first name that fits, and those that a comma or "and" adds to it."""
    found: list[Name] = []
    for name in names:
        between = cast.text[found[-1].end if found else floor : name.start]
        if found and not _LISTED.fullmatch(between):
            break
        if _SAYS.match(cast.text, name.end):
            break
        if _fits(cast, name) and not _PLACED.search(between):
            found.append(name)
    return found


def _taken_from(cast: Cast, opens: int, end: int, closes: int) -> list[Name]:
    text = cast.text
    stop = _STOP_FROM.search(text, end, closes)
    limit = stop.start() if stop else closes
    found: list[Name] = []
    for lead in _FROM.finditer(text, end, limit):
        names = names_in(text, lead.end(), limit, opens=opens)
        found = _listed(cast, names, lead.end()) or found
        if lead.group().strip() != "of" and found:
            break
    if found:
        return found[:1] if " from " not in text[end:limit] else found
    owners = [
        n for n in names_in(text, end, limit, opens=opens) if text[n.end : n.end + 1] in ("'", "’") and _fits(cast, n)
    ]
    return owners[:1]


def _before(cast: Cast, opens: int, start: int, end: int) -> list[Name]:
    text = cast.text
    inside = [
        n
        for n in names_in(text, start, end, opens=opens)
        if _fits(cast, n) and not _PLACED.search(text[max(start, n.start - BEFORE_CHARS) : n.start])
    ]
    if inside:
        return inside[:1]  # "data of 1.4 million customers of X was put up for sale"
    names = [
        n
        for n in names_in(text, opens, start, opens=opens)
        if _fits(cast, n) and not _PLACED.search(text[max(opens, n.start - BEFORE_CHARS) : n.start])
    ]
    return names[-1:]


OFFENSIVE: frozenset[Act] = frozenset(
    ("attack", "ransom", "leak", "steal", "theft", "flood", "deface", "exploit", "lure")
)
"""Acts of attackers; the others are of the law and of those who switch off."""
