"""Count words over news and write `pipeline/incidents/data/words.npz`: each stem's weight and its vector.

Over the sentences of the GMB extract that are not reserved for judging, and the threat reports of AnnoCTR and CyNER. Vectors:
co-occurrence within a window, positive pointwise mutual information with smoothed contexts, truncated singular value
decomposition, each side weighted by the root of the singular values (Levy, Goldberg and Dagan, TACL 2015).
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from pipeline.incidents.words import stem, words_of
from scipy import sparse
from scipy.sparse.linalg import svds

from training.reader import voa

STEMS_MAX = 9000
COUNT_MIN = 5
WINDOW_WORDS = 6
LIGHT = 120
"""The commonest stems, which stand beside everything, are left out of the windows."""
SMOOTHING = 0.75
LEAST = 0.3
SIZE = 64


def sentences(data: Path) -> Iterator[list[str]]:
    """Stems of every sentence that may be learned from."""
    for number, text in enumerate(voa.sentences(data / "gmb" / "ner_dataset.csv.zip")):
        if not voa.is_reserved(number):
            yield [stem(m.group()) for m in words_of(text)]
    for name in ("annoctr/train.bio", "cyner/train.txt"):
        yield from _columns(data / name)


def _columns(path: Path) -> Iterator[list[str]]:
    sentence: list[str] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip():
            sentence.append(line.split()[0])
        elif sentence:
            yield _stems(sentence)
            sentence = []


def _stems(words: Iterable[str]) -> list[str]:
    return [stem(w) for w in words if any(c.isalpha() for c in w)]


def learn(docs: Sequence[Sequence[str]]) -> dict[str, np.ndarray]:
    """The arrays of `words.npz`: stems (bytes, a line each), weights (0..255), vectors (int8, stems x `SIZE`)."""
    counts = Counter(s for doc in docs for s in set(doc))
    stems = [s for s, n in counts.most_common() if n >= COUNT_MIN and len(s) > 1][:STEMS_MAX]
    place = {s: i for i, s in enumerate(stems)}
    top = math.log(len(docs))
    weights = np.array([math.log(len(docs) / (1 + counts[s])) / top for s in stems])
    left, values, _ = svds(_information(docs, place), k=SIZE, random_state=1)
    vectors = left[:, ::-1] * np.sqrt(values[::-1])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return {
        "stems": np.frombuffer("\n".join(stems).encode(), np.uint8),
        "weights": np.clip(np.round(weights * 255), 0, 255).astype(np.uint8),
        "vectors": np.round(vectors * 127).astype(np.int8),
    }


def _information(docs: Sequence[Sequence[str]], place: dict[str, int]) -> sparse.csr_matrix:
    together: Counter[tuple[int, int]] = Counter()
    for doc in docs:
        ids = [place.get(s, -1) for s in doc]
        ids = [i if i >= LIGHT else -1 for i in ids]
        for at, one in enumerate(ids):
            for other_at in range(at + 1, min(len(ids), at + 1 + WINDOW_WORDS)):
                other = ids[other_at]
                if one >= 0 and other >= 0 and one != other:
                    together[min(one, other), max(one, other)] += 1 / (other_at - at)  # type: ignore[assignment]
    rows, columns = np.array(list(together)).T
    values = np.array(list(together.values()))
    size = len(place)
    joint = sparse.coo_matrix((np.r_[values, values], (np.r_[rows, columns], np.r_[columns, rows])), shape=(size, size))
    sums = np.asarray(joint.sum(1)).ravel()
    total = sums.sum()
    contexts = sums**SMOOTHING
    contexts = contexts / contexts.sum() * total
    information = np.log(joint.data * total / (sums[joint.row] * contexts[joint.col]))
    kept = information > LEAST
    return sparse.csr_matrix((information[kept], (joint.row[kept], joint.col[kept])), shape=(size, size))
