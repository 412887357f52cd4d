"""The trained judge of incidents: which spans it considers, how it chooses, and that capitals make no difference to it."""

import numpy as np
import pytest

from pipeline.text.events.drafts import read_drafts
from pipeline.text.events.find import find_events_and_claims, read_article
from pipeline.text.events.judge import judge
from pipeline.text.events.muc4 import Filler, Incidents, read_incidents
from pipeline.text.events.muc4.keyed import Document, Line
from pipeline.text.events.muc4.measure import read
from pipeline.text.events.muc4.reader import load_weights, select
from pipeline.text.events.muc4.spans import phrase_spans
from pipeline.text.events.muc4.training import train
from pipeline.text.events.muc4.verdict import DENSE, pooled
from pipeline.text.events.tokens import split_sentences
from pipeline.text.findings import NO_MODEL, Analyzer

REPORT = (
    "A group of guerrillas of the Red Dawn movement attacked the town hall of San Velo with dynamite on Monday. Two bombs exploded at a "
    "branch of the Banco del Sur, and the mayor of San Velo, Tomas Arruda, was killed. The terrorists kidnapped a judge and burned "
    "three buses before they fled to the mountains. Police said that the guerrillas were armed with rifles and grenades. It was the "
    "fourth attack on the town this year, and the governor asked for troops to protect the people."
)


def test_phrases_with_their_parts_and_complements() -> None:
    (sentence,) = split_sentences("It was a group of subversives that came to the town hall.")
    spans = {" ".join(sentence.words[a:b]) for a, b in phrase_spans(sentence, ())}
    assert {"group", "subversives", "group of subversives"} <= spans
    assert any("town hall" in span for span in spans)


def test_another_wording_of_a_chosen_filler_is_left_out() -> None:
    scored = [
        ("perpetrator", "subversives", 0.5),
        ("perpetrator", "group of subversives", 0.8),
        ("victim", "subversives", 0.4),
        ("weapon", "rifle", 0.1),
    ]
    assert select(scored) == [("perpetrator", "group of subversives"), ("victim", "subversives")]  # type: ignore[arg-type]


def test_the_shipped_weights_load_and_judge_a_report() -> None:
    assert load_weights() is not None
    judged = [
        read_incidents(text, read_article(text).scenes, (), find_events_and_claims(text)[0])
        for text in (REPORT, REPORT.upper())
    ]
    assert judged[0] is not None
    assert judged[1] is not None
    assert judged[0].types == judged[1].types != frozenset()
    assert (
        {(f.role, f.start, f.end) for f in judged[0].fillers}
        == {(f.role, f.start, f.end) for f in judged[1].fillers}
        != set()
    )


def test_a_report_without_violence_is_no_incident() -> None:
    text = (
        "The central bank kept its rate at four per cent on Tuesday. Analysts had expected a cut. Exports of coffee rose for the third month, "
        "the ministry of trade said, and the currency gained half a per cent against the dollar in early trading. "
    ) * 3
    judged = read_incidents(text, read_article(text).scenes, (), find_events_and_claims(text)[0])
    assert judged is not None
    assert judged.types == frozenset()


@pytest.mark.parametrize("sentences", [0, 1, 7])
def test_the_verdict_reads_as_many_numbers_of_a_document_of_any_length(sentences: int) -> None:
    tags = np.full((5, 11), 0.02, np.float32)
    tags[:, 0] = 0.8
    features = pooled(np.zeros(7, np.float32), [tags] * sentences, ())
    assert features.shape == (DENSE,)
    assert np.isfinite(features).all()
    assert (features != 0).any() == (sentences > 0)


@pytest.mark.slow
def test_the_recipe_learns_from_invented_reports() -> None:
    """The shipped weights come from data that are not in the repository; this trains on reports made up here, and asks about others."""
    analyzer = Analyzer(NO_MODEL)
    towns = ["San Velo", "Puerto Alto", "Las Rocas", "Monte Gris", "Villa Honda", "Santa Prisca"]
    doers = ["guerrillas", "gunmen", "rebels", "terrorists", "militiamen"]
    documents = [
        Document(line, analyzer)
        for k in range(240)
        for line in (_attack(k, doers[k % 5], towns[k % 6]) if k // 20 % 2 else _meeting(k, towns[k % 6]),)
    ]
    weights = train(documents)
    told, quiet = (
        read(weights, Document(line, analyzer))
        for line in (_attack(900, "rebels", "Rio Sordo"), _meeting(901, "Rio Sordo"))
    )
    assert told[0] == {"BOMBING"}
    assert {("perpetrator", "rebels"), ("target", "town hall")} <= set(told[1])
    assert quiet == (frozenset(), [])


def _attack(number: int, doers: str, town: str) -> Line:
    text = f"Police in {town} said on Monday that {doers} had bombed the town hall. {doers.title()} threw {number} leaflets. Two clerks were wounded."
    empty: Line = {key: [] for key in ("perp_org", "weapon", "victim_name")}
    fillers = {
        slot: [{"alts": [words], "optional": False}]
        for slot, words in (("perp_individual", doers), ("target", "town hall"), ("victim_description", "clerks"))
    }
    return {
        "id": f"X-{number}",
        "text": text,
        "templates": [{"type": ["BOMBING"], "optional": False, **empty, **fillers}],
    }


def _meeting(number: int, town: str) -> Line:
    text = f"The mayor of {town} opened a school on Monday. {number} people came to hear the police band. The army lent the tents."
    return {"id": f"X-{number}", "text": text, "templates": []}


@pytest.mark.parametrize(
    ("first", "kept"),
    [
        ("Artillery of the northern army shelled a market in the town of Elsted on Monday.", True),
        ("Gunmen with rifles attacked a market in the town of Elsted on Monday.", False),
    ],
)
def test_only_of_shelling_the_rules_weapon_and_target_stay_where_the_models_name_none(first: str, kept: bool) -> None:
    text = (
        f"{first} "
        + "The mayor said that people had come to buy bread when it began, and that the doctors worked until night. "
        * 3
    )
    drafts = read_drafts(read_article(text))
    assert drafts[0].weapons
    assert drafts[0].targets
    named = Filler("victim", text.index("people"), text.index("people") + 6, 1, 0.9)
    (draft, *_) = judge(drafts, Incidents(frozenset({"ATTACK", "BOMBING"}), (named,)), text, ())
    assert draft.muc4
    assert bool(draft.weapons) == bool(draft.targets) == kept
    assert [v.text for v in draft.victims] == ["people"]


def test_those_abducted_elsewhere_are_no_victims_of_the_bomb() -> None:
    text = (
        "A bomb exploded at the bus station of Elsted on Monday and killed ten people, the police of the province said in the evening of that day. "
        "Windows were broken in the streets around the station, and the wounded were brought to two hospitals. Last month rebels abducted 12 schoolgirls."
    )
    at = text.index("schoolgirls")
    named = Filler("victim", at, at + 11, 2, 0.9)
    drafts = judge(read_drafts(read_article(text)), Incidents(frozenset({"BOMBING"}), (named,)), text, ())
    bomb = next(d for d in drafts if d.muc4 == "BOMBING")
    assert "schoolgirls" not in {v.text for v in bomb.victims}
