"""The learned reader on invented reports: which event, whose numbers, who did it. And its arithmetic by hand."""

import numpy as np
import pytest

from pipeline.records import Article, ArticleId, Findings, VersionId
from pipeline.text.findings import Analyzer
from pipeline.text.reader.models import TABLE_BITS, Curve, Decision, Linear, hashed, load_models, trees_from
from pipeline.text.reader.same import content, is_same_party
from pipeline.text.scoring import assess
from tests.support.alerts import NOW

TWO_ATTACKS = (
    "Police in the city of Herat say a roadside bomb killed four soldiers and wounded six others on Tuesday. "
    "The blast hit a patrol near the bus station. On Monday, in neighbouring Farah, gunmen shot dead two teachers. "
    "More than 900 people have died in the insurgency this year."
)


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer()


def read(analyzer: Analyzer, text: str, title: str | None = None) -> Findings:
    return analyzer.analyse([article(text, title)])[0]


def article(text: str, title: str | None = None) -> Article:
    return Article(article_id=ArticleId("a"), version_id=VersionId("v"), feed="f", title=title, text=text, fetched=NOW)


def test_the_numbers_of_another_attack_are_not_the_main_event_s(analyzer: Analyzer) -> None:
    found = read(analyzer, TWO_ATTACKS)
    sure = {(c.kind, c.low): c.p or 0.0 for c in found.claims if c.kind != "responsibility"}
    assert sure["killed", 4] > 0.5 > sure["killed", 2]
    assert sure["killed", 900] < 0.5
    assert found.line is not None
    assert found.line.what is not None
    assert found.line.what.value == "Remote explosive/landmine/IED"
    assert found.line.where[0].value == "Herat"
    assert found.reader


def test_every_element_points_at_its_words(analyzer: Analyzer) -> None:
    line = read(analyzer, TWO_ATTACKS).line
    assert line is not None
    for element in (*line.by, *line.against, *line.where):
        assert TWO_ATTACKS[element.start : element.end] == element.value
        assert 0 < element.p <= 1
    for count in line.counts:
        assert str(count.low) or TWO_ATTACKS[count.start : count.end]


@pytest.mark.parametrize(
    "text",
    [
        "Rovers bombarded the home goal from the first minute and killed off the match before the break. Two early strikes did it.",
        "Eighteen people died when a bus left the mountain road near Lorim on Sunday. Twenty-six were injured.",
        "The thriller opens with an ambush in which a platoon is killed. Its director films the bombing of a bridge in one shot.",
    ],
)
def test_what_no_editor_wants_does_not_ring(analyzer: Analyzer, text: str) -> None:
    found = read(analyzer, text)
    assert assess(article(text), found).severity is None


def test_many_dead_are_never_low(analyzer: Analyzer) -> None:
    text = "At least 23 people were killed when gunmen opened fire in a market in Kaduna on Friday, police said. Nine others were wounded."
    verdict = assess(article(text), read(analyzer, text))
    assert verdict.severity in {"medium", "high", "critical"}


def test_a_text_of_nothing_has_no_line(analyzer: Analyzer) -> None:
    found = read(analyzer, "The bakery opens at nine.")
    assert found.line is None
    assert found.worth is None


def test_a_decision_by_hand() -> None:
    weights = np.zeros((1 << TABLE_BITS, 2), np.float32)
    weights[hashed("war")] = (0.0, 2.0)
    linear = Linear(weights, np.zeros(2, np.float32))
    assert linear.probabilities([["war"], ["tea"]])[:, 1] == pytest.approx([1 / (1 + np.exp(-2.0)), 0.5])
    table = np.array
    trees = trees_from(
        table([[0, 0, 0]]), table([[1.5, 0, 0]]), table([[1, 1, 2]]), table([[2, 1, 2]]), table([[0, -1.0, 1.0]]), 1, 1
    )
    asked = Decision(linear, trees).ask([([1.0], ["war"]), ([2.0], ["tea"])])
    assert asked[:, 1] == pytest.approx([1 / (1 + np.exp(1.0)), 1 / (1 + np.exp(-1.0))])
    assert Decision(linear, trees).ask([]).shape == (0, 2)


def test_curves_rise() -> None:
    models = load_models()
    assert models is not None
    for curve in models.curves.values():
        assert curve(0.1) < curve(0.5) < curve(0.9)
    assert Curve(1.0, 0.0)(0.3) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("the Taliban", "Taliban", True),
        ("Taliban militants", "suspected militants", True),
        ("coal miners", "coal", True),
        ("police", "soldiers", False),
        ("two others", "three others", False),
    ],
)
def test_same_party(a: str, b: str, same: bool) -> None:
    assert is_same_party(a, b) is same
    assert content("at least 12 of the villagers") == ("villager",)


@pytest.mark.parametrize(
    "text",
    [
        "A bomb exploded in a market in the city of Herat on Monday. The army said 8 people were killed. The Taliban said 20 people had died.",
        "The army said 8 civilians had been killed in a bombing in the town of Tarin Kot on Monday. The rebels said 20 people had died.",
    ],
)
def test_who_is_only_quoted_did_nothing(analyzer: Analyzer, text: str) -> None:
    line = read(analyzer, text).line
    assert line is not None
    assert not {e.value.casefold() for e in line.by} & {
        "army",
        "the army",
        "taliban",
        "the taliban",
        "rebels",
        "the rebels",
    }


def test_who_says_what_they_did_themselves_did_it(analyzer: Analyzer) -> None:
    text = "The Turkish army said it had killed 15 fighters of the Kurdistan Workers' Party in air strikes on northern Iraq on Friday."
    line = read(analyzer, text).line
    assert line is not None
    assert any("army" in e.value for e in line.by)
