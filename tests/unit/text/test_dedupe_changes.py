"""What a revision changed, in words: numbers, negations and names before everything else."""

import time
from datetime import UTC, datetime

from pipeline.records import Article, ArticleId, VersionId
from pipeline.text.dedupe.changes import CHANGES_MAX, what_changed

BODY = "Rain fell over the hills. A bridge near Sarvo fell and killed 12 people on Friday. The mayor said nobody was warned. Mrs Tolu leads the search."


def make(text: str, title: str | None = None) -> Article:
    return Article(
        article_id=ArticleId("art:1"),
        version_id=VersionId("ver:1"),
        feed="f",
        title=title,
        text=text,
        fetched=datetime(2026, 3, 2, tzinfo=UTC),
    )


def test_a_number_that_rose() -> None:
    assert what_changed(make(BODY), make(BODY.replace("killed 12", "killed at least 15"))) == (
        "number: “killed 12 people” is now “killed at least 15 people”",
    )


def test_a_number_in_words() -> None:
    (line,) = what_changed(
        make("Police arrested three men at the gate of the port."),
        make("Police arrested seven men at the gate of the port."),
    )
    assert line == "number: “arrested three men” is now “arrested seven men”"


def test_a_negation() -> None:
    (line,) = what_changed(make(BODY), make(BODY.replace("said nobody was warned", "said everybody was warned")))
    assert line.startswith("negation: “said nobody was”")
    (line,) = what_changed(make("The group said it did not do it."), make("The group said it did do it."))
    assert line == "negation: “did not do” is now “did do”"


def test_a_name() -> None:
    assert what_changed(make(BODY), make(BODY.replace("Mrs Tolu", "Mrs Karim"))) == (
        "name: “Mrs Tolu leads” is now “Mrs Karim leads”",
    )


def test_sentences_added_and_removed_and_the_title() -> None:
    new = BODY.replace("Rain fell over the hills. ", "") + " The road stays closed."
    assert what_changed(make(BODY, "Bridge falls"), make(new, "Bridge falls, road closed")) == (
        "title: “Bridge falls” is now “Bridge falls, road closed”",
        "removed: “Rain fell over the hills.”",
        "added: “The road stays closed.”",
    )


def test_spaces_marks_and_order_of_sentences_are_no_change() -> None:
    assert what_changed(make(BODY, "A bridge"), make(BODY.replace(". ", " !\n"), "A “bridge”")) == ()
    assert what_changed(make("One fell. Two stood."), make("Two stood. One fell.")) == ()


def test_numbers_come_first_and_the_rest_is_counted() -> None:
    old = " ".join(f"Sentence about thing{n} that stays in paper number {n}." for n in range(30))
    new = (
        old.replace("paper number 7.", "paper number 70.")
        + " "
        + " ".join(f"Wholly other words{n} here." for n in range(30))
    )
    lines = what_changed(make(old), make(new))
    assert lines[0].startswith("number:")
    assert len(lines) == CHANGES_MAX
    assert lines[-1].endswith("more changes")


def test_a_rewritten_long_text_is_bounded() -> None:
    old, new = (
        " ".join(f"{word}{n} went to the {word} of {n} and came back." for n in range(3000))
        for word in ("alpha", "beta")
    )
    began = time.process_time()
    assert "rewritten" in "".join(what_changed(make(old), make(new)))
    assert time.process_time() - began < 10  # .5 s as measured


def test_a_point_within_a_number_ends_no_sentence() -> None:
    old = "About 1.5 million people live in the U.S. state that was hit."
    assert what_changed(make(old), make(old.replace("1.5", "2.5"))) == (
        "number: “About 1.5 million” is now “About 2.5 million”",
    )
