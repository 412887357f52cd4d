"""Records to bytes and back; every version that was ever written still reads."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from pipeline.errors import RejectedError
from pipeline.records import Alert, Article, ArticleId, Health, Reject, VersionId, codec

WIRE = Path(__file__).parents[3] / "data" / "wire"
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


def holds(what: object, part: object) -> bool:
    """Whether everything in `part` stands in `what` too; a field that is its default may be left out."""
    if isinstance(part, dict) and isinstance(what, dict):
        return all(
            key in what and holds(what[key], value) for key, value in part.items() if key != "v" and value is not None
        )
    if isinstance(part, list) and isinstance(what, list):
        return len(what) == len(part) and all(map(holds, what, part))
    return what == part


@pytest.mark.parametrize("path", sorted(WIRE.glob("*.json")), ids=lambda p: p.stem)
def test_nothing_in_a_golden_file_is_lost_by_reading_it(path: Path) -> None:
    """A renamed optional field would read as its default, and nobody would notice: so golden files have every field."""
    raw = path.read_bytes()
    again = codec.encode(codec.decode(raw, KINDS[path.stem.partition(".v")[0]]))
    assert holds(json.loads(again), json.loads(raw))


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
