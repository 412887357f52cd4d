"""News comes first: what is told late, long ago, or of nobody, is worth little."""

from datetime import UTC, datetime

import pytest

from pipeline.records import Article, ArticleId, Claim, Entity, Event, Findings, Indicator, VersionId
from pipeline.text.scoring import assess, describe
from pipeline.text.scoring.eventworth import is_old

PUBLISHED = datetime(2026, 3, 2, tzinfo=UTC)
TEXT = "A bomb killed 12 people in Oskel." + " Background." * 300


def article(title: str = "Bomb kills 12") -> Article:
    return Article(
        article_id=ArticleId("art:1"),
        version_id=VersionId("ver:1"),
        feed="f",
        title=title,
        text=TEXT,
        fetched=PUBLISHED,
        published=PUBLISHED,
    )


def bombing(start: int = 0, date: str | None = None) -> Findings:
    event = Event(
        type="Explosions/Remote violence",
        subtype="Remote explosive/landmine/IED",
        date=date,
        start=start,
        end=start + 6,
    )
    claim = Claim(kind="killed", low=12, high=12, text="killed 12", start=start + 7, end=start + 16, event=0)
    return Findings(language="en", events=(event,), claims=(claim,))


def test_what_stands_late_in_the_text_counts_less() -> None:
    assert assess(article(), bombing(2000)).score < assess(article(), bombing()).score


def test_what_happened_long_ago_is_no_news() -> None:
    assert assess(article(), bombing(date="2026-03-01")).severity is not None
    assert assess(article(), bombing(date="1988-03-16")).severity is None


@pytest.mark.parametrize(
    ("date", "old"),
    [
        ("2026-03-01", False),
        ("2026-02", False),
        ("2026-01-15", True),
        ("2025", True),
        ("2026", False),
        (None, False),
        ("2026-W04", False),
    ],
)
def test_a_date_of_less_precision_is_taken_at_its_latest(date: str | None, old: bool) -> None:
    assert is_old(bombing(date=date).events[0], PUBLISHED) is old


def test_a_hack_of_nothing_in_particular_does_not_alert() -> None:
    event = Event(type="Cyber", subtype="Intrusion", start=0, end=6)
    assert assess(article("Hack your mornings"), Findings(events=(event,))).severity is None
    named = Entity("Kettle Works", "ORG", 20, 32)
    leak = Event(type="Cyber", subtype="Data leak", start=0, end=6)
    assert assess(article("Kettle Works hacked"), Findings(events=(leak,), entities=(named,))).severity is not None
    cve = Indicator("cve", "CVE-2026-1", "CVE-2026-1", 40, 50)
    flaw = Event(type="Cyber", subtype="Exploitation", start=0, end=6)
    assert assess(article("Flaw exploited"), Findings(events=(flaw,), indicators=(cve,))).severity is not None


def test_an_event_without_substance_is_told_by_the_title() -> None:
    event = Event(type="Battles", subtype="Armed clash", start=0, end=6)
    assert describe(article("Battle over health care"), Findings(events=(event,))) == "Battle over health care"
