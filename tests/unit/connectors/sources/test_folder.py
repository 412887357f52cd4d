"""Files of a folder: JSON Lines, saved pages, mails."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.articles import Known, Seen, remember
from connectors.sources.document import NotAFeedError
from connectors.sources.filedrafts import read_file
from connectors.sources.folder import Config, FolderSource
from connectors.sources.source import FeedState, Poll, Tools
from connectors.sources.worker import ParserPool

MAIL = (
    "From: =?utf-8?q?Press_Desk_M=C3=BCnster?= <press@office.example>\r\nTo: list@office.example\r\nMessage-ID: <7@office.example>\r\n"
    "Date: Mon, 06 May 2024 10:00:00 +0200\r\nSubject: Statement on the invented incident\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n'
    "Content-Transfer-Encoding: 8bit\r\n\r\nFirst paragraph, caf\xe9.\r\n\r\nSecond paragraph.\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Not this</p>\r\n--b--\r\n"
).encode("latin-1")


def test_a_mail() -> None:
    (draft,) = read_file(MAIL, name="x.eml", kind="mail").drafts
    assert (draft.guid, draft.title) == ("7@office.example", "Statement on the invented incident")
    assert draft.text == "First paragraph, café.\nSecond paragraph."
    assert (draft.authors, draft.published) == (("Press Desk Münster",), datetime(2024, 5, 6, 8, tzinfo=UTC))
    with pytest.raises(NotAFeedError):
        read_file(b"\x00\x01 no mail at all", name="x.eml", kind="mail")


def test_lines_each_for_itself() -> None:
    raw = b'{"id": 7, "text": "One.", "title": "T", "url": "https://n.example/1?utm_source=x", "published": "2024-05-06T10:00:00Z"}\n\n[1]\n{"text": 5}\n{}\nnot json\n{"text": "Two."}\n'
    read = read_file(raw, name="a.jsonl", kind="lines")
    two, one = read.drafts
    assert (one.guid, one.url, one.published) == ("7", "https://n.example/1", datetime(2024, 5, 6, 10, tzinfo=UTC))
    assert (two.guid, two.text) == ("a.jsonl:7", "Two.")
    assert (read.entries, read.skipped) == (6, {"unreadable": 3, "empty": 1})
    assert read.warnings[0].startswith("a.jsonl:3: ")


class Drop:
    def __init__(self, folder: Path, **config: Any) -> None:
        self.source = FolderSource("drop", Config(path=str(folder), **config))
        self.state = FeedState()
        self.rows: list[Seen] = []

    def poll(self) -> Poll:
        async def known() -> Known:
            return remember(self.rows)

        async def run() -> Poll:
            parsers, nothing = ParserPool(1), None
            try:
                tools = Tools(nothing, parsers, lambda: datetime(2024, 5, 6, tzinfo=UTC))  # type: ignore[arg-type]
                return await self.source.poll(self.source.feeds()[0], self.state, known, tools)
            finally:
                await parsers.close()

        polled = asyncio.run(run())
        self.state = polled.state
        self.rows += polled.seen
        return polled


def test_files_are_read_once_and_again_when_they_change(tmp_path: Path) -> None:
    drop = Drop(tmp_path, exclude=("secret",))
    page = (
        "<html><head><title>Saved</title><link rel=canonical href=https://n.example/s></head><body><article>"
        + "<p>Words of the invented article, at some length.</p>" * 9
        + "</article></body></html>"
    )
    (tmp_path / "page.html").write_text(page)
    (tmp_path / "mail.eml").write_bytes(MAIL)
    (tmp_path / ".half.jsonl").write_text('{"text": "not yet"}')
    (tmp_path / "notes.txt").write_text("not read")
    first = drop.poll()
    assert {(a.title, a.url) for a in first.articles} == {
        ("Saved", "https://n.example/s"),
        ("Statement on the invented incident", None),
    }
    assert drop.poll().outcome == "not-modified"
    (tmp_path / "new.jsonl").write_text('{"text": "A secret."}\n{"text": "News."}')
    second = drop.poll()
    assert [a.text for a in second.articles] == ["News."]
    assert second.skipped == {"unchanged": 2, "excluded": 1}
    (tmp_path / "broken.eml").write_bytes(b"\x00")
    third = drop.poll()
    assert (third.outcome, third.skipped["unreadable"], third.articles) == ("ok", 1, ())
    assert any("broken.eml" in warning for warning in third.warnings)
