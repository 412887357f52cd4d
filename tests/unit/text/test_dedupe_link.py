"""Verdicts, through the public `link`: reprints are joined whatever was done to them, distinct reports are not."""

import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from pipeline.records import Article, Linked
from pipeline.text.dedupe.index import STORIES_MAX, MemoryIndex
from pipeline.text.dedupe.link import compare, link
from tests.support.reprints import make

FOOTER = "Sign up for our evening letter and never miss a thing. Follow us everywhere you like to be followed. All rights reserved by this paper and its owners, who would be glad to hear from you."
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


def story_text(seed: int, paragraphs: int = 8) -> str:
    """Paragraphs of invented words over a stock of common ones."""
    own = random.Random(seed)
    names = ["".join(own.choices(SYLLABLES, k=3)) for _ in range(120)]
    plain = ["the", "of", "and", "to", "in", "a", "that", "on", "with", "for", "was", "by", "at", "from", "it", "had"]
    sentences = [
        " ".join(own.choice(plain if own.random() < 0.45 else names) for _ in range(16)).capitalize() + "."
        for _ in range(paragraphs * 3)
    ]
    return "\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))


def misread(text: str, share: float, seed: int) -> str:
    """The text through a bad scanner: letters replaced, dropped, doubled by a mark."""
    own = random.Random(seed)
    out = []
    for letter in text:
        if own.random() >= share or letter == "\n":
            out.append(letter)
        else:
            out.append(own.choice([own.choice("abcdefghijklmnopqrstuvwxyz"), "", letter + ",", letter + "'"]))
    return "".join(out)


def drop(text: str, share: float, seed: int) -> str:
    own = random.Random(seed)
    return " ".join(sentence for sentence in text.replace("\n", " ").split(". ") if own.random() >= share)


def shuffled(text: str, seed: int) -> str:
    paragraphs = text.split("\n")
    random.Random(seed).shuffle(paragraphs)
    return "\n".join(paragraphs)


EDITS = {
    "exact": lambda text: text,
    "upper": str.upper,
    "spaces": lambda text: text.replace(" ", "  ").replace("\n", " "),
    "dateline": lambda text: "By Jane Roe and agencies\nPORT TOWN (AP) — " + text,
    "footer": lambda text: f"{text}\n{FOOTER}",
    "quarter": lambda text: text[: len(text) // 4],
    "abridged with footer": lambda text: f"{text[: len(text) // 3]}\n{FOOTER}",
    "reordered": lambda text: shuffled(text, 1),
    "sentences dropped": lambda text: drop(text, 0.3, 2),
    "new lead": lambda text: "Officials said on Friday that more would be known later.\n" + text.partition("\n")[2],
    "misread 5 %": lambda text: misread(text, 0.05, 3),
    "misread 10 %": lambda text: misread(text, 0.10, 4),
}


def link_all(*articles: Article) -> list[Linked]:
    index = MemoryIndex()
    return [link(article, index) for article in articles]


@pytest.mark.parametrize(
    ("edit", "first"),
    [
        (edit, first)
        for edit in EDITS
        for first in ("exact", "quarter", "misread 10 %")
        if not (first == "misread 10 %" and edit in (first, "quarter")) and (edit, first) != ("misread 10 %", "quarter")
    ],  # two badly damaged copies need the sound text between them
)
def test_an_edited_reprint_joins_its_story_whichever_came_first(edit: str, first: str) -> None:
    index = MemoryIndex()
    for other in range(20):
        link(make(100 + other, story_text(100 + other)), index)
    text = story_text(1)
    one, two = link(make(1, EDITS[first](text)), index), link(make(2, EDITS[edit](text)), index)
    assert two.story == one.story
    assert two.verdict in ("exact", "near")
    assert two.of == one.article.version_id
    assert two.reason


def test_a_footer_that_all_papers_share_chains_nothing() -> None:
    linked = link_all(*(make(n, f"{story_text(n, 3)}\n{FOOTER}") for n in range(40)))
    assert len({item.story for item in linked}) == 40


def test_a_quote_that_two_reports_share_joins_nothing() -> None:
    quote = story_text(9, 2)
    one, two = link_all(make(1, f"{story_text(1, 4)}\n{quote}"), make(2, f"{quote}\n{story_text(2, 4)}"))
    assert (two.verdict, two.story == one.story) == ("new", False)


def test_a_new_title_over_the_same_text_is_a_reprint() -> None:
    text = (
        "Gunmen seized a grain ship off Sarvo port. " + story_text(1) + " The ship had left Sarvo with grain for Tolu."
    )
    one, two = link_all(
        make(1, text, "Gunmen seize ship off Sarvo"),
        make(2, text[: len(text) * 3 // 4], "Grain carrier taken on its way to Tolu"),
    )
    assert (two.verdict, two.of) == ("near", one.article.version_id)


def test_the_next_issue_of_a_series_is_distinct_although_its_text_is_the_same() -> None:
    text = story_text(1)
    one, two = link_all(make(1, text, "Border letter, issue 41"), make(2, text, "Border letter, issue 42"))
    assert two.story != one.story
    assert "number in the title" in two.reason


def test_notices_from_one_template_are_distinct_by_their_vulnerabilities() -> None:
    template = "Successful use of this flaw, CVE-2024-{}, could stop the pump. " + story_text(5, 5)
    one, two, again = link_all(
        make(1, template.format(1111), "Acme Pump"),
        make(2, template.format(2222), "Acme Pump"),
        make(3, template.format(1111) + " Version 2 repairs it.", "Acme Pump (Update A)"),
    )
    assert two.verdict == "new"
    assert "CVE-2024-2222" in two.reason
    assert (again.verdict, again.of) == ("revision", one.article.version_id)


def test_a_rewritten_notice_is_a_revision_by_its_number() -> None:
    common = story_text(6, 2)
    one, two = link_all(
        make(1, f"{common} {story_text(7, 3)}", "ICSA-24-001-02 Acme Pump"),
        make(2, f"{common} {story_text(8, 3)}", "ICSA-24-001-02 Acme Pump (Update B)"),
    )
    assert (two.verdict, two.of) == ("revision", one.article.version_id)
    assert "ICSA 24-001-02" in two.reason


def test_items_from_one_template_are_distinct_by_the_word_their_titles_exchange() -> None:
    template = "In this lesson we build with {0}. First fetch {0}, then start {0} and look. " + story_text(3, 2)
    one, two = link_all(
        make(1, template.format("tolmar"), "Building with Tolmar"),
        make(2, template.format("quennel"), "Building with Quennel"),
    )
    assert two.story != one.story
    assert "other subject" in two.reason


def test_another_title_and_beginning_over_the_same_background_is_another_report() -> None:
    background = story_text(4, 8)
    one, two = link_all(
        make(1, f"{story_text(1, 2)}\n{background}", "Ministers meet over grain"),
        make(2, f"{story_text(2, 2)}\n{background}", "Harbour strike ends"),
    )
    assert two.story != one.story


SIREN = "Sirens in Oskel district. Go to the nearest shelter at once and stay there until the all-clear is given by the command."
BULLETIN = "Sirens in Oskel"


def issue(
    number: int, hour: int | None, *, feed: str = "command", host: str = "command.example", text: str = SIREN
) -> Article:
    """The same notice at an address of its own, as published at some hour."""
    published = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour) if hour is not None else None
    made = make(number, text, BULLETIN)
    return replace(made, feed=feed, url=f"https://{host}/{number}", published=published)


def test_what_a_publisher_issues_again_later_is_another_item_and_not_a_reprint() -> None:
    index = MemoryIndex()
    first, again = link(issue(1, 0), index), link(issue(2, 24), index)
    assert again.verdict == "new"
    assert again.story != first.story
    assert "issued it again" in again.reason
    assert link(issue(3, 48), index).story not in {first.story, again.story}


def test_an_entry_that_was_moved_to_another_address_is_the_same_item() -> None:
    index = MemoryIndex()
    assert link(issue(2, 1), index).story == link(issue(1, 0), index).story


def test_without_times_two_addresses_of_one_publisher_are_two_items_unless_the_text_was_updated() -> None:
    index = MemoryIndex()
    text = story_text(5)
    first = link(issue(1, None, text=text), index)
    assert link(issue(2, None, text=text), index).story != first.story
    grown = story_text(5, 5) + "\n" + story_text(6, 4)
    assert link(issue(3, None, text=grown), index).story == first.story


@pytest.mark.parametrize("other", [{"feed": "paper"}, {"host": "paper.example"}])
def test_another_publisher_s_copy_is_a_reprint_however_late(other: dict[str, str]) -> None:
    index = MemoryIndex()
    first = link(issue(1, 0), index)
    assert (link(issue(2, 30, **other), index).story) == first.story


def test_a_short_text_needs_its_title() -> None:
    index = MemoryIndex()
    first = link(make(1, "Click to read more", "Ship seized"), index)
    assert link(make(2, "Click to read more", "Bridge falls"), index).story != first.story
    assert link(make(3, "Click to read more", "Ship seized"), index).verdict == "exact"


@pytest.mark.parametrize("text", ["", " \n ", "…"])
def test_empty_texts_are_never_joined(text: str) -> None:
    one, two = link_all(make(1, text), make(2, text))
    assert one.story != two.story


def test_a_later_version_of_an_article_is_its_revision_even_when_rewritten() -> None:
    one, two = link_all(make(1, story_text(1)), make(1, story_text(2)))
    assert (two.verdict, two.of, two.story) == ("revision", one.article.version_id, one.story)


def test_a_version_met_again_gets_its_recorded_verdict() -> None:
    one, two = make(1, story_text(1)), make(2, story_text(1))
    index = MemoryIndex()
    first = [link(one, index), link(two, index)]
    assert [link(one, index), link(two, index)] == first


def test_a_phrase_of_many_stories_is_common_and_no_longer_posted() -> None:
    index = MemoryIndex()
    for number in range(STORIES_MAX + 10):
        link(make(number, f"{FOOTER}\n{story_text(number, 2)}"), index)
    assert max(len(found) for found in index.postings(index.keys()).values()) == STORIES_MAX


@pytest.mark.slow
def test_the_order_of_arrival_does_not_change_the_stories() -> None:
    articles = [
        make(100 * n + place, edit(story_text(n))) for n in range(12) for place, edit in enumerate(EDITS.values())
    ]
    sizes = []
    for seed in range(4):
        random.Random(seed).shuffle(articles)
        linked = link_all(*articles)
        sizes.append(len({item.story for item in linked}))
    assert all(12 <= size <= 13 for size in sizes)


def test_a_feed_s_summary_joins_the_full_text_of_the_same_title() -> None:
    text = story_text(1, 30)
    title = "Grain ship seized off Sarvo port"
    one, two = link_all(make(1, text, title), make(2, " ".join(text.split()[:32]) + " …", title))
    assert (two.verdict, two.of) == ("near", one.article.version_id)


def test_two_articles_are_compared_by_themselves() -> None:
    ruling, match = compare(make(1, story_text(1)), make(2, story_text(1) + " " + FOOTER))
    assert ruling.same
    assert match.containment > 0.95
    ruling, match = compare(make(1, story_text(1)), make(2, story_text(2)))
    assert not ruling.same
    assert "other text" in ruling.reason


@pytest.mark.parametrize(
    "piece",
    ["a", "a ", ".", "'", "CVE-", "CVE-2024-1 ", "AB-12-", "By x,", "(AP", "\n", "東", "A-B-C-", "\u0300", "1,", "— "],
)
def test_hostile_text_takes_bounded_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    index = MemoryIndex()
    began = time.process_time()
    link(make(1, text, text[:2000]), index)
    link(make(2, text[:-7], text[:1990]), index)
    assert time.process_time() - began < 6
