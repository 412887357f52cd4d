"""Names of one actor or malware that a report of the cyber trade gives side by side: "tracked as", "which X calls", "rebranded from", lists of aliases.

Vendors name the same thing apart, and an article says so in a few dozen ways: a connective between two names, a pronoun or "the group" before it,
or a list. The names need be known to nobody. What they share is one id: that of the knowledge base where one of them has it, else the first one's own.
"Overlaps with", "shares code with" and "similar to" join nothing.
"""

import re
from collections.abc import Sequence

from pipeline.records import Entity, EntityLabel
from pipeline.text.entities.coreference import name_id

ALIASES_MAX = 60
"""Names joined in one article."""
BACK_CHARS_MAX = 600
"""How far back "it" and "the group" may mean a name, characters."""
_NAME = r"(?:[A-Z][\w-]{1,40}|[a-z]{1,3}[A-Z][\w-]{1,40})(?:\s(?:[A-Z][\w-]{1,40}|\d{1,3}(?![\w.]))){0,2}"
_QUOTED = rf"(?:the\s)?[“\"‘']?(?:(?:Win(?:32|64)|W32|MSIL|Trojan|Backdoor|Ransom)[/.:]){{0,2}}(?:{_NAME})[”\"’']?"
_BY = r"(?:\s(?:by|at|to|among|in)\s[A-Z]\w{1,30}(?:\s[A-Z]\w{1,30})?)?"
_LIST = rf"(?P<list>{_QUOTED}{_BY}(?:(?:,\s(?:and\s|or\s)?|\s(?:and|or)\s|\s?/\s?|;\s)(?:as\s|also\s|by\s)?{_QUOTED}{_BY}){{0,6}})"
_ADVERB = r"(?:(?:also|now|better|formerly|previously|otherwise|internally|publicly|externally|sometimes|commonly|widely|variously|once|earlier|originally|initially|still|first|officially|collectively|too|since|later)\s){0,3}"
_PASSIVE = r"(?:known|tracked|referred\sto|named|called|dubbed|detected|sold|marketed|labell?ed|designated|identified|monitored|followed|renamed|rebranded|billed|nicknamed|codenamed|advertised|reported|catalogued|classified)"
_BYWHOM = r"(?:\s(?:by|to|among|in|at|on|inside|under)\s[^,.;:()\n]{1,40}?)?"
_VENDOR = r"[A-Z][\w.&-]{1,30}(?:\s[A-Z0-9][\w.&-]{0,30}){0,2}|others|other\s(?:vendors|firms|companies|researchers)|researchers|some|they|we|[Tt]he\s(?:firm|company|vendor|developers?|authors?|operators?)"
_TAKES = r"(?:calls?|tracks?|names?|dubs?|knows?|follows?|refers?\sto|monitors?|designates?|labels?|named|dubbed|called|detects?|tracked)"
_CONNECTIVES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:,\s|\s\(|\s[-–—]\s|\s)(?:(?:who|which|that)\s)?(?:(?:is|are|was|were|has\sbeen|had\sbeen|being)\s)?{_ADVERB}{_PASSIVE}{_BYWHOM}(?:\s(?:as|to|from|under\sthe\sname))?\s{_ADVERB}{_LIST}",
        rf"(?:(?:,\s|\s\(|\s)(?:also\s)?(?:a\.?k\.?a\.?|alias(?:es)?|formerly|previously|=)|(?:,\s|\s\()(?:or|now)):?\s{_LIST}(?=[,).;\s])",
        rf"(?:,\s|\s\(|\s)(?:who|which|whom|that)\s(?:{_VENDOR})\s(?:also\s)?{_TAKES}(?:\sas)?\s{_LIST}",
        rf"(?:,\s|\s)(?:who|which|that)?\s?{_ADVERB}(?:has\s|have\s|had\s)?(?:was\s|were\s|been\s)?(?:rebranded|renamed|changed\sits\sname|re-?emerged|resurfaced|evolved|morphed)(?:\sitself)?\s(?:as|from|to|into)\s{_LIST}",
        rf"(?:,\s|\s)(?:who|which|that)?\s?(?:goes|went|go|operates?|operated|works|worked|posts)\s(?:also\s)?(?:by|under)\s(?:the\s)?(?:other\s)?(?:names?|aliases|alias|handles?|monikers?|brands?)(?:\sof)?\s{_LIST}",
        rf",?\swhose\s(?:other|former|earlier|old|new|second|real)\snames?\s(?:is|are|was|were)\s{_LIST}",
        rf"\s(?:is|are)\s{_ADVERB}(?:the\ssame\s(?:group|actor|gang|malware|tool|cluster|thing)?\s?as\s|identical\s(?:to|with)\s|another\sname\s(?:for|of)\s|an\salias\s(?:for|of)\s|what\s(?:{_VENDOR})\s{_TAKES}\s){_LIST}",
        rf"\sis\s{_ADVERB}(?P<list>(?:UNC|TA|APT|FIN|UAC-|Storm-|TAG-|DEV-|CL-|ATK|UAT-?)[\w-]*\d[\w-]*)",
        rf"\s?/\s?(?P<list>{_NAME})",
        rf"\s\((?:also\s|or\s|formerly\s|previously\s)?(?P<list>{_NAME}(?:(?:,\s|;\s|\s?/\s?|\sand\s|\sor\s){_NAME}){{0,6}})\)",
        rf"[’']s?\s(?:other|former|earlier|old|new)\snames?\s(?:is|are|was|were|include)\s{_LIST}",
    )
)
_TAKEN_AS = re.compile(
    rf"(?:\b(?:{_VENDOR})|\b[Oo]thers)\s(?:also\s|now\s)?(?:tracks?|knows?|follows?|refers?\sto|monitors?|designates?|catalogues?|identif(?:y|ies)|tracked|knew|labels?|classif(?:y|ies))\s(?P<what>it|them|him|her|this\s\w+|the\s(?:\w+\s){{0,2}}?\w+|{_NAME})\sas\s(?:and\sas\s)?{_LIST}(?P<more>\sand\sas\s{_QUOTED})?"
)
_CALLS = re.compile(
    rf"(?:\b(?:{_VENDOR})|\b[Ww]e|\b[Rr]esearchers)\s(?:call|calls|called|name|names|named|dub|dubs|dubbed|have\scalled|has\scalled|have\snamed|has\snamed)\s(?P<what>it|them|this\s\w+|the\s(?:\w+\s){{0,2}}?\w+)\s{_LIST}"
)
_IT = re.compile(
    r"(?:\A|(?<=[.!?\n]\s)|(?<=\n))(?:It|They|The\s(?:group|gang|actor|cluster|crew|malware|backdoor|tool|loader|stealer|trojan|operation|team|threat\sactor|family|implant|activity|set|intrusion\sset|operators?)|This\s(?:group|gang|actor|cluster|malware|backdoor|tool|loader|stealer|family|activity))(?=,?\s)"
)
_MERGED = re.compile(
    rf"\b(?:merged|folded|moved|graduated|absorbed|combined)\s(?P<first>{_NAME})\s(?:into|with|under|to)\s(?P<second>{_NAME})"
)
_LISTED = re.compile(
    rf"(?im)\b(?:alias(?:es)?|other\snames|also\sknown\sas|synonyms|alternative\snames|aka)(?:\s(?:of|for)\s(?P<of>(?-i:{_NAME})))?\s?[:|]\s?(?P<list>(?-i:{_NAME})(?:\s?[,;|/]\s?(?:and\s)?(?-i:{_NAME})){{0,10}})"
)
_OF_THE_TRADE = re.compile(
    r"\b(?:malware|ransomware|backdoor|stealer|loader|trojan|RATs?|botnet|threat actors?|hack\w*|cyber\w*|espionage|APT-?\d*|UNC\d+|intrusion|phishing|tracked as|tracks|aliases|dropper|wiper|implant|spied|(?:TA|FIN|ATK)\d+|Storm-\d+|CL-\w+-\d+|T[AE]MP\.\w+|TAG-\d+)\b"
)
_WARE = re.compile(
    r"\b(?:malware|backdoor|stealer|loader|trojan|RAT|botnet|dropper|wiper|implant|ransomware|rootkit|downloader|worm|spyware|tool|locker|keylogger|framework|kit)\b"
)
_SAYS = re.compile(r"\s(?:said|says|reported|wrote|told|noted|added|has|have|attributes|assesses|believes|found)\b")
_PIECE = re.compile(
    rf"(?:Win(?:32|64)|W32|MSIL|Trojan|Backdoor|Ransom)[/.:]|(?P<by>\b(?:by|at|to|among|in)\s(?:the\s)?[A-Z][\w.&-]*(?:\s[A-Z]\w+)?)|(?P<name>{_NAME})"
)
_NO_NAMES = frozenset(
    "The This That It Its They Their Others Other We Our Researchers Aliases Alias Also Known In On At By And Or But For With From When While Since Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "January February March April May June July August September October November December RAT Microsoft Mandiant Google CrowdStrike Kaspersky ESET Symantec Cisco Talos Proofpoint Windows Linux Android Europe Asia".split()
)
_KNOWN = ("attack:", "actor:", "malware:", "group:", "tool:", "org:")

Span = tuple[int, int]


def join_aliases(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """The entities with every set of aliases under one id, and mentions of them that nobody had found."""
    if not _OF_THE_TRADE.search(text):
        return list(entities)
    known = {e.text: e.id for e in entities if (e.id or "").startswith(_KNOWN)}
    pairs = [pair for pair in _pairs(text, entities) if _may_join(text[slice(*pair[0])], text[slice(*pair[1])], known)]
    groups: list[list[str]] = []
    for first, second in pairs[:ALIASES_MAX]:
        names = [text[slice(*first)], text[slice(*second)]]
        held = [group for group in groups if set(group) & set(names)]
        joined = list(dict.fromkeys([name for group in held for name in group] + names))
        groups = [group for group in groups if group not in held] + [joined]
    out = list(entities)
    for group in groups:
        out = _together(text, out, group, _is_ware(text, group[0]))
    return out


def _may_join(first: str, second: str, known: dict[str, str | None]) -> bool:
    """Two names that the knowledge base tells apart stay apart, whatever stands between them."""
    return first != second and (first not in known or second not in known or known[first] == known[second])


def _is_ware(text: str, name: str) -> bool:
    at = text.find(name)
    return bool(_WARE.search(text, max(0, at - 25), at))


def _usable(text: str, span: Span, entities: Sequence[Entity]) -> bool:
    name = text[slice(*span)]
    if name in _NO_NAMES or name.split()[0] in _NO_NAMES or len(name) < 3:
        return False
    if _SAYS.match(text, span[1]) and any(e.text == name and e.label == "ORG" for e in entities):
        return False
    known = next((e for e in entities if e.text == name), None)
    return known is None or (
        not (known.label in ("GPE", "LOC", "DATE", "NORP") and known.id) and not (known.id or "").startswith("org:")
    )


def _names_of(text: str, start: int, end: int, entities: Sequence[Entity]) -> list[Span]:
    spans = [m.span("name") for m in _PIECE.finditer(text, start, end) if m["name"]]
    return [span for span in spans if _usable(text, span, entities)]


def _name_before(text: str, at: int, entities: Sequence[Entity]) -> Span | None:
    """The name that ends where a connective begins."""
    floor = max(0, at - 90)
    window = text[floor:at].rstrip("”\"’')")
    found = [m.span() for m in re.finditer(_NAME, window)]
    if not found or found[-1][1] != len(window):
        return None
    start, end = found[-1][0] + floor, found[-1][1] + floor
    while (first := text[start:end].split(" ")[0]) in _NO_NAMES and " " in text[start:end]:
        start += len(first) + 1
    if text[start:end].endswith("'s"):
        end -= 2
    return (start, end) if _usable(text, (start, end), entities) else None


def _pairs(text: str, entities: Sequence[Entity]) -> list[tuple[Span, Span]]:
    found: list[tuple[int, Span | None, list[Span]]] = []
    its = {m.end() for m in _IT.finditer(text)}
    for pattern in _CONNECTIVES:
        for match in pattern.finditer(text):
            right = _names_of(text, *match.span("list"), entities)
            left = _name_before(text, match.start(), entities)
            if right and (left is not None or match.start() in its):
                found.append((match.start(), left, right))
    for pattern in (_TAKEN_AS, _CALLS):
        for match in pattern.finditer(text):
            right = _names_of(text, *match.span("list"), entities)
            if "more" in pattern.groupindex and match["more"]:
                right += _names_of(text, *match.span("more"), entities)
            what = match.span("what")
            named = text[what[0]].isupper() and _usable(text, what, entities)
            found.append((match.start(), what if named else None, right))
    found += [(m.start(), m.span("first"), [m.span("second")]) for m in _MERGED.finditer(text)]
    found += [
        (m.start(), m.span("of") if m["of"] else None, _names_of(text, *m.span("list"), entities))
        for m in _LISTED.finditer(text)
    ]
    return _resolved(text, sorted(found, key=lambda one: one[0]))


def _resolved(text: str, found: list[tuple[int, Span | None, list[Span]]]) -> list[tuple[Span, Span]]:
    """Pairs, where "it" and "the group" are the name that the article joined or named last."""
    out: list[tuple[Span, Span]] = []
    current: Span | None = None
    for at, left, right in found:
        said = left or (current if current is not None and at - current[1] <= BACK_CHARS_MAX else None)
        if said is None:
            current = right[0] if right else current  # "tracks the group as X"
            if len(right) > 1:
                out += [(right[0], one) for one in right[1:]]
            continue
        out += [(said, one) for one in right]
        if left is None or current is None or not _is_ware(text, text[slice(*left)]):
            current = said
    return out


def _together(text: str, entities: list[Entity], names: list[str], is_ware: bool) -> list[Entity]:
    """Every mention of the names under one id."""
    mine = [e for e in entities if e.text in names]
    known = next((e for e in mine if (e.id or "").startswith(_KNOWN)), None)
    label: EntityLabel = (
        known.label if known else "MALWARE" if is_ware or any(e.label == "MALWARE" for e in mine) else "GROUP"
    )
    meant = (known.id, known.name) if known else (name_id(names[0]), names[0])
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    spans = [m.span() for m in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text)]
    out: list[Entity] = []
    taken: list[Span] = []
    for start, end in spans:
        over = [e for e in entities if e.start < end and start < e.end]
        if any((e.id or "").startswith(_KNOWN) and e.text not in names for e in over):
            continue
        if any(
            e.start <= start and end <= e.end and (e.start, e.end) != (start, end) and e.label in ("GPE", "LOC", "DATE")
            for e in over
        ):
            continue
        taken.append((start, end))
        own = next((e.id for e in over if (e.id or "").startswith(_KNOWN) and e.text in names), None)
        out.append(Entity(text[start:end], label, start, end, *((own, meant[1]) if own and not known else meant)))
    kept = [e for e in entities if not any(e.start < end and start < e.end for start, end in taken)]
    return sorted([*kept, *out], key=lambda e: e.start)
