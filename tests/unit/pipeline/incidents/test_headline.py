"""The headline of an alert: an outlet's own words, the ones that say most."""

from msgspec.structs import replace

from pipeline.incidents.headline import choose_headline
from pipeline.records import Article, ArticleId, Element, Line, LineCount, VersionId
from tests.support.alerts import NOW

LINE = Line(
    what=Element("Attack", 0.9),
    by=(Element("gunmen", 0.9),),
    where=(Element("Kaduna", 0.9),),
    counts=(LineCount(kind="killed", low=23, high=23, p=0.9, start=0, end=1),),
)


def article(title: str | None, **more: object) -> Article:
    base = Article(
        article_id=ArticleId("a"), version_id=VersionId("v"), feed="f", title=title, text="First.\nThen.", fetched=NOW
    )
    return replace(base, **more)


def test_the_title_that_says_most_wins() -> None:
    titles = ["Tragedy in the north", "Gunmen kill 23 in Kaduna market", "Why Kaduna's gunmen kill: what we know"]
    assert choose_headline([article(t) for t in titles], LINE) == "Gunmen kill 23 in Kaduna market"


def test_a_question_is_no_headline() -> None:
    assert (
        choose_headline([article("Did gunmen kill 23 in Kaduna?"), article("Gunmen strike Kaduna market")], LINE)
        == "Gunmen strike Kaduna market"
    )


def test_grade_decides_between_equals() -> None:
    first, second = article("Gunmen attack in Kaduna town"), article("Gunmen strike in Kaduna town", grade="A")
    assert choose_headline([first, second], LINE) == second.title


def test_it_is_never_empty() -> None:
    assert choose_headline([article(None), article("  ")], None) == "First."
    assert choose_headline([article(None)], LINE) == "First."
