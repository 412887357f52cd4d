"""Weapons by kind and by name. A closed vocabulary: what a report calls the means of an attack.

A kind is a head word ("bomb", "rifle") with the modifiers before it ("roadside", "assault"); a name is a make or model. Both
were written down one by one from general knowledge of conflict reporting. Linear in the text.
"""

import re
import tomllib
from importlib import resources

from pipeline.text.knowledge.fold import Word, cut

Span = tuple[int, int]

_WORDS = tomllib.loads(resources.files(__package__).joinpath("data/weapons.toml").read_text(encoding="utf-8"))
_HEADS: frozenset[str] = frozenset(_WORDS["heads"])
_MODIFIED_HEADS: frozenset[str] = frozenset(_WORDS["modified_heads"])
_MODIFIERS: frozenset[str] = frozenset(_WORDS["modifiers"])
_REQUIRED: dict[str, frozenset[str]] = {head: frozenset(before) for head, before in _WORDS["required"].items()}
_NAMES = re.compile(
    r"(?<![\w-])(?=[A-Z])(?:AK-?(?:47|74|12|103)s?|Kalashnikovs?|AR-?15s?|M-?16s?|M-?60|PKMs?|DShKs?|Uzis?|Glocks?|Dragunov|FN FAL|Galils?|RPG-\d+s?|"
    r"HIMARS|Grads?(?=\s(?:rocket|missile|launcher)s?)|Katyushas?|Scuds?|Tomahawks?|Hellfires?(?=\smissile)|Javelins?(?=\smissile|\santi)|Stingers?(?=\smissile)|TOWs?(?=\smissile)|Kornets?|"
    r"Iskanders?(?:-[MK])?|Kinzhals?|Kalibrs?|Kh-\d+s?|S-[234]00s?|Storm Shadows?|SCALP|ATACMS|Patriots?(?=\s(?:missile|air|batter|system|interceptor))|Oreshnik|"
    r"Shaheds?(?:-1\d\d)?|Geran-[23]s?|Lancets?(?=\sdrone)|Bayraktars?(?: TB2s?)?|TB2s?|MQ-9s?(?: Reapers?)?|Reapers?(?=\sdrone)|Predators?(?=\sdrone)|Fateh-1\d\d|Burkan|Fajr-\d|Zelzal|Buks?(?=\smissile)|"
    r"F-(?:14|15|16|18|22|35)s?|Su-(?:22|24|25|27|30|34|35|57)s?|MiG-\d\ds?|B-(?:1|2|52)s?|Tu-(?:22M3|95|160)s?|Mi-(?:8|17|24|28|35)s?|Ka-52s?|AC-130s?|A-10s?|"
    r"T-(?:54|55|62|64|72|80|90)s?|Leopards?(?: [12])?(?=\stank)|Abrams|BMP-?\ds?|BTR-?\d+s?|Humvees?|TOS-1A?s?|BM-(?:21|27|30)s?|FAB-\d+s?|KAB-\d+s?|JDAMs?|GBU-\d+s?)(?!\w)(?:\s(?:rockets?|missiles?|drones?|tanks?|rifles?|(?:fighter )?jets?|bombs?|launchers?))?"
)
_LINK = frozenset({" ", "-", "‑", "–"})
MODIFIERS_MAX = 4


def find_weapons(text: str) -> list[Span]:
    """Spans of weapons, in order; a name and a kind may overlap."""
    tokens = cut(text)
    spans = [match.span() for match in _NAMES.finditer(text)]
    for index, token in enumerate(tokens):
        word = token.folded
        if word in _HEADS or word in _MODIFIED_HEADS:
            first = _first_modifier(text, tokens, index)
            if word in _HEADS or _qualified(tokens, index, first):
                spans.append((tokens[first].start, token.end))
    return sorted(spans)


def _first_modifier(text: str, tokens: tuple[Word, ...], index: int) -> int:
    first = index
    while first > 0 and index - first < MODIFIERS_MAX:
        before = tokens[first - 1]
        if before.folded not in _MODIFIERS or text[before.end : tokens[first].start] not in _LINK:
            break
        first -= 1
    while first < index and tokens[first].folded in ("to", "made", "one", "way", "borne", "action"):
        first += 1
    return first


def _qualified(tokens: tuple[Word, ...], index: int, first: int) -> bool:
    if first == index:
        return False
    required = _REQUIRED.get(tokens[index].folded)
    return required is None or tokens[index - 1].folded in required
