"""Records to bytes and back; every version that was ever written still reads."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline import codec
from pipeline.errors import RejectedError
from pipeline.records import Alert, Article, ArticleId, Health, Reject, VersionId

WIRE = Path(__file__).parents[2] / "data" / "wire"
KINDS = {"article": Article, "alert": Alert, "reject": Reject, "health": Health}
ARTICLE = Article(
    article_id=ArticleId("art:1"),
    version_id=VersionId("ver:1"),
    feed="voices",
    text="Two people were wounded.",
    fetched=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
)


def test_a_record_comes_back_as_it_went() -> None:
    assert codec.decode(codec.encode(ARTICLE), Article) == ARTICLE


@pytest.mark.parametrize("path", sorted(WIRE.glob("*.json")), ids=lambda p: p.stem)
def test_golden_file_of_each_version_still_decodes(path: Path) -> None:
    kind, _, version = path.stem.partition(".v")
    record = codec.decode(path.read_bytes(), KINDS[kind])
    assert record.v == int(version)
    assert codec.decode(codec.encode(record), KINDS[kind]) == record


def test_there_is_a_golden_file_for_every_version() -> None:
    due = {f"{k.__name__.lower()}.v{v}" for k, newest in codec.VERSIONS.items() for v in range(1, newest + 1)}
    assert {p.stem for p in WIRE.glob("*.json")} == due


def test_a_later_version_is_refused_by_name() -> None:
    raw = codec.encode(replace(ARTICLE, v=99))
    with pytest.raises(RejectedError, match="version 99"):
        codec.decode(raw, Article)


def test_unknown_fields_are_no_error() -> None:
    raw = codec.encode(ARTICLE)[:-1] + b',"added_later":1}'
    assert codec.decode(raw, Article) == ARTICLE


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[]", b"{}", b'{"type":"alert"}', b'{"v":"x"}', b"null"])
def test_what_is_no_article_is_rejected(raw: bytes) -> None:
    with pytest.raises(RejectedError):
        codec.decode(raw, Article)


def test_a_message_over_the_limit_is_rejected() -> None:
    with pytest.raises(RejectedError, match="more than"):
        codec.decode(b" " * (codec.MESSAGE_BYTES_MAX + 1), Article)
