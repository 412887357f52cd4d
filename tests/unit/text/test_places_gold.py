"""Places against our own gold: right country, right point, and people who are called like places."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.records import Entity
from pipeline.text import model
from pipeline.text.entities import find_entities
from pipeline.text.knowledge import default_knowledge
from pipeline.text.places.resolve import place_of

pytestmark = pytest.mark.slow

GOLD = Path(__file__).parents[2] / "gold" / "places.txt"
COUNTRY_MIN, PLACE_MIN = 0.95, 0.85
"""Shares of mentions with the right country, and of those with a point with the right place."""
NEAR_KM = 60.0
_MARK = re.compile(r"\[([^=\]]+)=([^\]]+)\]")
PLACES = {"GPE", "LOC", "FAC"}


def marked() -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """Text and (start, end, answer) of each report."""
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, due, done = "", [], 0
        for mark in _MARK.finditer(line):
            text += line[done : mark.start()]
            due.append((len(text), len(text) + len(mark[1]), mark[2]))
            text += mark[1]
            done = mark.end()
        yield text + line[done:], due


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    (lat1, lon1), (lat2, lon2) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 12742 * math.asin(math.sqrt(h))


def judge(found: Entity | None, answer: str) -> tuple[bool, bool | None]:
    """Whether the country is right, and the place (None where no point is asked for)."""
    if answer == "-":
        return found is None, None
    if answer == "~":
        return found is not None and found.id is None, None
    country, _, point = answer.partition(":")
    place = place_of(found) if found is not None else None
    if found is None or (place is None and country != "--"):
        return False, False if point else None
    is_right = (place.country if place else None) == (None if country == "--" else country)
    if not point:
        return is_right, None
    latitude, longitude = map(float, point.split(","))
    if place is None or place.latitude is None or place.longitude is None:
        return is_right, False
    return is_right, kilometres((place.latitude, place.longitude), (latitude, longitude)) <= NEAR_KM


@pytest.fixture(scope="module")
def results() -> list[tuple[str, str, Entity | None, bool, bool | None]]:
    nlp = model.load_model()
    casing = model.load_casing(nlp)
    rows = []
    for text, due in marked():
        with nlp.memory_zone():
            (doc,) = model.read(nlp, [text], casing)
            spans = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
        entities = find_entities(text, spans, default_knowledge())
        for start, end, answer in due:
            here = next((e for e in entities if e.label in PLACES and e.start < end and start < e.end), None)
            rows.append((text[start:end], answer, here, *judge(here, answer)))
    return rows


def test_the_set_is_large(results: list[tuple[str, str, Entity | None, bool, bool | None]]) -> None:
    assert len(results) >= 200


def test_countries_are_right(results: list[tuple[str, str, Entity | None, bool, bool | None]]) -> None:
    wrong = [(words, due, found) for words, due, found, is_right, _ in results if not is_right]
    assert 1 - len(wrong) / len(results) >= COUNTRY_MIN, "\n".join(map(str, wrong))


def test_places_are_right(results: list[tuple[str, str, Entity | None, bool, bool | None]]) -> None:
    asked = [(words, due, found, place) for words, due, found, _, place in results if place is not None]
    wrong = [row for row in asked if not row[3]]
    assert 1 - len(wrong) / len(asked) >= PLACE_MIN, "\n".join(map(str, wrong))
