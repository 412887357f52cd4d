"""Words, sketches and vocabularies: the same for every rendering of a text, samples of one another for its parts."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.dedupe.sketch import KEY_LAST, KEYS_MAX, sketch_of
from pipeline.text.dedupe.vocabulary import BYTES_MAX, uses, vocabulary_of
from pipeline.text.dedupe.words import TEXT_CHARS_MAX, body_of, words_of


@pytest.mark.parametrize(
    "other",
    [
        "The 16-inch gate’s  COST — “over 1,000” euros",
        "the 16‑inch gate's cost - over 1000 euros.",
        "ＴＨＥ 16-in,ch gate's\ncost: (over 1,000) eu'ros",
    ],
)
def test_renderings_of_one_text_give_the_same_words(other: str) -> None:
    assert words_of(other) == ["the", "16inch", "gates", "cost", "over", "1000", "euros"]


def test_scripts_without_spaces_become_pairs_of_characters() -> None:
    assert words_of("東京で地震") == ["東京", "京で", "で地", "地震"]


@pytest.mark.parametrize(
    "header",
    ["KABUL, Nov 11 (Reuters) - ", "By Staff and wire reports\nWASHINGTON (AP) — ", "(AFP) – ", "By Jane Roe\n"],
)
def test_bylines_and_datelines_are_taken_off(header: str) -> None:
    assert body_of(header + "A bridge fell.") == "A bridge fell."


def test_an_agency_that_is_only_mentioned_stays() -> None:
    assert body_of("The agency (AP) said it.") == "The agency (AP) said it."


@given(st.text(max_size=400))
def test_normalising_is_idempotent(text: str) -> None:
    words = words_of(text)
    assert all(word and not any(letter.isspace() for letter in word) for word in words)
    if words and all(word.isascii() for word in words):
        assert words_of(" ".join(words)) == words


def test_only_the_beginning_of_a_dump_is_looked_at() -> None:
    assert len(words_of("a " * TEXT_CHARS_MAX)) == TEXT_CHARS_MAX // 2


def test_a_short_text_is_held_whole_and_a_long_one_sampled() -> None:
    short, long = (sketch_of([f"w{n}" for n in range(size)]) for size in (20, 5000))
    assert (len(short.keys), short.bound) == (19, KEY_LAST)
    assert (len(long.keys), long.bound) == (KEYS_MAX, long.keys[-1])
    assert list(long.keys) == sorted(set(long.keys))


def test_samples_of_a_text_and_its_part_agree_below_the_lower_bound() -> None:
    words = [f"w{n}" for n in range(4000)]
    whole, part = sketch_of(words), sketch_of(words[:1000])
    bound = min(whole.bound, part.bound)
    kept = {key for key in part.keys if key <= bound}
    assert kept <= set(whole.keys)
    assert len(kept) > KEYS_MAX / 4 * 0.6  # a quarter of the text has about a quarter of the sample


def test_positions_are_where_a_shingle_first_stands() -> None:
    words = ["a", "b", "c", "a", "b"]
    sketch = sketch_of(words)
    assert sorted(sketch.positions) == [0, 1, 2]


@pytest.mark.parametrize("words", [[], ["one"]])
def test_tiny_texts_have_a_sketch(words: list[str]) -> None:
    assert len(sketch_of(words).keys) == len(words)


def test_a_vocabulary_has_every_word_and_few_others() -> None:
    own = random.Random(1)
    words = [f"{own.random():.12f}" for _ in range(400)]
    vocabulary = vocabulary_of(words)
    assert all(uses(vocabulary, word) for word in words)
    assert sum(uses(vocabulary, f"x{own.random():.12f}") for _ in range(2000)) < 2000 * 0.08


def test_a_vocabulary_is_bounded() -> None:
    assert len(vocabulary_of(f"w{n}" for n in range(50_000))) == BYTES_MAX
