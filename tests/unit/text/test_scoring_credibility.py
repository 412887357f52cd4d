"""How far an article can be believed."""

from datetime import UTC, datetime

import pytest

from pipeline.records import Article, ArticleId, Claim, Findings, Mention, VersionId
from pipeline.text.scoring import weigh_credibility


def article(text: str = "Text.", grade: str | None = None, authors: tuple[str, ...] = ()) -> Article:
    return Article(
        article_id=ArticleId("a"),
        version_id=VersionId("v"),
        feed="f",
        text=text,
        grade=grade,
        authors=authors,
        fetched=datetime(2026, 1, 1, tzinfo=UTC),
    )


def claim(**fields: object) -> Claim:
    return Claim(**{"kind": "killed", "low": 4, "high": 4, "text": "x", "start": 0, "end": 1, **fields})  # type: ignore[arg-type]


def weigh(*claims: Claim, text: str = "Text.", grade: str | None = None, authors: tuple[str, ...] = ()) -> float:
    return weigh_credibility(article(text, grade, authors), Findings(claims=claims))[0]


NAMED, FRONT = Mention("Amina Diallo", 0, 1), Mention("Kettle Front", 0, 1, "group:kettle")


def test_the_grade_is_the_start_and_an_unknown_one_is_none() -> None:
    values = [weigh(grade=grade) for grade in "ABCDE"]
    assert values == sorted(values, reverse=True)
    assert weigh(grade="F") == weigh(grade=None) == weigh(grade="Z")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (weigh(claim(claimant=NAMED)), weigh(claim())),
        (weigh(claim(stance="confirms", claimant=NAMED)), weigh(claim(claimant=NAMED))),
        (weigh(claim(claimant=NAMED)), weigh(claim(claimant=NAMED, hedge="nearly"))),
        (weigh(claim(claimant=NAMED)), weigh(claim(claimant=NAMED), claim(stance="denies", claimant=NAMED))),
        (weigh(claim(claimant=NAMED)), weigh(claim(claimant=FRONT, agent=FRONT))),
        (weigh(text="SPOUTVILLE (Reuters) - Text."), weigh()),
        (weigh(authors=("Reuters",)), weigh(authors=("A. Pot",))),
    ],
)
def test_what_adds_and_what_takes(better: float, worse: float) -> None:
    assert better > worse


def test_claims_of_the_past_change_nothing() -> None:
    assert weigh(claim(realis="background", stance="denies")) == weigh()


def test_the_reasons_add_up() -> None:
    total, reasons = weigh_credibility(article(grade="B"), Findings(claims=(claim(claimant=NAMED, hedge="some"),)))
    assert total == pytest.approx(sum(reason.points for reason in reasons))
    assert [reason.rule for reason in reasons] == ["source graded B", "named claimant", "every number hedged"]
