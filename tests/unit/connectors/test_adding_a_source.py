"""The page on adding a source: the code on it works as it stands there."""

import asyncio
import re
import sys
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.registry import make_sources
from connectors.sources.articles import Known, Seen, remember
from connectors.sources.source import FeedState, Poll, Source, Tools
from pipeline.config import parse

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-source.md"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's module, importable under a name of its own."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    made = types.ModuleType("page_folder")
    monkeypatch.setitem(sys.modules, "page_folder", made)
    exec(compile(code, str(PAGE), "exec"), made.__dict__)
    return "page_folder"


def test_the_source_on_the_page_works_by_its_dotted_name(module: str, tmp_path: Path) -> None:
    config = parse(f'[sources.drop]\ntype = "{module}:TextsSource"\npath = "{tmp_path}"\n', "page")
    (source,) = make_sources(config)
    rows: list[Seen] = []
    first = poll(source, FeedState(), rows)
    (tmp_path / "one.txt").write_text("Text of one.")
    (tmp_path / "big.txt").write_text("x" * 2_000_000)
    second = poll(source, first.state, rows)
    third = poll(source, second.state, rows)
    (tmp_path / "one.txt").write_text("Text of one, corrected.")
    fourth = poll(source, third.state, rows)
    assert (first.entries, first.articles) == (0, ())
    assert [(a.title, a.feed) for a in second.articles] == [("one", "drop")]
    assert second.skipped == {"beyond-limit": 1}
    assert third.skipped == {"beyond-limit": 1, "unchanged": 1}
    assert fourth.articles[0].article_id == second.articles[0].article_id


def poll(source: Source, state: FeedState, rows: list[Seen]) -> Poll:
    async def known() -> Known:
        return remember(rows)

    nothing: Any = None
    tools = Tools(nothing, nothing, lambda: datetime(2024, 1, 1, tzinfo=UTC))
    polled = asyncio.run(source.poll(source.feeds()[0], state, known, tools))
    rows += polled.seen
    if polled.entries is not None:
        assert polled.entries == len(polled.articles) + sum(polled.skipped.values())
    return polled
