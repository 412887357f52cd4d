"""Every parser of outside bytes, for some seconds: seeds whole, seeds cut, mixed and mutated, and bytes of hypothesis' choice."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import BYTES_MAX, SEEDS, TARGETS, own_seeds

EXAMPLES = 60
TOKENS = tuple(
    b"<,>,&,;,\",',/,//,:,@,[,],{,},%,%00,%2e,\\,\n,\r,\t, ,.,..,-,_,#,?,=,(,),&amp;,&#x0;,&#99999999999;,<![CDATA[,]]>,<!--,-->,<?,?>,"
    b"\xff\xfe,\xef\xbb\xbf,\x80,\xc3\x28,\xed\xa0\x80,\xe2\x80\xae,\x1b[,0,-1,9999999999999999999999,1e999,NaN,null,true".split(
        b","
    )
)


def mutations(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """A seed with stretches cut, doubled, replaced by tokens, or spliced with another."""

    @st.composite
    def mutate(draw: Callable[..., object]) -> bytes:
        choice = random.Random(draw(st.integers(0, 2**32)))  # type: ignore[arg-type]
        data = bytearray(choice.choice(seeds))
        for _ in range(choice.randint(1, 8)):
            at = choice.randint(0, len(data))
            end = min(len(data), at + choice.randint(0, 20))
            piece = choice.choice(
                [b"", choice.choice(TOKENS), bytes(data[at:end]) * choice.randint(2, 40), choice.choice(seeds)[at:end]]
            )
            data[at:end] = piece
        return bytes(data[:BYTES_MAX])

    return mutate()


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_what_was_found_before(name: str) -> None:
    for seed in own_seeds(name):
        TARGETS[name](seed)
        for cut in range(0, len(seed), max(1, len(seed) // 20)):
            TARGETS[name](seed[:cut])


@pytest.mark.parametrize("name", TARGETS)
def test_anything_at_all_is_read_or_refused(name: str) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        st.one_of(
            st.binary(max_size=300),
            st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")),
            mutations(own_seeds(name)),
        )
    )
    def run(data: bytes) -> None:
        TARGETS[name](data)

    run()


def test_every_target_has_seeds() -> None:
    assert set(SEEDS) == set(TARGETS)
