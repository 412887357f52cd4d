"""Words as two tellings of one event share them: stems, how telling each is, and which stems stand for like things.

The table `data/words.npz` is our own: `training.incidents.lexicon` counts it over news (docs/incidents.md says which and how).
A stem's weight is its inverse document frequency; its vector comes from the words that it stands beside (positive pointwise
mutual information, reduced by a singular value decomposition: Levy, Goldberg and Dagan, TACL 2015).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import cast

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

ENDINGS = "ations ation ings ing edly ers ies ied er ed es ions ion ly ment s".split()
"""Cut from a word, the first that fits: coarser than a lemma, because "bomb", "bombed", "bomber" and "bombing" tell of one thing."""
STEM_LETTERS_MIN = 4
"""What an ending must leave."""
STEM_LETTERS_MAX = 9
MATRICES_KEPT = 4096
"""Matrices of vectors kept for texts compared again and again; some 6 kB each."""

CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october "
    "november december lunes martes miercoles jueves viernes sabado domingo lundi mardi mercredi jeudi vendredi samedi dimanche "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag".split()
)
"""Words of date, which every report bears."""

_WORD = re.compile(r"[^\W\d_][\w’'-]*")


class Lexicon:
    """What is known about stems; immutable, safe to share."""

    def __init__(self, stems: Sequence[str], weights: Vectors, vectors: Vectors, unknown: float) -> None:
        self._place = {stem: i for i, stem in enumerate(stems)}
        self._weights = weights
        self.vectors = vectors
        self.unknown = unknown

    def weight(self, stem: str) -> float:
        """How telling a stem is, 0..1: 1 for one that is never met."""
        at = self._place.get(stem)
        return self.unknown if at is None else float(self._weights[at])

    def matrix(self, stems: Sequence[str]) -> Vectors:
        """Shape (stems, size): a unit vector a stem; zeros for what is not known."""
        found = np.zeros((len(stems), self.vectors.shape[1]), np.float32)
        for row, stem in enumerate(stems):
            at = self._place.get(stem)
            if at is not None:
                found[row] = self.vectors[at]
        return found


@cache
def default_lexicon() -> Lexicon:
    """The table of this version, read once per process."""
    with resources.files(__package__).joinpath("data/words.npz").open("rb") as file:
        table = np.load(file, allow_pickle=False)
        stems = bytes(table["stems"]).decode().split("\n")
        vectors = table["vectors"].astype(np.float32)
        weights = table["weights"].astype(np.float32) / 255
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Lexicon(stems, weights, vectors, 1.0)


def fold(word: str) -> str:
    """The word without case, accents and a possessive ending."""
    plain = unicodedata.normalize("NFKD", word.casefold().replace("’", "'"))
    return re.sub(r"'s?$", "", "".join(c for c in plain if not unicodedata.combining(c))).strip("'-")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem that forms and near derivations of an English word share; other languages' words come out cut as well."""
    cut = fold(word)
    for ending in ENDINGS:
        if cut.endswith(ending) and len(cut) - len(ending) >= STEM_LETTERS_MIN:
            cut = cut[: -len(ending)]
            break
    if len(cut) > STEM_LETTERS_MIN and cut.endswith("e"):
        cut = cut[:-1]
    if len(cut) > STEM_LETTERS_MIN and cut[-1] == cut[-2]:
        cut = cut[:-1]
    return cut[:STEM_LETTERS_MAX]


def words_of(text: str) -> Iterator[re.Match[str]]:
    """The words of a text, without numbers."""
    return _WORD.finditer(text)


def overlap(some: Iterable[str], others: Iterable[str]) -> float:
    """Cosine of two sets of stems by weight, 0..1; 0 when either is empty."""
    weight = default_lexicon().weight
    a = {s: weight(s) ** 2 for s in some}
    b = {s: weight(s) ** 2 for s in others}
    if not a or not b:
        return 0.0
    shared = sum(a[s] for s in a.keys() & b.keys())
    return float(shared / (sum(a.values()) * sum(b.values())) ** 0.5)


def likeness(some: tuple[str, ...], others: tuple[str, ...]) -> float:
    """How far each stem of the one has a like one in the other, by weight, the better of both directions, 0..1.

    "pupils" and "students" count as nearly one, which `overlap` does not see; the better direction, because a flash of one
    sentence says less than a report with background.
    """
    if not some or not others:
        return 0.0
    a, wa = _matrix(some)
    b, wb = _matrix(others)
    near = np.maximum(a @ b.T, 0.0)
    index = {s: j for j, s in enumerate(others)}
    for i, s in enumerate(some):
        if (j := index.get(s)) is not None:
            near[i, j] = 1.0
    return float(max((near.max(1) @ wa) / wa.sum(), (near.max(0) @ wb) / wb.sum()))


def direction(some: tuple[str, ...], others: tuple[str, ...]) -> float:
    """Cosine of the mean vectors of two sets of stems, each by weight, -1..1; 0 when nothing is known of either."""
    if not some or not others:
        return 0.0
    a, wa = _matrix(some)
    b, wb = _matrix(others)
    mean_a, mean_b = cast("Vectors", wa @ a), cast("Vectors", wb @ b)
    size = float(np.linalg.norm(mean_a) * np.linalg.norm(mean_b))
    return float(mean_a @ mean_b) / size if size > 0 else 0.0


@lru_cache(maxsize=MATRICES_KEPT)
def _matrix(stems: tuple[str, ...]) -> tuple[Vectors, Vectors]:
    lexicon = default_lexicon()
    return lexicon.matrix(stems), np.array([lexicon.weight(s) for s in stems], np.float32)
