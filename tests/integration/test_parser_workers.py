"""Parsing processes: a hostile document costs a bounded time and memory, and the next one nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import psutil
import pytest

from connectors.sources import worker
from connectors.sources.document import NotAFeedError
from connectors.sources.worker import CPU_S_MAX, ParserPool, TooCostlyError

GOOD = b"<rss version='2.0'><channel><title>T</title><item><title>a</title></item></channel></rss>"


def with_pool(play: Callable[[ParserPool], Awaitable[None]]) -> None:
    async def run() -> None:
        pool = ParserPool(1)
        try:
            await play(pool)
        finally:
            await pool.close()

    asyncio.run(run())


def test_feeds_pages_and_refusals() -> None:
    async def play(pool: ParserPool) -> None:
        assert (await pool.read_feed(GOOD, url=None, content_type=None)).drafts[0].title == "a"
        with pytest.raises(NotAFeedError, match="a web page"):
            await pool.read_feed(b"<html><body>x</body></html>", url=None, content_type=None)
        page = await pool.extract_page(
            b"<html><body><article>" + "<p>Взрыв на рынке в городе утром.</p>".encode("cp1251") * 30,
            url=None,
            content_type="text/html; charset=windows-1251",
        )
        assert page.text.startswith("Взрыв")

    with_pool(play)


def test_a_document_that_takes_too_long_ends_its_worker_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "WALL_S_MAX", 500.0)  # it is the processor time that ends it, however busy the machine

    async def play(pool: ParserPool) -> None:
        hostile = b"<rss><channel><item>" + b"<a>" * 700_000
        with pytest.raises(TooCostlyError, match=f"{CPU_S_MAX} s of CPU"):
            await pool.read_feed(hostile, url=None, content_type=None)
        assert (await pool.read_feed(GOOD, url=None, content_type=None)).entries == 1

    with_pool(play)


def test_a_document_that_takes_too_much_memory() -> None:
    async def play(pool: ParserPool) -> None:
        # JSON of nothing but brackets: each three bytes become an object of dozens.
        hostile = b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"[]," * 12_000_000 + b"[]]}"
        with pytest.raises(TooCostlyError, match="512 MB"):
            await pool.read_feed(hostile, url=None, content_type=None)
        assert (await pool.read_feed(GOOD, url=None, content_type=None)).entries == 1

    with_pool(play)


async def until_it_works(pool: ParserPool) -> None:
    """Until the worker has spent half a second of processor time on what it was given last."""
    process = pool._workers[0]._process
    assert process is not None
    times = psutil.Process(process.pid).cpu_times
    before = times().user
    while times().user < before + 0.5:  # noqa: ASYNC110 - it is another process
        await asyncio.sleep(0.02)


def test_a_task_that_is_given_up_leaves_no_answer_for_the_next() -> None:
    async def play(pool: ParserPool) -> None:
        await pool.read_feed(GOOD, url=None, content_type=None)  # it is there
        slow = asyncio.create_task(
            pool.read_feed(b"<rss><channel><item>" + b"<a>" * 700_000, url=None, content_type=None)
        )
        await until_it_works(pool)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert (await pool.read_feed(GOOD, url=None, content_type=None)).title == "T"

    with_pool(play)
