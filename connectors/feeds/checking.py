"""`tocsin feeds check`: everything about a feed, before it is added or when something is wrong with it."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from connectors.feeds.options import Allow, AsJson, active
from connectors.feeds.show import print_table, printable
from pipeline.commands.options import ConfigFile, load_config
from pipeline.errors import UsageError

if TYPE_CHECKING:  # `--help` needs neither a client nor the parsers
    from connectors.feeds.inspect import Inspection


def check(
    targets: Annotated[
        list[str] | None, typer.Argument(help="Addresses, files, or names of feeds.", metavar="URL|FILE|NAME...")
    ] = None,
    config: ConfigFile = None,
    every: Annotated[bool, typer.Option("--all", help="Every feed of the configuration and the store.")] = False,
    allow: Allow = None,
    as_json: AsJson = False,
) -> None:
    """Tell everything that is wrong with a feed, and what to do about it. Exits with 1 when one can't be polled."""
    if every:
        wanted = _every(config)
    elif targets:
        known = {row.feed: row for row in active(config)} if _needs_store(targets) else {}
        for target in targets:
            if _needs_store([target]) and target not in known:
                raise UsageError(f"{target!r} is neither an address, nor a file, nor the name of a feed")
        wanted = [
            (known[t].url, dict(known[t].options or {"url": known[t].url}))
            if t in known
            else (t, {"url": t, "allow": allow or []})
            for t in targets
        ]
    else:
        raise UsageError("name an address, a file or a feed, or --all")
    from connectors.feeds.look import look_at_all

    done = asyncio.run(look_at_all(wanted, progress=every))
    if as_json:
        for found in done:
            sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        sys.stdout.buffer.flush()
    elif every:
        _print_checks(done)
    else:
        for found in done:
            print_inspection(found)
    raise typer.Exit(0 if all(found.is_feed for found in done) else 1)


def _needs_store(targets: Sequence[str]) -> bool:
    return any("://" not in target and not Path(target).exists() for target in targets)


def _every(path: Path | None) -> list[tuple[str, dict[str, Any]]]:
    """All feeds: of the configuration, and of the store where there is one."""
    from connectors.registry import make_sources

    config = load_config(path)
    wanted: dict[str, dict[str, Any]] = {}
    for source in make_sources(config):
        table = config.sources.get(getattr(source, "name", ""), {})
        for feed in source.feeds():
            wanted[feed.url] = {**table, "url": feed.url}
    if config.store.url:
        for row in active(path):
            if row.options is not None:
                wanted.setdefault(row.url, row.options)
    return [(url, options) for url, options in wanted.items() if url.startswith("http")]


def _print_checks(done: "list[Inspection]") -> None:
    rows = [
        ("ok" if f.is_feed else "fails", str(f.entries or ""), f.url, f.findings[0].message if f.findings else "")
        for f in sorted(done, key=lambda f: (f.is_feed, f.url))
    ]
    print_table(("feed", "entries", "url", "first finding"), rows)
    typer.echo(f"{sum(f.is_feed for f in done)} of {len(done)} can be polled")


def print_inspection(found: "Inspection") -> None:
    """Everything about one feed, for people."""
    typer.echo(printable(f"{'feed' if found.is_feed else 'no feed'}  {found.url}"))
    if found.is_feed:
        newest = f", the newest of {found.newest:%Y-%m-%d %H:%M} UTC" if found.newest else ""
        typer.echo(printable(f"  {found.title or '(no title)'}: {found.format}, {found.entries} entries{newest}"))
        for title in found.titles:
            typer.echo(printable(f"  - {title}"))
    for finding in found.findings:
        typer.echo(printable(f"  {finding.level}: {finding.message}"))
    for feed in found.feeds:
        typer.echo(printable(f"  the page also names: {feed.url}  {feed.title or ''}"))
