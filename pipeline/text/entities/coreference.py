"""Later mentions made one with the first: surnames, abbreviations, names that the article itself defines.

Only within one article. An id is passed on, never invented: a person or organisation outside the knowledge base gets an id made
of its full name, `name:thomas-west`, which says no more than that.
"""

import re
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from pipeline.records import Entity
from pipeline.text.entities.candidates import overlaps
from pipeline.text.entities.definitions import Definition
from pipeline.text.entities.people import surname
from pipeline.text.knowledge import Knowledge
from pipeline.text.knowledge.fold import cut

SURNAME_LETTERS_MIN = 2
_SHORTENED_LABELS = frozenset({"GROUP", "MALWARE", "TOOL"})
_KIND_LAST = re.compile(
    r"(?P<name>[A-Z][\w-]{3,}(?:\s[A-Z][\w-]+)?)\s(?:Stealer|RAT|Ransomware|Loader|Trojan|Backdoor|Botnet|Keylogger|Framework|Malware|Wiper|Group|Gang|Team|"
    r"Movement|Brigade|Division|Network|Cartel)"
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
    for definition in definitions:
        long = _entity_within(current, *definition.long)
        short_text = text[slice(*definition.short)]
        if definition.kind == "name-for":
            current = _renamed(current, short_text, long, knowledge)
            continue
        if long is None or len(short_text) < SURNAME_LETTERS_MIN:
            continue
        if long.label == "ORG" and long.id is None and long.start > definition.long[0]:
            long = _lengthened(text, current, long, definition.long[0])
        short = next((entity for entity in current if entity.text == short_text and entity.id is not None), None)
        if short is not None and long.id is None:
            current = [
                msgspec.structs.replace(one, id=short.id, name=short.name, label=short.label)
                if one.text == long.text
                else one
                for one in current
            ]
        elif long.label in _DEFINED_LABELS:
            meant = long if long.id else msgspec.structs.replace(long, id=name_id(long.text), name=long.text)
            if long.id is None:
                current = [meant if one == long else one for one in current]
            current = _everywhere(text, current, short_text, meant)
    return current


def _entity_within(entities: Sequence[Entity], start: int, end: int) -> Entity | None:
    """The longest entity inside the span that ends where it ends, or is it."""
    inside = [
        entity for entity in entities if entity.start < end and entity.end > start and entity.end in (end, end - 1)
    ]
    return max(inside, key=lambda entity: entity.end - entity.start, default=None)


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
    return [
        msgspec.structs.replace(one, id=meant.id, name=meant.name, label=meant.label) if one.text == surface else one
        for one in entities
    ]


def _everywhere(text: str, entities: list[Entity], surface: str, meant: Entity) -> list[Entity]:
    """Every mention of `surface` stands for `meant`; mentions nobody found are added."""
    out = [
        msgspec.structs.replace(one, id=meant.id, name=meant.name, label=meant.label)
        if one.text == surface and (one.id is None or one.label in _NAMED_LABELS)
        else one
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


def follow_surnames(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Every later or earlier mention of the surname of one person named in full becomes that person; never a place then."""
    full = [entity for entity in entities if entity.label == "PERSON" and len(entity.text.split()) > 1]
    by_surname: dict[str, Entity] = {}
    clashes: Counter[str] = Counter()
    for person in full:
        last = surname(person.text)
        if last in by_surname and name_id(by_surname[last].text) != name_id(person.text):
            clashes[last] += 1
        by_surname.setdefault(last, person)
    out = [_identified(entity) for entity in entities]
    for last, person in by_surname.items():
        if len(last) < SURNAME_LETTERS_MIN or not any(char.isupper() for char in last):
            continue
        meant = None if clashes[last] else _identified(person)
        out = _surname_everywhere(text, out, last, meant)
    return out


def _surname_everywhere(text: str, entities: list[Entity], last: str, meant: Entity | None) -> list[Entity]:
    out = list(entities)
    for match in re.finditer(rf"(?<![\w-]){re.escape(last)}(?!\w)(?!-[A-Z])", text):
        start, end = match.span()
        index = next((i for i, one in enumerate(out) if one.start == start and one.end == end), None)
        if index is None:
            if overlaps(out, start, end) or _continues(text, start, end):
                continue
        elif out[index].label not in _OPEN_LABELS or (out[index].id or "").startswith(("group:", "attack:")):
            continue
        if (
            _IN_PLACE.search(text, max(0, start - _CUE_CHARS), start)
            and index is not None
            and out[index].label in ("GPE", "LOC", "FAC")
        ):
            continue
        person = Entity(last, "PERSON", start, end, meant.id if meant else None, meant.name if meant else None)
        if index is None:
            insort(out, person, key=lambda one: one.start)
        else:
            out[index] = person
    return out


def _continues(text: str, start: int, end: int) -> bool:
    """Whether a capitalised word stands on either side, so that this is part of another name."""
    before = re.search(r"[A-Z][\w’'.-]*\s$", text[max(0, start - 30) : start])
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
