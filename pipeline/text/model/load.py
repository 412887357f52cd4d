"""Load a spaCy pipeline for English and run the parts of it that a text needs.

Any pipeline will do: the shipped one (`tocsin_en`), an installed one by name, or a folder. All give documents whose
entities bear our labels. The shipped one works in two stages: `read` finds sentences and entities in everything, `parse`
adds tags and dependencies to chosen sentences only, because most sentences of most articles hold no event and
parsing costs as much as all the rest. Pipelines of others run whole in `read`, and `parse` hands out what is there.

Offsets: the text is normalised (quotes, capitals) character for character before it is read, so `token.idx` and entity
offsets point into the original text as well. Take words from the original text, not from the document.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from pipeline.errors import ConfigError
from pipeline.records import EntityLabel
from pipeline.text.model.casing import Casing
from pipeline.text.model.products import use_numpy_products
from pipeline.text.model.typography import normalise_typography

T = TypeVar("T")

SHIPPED = "tocsin_en"
BATCH_DOCS = 32
"""Documents or sentences that go through a component together: enough to fill the matrices, little enough to stay in cache."""
TEXT_CHARACTERS_MAX = 60_000
"""Longest text read at once, some 10,000 words: 8 s of a core for all of the analysis, which may take 20 s an article and grows
faster than the text (10,000 characters: .7 s; 30,000: 3 s). Longer texts raise ValueError."""
CASING_TABLE = "casing"
"""Look-up table of the shipped pipeline's vocabulary that `Casing` reads."""

LABELS: Mapping[str, EntityLabel | None] = MappingProxyType(
    {
        # OntoNotes 5, as in en_core_web_*
        "PERSON": "PERSON",
        "NORP": "NORP",
        "ORG": "ORG",
        "GPE": "GPE",
        "LOC": "LOC",
        "FAC": "FAC",
        "DATE": "DATE",
        "EVENT": "EVENT",
        "PRODUCT": "PRODUCT",
        "TIME": None,
        "CARDINAL": None,
        "ORDINAL": None,
        "QUANTITY": None,
        "MONEY": None,
        "PERCENT": None,
        "LANGUAGE": None,
        "LAW": None,
        "WORK_OF_ART": None,
        # CoNLL-2003 and Universal NER
        "PER": "PERSON",
        "MISC": None,
        "OTH": None,
        # ours beyond OntoNotes
        "GROUP": "GROUP",
        "WEAPON": "WEAPON",
        "MALWARE": "MALWARE",
        "TOOL": "TOOL",
    }
)
"""What a pipeline's entity label is called here; None: left out. Labels not listed are left out too."""

_STAGES = "tocsin_stages"  # key in the pipeline's meta.json: {"read": [...], "parse": [...]}
_MAPPER = "tocsin_map_labels"


@Language.component(_MAPPER)
def map_labels(doc: Doc) -> Doc:
    """Give entities our labels and drop those that have none."""
    doc.ents = tuple(
        Span(doc, ent.start, ent.end, label=label) for ent in doc.ents if (label := LABELS.get(ent.label_)) is not None
    )
    return doc


def load_model(name: str = SHIPPED) -> Language:
    """The pipeline called `name`: the shipped one, an installed spaCy pipeline, or a folder.

    Loading takes about a second; load once per process. Raises ConfigError when there is no such pipeline, when it
    cannot be read, or when it finds no entities.
    """
    path = Path(__file__).parent / SHIPPED if name == SHIPPED else Path(name)
    try:
        nlp = spacy.load(path if path.exists() else name)
    except (OSError, ValueError) as error:
        installed = ", ".join([SHIPPED, *spacy.util.get_installed_models()])
        raise ConfigError(
            f"can't load the spaCy pipeline {name!r} ({error}); there are: {installed}, or name a folder"
        ) from error
    finder = next((nlp.get_pipe(n) for n in ("ner", "entity_ruler") if nlp.has_pipe(n)), None)
    if finder is None:
        raise ConfigError(f"the spaCy pipeline {name!r} has no component that finds entities (ner or entity_ruler)")
    if any(LABELS.get(label) != label for label in getattr(finder, "labels", ())):
        nlp.add_pipe(_MAPPER, last=True)
    use_numpy_products(nlp)
    nlp.max_length = TEXT_CHARACTERS_MAX
    return nlp


def load_casing(nlp: Language) -> Casing:
    """The word statistics that came with the pipeline; without any, capitals are only lowered by rule."""
    if not nlp.vocab.lookups.has_table(CASING_TABLE):
        return Casing({}, ())
    table = nlp.vocab.lookups.get_table(CASING_TABLE)
    return Casing(table["forms"], table["small"])


def read(nlp: Language, texts: Iterable[str], casing: Casing | None = None) -> Iterator[Doc]:
    """Documents with sentences and entities, one per text, in order.

    With `casing`, all-capitals and title-case lines are put into sentence case first. `doc.text` has the length of the
    text. Raises ValueError for a text over `TEXT_CHARACTERS_MAX`.
    """
    stage = _stage(nlp, "read")
    plain = (normalise_typography(t) if casing is None else casing.repair(normalise_typography(t)) for t in texts)
    return _run(nlp, (nlp.make_doc(t) for t in plain), stage or nlp.pipe_names)


def parse(nlp: Language, sentences: Sequence[Span]) -> list[Doc]:
    """Each sentence as a document of its own with tags and dependencies.

    A token's place in the original text is `token.idx + sentence.start_char`. A pipeline of others has read it all already.
    """
    stage = _stage(nlp, "parse")
    if not stage:
        return [sentence.as_doc() for sentence in sentences]
    return list(_run(nlp, (_words_of(sentence) for sentence in sentences), stage))


def _words_of(sentence: Span) -> Doc:
    """The sentence's words, norms ("wo" is "will"), blanks and the starts of sentences in it.

    `Span.as_doc` copies everything, which takes half as long as the parse.
    """
    words = list(sentence)
    doc = Doc(
        sentence.doc.vocab,
        words=[word.text for word in words],
        spaces=[bool(word.whitespace_) for word in words],
        sent_starts=[True, *(word.is_sent_start for word in words[1:])],
    )
    for copied, word in zip(doc, words, strict=True):
        if copied.norm != word.norm:
            copied.norm_ = word.norm_
    return doc


@contextmanager
def memory_zone(nlp: Language) -> Iterator[None]:
    """spaCy's memory zone, which also ends when something is raised in it.

    spaCy 3.8.7 leaves the zone open then, and every later one fails; so the exception waits until the zone has ended.
    """
    raised: Exception | None = None
    with nlp.memory_zone():
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised again below
            raised = error
    if raised is not None:
        raise raised


def analyse(nlp: Language, texts: Sequence[str], take: Callable[[Doc], T], casing: Casing | None = None) -> list[T]:
    """`take` of each text's document, in a memory zone: the vocabulary does not grow with the stream.

    spaCy frees everything that documents of a zone hold when the zone ends, so `take` must return plain data: strings,
    numbers, records; never a Doc, Span or Token. Zones don't nest.
    """
    with memory_zone(nlp):
        return [take(doc) for doc in read(nlp, texts, casing)]


def _stage(nlp: Language, which: str) -> list[str]:
    stages: Mapping[str, list[str]] = nlp.meta.get(_STAGES) or {}
    return [name for name in stages.get(which, []) if nlp.has_pipe(name)]


def _run(nlp: Language, docs: Iterable[Doc], names: Sequence[str]) -> Iterator[Doc]:
    stream: Iterator[Doc] = iter(docs)
    for name in names:
        component = nlp.get_pipe(name)
        stream = component.pipe(stream, batch_size=BATCH_DOCS) if hasattr(component, "pipe") else map(component, stream)
    return stream
