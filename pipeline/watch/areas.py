"""Places of a rule as areas: a country with all in it, a province, or a circle around a point.

"Afghanistan" covers Kabul by country, "Helmand" its towns by province, "Kabul" what lies within `CITY_KM`; "Kabul 50 km" says
how far. The gazetteer knows which province a town of 15,000 people lies in; a province is told by its largest towns.
"""

import difflib
import math
import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from pipeline.records import Place
from pipeline.text.places import Toponym, default_gazetteer
from pipeline.watch.rules import Where

EARTH_RADIUS_KM = 6371.0
CITY_KM = 15.0
"""A city is watched with what reporters call by its name: suburbs and the next villages."""
PROVINCE_TOWN_KM = 80.0
"""The nearest town within so far of a province's middle tells which province it is."""
KM_MAX = 2000.0

_RADIUS = re.compile(r"(.*\S)\s+(\d+(?:\.\d+)?)\s*km", re.IGNORECASE)


class Area(Struct, frozen=True, kw_only=True):
    """Where a rule looks: a whole country, or a province of it, or a circle."""

    name: str
    country: str | None = None  # ISO 3166-1 alpha-2
    admin: str | None = None  # GeoNames admin-1 code within the country
    latitude: float | None = None
    longitude: float | None = None
    km: float | None = None  # None: no circle
    ids: frozenset[str] = frozenset()  # places that are meant by id

    def covers(self, place: Place) -> bool:
        """Whether a place lies in the area."""
        if place.id is not None and place.id in self.ids:
            return True
        if (place.name or place.text).casefold() == self.name.casefold() and place.country == self.country:
            return True
        if self.km is not None:
            return _is_point(place) and self._distance_km(place) <= self.km
        if self.country is None or place.country != self.country:
            return False
        return self.admin is None or _admin_of(place) == self.admin

    def _distance_km(self, place: Place) -> float:
        return distance_km(
            (self.latitude or 0.0, self.longitude or 0.0), (place.latitude or 0.0, place.longitude or 0.0)
        )


def read_area(entry: str, where: Where, notes: list[str]) -> Area:
    """The area that an entry of `places` names. Raises `ConfigError`."""
    match = _RADIUS.fullmatch(entry.strip())
    name, km = (match[1].strip(), float(match[2])) if match else (entry.strip(), None)
    if km is not None and not 0 < km <= KM_MAX:
        raise where.error("places", f"{entry!r}: the radius is not within 0..{KM_MAX:g} km")
    place, others = _choose(name, where)
    area = _area(place, km)
    if area is None:
        raise where.error(
            "places",
            f"{name!r} is wide: say how far it reaches from its middle, as in '{name} 200 km', or name its countries",
        )
    notes.append(f"{entry}: {_told(area, place)}" + (f"; there is also {', '.join(others)}" if others else ""))
    return area


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance (haversine) of two points in degrees."""
    lat_a, lat_b = math.radians(a[0]), math.radians(b[0])
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


def _area(place: Toponym, km: float | None) -> Area | None:
    ids = frozenset({place.id}) if place.id else frozenset()
    point = place.latitude is not None and place.longitude is not None
    if km is None and place.kind == "country":
        return Area(name=place.name, country=place.country, ids=ids)
    if km is None and place.kind == "region":
        if admin := _admin(place):
            return Area(name=place.name, country=place.country, admin=admin, ids=ids)
        return None
    if place.kind == "area" and km is None:
        return None
    middle = place if point else _capital(place)
    if middle is None or middle.latitude is None:
        return None
    return Area(
        name=place.name,
        country=place.country,
        latitude=middle.latitude,
        longitude=middle.longitude,
        km=km or CITY_KM,
        ids=ids,
    )


def _choose(name: str, where: Where) -> tuple[Toponym, list[str]]:
    """The place of a name, and what else is called so."""
    gazetteer = default_gazetteer()
    if name.startswith("geo:"):
        if (known := gazetteer.place(name)) is None:
            raise where.error("places", f"no place has the id {name!r}")
        return known, []
    if len(name) == len("AF") and name.isupper() and name in gazetteer.countries:
        return gazetteer.countries[name], []
    bare, _, container = (part.strip() for part in name.partition(","))
    found: Sequence[Toponym] = gazetteer.lookup(name) or gazetteer.lookup(bare)
    if container:
        wider = [p for p in gazetteer.lookup(container) if p.kind in {"country", "region"}]
        wider += [gazetteer.countries[container]] if container in gazetteer.countries else []
        found = [p for p in found if any(_is_within(p, w) for w in wider[:1])]
    if not found:
        near = difflib.get_close_matches(bare, _names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise where.error("places", f"the gazetteer knows no {name!r}{hint}")
    best = found[0]
    others = [f"{p.name}, {p.country}" for p in found[1:] if (p.country, p.kind) != (best.country, best.kind)]
    return best, list(dict.fromkeys(others))[:3]


def _is_within(place: Toponym, wider: Toponym) -> bool:
    return place.country == wider.country and (wider.kind == "country" or place.admin == _admin(wider))


def _admin(place: Toponym) -> str | None:
    """The admin-1 code of a province: given, or that of the largest town near its middle, or of the town called like it."""
    if place.admin:
        return place.admin
    named = [p for p in default_gazetteer().lookup(place.name) if p.kind == "city" and p.country == place.country]
    if place.latitude is None or place.longitude is None:
        return named[0].admin if named else None
    middle = (place.latitude, place.longitude)
    near = [
        (distance, town)
        for town in _towns(place.country or "")
        if (distance := distance_km(middle, (town.latitude or 0.0, town.longitude or 0.0))) <= PROVINCE_TOWN_KM
    ]
    return min(near, key=lambda pair: pair[0])[1].admin if near else named[0].admin if named else None


def _admin_of(place: Place) -> str | None:
    known = default_gazetteer().place(place.id) if place.id else None
    if known is not None:
        return known.admin
    if place.latitude is None or place.longitude is None or place.country is None:
        return None
    towns = [
        (distance_km((place.latitude, place.longitude), (t.latitude or 0, t.longitude or 0)), t)
        for t in _towns(place.country)
    ]
    nearest = min(towns, key=lambda pair: pair[0], default=None)
    return nearest[1].admin if nearest and nearest[0] <= PROVINCE_TOWN_KM else None


def _is_point(place: Place) -> bool:
    """Whether a place has a position of its own; a country's middle says nothing about where in it."""
    known = default_gazetteer().place(place.id) if place.id else None
    return place.latitude is not None and place.longitude is not None and (known is None or known.kind != "country")


def _capital(place: Toponym) -> Toponym | None:
    return next((t for t in _towns(place.country or "") if t.capital), None) if place.kind == "country" else None


def _told(area: Area, place: Toponym) -> str:
    where = f"{place.name} ({place.country or 'across countries'})"
    if area.km is not None:
        return f"{where}, {area.km:g} km around {area.latitude:.2f}, {area.longitude:.2f}"
    return f"all of {where}" if area.admin is None else f"the province {where}"


@lru_cache(maxsize=32)
def _towns(country: str) -> tuple[Toponym, ...]:
    all_of_them = (t for t in default_gazetteer().toponyms() if t.kind == "city" and t.country == country and t.admin)
    return tuple({t.id or t.name: t for t in all_of_them}.values())


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(sorted({t.name for t in default_gazetteer().toponyms()}))
