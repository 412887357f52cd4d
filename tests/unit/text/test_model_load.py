"""The shipped pipeline does what is promised, and any other spaCy pipeline can stand in for it."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.errors import ConfigError
from pipeline.text.model import analyse, load_casing, load_model, parse, read
from pipeline.text.model.load import LABELS, SHIPPED, TEXT_CHARACTERS_MAX

SIZE_BYTES_MAX = 20_000_000
STORY = (
    "Gunmen killed at least 14 soldiers near the town of Djibo on Tuesday, officials said. "
    "Burkina Faso’s Defense Ministry blamed fighters of the Zorgho Liberation Front. "
    "The dead were buried in Ouagadougou, Colonel Adama Sawadogo told reporters."
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_model()


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A pipeline of somebody else's: OntoNotes and CoNLL labels, no stages, nothing of ours."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns(
        [
            {"label": "PER", "pattern": "Adama Sawadogo"},
            {"label": "WORK_OF_ART", "pattern": "Guernica"},
            {"label": "TIME", "pattern": "noon"},
            {"label": "GPE", "pattern": "Djibo"},
        ]
    )
    nlp.to_disk(tmp_path / "other")
    return tmp_path / "other"


def entities(doc: Doc) -> list[tuple[str, str]]:
    return [(ent.text, ent.label_) for ent in doc.ents]


def test_entities_are_found_with_our_labels(nlp: Language) -> None:
    (doc,) = read(nlp, [STORY])
    found = entities(doc)
    assert {("Djibo", "GPE"), ("Ouagadougou", "GPE"), ("Tuesday", "DATE"), ("Adama Sawadogo", "PERSON")} <= set(found)
    assert {label for _, label in found} <= {label for label in LABELS.values() if label}


def test_offsets_point_into_the_text_as_it_came(nlp: Language) -> None:
    (doc,) = read(nlp, [STORY])
    place = next(e for e in doc.ents if e.text == "Burkina Faso")
    assert STORY[place.start_char : place.end_char + 2] == "Burkina Faso’s"
    assert len(doc.text) == len(STORY)


def test_sentences_are_known_before_anything_is_parsed(nlp: Language) -> None:
    (doc,) = read(nlp, [STORY])
    assert [s.text.split()[0] for s in doc.sents] == ["Gunmen", "Burkina", "The"]
    assert not doc.has_annotation("DEP")


def test_only_chosen_sentences_are_parsed(nlp: Language) -> None:
    (doc,) = read(nlp, [STORY])
    chosen = [s for s in doc.sents if "killed" in s.text]
    (parsed,) = parse(nlp, chosen)
    verb = next(t for t in parsed if t.text == "killed")
    assert verb.tag_ == "VBD"
    assert {(t.text, t.dep_) for t in verb.children} >= {("Gunmen", "nsubj"), ("soldiers", "obj")}
    assert STORY[verb.idx + chosen[0].start_char :].startswith("killed")


def test_a_passive_shows_its_voice(nlp: Language) -> None:
    (doc,) = read(nlp, ["Three guards were wounded by the gunmen."])
    (parsed,) = parse(nlp, list(doc.sents))
    assert {t.text: t.dep_ for t in parsed}["guards"] == "nsubj:pass"


def test_a_chosen_sentence_stays_one_sentence(nlp: Language) -> None:
    (doc,) = read(nlp, [STORY])
    parsed = parse(nlp, list(doc.sents))
    assert [len(list(d.sents)) for d in parsed] == [1, 1, 1]
    assert [sum(t.dep_ == "ROOT" for t in d) for d in parsed] == [1, 1, 1]


def test_capitals_are_repaired_before_reading(nlp: Language) -> None:
    casing = load_casing(nlp)
    (doc,) = read(nlp, ["GUNMEN KILLED TWO SOLDIERS IN AFGHANISTAN ON TUESDAY, THE UNITED NATIONS SAID."], casing)
    assert {("Afghanistan", "GPE"), ("Tuesday", "DATE"), ("United Nations", "ORG")} <= set(entities(doc))


def test_nothing_is_found_in_nothing(nlp: Language) -> None:
    docs = list(read(nlp, ["", "\n\n", "🙂 … ###"]))
    assert [len(d.ents) for d in docs] == [0, 0, 0]
    assert parse(nlp, []) == []


def test_a_text_that_is_too_long_is_refused(nlp: Language) -> None:
    with pytest.raises(ValueError, match=r"maximum of \d+"):
        list(read(nlp, ["a " * TEXT_CHARACTERS_MAX]))


def test_what_fails_in_a_batch_costs_no_later_one(nlp: Language) -> None:
    def fail(_: Doc) -> None:
        raise ValueError("no antidote")

    with pytest.raises(ValueError, match="no antidote"):
        analyse(nlp, ["Gunmen killed two soldiers in Xyrtania."], fail)
    assert analyse(nlp, ["Gunmen killed two soldiers in Xyrtania."], len) == [7]


def test_the_vocabulary_does_not_grow_with_the_stream(nlp: Language) -> None:
    def take(doc: Doc) -> list[tuple[str, str]]:
        return entities(doc) + [(t.lemma_, t.tag_) for d in parse(nlp, list(doc.sents)) for t in d]

    def batch(number: int) -> list[str]:
        return [f"Zqx{number}{n}vort met Brk{number}{n}lam in Pltz{number}{n}." for n in range(20)]

    first = analyse(nlp, [STORY], take)
    before = set(nlp.vocab.strings)
    for number in range(6):
        analyse(nlp, batch(number), take)
    new = set(nlp.vocab.strings) - before
    assert {word for word in new if "=" not in word} == set()  # a grammatical feature used for the first time may stay
    assert analyse(nlp, [STORY], take) == first


def test_another_pipeline_is_loaded_by_path_and_its_labels_are_mapped(other: Path) -> None:
    nlp = load_model(str(other))
    (doc,) = read(nlp, ["Adama Sawadogo saw Guernica at noon in Djibo. It was hot."])
    assert entities(doc) == [("Adama Sawadogo", "PERSON"), ("Djibo", "GPE")]
    assert [d.text.strip() for d in parse(nlp, list(doc.sents))] == [
        "Adama Sawadogo saw Guernica at noon in Djibo.",
        "It was hot.",
    ]


def test_a_pipeline_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=rf"en_core_nowhere.*{SHIPPED}"):
        load_model("en_core_nowhere")


def test_a_pipeline_without_entities_is_refused(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(ConfigError, match="finds entities"):
        load_model(str(tmp_path / "blank"))


def test_what_ships_is_small_licensed_and_says_so() -> None:
    folder = Path(load_model.__code__.co_filename).parent / SHIPPED
    assert sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) <= SIZE_BYTES_MAX
    assert "CC BY-SA 4.0" in (folder / "LICENSE").read_text()
