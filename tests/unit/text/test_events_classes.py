"""Which class a sentence tells of: the lexicon, ACLED's sub-types, and figures of speech."""

import tomllib
from pathlib import Path

import pytest

from pipeline.text.events.find import find_events_and_claims
from pipeline.text.events.lexicon import inflect_verb, load_lexicon, pluralise
from pipeline.text.events.ontology import load_classes
from pipeline.text.events.tokens import split_sentences

GOLD = Path(__file__).parents[2] / "gold"
SUBTYPES_RIGHT_MIN = 0.9
"""Share of our own snippets whose class is found, by the window rules alone; measured .948."""


def main_subtype(text: str) -> str | None:
    events, _ = find_events_and_claims(text)
    return events[0].subtype if events else None


def test_most_snippets_are_classed_right() -> None:
    snippets = tomllib.loads((GOLD / "acled_snippets.toml").read_text(encoding="utf-8"))
    found = [(main_subtype(text) == subtype) for subtype, texts in snippets.items() for text in texts]
    assert sum(found) / len(found) >= SUBTYPES_RIGHT_MIN


def test_every_gold_class_is_in_the_ontology() -> None:
    snippets = tomllib.loads((GOLD / "acled_snippets.toml").read_text(encoding="utf-8"))
    assert set(snippets) <= set(load_classes())


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


def test_a_long_text_takes_linear_time() -> None:
    import time

    def seconds(text: str) -> float:
        start = time.perf_counter()
        find_events_and_claims(text)
        return time.perf_counter() - start

    unit = "Gunmen killed 12 people and wounded dozens, including children, the army said. "
    seconds(unit)
    assert seconds(unit * 400) < 20 * seconds(unit * 40) + 0.5
