"""A bad article becomes a reject and costs no other."""

from datetime import UTC, datetime

import pytest

from pipeline.errors import RejectedError, RetryableError
from pipeline.records import Article, ArticleId, Linked, Reject, StoryId, VersionId, codec
from pipeline.records.outcomes import PAYLOAD_BYTES_MAX, reject, work_on


def make(number: int) -> Article:
    return Article(
        article_id=ArticleId(f"art:{number}"),
        version_id=VersionId(f"ver:{number}"),
        feed="f",
        text=str(number),
        fetched=datetime.now(UTC),
    )


def link(batch: list[Article]) -> list[Linked]:
    for article in batch:
        if article.text == "2":
            raise ValueError("two is odd")
    return [Linked(a, StoryId("story:x"), "new") for a in batch]


def test_one_poison_article_of_many_becomes_a_reject_and_the_others_go_on_in_order() -> None:
    outcomes = work_on("dedupe", tuple(make(i) for i in range(4)), Article, link)
    assert [o.article.text for o in outcomes if isinstance(o, Linked)] == ["0", "1", "3"]
    (bad,) = (o for o in outcomes if isinstance(o, Reject))
    assert (bad.step, bad.error, bad.crashed, bad.article_id) == ("dedupe", "ValueError", True, "art:2")
    assert codec.decode(bad.payload, Article).text == "2"
    assert "two is odd" in bad.stack


def test_rejects_and_other_stages_pass_untouched() -> None:
    passing = reject("read", RejectedError("read", "no"), payload=b"x")
    assert work_on("dedupe", (passing,), Article, link) == (passing,)


def test_a_failing_world_is_nobodys_fault() -> None:
    def away(_: list[Article]) -> list[Linked]:
        raise RetryableError("away")

    with pytest.raises(RetryableError):
        work_on("dedupe", (make(1),), Article, away)


def test_a_refusal_is_no_crash() -> None:
    made = reject("read", RejectedError("read", "no"), payload=b"\x00\xff", position=("t", 1, 2))
    assert not made.crashed
    assert codec.decode(codec.encode(made), Reject) == made


def test_ids_tell_positions_apart_and_repeat_for_the_same_one() -> None:
    error = RejectedError("read", "no")
    ids = [reject("read", error, payload=b"x", position=("t", 0, offset)).reject_id for offset in (1, 2, 1)]
    assert ids[0] == ids[2] != ids[1]


def test_a_long_payload_is_cut_and_says_so() -> None:
    made = reject("read", RejectedError("read", "no"), payload=b"x" * (PAYLOAD_BYTES_MAX + 1))
    assert len(made.payload) == PAYLOAD_BYTES_MAX
    assert "cut" in made.message
