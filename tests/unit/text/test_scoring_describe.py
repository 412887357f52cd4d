"""One sentence: who did what to whom, where, how many, says who."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.records import Article, ArticleId, Claim, Event, Findings, Mention, Party, Place, VersionId
from pipeline.text.scoring import describe
from pipeline.text.scoring.describe import WHAT_CHARS_MAX

FRONT = Party("Kettle Front", 0, 1, "group:kettle")
PLACE = Place("Spoutville", 0, 1, "geo:1", name="Spoutville")


def article(title: str | None = "The title", text: str = "First line.\nSecond.") -> Article:
    return Article(
        article_id=ArticleId("a"),
        version_id=VersionId("v"),
        feed="f",
        title=title,
        text=text,
        fetched=datetime(2026, 1, 1, tzinfo=UTC),
    )


def event(subtype: str = "Suicide bomb", kind: str = "Explosions/Remote violence", **fields: Any) -> Event:
    return Event(**{"type": kind, "subtype": subtype, "start": 0, "end": 1, **fields})


def claim(kind: str, low: int | None, **fields: Any) -> Claim:
    return Claim(**{"kind": kind, "low": low, "high": low, "text": "x", "start": 0, "end": 1, **fields})


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        (
            Findings(events=(event(perpetrators=(FRONT,), targets=(Mention("a market", 0, 1),), place=PLACE),), claims=(claim("killed", 12, hedge="at least", event=0),)),
            "Suicide bombing by Kettle Front against a market in Spoutville: at least 12 killed",
        ),
        (
            Findings(events=(event(perpetrators=(FRONT,), perpetrator_confidence="accused"),), claims=(claim("wounded", 3, claimant=Mention("police", 0, 1)),)),
            "Suicide bombing blamed on Kettle Front: 3 wounded, according to police",
        ),
        (Findings(events=(event(realis="attempted", perpetrators=(FRONT,), perpetrator_confidence="claimed"),)), "Attempted suicide bombing claimed by Kettle Front"),
        (
            Findings(claims=(claim("captured", 600, hedge="nearly", stance="claims", claimant=Mention("the Front", 0, 1), object=Mention("militants", 0, 1)),)),
            "Nearly 600 militants captured, the Front claims",
        ),
        (Findings(claims=(Claim(kind="killed", low=30, high=40, text="x", start=0, end=1), claim("killed", None, hedge="dozens of"))), "30 to 40 killed"),
        (Findings(claims=(claim("displaced", None, hedge="thousands of"),)), "Thousands displaced"),
        (Findings(events=(event(realis="background"),), claims=(claim("killed", 9, event=0),)), "The title"),
        (Findings(), "The title"),
    ],
)  # fmt: skip
def test_what(findings: Findings, sentence: str) -> None:
    assert describe(article(), findings) == sentence


def test_the_weightiest_present_event_is_told_and_deaths_come_first() -> None:
    findings = Findings(
        events=(event("Arrests", "Strategic developments", place=PLACE), event(place=PLACE)),
        claims=(claim("wounded", 30, event=1), claim("killed", 5, event=1), claim("killed", 4, event=1)),
    )
    assert describe(article(), findings) == "Suicide bombing in Spoutville: 5 killed, 30 wounded"


@pytest.mark.parametrize(
    ("title", "text", "expected"), [(None, "\n Only text. \nMore", "Only text."), (" ", "", "(no title and no text)")]
)
def test_without_findings_and_title(title: str | None, text: str, expected: str) -> None:
    assert describe(article(title, text), Findings()) == expected


def test_it_is_one_short_line() -> None:
    long = Party("very " * 200 + "long\nname", 0, 1)
    sentence = describe(article(), Findings(events=(event(perpetrators=(long, long, FRONT, PLACE)),)))  # type: ignore[arg-type]
    assert "\n" not in sentence
    assert len(sentence) <= WHAT_CHARS_MAX
    assert len(describe(article("t" * 999), Findings())) <= WHAT_CHARS_MAX
