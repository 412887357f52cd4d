"""Later mentions made one with the first: surnames, abbreviations, names that the article itself defines.

Only within one article. An id is passed on, never invented: a person or organisation outside the knowledge base gets an id made
of its full name, `name:thomas-west`, which says no more than that.
"""

import re
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from pipeline.records import Entity
from pipeline.text.entities.candidates import overlaps
from pipeline.text.entities.definitions import Definition
from pipeline.text.entities.people import surname
from pipeline.text.knowledge import Knowledge
from pipeline.text.knowledge.fold import cut

SURNAME_LETTERS_MIN = 2
DEFINITIONS_MAX = 100
"""An article defines no more names than this; every one costs a pass over the text."""
_SHORTENED_LABELS = frozenset({"GROUP", "MALWARE", "TOOL"})
_KIND_LAST = re.compile(
    r"(?P<name>[A-Z][\w-]{3,}(?:\s[A-Z][\w-]+)?)\s(?:Stealer|RAT|Ransomware|Loader|Trojan|Backdoor|Botnet|Keylogger|Framework|Malware|Wiper|Group|Gang|Team|"
    r"Movement|Brigade|Division|Network|Cartel)"
)
_AUXILIARY = re.compile(
    r"(?:Will|May|Can|Could|Would|Should|Did|Does|Is|Was|Has|Had|If|When|Why|How|While|As|But|And|Though|Although)\s(?=[A-Z]\S*\Z)"
)
_IN_PLACE = re.compile(
    r"\b(?:in|at|from|near|to|into|across|outside|around|of|northern|southern|eastern|western|central)\s(?:the\s)?$"
)
_CUE_CHARS = 20
_NAMED_LABELS = frozenset({"PERSON", "ORG"})
_DEFINED_LABELS = frozenset({"ORG", "GROUP", "MALWARE", "TOOL", "FAC", "PERSON", "PRODUCT"})
_OPEN_LABELS = frozenset({"PERSON", "GPE", "LOC", "ORG", "FAC", "NORP", "PRODUCT", "EVENT"})


def name_id(name: str) -> str | None:
    """`name:` and the folded words of a name; None when it has no words."""
    slug = "-".join(word.folded for word in cut(name))
    return f"name:{slug}" if slug else None


def apply_definitions(
    text: str, entities: Sequence[Entity], definitions: Iterable[Definition], knowledge: Knowledge
) -> list[Entity]:
    """Give every mention of a defined name the id, label and name of what the article says it means."""
    current = list(entities)
    seen: set[tuple[str, str]] = set()
    for definition in definitions:
        pair = text[slice(*definition.short)], text[slice(*definition.long)]
        if pair in seen or len(seen) >= DEFINITIONS_MAX:
            continue
        seen.add(pair)
        long = _entity_within(current, *definition.long)
        if definition.kind == "name-for":
            current = _renamed(current, pair[0], long, knowledge)
        elif long is not None and len(pair[0]) >= SURNAME_LETTERS_MIN:
            current = _defined(text, current, pair[0], long, definition.long[0])
    return current


def _defined(text: str, entities: list[Entity], short_text: str, long: Entity, long_start: int) -> list[Entity]:
    """The entities with the short and the long name made one; the side that has an id gives it."""
    if long.label == "ORG" and long.id is None and long.start > long_start:
        long = _lengthened(text, entities, long, long_start)
    short = next((entity for entity in entities if entity.text == short_text and entity.id is not None), None)
    if short is not None and long.id is None:
        return [_standing_for(one, short) if one.text == long.text else one for one in entities]
    if long.label not in _DEFINED_LABELS:
        return entities
    if long.id is None:
        meant = msgspec.structs.replace(long, id=name_id(long.text), name=long.text)
        entities = [_standing_for(one, meant) if one.text == long.text and one.id is None else one for one in entities]
        long = meant
    return _everywhere(text, entities, short_text, long)


def _standing_for(entity: Entity, meant: Entity) -> Entity:
    return msgspec.structs.replace(entity, id=meant.id, name=meant.name, label=meant.label)


def _entity_within(entities: Sequence[Entity], start: int, end: int) -> Entity | None:
    """The entity that overlaps the span and ends where it ends, or a character before."""
    at = bisect_left(entities, end - 1, key=lambda entity: entity.end)
    while at < len(entities) and entities[at].end <= end:
        if entities[at].end > start:
            return entities[at]
        at += 1
    return None


def _lengthened(text: str, entities: list[Entity], entity: Entity, start: int) -> Entity:
    """The entity from `start` on, in place of what stands in between."""
    longer = msgspec.structs.replace(entity, start=start, text=text[start : entity.end])
    entities[:] = [one for one in entities if one.end <= start or one.start >= entity.end]
    insort(entities, longer, key=lambda one: one.start)
    return longer


def _renamed(entities: list[Entity], surface: str, meant: Entity | None, knowledge: Knowledge) -> list[Entity]:
    """A name for a branch, where the list knows it as a name of the parent."""
    named = next((entity for entity in entities if entity.text == surface), None)
    if meant is None or meant.id is None or named is None:
        return entities
    if named.id is not None and not knowledge.is_branch(meant.id, named.id):
        return entities
    return [_standing_for(one, meant) if one.text == surface else one for one in entities]


def _everywhere(text: str, entities: list[Entity], surface: str, meant: Entity) -> list[Entity]:
    """Every mention of `surface` stands for `meant`; mentions nobody found are added."""
    out = [
        _standing_for(one, meant) if one.text == surface and (one.id is None or one.label in _NAMED_LABELS) else one
        for one in entities
    ]
    for match in re.finditer(rf"(?<![\w-]){re.escape(surface)}(?![\w])", text):
        if not overlaps(out, *match.span()):
            insort(
                out,
                Entity(surface, meant.label, match.start(), match.end(), meant.id, meant.name),
                key=lambda one: one.start,
            )
    return out


def follow_surnames(text: str, entities: Sequence[Entity], never: Collection[str] = ()) -> list[Entity]:
    """Every later or earlier mention of the surname of one person named in full becomes that person; never a place then.

    `never`: words that are no surname here, such as countries that the text names.
    """
    entities = _without_auxiliaries(entities)
    full = [entity for entity in entities if entity.label == "PERSON" and len(entity.text.split()) > 1]
    by_surname: dict[str, Entity] = {}
    clashes: Counter[str] = Counter()
    for person in full:
        last = surname(person.text)
        if last in by_surname and name_id(by_surname[last].text) != name_id(person.text):
            clashes[last] += 1
        by_surname.setdefault(last, person)
    out = [_identified(entity) for entity in entities]
    wanted = {
        last: None if clashes[last] else _identified(person)
        for last, person in by_surname.items()
        if len(last) >= SURNAME_LETTERS_MIN
        and last not in never
        and (person.text.isupper() or not last.isupper())
        and any(char.isupper() for char in last)
    }
    return _surnames_everywhere(text, out, wanted) if wanted else out


def _without_auxiliaries(entities: Sequence[Entity]) -> list[Entity]:
    """ "Will Warren continue?" asks of Warren, when the text names Elizabeth Warren in full."""
    known = {
        entity.text.split()[-1] for entity in entities if entity.label == "PERSON" and not _AUXILIARY.match(entity.text)
    }
    out: list[Entity] = []
    for entity in entities:
        match = _AUXILIARY.match(entity.text) if entity.label == "PERSON" else None
        if match and entity.text[match.end() :] in known:
            out.append(
                msgspec.structs.replace(entity, text=entity.text[match.end() :], start=entity.start + match.end())
            )
        else:
            out.append(entity)
    return out


def _surnames_everywhere(text: str, entities: list[Entity], wanted: Mapping[str, Entity | None]) -> list[Entity]:
    """`wanted` gives the person of each surname, or None where two share it."""
    by_start = {entity.start: index for index, entity in enumerate(entities)}
    out, added = list(entities), []
    names = "|".join(re.escape(last) for last in sorted(wanted, key=len, reverse=True))
    for match in re.finditer(rf"(?<![\w-])(?:{names})(?!\w)(?!-[A-Z])", text):
        start, end = match.span()
        index = by_start.get(start)
        meant = wanted[match.group()]
        person = Entity(match.group(), "PERSON", start, end, meant.id if meant else None, meant.name if meant else None)
        if index is not None and out[index].end == end:
            if not _is_other(text, out[index]):
                out[index] = person
        elif not overlaps(entities, start, end) and not _continues(text, start, end):
            added.append(person)
    return sorted([*out, *added], key=lambda one: one.start)


def _is_other(text: str, entity: Entity) -> bool:
    """Whether a mention spelled like a surname is something else all the same: a group, or a place that things happen in."""
    if entity.label not in _OPEN_LABELS or (entity.id or "").startswith(("group:", "attack:")):
        return True
    in_place = _IN_PLACE.search(text, max(0, entity.start - _CUE_CHARS), entity.start)
    return entity.label in ("GPE", "LOC", "FAC") and bool(in_place)


def _continues(text: str, start: int, end: int) -> bool:
    """Whether a capitalised word stands on either side, so that this is part of another name."""
    before = re.search(r"[A-Z][\w’'-]*\s$", text[max(0, start - 30) : start])
    after = re.match(r"\s[A-Z]", text[end : end + 2])
    return bool(after) or bool(
        before
        and not re.search(r"(?:^|[.!?:;”\"]\s|\n)[A-Z][\w’'-]*\s$", text[max(0, start - 30) : start])
        and not _is_title(before.group().strip())
    )


def _is_title(word: str) -> bool:
    return word.rstrip(".") in {
        "Mr", "Mrs", "Ms", "Dr", "President", "Minister", "General", "Gen", "Col", "Senator", "Sen", "Judge", "Sheikh", "Mullah", "Ayatollah", "Prof", "Lt", "Capt", "Sgt", "Maj", "King", "Prince", "Queen", "Chancellor", "Secretary", "Governor", "Gov", "Rep", "Ambassador", "Director", "Commander", "Premier", "Justice", "Cardinal", "Bishop", "Pope", "Officer", "Chief", "Mayor",
    }  # fmt: skip


def _identified(entity: Entity) -> Entity:
    """A person or organisation with an id of its full name, where it has none."""
    if entity.id is not None or entity.label not in _NAMED_LABELS or len(entity.text.split()) < 2:
        return entity
    return msgspec.structs.replace(entity, id=name_id(entity.text), name=entity.text)


def follow_short_names(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """ "Raccoon" after "Raccoon Stealer", "Lazarus" after "Lazarus Group": a known name without the word for its kind."""
    out = list(entities)
    short: dict[str, Entity] = {}
    for entity in entities:
        if entity.id and entity.label in _SHORTENED_LABELS and (match := _KIND_LAST.fullmatch(entity.text)):
            short.setdefault(match["name"], entity)
    for name, meant in short.items():
        out = _everywhere(text, out, name, meant)
    return out


def follow_abbreviations(entities: Sequence[Entity]) -> list[Entity]:
    """An organisation under its initials alone ("UNHCR" beside "UN High Commissioner …") is the one that the article names in full."""
    long_by_initials: dict[str, Entity] = {}
    for entity in entities:
        parts = [word for word in entity.text.replace("-", " ").split() if word[0].isupper()]
        if entity.label in ("ORG", "GROUP") and len(parts) > 1 and entity.id:
            long_by_initials.setdefault("".join(part[0] for part in parts), entity)
    out: list[Entity] = []
    for entity in entities:
        meant = (
            long_by_initials.get(entity.text)
            if entity.text.isupper() and len(entity.text) > 2 and entity.id is None and entity.label in _NAMED_LABELS
            else None
        )
        out.append(
            msgspec.structs.replace(entity, id=meant.id, name=meant.name, label=meant.label) if meant else entity
        )
    return out
