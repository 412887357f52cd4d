"""The trained judge of incidents: which spans it considers, how it chooses, and that capitals make no difference to it."""

from pipeline.text.events.find import find_events_and_claims, read_article
from pipeline.text.events.incidents import read_incidents
from pipeline.text.events.incidents.reader import load_weights, select
from pipeline.text.events.incidents.spans import phrase_spans
from pipeline.text.events.tokens import split_sentences

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
