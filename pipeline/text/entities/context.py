"""Which subject a name means where it may mean several things, or be a plain word.

Evidence, in this order: another, plain name of the subject in the article; the countries that the article names; words of the
field (fighting, or malware). Without enough of it the name is left alone; with equal evidence for two bodies ("Islamic Jihad")
the mention is a group without an id. Never a guess.
"""

import re
from collections import Counter
from collections.abc import Sequence

from pipeline.text.knowledge import Match, Reading
from pipeline.text.knowledge.load import WORD_CONFIDENCE

OTHER_NAME_POINTS = 3.0
AREA_POINTS = 2.0
BRANCH_POINTS = 1.0
"""For a branch or the parent of the subject under a plain name."""
POINTS_MIN = 2.0
"""A name that needs context counts from here on: its area, or another name of it, beside the field's words."""
CYBER_WORDS_MIN = 2
"""Different words of the field that an article on it has at least."""
CYBER_WORDS_SURE = 5
"""From here on a name like "Lazarus" needs no further hint, unless it is mostly a plain word."""
CONFLICT_WORDS_MIN = 2

_CONFLICT = re.compile(
    r"\b(?:militants?|militancy|insurgen(?:ts?|cy)|rebels?|terror(?:ists?|ism)?|jihadi(?:s|sts?)?|extremis(?:ts?|m)|gunmen|fighters?|armed|attack(?:s|ed|ers?)?|"
    r"bomb(?:s|ed|ings?|ers?)?|kill(?:s|ed|ing)|troops?|soldiers?|army|military|guerrillas?|separatists?|offensive|clash(?:es|ed)?|ambush(?:es|ed)?|"
    r"kidnap\w*|abduct\w*|militias?|cartels?|gangs?|affiliates?|caliphate|ceasefire|commanders?|weapons?|hostages?|airstrikes?|shelling|drones?|mercenar(?:y|ies)|paramilitar(?:y|ies)|"
    r"neo-Nazis?|proscribed|outlawed|banned|war)\b",
    re.IGNORECASE,
)
_CYBER = re.compile(
    r"\b(?:malware|ransomware|cyber\w*|hack(?:s|ed|ers?|ing|tivists?)?|phishing|spear-?phishing|backdoors?|trojans?|botnets?|exploit(?:s|ed|ation|ing)?|vulnerabilit(?:y|ies)|CVE|payloads?|"
    r"C2|C&C|command[- ]and[- ]control|infostealers?|stealers?|loaders?|implants?|wipers?|APT|threat (?:actors?|groups?|intelligence)|intrusions?|spyware|DDoS|exfiltrat\w+|credentials?|encrypt\w*|"
    r"decrypt\w*|data breach(?:es)?|leak sites?|extortion|shellcode|rootkits?|droppers?|RATs?|PowerShell|DLL|infect(?:ed|ions?)|IOCs?|YARA|MITRE|ATT&CK|zero-?days?|sideload\w*|obfuscat\w+)\b"
)
_CYBER_IDS = ("attack:", "actor:", "malware:", "tool:")
_NEAR_CHARS = 60
_NAMES_GROUP_AFTER = re.compile(
    r"[’']?s?\s(?:militants?|fighters?|insurgents?|rebels?|terrorists?|gunmen|extremists?|jihadists?|affiliates?|branch|commanders?|leaders?|cartel|gang|militia|mercenar(?:y|ies)|group|forces|"
    r"ransomware|malware|trojan|backdoor|botnet|hackers?|gang|hacking|loader|stealer|wiper|spyware|worm|implant|framework|beacons?|operators?|payloads?|RAT|infections?|samples?)\b",
    re.IGNORECASE,
)
_NAMES_GROUP_BEFORE = re.compile(
    r"\b(?:militants?|group|gang|cartel|militia|organi[sz]ation|network|ransomware|malware|trojan|backdoor|botnet|loader|stealer|wiper|spyware|worm|implant|hackers?|actor|tool|"
    r"called|dubbed|named|known\sas|tracked\sas)\s(?:the\s)?[“\"‘']?$",
    re.IGNORECASE,
)


_ACTOR_AFTER = re.compile(
    r"[’']?s?\s(?:\w+\s)?(?:group|gang|actors?|hackers?|operators?|team|affiliates?|members?|crew|cartel)\b",
    re.IGNORECASE,
)


class Context:
    """The evidence of one article, gathered once."""

    def __init__(self, text: str, matches: Sequence[Match], countries: Counter[str]) -> None:
        self._text = text
        self._countries = countries
        self._plain = {
            match.readings[0].subject.id
            for match in matches
            if len(match.readings) == 1 and not match.readings[0].alias.needs_context
        }
        self._parents = {
            reading.subject.parent
            for match in matches
            for reading in match.readings
            if reading.subject.id in self._plain
        }
        self._cyber = len({found.group().casefold() for found in _CYBER.finditer(text)})
        self._conflict = len({found.group().casefold() for found in _CONFLICT.finditer(text)}) >= CONFLICT_WORDS_MIN

    def choose(self, match: Match) -> Reading | None:
        """The reading that is meant; None when the name is not one of a subject here."""
        fitting = self._fitting(match)
        return max(fitting, key=lambda reading: self._weight(match, reading), default=None)

    def is_open(self, match: Match) -> bool:
        """Whether two subjects fit equally well, so that the mention is a group but which one is not known."""
        weights = sorted((self._weight(match, reading) for reading in self._fitting(match)), reverse=True)
        return len(weights) > 1 and weights[0] == weights[1]

    def _fitting(self, match: Match) -> list[Reading]:
        return [
            reading for reading in match.readings if not reading.alias.needs_context or self._supported(match, reading)
        ]

    def _weight(self, match: Match, reading: Reading) -> tuple[float, float, bool]:
        """How well a reading fits; malware before the actor of the same name, unless the next word is "group" or "gang"."""
        actor_beside = bool(_ACTOR_AFTER.match(self._text, match.end))
        return self._points(reading), reading.alias.confidence, (reading.subject.label == "GROUP") == actor_beside

    def _points(self, reading: Reading) -> float:
        subject = reading.subject
        points = 0.0
        if subject.id in self._plain:
            points += OTHER_NAME_POINTS
        if not subject.id.startswith(_CYBER_IDS) and any(self._countries.get(code) for code in subject.area):
            points += AREA_POINTS
        if subject.parent in self._plain or subject.id in self._parents:
            points += BRANCH_POINTS
        return points

    def _supported(self, match: Match, reading: Reading) -> bool:
        """Enough evidence for a name that needs context."""
        beside = bool(
            _NAMES_GROUP_AFTER.match(self._text, match.end)
            or _NAMES_GROUP_BEFORE.search(self._text, max(0, match.start - _NEAR_CHARS), match.start)
        )
        if reading.subject.id.startswith(_CYBER_IDS):
            if self._cyber < CYBER_WORDS_MIN:
                return False
            plainly = beside or reading.subject.id in self._plain or not _is_word(reading.alias.name)
            return plainly or (reading.alias.confidence > WORD_CONFIDENCE and self._cyber >= CYBER_WORDS_SURE)
        points = self._points(reading) + (1.0 if beside else 0.0)
        return points >= POINTS_MIN and (self._conflict or beside or reading.subject.id in self._plain)


def _is_word(name: str) -> bool:
    """Written as any word may be: one capital, then small letters."""
    return name[:1].isupper() and name[1:].islower()
