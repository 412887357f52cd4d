"""What the analyses make of a text together, by the rules alone; where the parse decides, with the shipped pipeline."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from pipeline.commands.offline import ArticleLine, article_of
from pipeline.records import Article, ArticleId, Mention, VersionId
from pipeline.text.entities import find_layout
from pipeline.text.findings import Analyzer, clear, reads_english


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer("rules")


def test_a_dateline_takes_no_part_in_the_event() -> None:
    text = "BANNU, Pakistan (Wire) - Two men on a motorcycle threw a grenade at policemen on Monday."
    layout = find_layout(text)
    start = text.index("Two men")
    dateline, mixed = Mention("BANNU", 0, 5), Mention(text[18 : start + 7], 18, start + 7)
    assert clear((dateline, mixed), text, layout) == (Mention("Two men", start, start + 7),)


@pytest.mark.parametrize(
    ("language", "text", "reads"),
    [
        ("en", "x", True),
        ("fr", "x", False),
        (None, "Five killed in blast", True),
        (None, "Взрыв в Киеве", False),
        (None, "", False),
    ],
)
def test_short_texts_in_plain_letters_are_read_by_the_english_rules(
    language: str | None, text: str, reads: bool
) -> None:
    assert reads_english(language, text) is reads


def test_findings_come_in_the_order_of_the_articles(analyzer: Analyzer) -> None:
    texts = [
        "A bomb killed 5 people in Kabul on Monday, police said.",
        "Il pleut sur la ville et les gens restent chez eux ce soir.",
        "",
    ]
    found = analyzer.analyse([article_of(ArticleLine(id=str(i), text=text)) for i, text in enumerate(texts)])
    assert [f.language for f in found] == ["en", "fr", None]
    assert [(c.kind, c.low) for c in found[0].claims] == [("killed", 5)]
    assert not found[1].events
    assert found[2].entities == ()


@pytest.fixture(scope="module")
def parsing() -> Analyzer:
    return Analyzer()


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        (
            "The defence ministry said 26 rebels were killed and 14 captured in two days of fighting.",
            ["killed", "captured"],
        ),
        (
            "At least 23 people were killed and more than 60 injured when two bombs exploded at a bus station.",
            ["killed", "wounded"],
        ),
        (
            "Four soldiers were killed and eleven injured in a clash on the border on Thursday, the army said.",
            ["killed", "wounded"],
        ),
    ],
)
def test_those_killed_did_not_wound_or_capture_the_others(parsing: Analyzer, text: str, counted: list[str]) -> None:
    (found,) = parsing.analyse([article_of(ArticleLine(id="1", text=text))])
    assert [c.kind for c in found.claims] == counted
    assert [c.agent for c in found.claims] == [None, None]
    assert not any(event.perpetrators for event in found.events)


def test_without_a_time_no_date_is_resolved() -> None:
    text = "A bomb killed four soldiers in Herat on Monday. Some 200 people have died since August."
    none = datetime(1970, 1, 1, tzinfo=UTC)
    made = Article(article_id=ArticleId("a"), version_id=VersionId("v"), feed="f", text=text, fetched=none)
    found = Analyzer().analyse([made])[0]
    assert found.events
    assert all(event.date is None for event in found.events)
    assert all(claim.since is None and claim.as_of is None for claim in found.claims)
    dated = Analyzer().analyse([replace(made, published=datetime(2026, 3, 4, tzinfo=UTC))])[0]
    assert dated.events[0].date == "2026-03-02"
