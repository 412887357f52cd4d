"""ScoreThreats: what each article is worth, with the reasons, or why it is worth no alert. `Analysed` in, `Scored` out."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import apache_beam as beam
from apache_beam.pvalue import PCollection

from pipeline.records import Analysed, Scored
from pipeline.records.outcomes import Batch, work_on
from pipeline.text.scoring import Weights, assess, load_weights


@cache
def weights(path: str) -> Weights:
    """The table of weights at `path`, or the shipped one for an empty path."""
    return load_weights(Path(path) if path else None)


def score(table: Weights, batch: Sequence[Analysed]) -> list[Scored]:
    """The batch with an assessment each, in order."""
    return [Scored(a, assess(a.linked.article, a.findings, weights=table)) for a in batch]


class _Score(beam.DoFn):
    def __init__(self, weights_path: str) -> None:
        self._weights_path = weights_path

    def process(self, element: Batch) -> list[Batch]:
        table = weights(self._weights_path)
        return [work_on("score", element, Analysed, lambda batch: score(table, batch))]


class ScoreThreats(beam.PTransform):
    """Batches of analysed articles to batches of scored ones."""

    def __init__(self, weights_path: str = "") -> None:
        super().__init__()
        self._weights_path = weights_path

    def expand(self, pcoll: PCollection[Batch]) -> PCollection[Batch]:
        return pcoll | beam.ParDo(_Score(self._weights_path))
