"""Places: which words are places, and which place of a name is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Entity
from pipeline.text.places import default_gazetteer, find_peoples, find_toponyms, place_of, resolve_places


def places(text: str) -> list[tuple[str, str | None, str | None]]:
    """(words, GeoNames id, country) of every place found by rules alone."""
    entities = [
        Entity(text[start:end], "GPE", start, end) for start, end, _ in find_toponyms(text, default_gazetteer())
    ]
    resolved = resolve_places(text, entities)
    return [(one.text, one.id, place.country if (place := place_of(one)) else None) for one in resolved]


@pytest.mark.parametrize(
    ("text", "name", "place_id", "country"),
    [
        ("Clashes in Tripoli killed five, Libya's health ministry said.", "Tripoli", "geo:2210247", "LY"),
        ("A blast in Tripoli killed five, Lebanese officials said in Beirut.", "Tripoli", "geo:266826", "LB"),
        (
            "A blast in Tripoli, Lebanon, killed five. Libya sent its condolences. Libyan officials wept.",
            "Tripoli",
            "geo:266826",
            "LB",
        ),
        ("Police in Hyderabad, Pakistan, said", "Hyderabad", "geo:1176734", "PK"),
        ("Police in Hyderabad told Indian media", "Hyderabad", "geo:1269843", "IN"),
        ("Gunmen opened fire in Paris, Texas, on Monday", "Paris", "geo:4717560", "US"),
        ("Gunmen opened fire in Paris on Monday", "Paris", "geo:2988507", "FR"),
        ("troops near Mosul", "Mosul", "geo:99072", "IQ"),
        ("shelling of Kherson city", "Kherson", "geo:706448", "UA"),
        ("Tbilisi is the capital; Georgia and Russia fought. Georgian troops left.", "Tbilisi", "geo:611717", "GE"),
        ("violence in the Democratic Republic of Congo", "Democratic Republic of Congo", "geo:203312", "CD"),
        ("officials in the U.S. said", "U.S.", "geo:6252001", "US"),
        ("взрыв в Киеве", "Киеве", "geo:703448", "UA"),
    ],
)
def test_the_place_that_is_meant(text: str, name: str, place_id: str, country: str) -> None:
    assert (name, place_id, country) in places(text)


@pytest.mark.parametrize(
    ("text", "name", "country"),
    [
        ("a raid in Helmand", "Helmand", "AF"),
        ("fighting in Idlib province", "Idlib province", "SY"),
        ("farmers of Borno State", "Borno State", "NG"),
        ("in the Donetsk region", "Donetsk region", "UA"),
        ("west of Deir ez-Zor", "Deir ez-Zor", "SY"),
    ],
)
def test_regions_without_an_id_have_country_and_coordinates(text: str, name: str, country: str) -> None:
    start = text.index(name)
    (entity,) = resolve_places(text, [Entity(name, "GPE", start, start + len(name))])
    place = place_of(entity)
    assert entity.id is None
    assert place is not None
    assert (place.country, place.latitude is not None) == (country, True)


@pytest.mark.parametrize(
    "text",
    ["Washington said it would respond.", "a matter of deep concern for Washington.", "Tehran accused its neighbours"],
)
def test_a_capital_that_acts_is_its_government_and_no_place(text: str) -> None:
    ((_, place_id, _),) = places(text)
    assert place_id is None


def test_a_capital_where_things_happen_is_a_place() -> None:
    assert places("The envoy arrived in Washington on Monday.") == [("Washington", "geo:4140963", "US")]


@pytest.mark.parametrize(
    "text",
    [
        "It was a nice split of the best orange.",
        "Thank God, he said.",
        "The UN and the EU met.",
        "Santiago scored twice.",
        "Man bites dog.",
        "Buy now. Most agree.",
    ],
)
def test_words_and_names_are_no_places(text: str) -> None:
    assert places(text) == []


def test_small_cities_need_a_word_that_says_so() -> None:
    assert places("Reading was slow.") == []
    assert places("A man was stabbed in Reading on Monday.")[0][0] == "Reading"


def test_peoples() -> None:
    text = "Afghan and South Korean troops met Syrians, Kurds and Polish aides; they polish boots."
    assert [text[start:end] for start, end in find_peoples(text, default_gazetteer())] == [
        "Afghan",
        "South Korean",
        "Syrians",
        "Kurds",
        "Polish",
    ]


def test_other_entities_stay_as_they_are() -> None:
    person = Entity("Paris Hilton", "PERSON", 0, 12)
    assert resolve_places("Paris Hilton", [person]) == (person,)
    assert place_of(person) is None


@given(st.text(max_size=300))
def test_any_text_is_searched(text: str) -> None:
    end = 0
    for start, last, candidates in find_toponyms(text, default_gazetteer()):
        assert end <= start < last <= len(text)
        assert candidates
        end = last


def test_a_state_in_short_tells_its_city() -> None:
    text = "HAYWARD, Calif. (AP) — Police in Columbus, Ga., said the mass was large. Mass. appeal."
    found = places(text)
    assert ("Calif.", "geo:5332921", "US") in found
    assert ("Ga.", "geo:4197000", "US") in found
    assert ("Columbus", "geo:4188985", "US") in found
    assert not any(name.startswith("Mass") for name, _, _ in found)


def test_the_full_stop_of_a_sentence_is_no_part_of_a_place() -> None:
    assert [name for name, *_ in places("They met in Fresno, California. Then they left for Leeds, England.")] == [
        "Fresno",
        "California",
        "Leeds",
        "England",
    ]


def test_in_a_capital_things_are_said_too() -> None:
    assert places("Authorities in Beijing announced two cases.") == [("Beijing", "geo:1816670", "CN")]
