"""Which article an entry is: nothing lost, nothing twice, over everything publishers do to guids and links."""

from datetime import UTC, datetime

from connectors.sources.articles import Harvest, Known, Origin, harvest, remember
from connectors.sources.drafts import Draft, Reading

NOW = datetime(2024, 5, 6, tzinfo=UTC)
ORIGIN = Origin(feed="f", tags=("t",), grade="B")


def draft(n: int, **changes: str | None) -> Draft:
    fields: dict[str, str | None] = {
        "guid": f"guid-{n}",
        "url": f"https://n.example/story-{n}",
        "title": f"Report number {n} from the region",
        "text": f"Text of {n}.",
    }
    return Draft(**{**fields, **changes})  # type: ignore[arg-type]


def poll(drafts: list[Draft], known: Known, **skipped: int) -> Harvest:
    reading = Reading(
        link="https://n.example/", entries=len(drafts) + sum(skipped.values()), drafts=tuple(drafts), skipped=skipped
    )
    crop = harvest(reading, ORIGIN, known, NOW)
    assert reading.entries == len(crop.articles) + sum(crop.skipped.values())
    return crop


def replay(*polls: list[Draft]) -> list[Harvest]:
    """Each poll with the memory of all before it."""
    rows = []
    crops = []
    for drafts in polls:
        crop = poll(drafts, remember(rows))
        rows += [seen for seen in crop.seen if seen.wording not in {row.wording for row in rows}]
        crops.append(crop)
    return crops


def test_articles_carry_the_feeds_marks_and_come_oldest_first() -> None:
    crop = poll([draft(2), draft(1)], Known(), empty=1)
    assert [a.url for a in crop.articles] == ["https://n.example/story-1", "https://n.example/story-2"]
    assert {(a.feed, a.tags, a.grade, a.fetched) for a in crop.articles} == {("f", ("t",), "B", NOW)}
    assert crop.skipped == {"empty": 1}


def test_a_feed_that_puts_the_oldest_first_is_told_in_its_order() -> None:
    dated = [draft(n, published=NOW.replace(hour=n)) for n in (1, 2, 3)]  # type: ignore[arg-type]
    for order in (dated, dated[::-1]):
        assert [a.url for a in poll(order, Known()).articles] == [d.url for d in dated]


def test_the_same_document_again_yields_nothing() -> None:
    first, second = replay([draft(2), draft(1)], [draft(2), draft(1)])
    assert (len(first.articles), len(second.articles), second.skipped) == (2, 0, {"unchanged": 2})


def test_an_edited_entry_is_a_new_version_of_its_article() -> None:
    first, second = replay([draft(1)], [draft(1, text="Text of 1, corrected.")])
    assert second.articles[0].article_id == first.articles[0].article_id
    assert second.articles[0].version_id != first.articles[0].version_id


def test_guids_made_anew_at_every_fetch() -> None:
    first, second = replay([draft(1), draft(2)], [draft(1, guid="x"), draft(2, guid="y")])
    assert (len(first.articles), len(second.articles)) == (2, 0)


def test_a_move_to_https_and_www() -> None:
    before = [
        draft(1, url="http://n.example/a", guid="http://n.example/a"),
        draft(2, url=None, guid="http://n.example/?p=2"),
    ]
    after = [
        draft(1, url="https://www.n.example/a", guid="https://www.n.example/a"),
        draft(2, url=None, guid="https://n.example/?p=2"),
    ]
    first, second = replay(before, after)
    assert (len(first.articles), len(second.articles)) == (2, 0)


def test_a_new_slug_keeps_the_article_through_its_guid() -> None:
    first, second = replay(
        [draft(1)], [draft(1, url="https://n.example/other-slug", title="Report number 1 from the region, updated")]
    )
    assert second.articles[0].article_id == first.articles[0].article_id


def test_one_guid_on_all_entries() -> None:
    first, second = replay([draft(n, guid="same") for n in (1, 2, 3)], [draft(n, guid="same") for n in (1, 2, 3, 4)])
    assert (len(first.articles), len({a.article_id for a in first.articles})) == (3, 3)
    assert [a.title for a in second.articles] == [draft(4).title]


def test_one_constant_guid_on_a_feed_of_one_entry() -> None:
    first, second = replay(
        [draft(1, guid="latest", url=None)], [draft(2, guid="latest", url=None, title="Something else altogether")]
    )
    assert second.articles[0].article_id != first.articles[0].article_id


def test_one_link_on_all_entries() -> None:
    for link in ("https://n.example/", "https://n.example/warnings"):
        first, second = replay([draft(n, url=link) for n in (1, 2)], [draft(n, url=link) for n in (2, 3)])
        assert len({a.article_id for a in first.articles}) == 2
        assert [a.title for a in second.articles] == [draft(3).title]


def test_neither_guid_nor_link() -> None:
    first, second = replay(
        [draft(n, url=None, guid=None) for n in (1, 2)],
        [draft(1, url=None, guid=None, text="Edited."), draft(2, url=None, guid=None)],
    )
    assert len({a.article_id for a in first.articles}) == 2
    assert [a.article_id for a in second.articles] == [first.articles[1].article_id]


def test_an_entry_repeated_in_one_document_is_one_article() -> None:
    (crop,) = replay([draft(1), draft(1), draft(2)])
    assert (len(crop.articles), crop.skipped) == (2, {"repeated": 1})


def test_a_gap_is_told_when_nothing_of_the_last_document_is_left() -> None:
    crops = replay([draft(1), draft(2)], [draft(2), draft(3)], [draft(7), draft(8)], [draft(8, text="Edited.")], [])
    assert [crop.is_gap for crop in crops] == [False, False, True, False, False]


def test_alternating_back_ends_bring_nothing_twice() -> None:
    old, new = [draft(n) for n in (1, 2)], [draft(n) for n in (2, 3)]
    crops = replay(old, new, old, new)
    assert [len(crop.articles) for crop in crops] == [2, 1, 0, 0]


def test_links_and_guids_that_are_new_at_every_fetch() -> None:
    def fetch(mark: str, numbers: range, **changes: object) -> list[Draft]:
        return [
            draft(
                n,
                url=f"https://news.example/{mark}{n}x",
                guid=f"{mark}/{n}x",
                **{"published": NOW.replace(hour=n), **changes},
            )  # type: ignore[arg-type]
            for n in numbers
        ]

    first, second = replay(fetch("A", range(1, 6)), fetch("B", range(1, 6)))
    assert (len(second.articles), second.skipped, second.is_gap) == (0, {"unchanged": 5}, False)
    _, third = replay(fetch("A", range(1, 6)), fetch("B", range(3, 8)))
    assert ([a.title for a in third.articles], third.is_gap) == (
        [f"Report number {n} from the region" for n in (6, 7)],
        False,
    )
    _, undated = replay(fetch("A", range(1, 6), published=None), fetch("B", range(1, 6), published=None))
    assert len(undated.articles) == 0
    edited = fetch("B", range(1, 6))
    edited[0] = fetch("B", range(1, 2), text="Text of 1, corrected.")[0]
    _, revised = replay(fetch("A", range(1, 6)), edited)
    assert [a.article_id for a in revised.articles] == [first.articles[0].article_id]


def test_ids_and_times_that_are_new_at_every_fetch() -> None:
    def fetch(mark: str, hour: int, numbers: range) -> list[Draft]:
        at = NOW.replace(hour=hour)
        return [draft(n, url=f"https://n.example/{mark}{n}", guid=f"{mark}{n}q", published=at) for n in numbers]  # type: ignore[arg-type]

    _, second = replay(fetch("A", 1, range(5)), fetch("B", 2, range(5)))
    assert (len(second.articles), second.is_gap) == (0, False)
    _, pair = replay(fetch("A", 1, range(2)), fetch("B", 2, range(2)))
    assert len(pair.articles) == 2


def test_the_same_words_at_another_time_or_under_the_next_number_are_new() -> None:
    words = {"title": "Siren in Kell", "text": "Siren in Kell."}
    at = [NOW.replace(hour=hour) for hour in (4, 9)]
    for later in ([draft(2, guid="zz", **words, published=at[1])], [draft(2, guid="zz", **words)]):  # type: ignore[arg-type]
        first, second = replay([draft(1, guid="aa", **words, published=at[0])], later)  # type: ignore[arg-type]
        assert (len(first.articles), len(second.articles)) == (1, 1)
    numbered = [
        draft(n, url=f"https://c.example/?name=KEL-2026-{n}", guid=f"KEL-2026-{n}", **words, published=at[0])
        for n in (1, 2)
    ]  # type: ignore[arg-type]
    assert len(replay(numbered[:1], numbered[1:])[1].articles) == 1


def test_a_fragment_that_names_a_part_is_the_identity() -> None:
    def part(n: int, fragment: str, **changes: str | None) -> Draft:
        return draft(n, url=f"https://docs.example/notes#{fragment}", guid=None, **changes)

    first, second = replay([part(1, "v1", title="Release 1")], [part(2, "v2", title="Release 2")])
    assert second.articles[0].article_id != first.articles[0].article_id
    both, edited = replay([part(1, "a-1"), part(2, "b-2")], [part(1, "a-1", text="More."), part(2, "b-2")])
    assert edited.articles[0].article_id == both.articles[1].article_id
    plain, marked = replay([draft(1, guid=None)], [draft(1, guid=None, url="https://n.example/story-1#rss-9")])
    assert (len(plain.articles), len(marked.articles)) == (1, 0)
    guids = [draft(n, url=None, guid=f"https://n.example/#{n}") for n in (1, 2)]
    assert len({a.article_id for a in replay(guids)[0].articles}) == 2
