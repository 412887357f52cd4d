"""Looking at feeds from a command: with the daemon's own fetcher, parsers and pace, so that what is seen is what will be polled."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace
from rich.progress import Progress

from connectors.feeds.inspect import Finding, Inspection, ask_named, find_feed, inspect, inspect_url
from connectors.sources.credentials import Access, Credentials
from connectors.sources.fetch import Fetched, Fetcher
from connectors.sources.guard import Guard
from connectors.sources.hosts import Hosts, host_of
from connectors.sources.source import Tools
from connectors.sources.worker import ParserPool
from pipeline.errors import ConfigError

CHECKS_MAX = 8
"""Feeds looked at side by side, each at another host."""

Options = dict[str, Any]


@contextlib.asynccontextmanager
async def _tools() -> AsyncIterator[Tools]:
    fetcher, parsers = Fetcher(), ParserPool()
    try:
        yield Tools(fetcher, parsers, lambda: datetime.now(UTC))
    finally:
        await fetcher.close()
        await parsers.close()


async def look_for(options: Options) -> Inspection:
    """The feed at `options["url"]`, or on the page there; the page's other feeds are named with it."""
    async with _tools() as tools:
        found, others = await find_feed(
            options["url"], tools, allow=tuple(options.get("allow", ())), credentials=_credentials(options)
        )
        return replace(found, feeds=others)


async def look_at_all(wanted: list[tuple[str, Options]], *, progress: bool) -> list[Inspection]:
    """Look at each address or file, in order; `progress` shows a bar in a terminal."""
    async with _tools() as tools:
        gate, hosts = asyncio.Semaphore(CHECKS_MAX), Hosts()

        async def one(target: str, options: Options) -> Inspection:
            if "://" not in target:
                return await _look_at_file(target, tools)
            is_spaced = not Guard(tuple(options.get("allow", ()))).allows_url(target)
            await hosts.wait(host_of(target), is_spaced=is_spaced)
            try:
                async with gate:
                    return await _look_at(target, options, tools)
            finally:
                hosts.leave(host_of(target))

        tasks = [asyncio.create_task(one(target, options)) for target, options in wanted]
        with Progress(transient=True, disable=not (progress and sys.stderr.isatty())) as shown:
            bar = shown.add_task("checking", total=len(tasks))
            for task in asyncio.as_completed(tasks):
                await task
                shown.advance(bar)
        return [task.result() for task in tasks]


async def _look_at(url: str, options: Options, tools: Tools) -> Inspection:
    try:
        credentials = _credentials(options)
    except ConfigError as error:
        return Inspection(url=url, is_feed=False, findings=(Finding("wrong", str(error)),))
    allow = tuple(options.get("allow", ()))
    found = await inspect_url(url, tools, allow=allow, credentials=credentials)
    return found if found.is_feed else (await ask_named(found, tools, allow=allow))[0]


async def _look_at_file(path: str, tools: Tools) -> Inspection:
    raw = await asyncio.to_thread(Path(path).read_bytes)
    return await inspect(path, Fetched(url=path, body=raw), tools)


def _credentials(options: Options) -> Credentials:
    keys = {key: value for key, value in options.items() if key in Access.__struct_fields__}
    return msgspec.convert(keys, Access).credentials()
