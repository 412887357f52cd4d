"""The order in which articles arrive hardly changes which of them are one story."""

import random
from collections import Counter
from collections.abc import Sequence
from math import comb

import pytest

from pipeline.records import Article
from pipeline.text.dedupe.index import MemoryIndex
from pipeline.text.dedupe.link import link
from tests.support.rehearsal import publish
from tests.support.reprints import make_stream

ARI_LOSS_MAX = 0.02
ORDERS = 5


def stories_of(articles: Sequence[Article]) -> list[str]:
    """The story of each version, in the order of their ids."""
    index = MemoryIndex()
    linked = {article.version_id: link(article, index).story for article in articles}
    return [linked[version] for version in sorted(linked)]


def adjusted_rand(one: Sequence[str], other: Sequence[str]) -> float:
    """How far two partitions of the same things agree, 1 for the same (Hubert and Arabie 1985)."""
    pairs = comb(len(one), 2)
    both = sum(comb(n, 2) for n in Counter(zip(one, other, strict=True)).values())
    a, b = (sum(comb(n, 2) for n in Counter(labels).values()) for labels in (one, other))
    expected = a * b / pairs
    return (both - expected) / ((a + b) / 2 - expected)


def shuffle(stream: Sequence[Article], seed: int) -> list[Article]:
    """Another order, in which each article's editions still follow one another."""
    editions: dict[str, list[Article]] = {}
    for article in stream:
        editions.setdefault(article.article_id, []).append(article)
    shuffled = random.Random(seed).sample(stream, len(stream))
    return [editions[article.article_id].pop(0) for article in shuffled]


def test_the_measure_tells_partitions_apart() -> None:
    assert adjusted_rand("aabbcc", "xxyyzz") == 1
    assert adjusted_rand("aabbcc", "xyxyxy") < 0.1


@pytest.mark.parametrize("seed", range(ORDERS))
def test_invented_reprints(seed: int) -> None:
    stream = make_stream(stories=40, seed=100)
    assert adjusted_rand(stories_of(stream), stories_of(shuffle(stream, seed))) >= 1 - ARI_LOSS_MAX


@pytest.mark.parametrize("seed", range(ORDERS))
def test_the_sample_stream(seed: int) -> None:
    stream = publish()
    assert adjusted_rand(stories_of(stream), stories_of(shuffle(stream, seed))) >= 1 - ARI_LOSS_MAX
