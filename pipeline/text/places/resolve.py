"""Which place of a name is meant: by what stands beside it, by the countries that the article names, by size.

The outlet's own city in the dateline and by-line says nothing of where an event happened; it is for the caller to leave those
zones out. A capital that speaks or decides ("Washington said", "talks between Moscow and Kyiv") stands for its government:
such a mention keeps the label but gets no id, so that nothing is said to happen there.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from pipeline.records import Entity, Place
from pipeline.text.places.find import find_peoples, find_toponyms
from pipeline.text.places.gazetteer import Gazetteer, Toponym, default_gazetteer

CONTAINER_POINTS = 12.0
"""For "Tripoli, Lebanon": outweighs size and the countries of the article."""
COUNTRY_POINTS_MAX = 5.0
"""For a country that the article names again and again."""
CAPITAL_POINTS = 1.5
REGION_POINTS = 1.0
"""A region of conflict reporting before a small city of the same name."""

SIBLING_POINTS = 8.0
"""For a state or region in a list with another of the same country."""

PLACE_LABELS = frozenset({"GPE", "LOC", "FAC"})

_SPEAKS = re.compile(
    r"(?:[’']s\s(?:government|ambassador|envoy|stance|position|policy|demands?|allies|support|decision|concerns?))|"
    r"\s(?:said|says|told|wants|wanted|has\ssaid|had\ssaid|accused|accuses|denied|denies|warned|warns|insists|insisted|hopes|fears|urged|urges|"
    r"condemned|condemns|considers|sanctioned|imposed|announced|agreed|vowed|rejected|rejects|maintains|believes|argues|views|sees|backs|backed|"
    r"supports|supported|blamed|blames|has\s(?:accused|denied|warned|backed|long|imposed|vowed|rejected|repeatedly|called|also))\b"
)
_TOWARD = re.compile(
    r"\b(?:concern|worry|worries|setback|embarrassment|blow|victory|problem|headache|priority|talks|ties|relations|tensions?|agreement|deal|alliance|war|trade)\s"
    r"(?:for|with|between|by)\s(?:[A-Z]\w+\sand\s)?$|\b(?:pressure|sanctions|accuses?|accused|criticized|criticised|blames?|urged|told|warned)\s(?:on\s)?$|"
    r"\b(?:backed|supported|sponsored|imposed)\sby\s$|-$"
)
_SIDE = re.compile(
    r"(?:(?:North|South|East|West)(?:ern)?|Central|Greater|Upper|Lower|Northeast(?:ern)?|Northwest(?:ern)?|Southeast(?:ern)?|Southwest(?:ern)?|Inner|Outer)[\s-]"
)
_DISTRICT = re.compile(
    r"\A(?:Province of\s)|\s(?:Province|Governorate|District|County|Oblast|Region|State|Krai|Prefecture)\Z"
)
_WITHIN = re.compile(
    r"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Ff]rom|[Oo]utside|[Aa]round|[Aa]cross|[Ii]nto|[Ll]eft|[Rr]eached|[Cc]ity\sof)\s(?:the\s)?$"
)
_CONTAINER = re.compile(
    r"(?:,|\sin|\sof)\s(?:northern\s|southern\s|eastern\s|western\s|central\s|the\s)?((?:[A-Z][\w.’'-]+)(?:\s[A-Z][\w.’'-]+){0,3})"
)
_LISTED = re.compile(r",\s|,?\s(?:and|or)\s")
_TOWARD_CHARS = 60


def countries_named(
    text: str,
    peoples: Sequence[tuple[int, int]],
    toponyms: Sequence[tuple[int, int, tuple[Toponym, ...]]],
    gazetteer: Gazetteer | None = None,
) -> Counter[str]:
    """How often the text names each country, its people, or a place that can only be there; ISO code to count.

    `peoples` and `toponyms` are what `find_peoples` and `find_toponyms` gave.
    """
    gazetteer = gazetteer or default_gazetteer()
    counts: Counter[str] = Counter()
    for start, end in peoples:
        if code := gazetteer.country_of_people(text[start:end]):
            counts[code] += 1
    for _, _, candidates in toponyms:
        codes = {place.country for place in candidates}
        if len(codes) == 1 and (code := codes.pop()):
            counts[code] += 2 if candidates[0].kind == "country" else 1
    return counts


def resolve_places(
    text: str,
    entities: Sequence[Entity],
    gazetteer: Gazetteer | None = None,
    countries: Mapping[str, int] | None = None,
) -> tuple[Entity, ...]:
    """The entities with `id` and `name` set on those that are places; order and spans stay.

    `countries` is what `countries_named` gave, where the caller has it. A place whose id is not known (a region of our own table) gets its name alone; `place_of` still gives its coordinates.
    """
    gazetteer = gazetteer or default_gazetteer()
    if countries is None:
        countries = countries_named(text, find_peoples(text, gazetteer), find_toponyms(text, gazetteer), gazetteer)
    chosen: dict[str, Toponym] = {}
    out: list[Entity] = []
    for place, entity in enumerate(entities):
        if entity.label not in PLACE_LABELS or entity.id is not None:
            out.append(entity)
            continue
        candidates = gazetteer.lookup(entity.text) or _parts(entity.text, gazetteer)
        if not candidates:
            out.append(entity)
            continue
        best = _best(text, entity, candidates, countries, gazetteer, chosen, _sibling(text, entities, place, gazetteer))
        if best is None:
            out.append(entity)
            continue
        if _is_metonym(text, entity, best):
            country = gazetteer.countries.get(best.country or "")
            out.append(
                msgspec.structs.replace(entity, label="GPE", name=f"government of {country.name}" if country else None)
            )
            continue
        label = "GPE" if best.kind in ("country", "city", "region") and entity.label != "FAC" else entity.label
        out.append(
            msgspec.structs.replace(entity, label="LOC" if best.kind == "area" else label, id=best.id, name=best.name)
        )
    return tuple(out)


def _parts(name: str, gazetteer: Gazetteer) -> tuple[Toponym, ...]:
    """What "Hasaka Province" and "East Perth" lie in: the region, or the place of which this is a side."""
    bare = _DISTRICT.sub("", name)
    if bare != name:
        return tuple(place for place in gazetteer.lookup(bare) if place.kind == "region")
    side = _SIDE.match(name)
    return gazetteer.lookup(name[side.end() :]) if side else ()


def place_of(entity: Entity, gazetteer: Gazetteer | None = None) -> Place | None:
    """The place that a resolved entity stands for, with country and coordinates; None when it is no known place."""
    gazetteer = gazetteer or default_gazetteer()
    if entity.label not in PLACE_LABELS or entity.name is None:
        return None
    toponym = (
        gazetteer.place(entity.id)
        if entity.id
        else next((place for place in gazetteer.lookup(entity.name) if place.id is None), None)
    )
    if toponym is None:
        return None
    return Place(
        entity.text,
        entity.start,
        entity.end,
        entity.id,
        toponym.name,
        toponym.country,
        toponym.latitude,
        toponym.longitude,
    )


def _best(
    text: str,
    entity: Entity,
    candidates: Sequence[Toponym],
    countries: Mapping[str, int],
    gazetteer: Gazetteer,
    chosen: dict[str, Toponym],
    sibling: Toponym | None,
) -> Toponym | None:
    """The likeliest candidate; None where the words say that it is none of them ("Cairo, Illinois")."""
    container = _container(text, entity.end, gazetteer)
    key = entity.text.casefold()
    if container is None and key in chosen:
        return chosen[key]
    best = max(candidates, key=lambda place: _points(place, container, countries) + _alike(place, sibling))
    if container is not None and text[entity.end : entity.end + 1] == "," and _is_elsewhere(best, container):
        return None
    if container is not None or key not in chosen:
        chosen[key] = best
    return best


def _is_elsewhere(place: Toponym, container: Toponym) -> bool:
    """A city of another country than the state that follows it; a list of places ("Paris, London") has no state."""
    return place.kind == "city" and container.admin is not None and place.country != container.country


def _alike(place: Toponym, sibling: Toponym | None) -> float:
    """Points for being of the kind and country of what stands beside it in a list: "Georgia and Alabama"."""
    is_alike = sibling is not None and place.kind == sibling.kind and place.country == sibling.country
    return SIBLING_POINTS if is_alike else 0.0


def _sibling(text: str, entities: Sequence[Entity], place: int, gazetteer: Gazetteer) -> Toponym | None:
    """The region that an entity is listed with, where its name has one meaning."""
    for first, second in ((place, place + 1), (place - 1, place)):
        if (
            first < 0
            or second >= len(entities)
            or not _LISTED.fullmatch(text, entities[first].end, entities[second].start)
        ):
            continue
        meanings = gazetteer.lookup(entities[second if first == place else first].text)
        if meanings and meanings[0].kind == "region" and meanings[0].certain:
            return meanings[0]
    return None


def _points(place: Toponym, container: Toponym | None, countries: Mapping[str, int]) -> float:
    points = math.log10(place.people + 10)
    if place.kind == "country":
        points += 4.0
    elif place.kind == "region":
        points += REGION_POINTS
    if place.capital:
        points += CAPITAL_POINTS
    if place.country:
        points += min(COUNTRY_POINTS_MAX, 1.5 * math.log2(1 + countries.get(place.country, 0)))
    if container is not None and place is not container and place.country == container.country:
        same_state = container.kind == "country" or (container.admin is not None and container.admin == place.admin)
        points += CONTAINER_POINTS if same_state or container.admin is None else 0.0
    return points


def _container(text: str, end: int, gazetteer: Gazetteer) -> Toponym | None:
    """The country, state or region that follows: "Tripoli, Lebanon", "Paris, Texas", "Hyderabad in Pakistan"."""
    match = _CONTAINER.match(text, end)
    if not match:
        return None
    name_words = re.sub(r"[’']s\Z", "", match[1]).rstrip(",").split()
    for count in range(len(name_words), 0, -1):
        name = " ".join(name_words[:count])
        for place in gazetteer.lookup(name) or gazetteer.lookup(name.rstrip(".")):
            if place.kind in ("country", "region"):
                return place
    return None


def _is_metonym(text: str, entity: Entity, place: Toponym) -> bool:
    if not place.capital or place.kind != "city":
        return False
    if _WITHIN.search(text, max(0, entity.start - _TOWARD_CHARS), entity.start):
        return False
    return bool(
        _SPEAKS.match(text, entity.end) or _TOWARD.search(text, max(0, entity.start - _TOWARD_CHARS), entity.start)
    )
