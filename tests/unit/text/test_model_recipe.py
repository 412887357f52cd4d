"""The recipe prepares what the model learns from: a slip here is learnt by heart."""

import gzip
import random
from pathlib import Path

import pytest
import spacy

from training.casing import count_casing
from training.entities import augment, join, swap_names, title_case, to_doc
from training.entity_sets import detokenise, from_tags
from training.harmonise import Labelled, Lexicon, complete, find_dates, place_label, resolve, strip_title
from training.names import Namer
from training.treebank import read_paragraphs
from training.treebank import to_doc as to_parsed

CONLLU = """# newdoc id = x
# newpar
# text = They can't have been hit by rebels.
1\tThey\tthey\tPRON\tPRP\tCase=Nom|Number=Plur\t6\tnsubj:pass\t_\t_
2-3\tcan't\t_\t_\t_\t_\t_\t_\t_\t_
2\tca\tcan\tAUX\tMD\tVerbForm=Fin\t6\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t6\tadvmod\t_\t_
4\thave\thave\tAUX\tVB\tVerbForm=Inf\t6\taux\t_\t_
5\tbeen\tbe\tAUX\tVBN\tTense=Past\t6\taux:pass\t_\t_
6\thit\thit\tVERB\tVBN\tTense=Past|Voice=Pass\t0\troot\t_\t_
7\tby\tby\tADP\tIN\t_\t8\tcase\t_\t_
8\trebels\trebel\tNOUN\tNNS\tNumber=Plur\t6\tobl:agent\t_\tSpaceAfter=No
9\t.\t.\tPUNCT\t.\t_\t6\tpunct\t_\t_

"""


@pytest.fixture
def namer() -> Namer:
    return Namer(
        ["Karzai", "Karimov", "Kamara", "Marikana", "Kariuki"], ["malian", "kenyan", "danish"], random.Random(1)
    )


def test_a_multiword_token_keeps_its_spacing_and_subtypes_their_names(tmp_path: Path) -> None:
    path = tmp_path / "x.conllu.gz"
    path.write_bytes(gzip.compress(CONLLU.encode()))
    ((sentence,),) = read_paragraphs(path)
    doc = to_parsed(spacy.blank("en").vocab, [sentence])
    assert doc.text == "They can't have been hit by rebels. "
    assert [t.dep_ for t in doc] == [
        "nsubj:pass",
        "aux",
        "advmod",
        "aux",
        "aux:pass",
        "ROOT",
        "case",
        "obl:agent",
        "punct",
    ]


def test_words_become_text_as_people_write_it() -> None:
    text, places = detokenise(["He", "said", ":", '"', "Mali", "'s", "army", "(", "FAMA", ")", '"', "."])
    assert text == 'He said: "Mali\'s army (FAMA)".'
    assert [text[a:b] for a, b in places][4] == "Mali"


def test_tags_become_spans() -> None:
    example = from_tags(["Kofi", "Annan", "left", "Accra"], ["B-per", "I-per", "O", "I-geo"], "x", 0)
    assert [(example.text[a:b], k) for a, b, k in example.spans] == [("Kofi Annan", "per"), ("Accra", "geo")]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("President Hugo Chavez", "Hugo Chavez"),
        ("Mr. Bush", "Bush"),
        ("Prime Minister Abadi", "Abadi"),
        ("Lt. Gen. Sir Adrian Carton", "Adrian Carton"),
        ("Prime", ""),
        ("Martin Luther King", "Martin Luther King"),
        ("Pope", "Pope"),
    ],
)
def test_titles_are_no_part_of_a_person(written: str, name: str) -> None:
    start, end = strip_title(written, 0, len(written))
    assert written[start:end] == name


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("It began on Tuesday, 5 March 2024, in Kano.", ["Tuesday, 5 March 2024"]),
        ("He came two weeks ago and left last month.", ["two weeks ago", "last month"]),
        ("In May 2016 they may march in March.", ["May 2016", "March"]),
        ("Some 2000 people fled in 2003.", ["2003"]),
        ("CVE-2023-1234 was fixed in mid-2023.", ["mid-2023"]),
        ("Nothing here, of 14 men aged 30.", []),
    ],
)
def test_dates_are_marked_by_rule(text: str, dates: list[str]) -> None:
    assert [text[a:b] for a, b in find_dates(text)] == dates


def test_what_a_set_leaves_out_is_completed() -> None:
    example = Labelled("South Korean police met Latin American envoys on Friday.", (), "x")
    done = complete(example, Lexicon(frozenset({"korean", "american"}), {}))
    assert [(done.text[a:b], k) for a, b, k in done.spans] == [
        ("South Korean", "NORP"),
        ("Latin American", "NORP"),
        ("Friday", "DATE"),
    ]


def test_places_get_their_kind() -> None:
    names = ("Kenya", "Lake Chad", "Kano Airport", "Middle East", "Helmand")
    assert [place_label(n) for n in names] == ["GPE", "LOC", "FAC", "LOC", "GPE"]


def test_overlaps_go_and_articles_too() -> None:
    text = "The Bank of Ghana fell"
    assert resolve(text, [(0, 17, "ORG"), (12, 17, "GPE")]) == ((4, 17, "ORG"),)


def test_swapped_names_stay_in_their_spans(namer: Namer) -> None:
    draw = random.Random(4)
    example = Labelled(
        "Ali Bello of MRND met Danish monks in Kano.",
        ((0, 9, "PERSON"), (13, 17, "ORG"), (22, 28, "NORP"), (38, 42, "GPE")),
        "x",
    )
    for _ in range(200):
        made = swap_names(example, namer, draw)
        assert len(made.spans) == 4
        assert all(made.text[a:b].strip() == made.text[a:b] != "" for a, b, _ in made.spans)
        last = made.spans[-1]
        assert made.text.endswith(f"in {made.text[last[0] : last[1]]}.") or last[2] == "FAC"


def test_every_made_up_name_is_filled_in(namer: Namer) -> None:
    for make in (namer.organisation, namer.malware, namer.actor, namer.facility, namer.place, namer.norp):
        made = [make() for _ in range(300)]
        assert not any("{" in name or "|" in name or not name for name in made)
        assert len(set(made)) > 2


def test_augmentation_keeps_the_examples_and_repeats_itself(namer: Namer) -> None:
    examples = [Labelled(f"Ali Bello met no. {n}", ((0, 9, "PERSON"),), "x", n // 5) for n in range(50)]
    made = augment(examples, namer, random.Random(2))
    assert made[:50] == examples
    assert len(made) > 60
    again = Namer(
        ["Karzai", "Karimov", "Kamara", "Marikana", "Kariuki"], ["malian", "kenyan", "danish"], random.Random(1)
    )
    assert augment(examples, again, random.Random(2)) == made


def test_joined_sentences_come_from_one_stretch_and_keep_their_spans() -> None:
    examples = [Labelled(f"Ali met no. {n}", ((0, 3, "PERSON"),), "x", n // 4) for n in range(20)]
    joined = join(examples, random.Random(3))
    assert sum(len(e.spans) for e in joined) == 20
    assert all(e.text[a:b] == "Ali" for e in joined for a, b, _ in e.spans)
    assert len(joined) < 20


def test_spans_become_entities_of_a_document() -> None:
    doc = to_doc(spacy.blank("en"), Labelled("Ali Bello's men left Kano.", ((0, 9, "PERSON"), (21, 25, "GPE")), "x"))
    assert [(e.text, e.label_) for e in doc.ents] == [("Ali Bello", "PERSON"), ("Kano", "GPE")]


def test_headline_case_keeps_function_words_small() -> None:
    assert title_case("Rebels of the north kill two") == "Rebels of the North Kill Two"


def test_word_statistics_tell_names_from_words() -> None:
    texts = ["Then the army shelled Kano and Red Cross staff fled.", "Now the army left Kano to Red Cross staff."]
    examples = [Labelled(t, ((t.index("Red"), t.index("Red") + 9, "ORG"),), "x") for t in texts]
    table = count_casing(examples, ["kano", "ship"])
    assert table["forms"]["kano"] == "Kano"  # type: ignore[index]
    assert table["forms"]["red cross"] == "Red Cross"  # type: ignore[index]
    assert {"army", "ship"} <= set(table["small"])  # type: ignore[call-overload]
