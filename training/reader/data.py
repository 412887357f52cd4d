"""The annotated reports with what there is to decide in each, ready to learn from."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.text.findings import Analyzer

from training.reader.annotations import OWN, Annotated, read_annotations
from training.reader.labels import Example
from training.reader.voa import text_of

REPORTS = Path(__file__).parent.parent / "reports"


class AnnotationError(ValueError):
    """A file of annotations is wrong; the message names file and line."""


def briefs(folder: Path, archive: Path) -> Iterator[Annotated]:
    """The records of `folder` (`*.txt`), in order. Raises AnnotationError for the first file that is wrong."""
    find = text_of(archive)
    for path in sorted(folder.rglob("*.txt")):
        records, errors = read_annotations(path.read_text(encoding="utf-8").splitlines(), find)
        if errors:
            raise AnnotationError(f"{path.name}: {errors[0]}")
        for record in records:
            record.block = record.source if record.source.startswith(OWN) else path.stem
            yield record


def examples(records: list[Annotated], analyzer: Analyzer) -> list[Example]:
    """Each report as the reader is given it."""
    return [Example(record, analyzer.gather(record.text, record.title)) for record in records]
