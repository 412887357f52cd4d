"""Which class a sentence tells of: the lexicon, ACLED's sub-types, and figures of speech."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from pipeline.text.events.find import find_events_and_claims
from pipeline.text.events.lexicon import inflect_verb, load_lexicon, pluralise
from pipeline.text.events.ontology import load_classes
from pipeline.text.events.tokens import split_sentences
from tests.support.growth import assert_growth

GOLD = Path(__file__).parents[2] / "gold"
FLOORS = tomllib.loads((GOLD / "floors.toml").read_text(encoding="utf-8"))["snippets"]


def main_subtype(text: str) -> str | None:
    events, _ = find_events_and_claims(text)
    return events[0].subtype if events else None


def read_snippets(name: str) -> list[tuple[str, str]]:
    table = tomllib.loads((GOLD / name).read_text(encoding="utf-8"))
    return [(subtype, text) for subtype, texts in table.items() for text in texts]


def weighted_f1(pairs: list[tuple[str, str | None]]) -> float:
    """Mean of the classes' F1, weighted by how many snippets are of the class."""
    due, told = Counter(gold for gold, _ in pairs), Counter(mine for _, mine in pairs)
    right = Counter(gold for gold, mine in pairs if gold == mine)
    return sum(n * 2 * right[k] / (n + told[k]) for k, n in due.items()) / len(pairs)


@pytest.mark.parametrize(
    ("half", "name"), [("developed", "acled_snippets.toml"), ("unseen", "acled_snippets_unseen.toml")]
)
def test_snippets_are_classed_right(half: str, name: str) -> None:
    pairs = [(subtype, main_subtype(text)) for subtype, text in read_snippets(name)]
    assert weighted_f1(pairs) >= FLOORS[half]


@pytest.mark.parametrize("name", ["acled_snippets.toml", "acled_snippets_unseen.toml"])
def test_every_gold_class_is_in_the_ontology(name: str) -> None:
    assert {subtype for subtype, _ in read_snippets(name)} - {"Other"} <= set(load_classes())


def test_every_class_of_acled_has_its_snippets() -> None:
    counts = Counter(
        k for name in ("acled_snippets.toml", "acled_snippets_unseen.toml") for k, _ in read_snippets(name)
    )
    assert len(counts) == 30
    assert all(
        counts[c.subtype] >= 8 for c in load_classes().values() if c.type not in {"Other", "Cyber"} and c.subtype
    )


@pytest.mark.parametrize(
    "text",
    [
        "The senator killed the bill in committee.",
        "The film bombed at the box office.",
        "The striker shot wide from a penalty before halftime.",
        "Shares rallied on Friday.",
        "She suffered a heart attack on Monday.",
        "The talks begin on March 13.",
    ],
)
def test_figures_of_speech_tell_of_no_violence(text: str) -> None:
    events, claims = find_events_and_claims(text)
    assert not [e for e in events if e.type != "Other"]
    assert claims == ()


def test_capitals_make_no_difference() -> None:
    text = "Guerrillas kidnapped a mayor and blew up two bridges near the town."
    small = [(e.subtype, e.realis) for e in find_events_and_claims(text)[0]]
    assert [(e.subtype, e.realis) for e in find_events_and_claims(text.upper())[0]] == small
    assert small


@pytest.mark.parametrize(
    ("base", "form"),
    [("shoot", "shot"), ("kidnap", "kidnapped"), ("carry", "carried"), ("seize", "seizing"), ("stab", "stabbed")],
)
def test_verbs_are_inflected(base: str, form: str) -> None:
    assert form in {word for word, _ in inflect_verb(base)}


def test_nouns_are_made_plural() -> None:
    assert [pluralise(n) for n in ("ambush", "robbery", "policeman", "attack")] == [
        "ambushes",
        "robberies",
        "policemen",
        "attacks",
    ]


def test_a_longer_trigger_swallows_its_words() -> None:
    (sentence,) = split_sentences("Riot police fired petrol bombs.")
    kinds = [cue.kind for cue in load_lexicon().find(sentence)]
    assert "action.riot" not in [
        k for k, c in zip(kinds, load_lexicon().find(sentence), strict=True) if c.phrase == "riot"
    ]


@pytest.mark.slow
def test_a_long_text_takes_linear_time() -> None:
    unit = "Gunmen killed 12 people and wounded dozens, including children, the army said. "
    assert_growth(lambda: find_events_and_claims(unit * 40), lambda: find_events_and_claims(unit * 400), most=20)


def test_in_the_passive_the_party_before_is_not_the_taker() -> None:
    text = "The ministry announced that 45 rebels had surrendered and that the town of Qasr had been retaken."
    assert "Government regains territory" in {e.subtype for e in find_events_and_claims(text)[0]}


def test_fighters_who_block_a_road_do_not_demonstrate() -> None:
    assert (
        find_events_and_claims("Residents blocked the highway over the water shortage.")[0][0].subtype
        == "Peaceful protest"
    )
    assert all(e.type != "Protests" for e in find_events_and_claims("Militants blocked the highway near Elsted.")[0])
