"""`tocsin feeds`: add, check, watch, change, pause and remove feeds. What is changed takes effect within a second, without a restart."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from connectors.feeds.show import ago, print_json, print_table, printable, state_word, why
from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.errors import ConfigError, UsageError

if TYPE_CHECKING:  # `--help` needs neither a client nor the parsers
    from connectors.feeds.inspect import Inspection
    from connectors.sources.feedlist import Added, FeedList, FeedStatus

feeds = typer.Typer(no_args_is_help=True, help="Add, check, watch, pause and remove feeds.")

AsJson = Annotated[bool, typer.Option("--json", help="JSON Lines instead of a table.")]
Names = Annotated[list[str], typer.Argument(help="Names, as `tocsin feeds list` shows them.", metavar="NAME...")]
Tags = Annotated[list[str] | None, typer.Option("--tag", "-t", help="A tag; may be repeated.")]
Grade = Annotated[str | None, typer.Option(help="How reliable the outlet is: Admiralty code A to F.")]
Include = Annotated[
    list[str] | None, typer.Option(help='Only entries with these words ("title:attack*"); may be repeated.')
]
Exclude = Annotated[list[str] | None, typer.Option(help="No entries with these words; may be repeated.")]
Allow = Annotated[list[str] | None, typer.Option(help="An address beyond the public internet that it may reach.")]
FullText = Annotated[bool | None, typer.Option("--full-text/--no-full-text", help="Fetch the articles' pages too.")]


def _list(config: Path | None) -> "FeedList":
    from connectors.sources.feedlist import FeedList

    return FeedList(need_store(load_config(config)))


def _active(config: Path | None) -> "list[FeedStatus]":
    store = _list(config)
    try:
        return [row for row in store.all() if row.active]
    finally:
        store.close()


@feeds.command("list")
def list_feeds(
    config: ConfigFile = None,
    as_json: AsJson = False,
    tag: Annotated[str | None, typer.Option("--tag", "-t", help="Only those with this tag.")] = None,
) -> None:
    """The feeds that are polled, with what the operator said of them."""
    rows = [row for row in _active(config) if tag is None or tag in row.tags]
    if as_json:
        print_json(rows, ("feed", "source", "url", "title", "tags", "grade", "paused_at"))
        return
    print_table(
        ("feed", "grade", "tags", "state", "url"),
        [(row.feed, row.grade or "", ", ".join(row.tags), state_word(row), row.url) for row in rows],
    )


@feeds.command("status")
def status(
    config: ConfigFile = None,
    as_json: AsJson = False,
    failing: Annotated[bool, typer.Option("--failing", help="Only those whose last poll failed.")] = False,
    troubled: Annotated[bool, typer.Option("--troubled", help="Only those with anything wrong, silence too.")] = False,
) -> None:
    """How each feed does: what its last poll brought, or what is wrong, and when it is asked again."""
    rows = [row for row in _active(config) if row.outcome == "failed" or not failing]
    rows = [row for row in rows if row.outcome == "failed" or row.conditions or not troubled]
    if as_json:
        fields = tuple(name for name in type(rows[0]).__struct_fields__ if name != "options") if rows else ()
        print_json(rows, fields)
        return
    now = datetime.now(UTC)
    print_table(
        ("feed", "state", "articles", "last new", "next poll", "why"),
        [
            (
                row.feed,
                state_word(row),
                str(row.articles),
                ago(row.last_new_at, now),
                "-" if row.paused_at else ago(row.next_poll_at, now),
                why(row),
            )
            for row in rows
        ],
    )


@feeds.command("add")
def add(  # noqa: PLR0913 - one parameter an option
    url: Annotated[str, typer.Argument(help="The feed's address, or that of a page that names it.")],
    config: ConfigFile = None,
    name: Annotated[str | None, typer.Option(help="Its name here; else made from its address.")] = None,
    tag: Tags = None,
    grade: Grade = None,
    full_text: FullText = None,
    include: Include = None,
    exclude: Exclude = None,
    allow: Allow = None,
    username: Annotated[str, typer.Option(help="For HTTP basic authentication.")] = "",
    password_file: Annotated[str, typer.Option(help="A file with its password.")] = "",
    token_file: Annotated[str, typer.Option(help="A file with a bearer token.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look.")] = False,
    unchecked: Annotated[bool, typer.Option("--unchecked", help="Add it without a look, as it is.")] = False,
) -> None:
    """Find the feed at an address, check it, and poll it from now on.

    Secrets stay in their files, which the connectors must be able to read; the store has only the paths.
    """
    from connectors.sources.feedlist import Added

    options: dict[str, Any] = {
        "type": "rss",
        "url": url if "://" in url else f"https://{url}",
        "tags": tag or [],
        "grade": grade,
        "full_text": full_text,
        "include": include or [],
        "exclude": exclude or [],
        "allow": allow or [],
        "username": username,
        "password_file": str(Path(password_file).resolve()) if password_file else "",
        "token_file": str(Path(token_file).resolve()) if token_file else "",
    }
    options = {key: value for key, value in options.items() if value not in (None, [], "")}
    store = None if dry_run else _list(config)
    try:
        if not unchecked:
            from connectors.feeds.look import look_for

            found = asyncio.run(look_for(options))
            _print_inspection(found)
            if not found.is_feed:
                raise UsageError(f"no feed found at {options['url']}; nothing was added")
            options["url"] = found.url
        if store is None:
            return
        made = _checked(Added(name=name or name_of(options["url"]), options=options))
        _refuse_known(store, made)
        if not store.add([made]):
            raise UsageError(f"a feed called {made.name!r} is there already: choose another with --name")
    finally:
        if store is not None:
            store.close()
    typer.echo(f"added {made.name}; `tocsin feeds status` shows its first poll")


def _refuse_known(store: "FeedList", made: "Added") -> None:
    from pipeline.identity import canonical_link

    wanted = canonical_link(made.url)
    same = next(
        (r.feed for r in store.all() if r.active and canonical_link(r.url) == wanted and r.feed != made.name), None
    )
    if same:
        raise UsageError(f"{made.url} is polled already, as {same}")


def _checked(made: "Added") -> "Added":
    """The same, as its source reads it. Raises `ConfigError` as the connectors would."""
    from msgspec.structs import replace

    from connectors.registry import make_source

    feeds = make_source(made.name, made.options).feeds()
    if len(feeds) != 1:
        raise ConfigError(f"{made.name}: not one feed but several: put it into the configuration")
    return replace(made, is_spaced=feeds[0].is_spaced)


def name_of(url: str) -> str:
    """A short name for a feed at this address."""
    from connectors.sources.rss import slug

    return slug(url)


@feeds.command("set")
def set_options(
    name: Annotated[str, typer.Argument(help="A feed that was added.")],
    config: ConfigFile = None,
    tag: Tags = None,
    grade: Grade = None,
    full_text: FullText = None,
    include: Include = None,
    exclude: Exclude = None,
) -> None:
    """Change a feed's tags, grade or rules; what is named replaces what was there. `--tag ''` takes all tags away."""
    from connectors.sources.feedlist import Added

    changes = {"tags": tag, "grade": grade, "full_text": full_text, "include": include, "exclude": exclude}
    changes = {
        key: [v for v in value if v] if isinstance(value, list) else value
        for key, value in changes.items()
        if value is not None
    }
    if not changes:
        raise UsageError("nothing to change: name --tag, --grade, --full-text, --include or --exclude")
    store = _list(config)
    try:
        row = next((row for row in store.all() if row.active and row.feed == name), None)
        if row is None:
            raise UsageError(f"no feed {name!r}; see `tocsin feeds list`")
        if row.options is None:
            raise UsageError(f"{name}: stands in the configuration: change it there")
        made = _checked(Added(name=name, options=row.options | changes))
        store.change(made)
    finally:
        store.close()
    typer.echo(f"changed {name}")


@feeds.command("pause")
def pause(names: Names, config: ConfigFile = None) -> None:
    """Poll these feeds no more, until `tocsin feeds resume`."""
    _with(config, lambda store: store.pause(names, datetime.now(UTC)))
    typer.echo(f"paused {', '.join(names)}")


@feeds.command("resume")
def resume(names: Names, config: ConfigFile = None) -> None:
    """Poll paused feeds again, at once."""
    _with(config, lambda store: store.pause(names, None))
    typer.echo(f"resumed {', '.join(names)}")


@feeds.command("poll")
def poll(names: Names, config: ConfigFile = None) -> None:
    """Poll these feeds now, as soon as their hosts' pace allows."""
    _with(config, lambda store: store.poll_now(names))
    typer.echo(f"due now: {', '.join(names)}")


@feeds.command("remove")
def remove(names: Names, config: ConfigFile = None) -> None:
    """Poll these feeds no more, and list them no more; their articles stay."""
    _with(config, lambda store: store.remove(names))
    typer.echo(f"removed {', '.join(names)}")


def _with(config: Path | None, act: Any) -> None:
    store = _list(config)
    try:
        act(store)
    finally:
        store.close()


@feeds.command("import")
def import_opml(
    file: Annotated[str, typer.Argument(help='An OPML file; "default": the shipped list.')],
    config: ConfigFile = None,
    tag: Tags = None,
    grade: Grade = None,
) -> None:
    """Add every feed of an OPML file; folders and categories become tags. Feeds that are polled already are left as they are."""
    from connectors.feeds import find_default_list
    from connectors.sources.feedlist import Added
    from connectors.sources.opml import read_opml
    from pipeline.identity import canonical_link

    outlines = read_opml(find_default_list() if file == "default" else Path(file))
    store = _list(config)
    try:
        known = {canonical_link(row.url) for row in store.all() if row.active}
        wanted: dict[str, Added] = {}
        refused = 0
        for outline in outlines:
            if canonical_link(outline.url) in known:
                continue
            known.add(canonical_link(outline.url))
            tags = list(dict.fromkeys((*(tag or ()), *outline.tags)))
            options: dict[str, Any] = {"type": "rss", "url": outline.url, "tags": tags}
            if chosen := grade or outline.grade:
                options["grade"] = chosen
            try:
                made = _checked(Added(name=name_of(outline.url), options=options))
            except ConfigError as error:
                typer.echo(f"refused: {printable(str(error))}", err=True)
                refused += 1
                continue
            wanted[made.name] = made
        added = store.add(list(wanted.values()))
    finally:
        store.close()
    typer.echo(
        f"added {len(added)} feeds, {len(outlines) - len(added) - refused} were there already, {refused} refused"
    )
    raise typer.Exit(1 if refused else 0)


@feeds.command("export")
def export_opml(
    file: Annotated[Path | None, typer.Argument(help="The file to write; else standard output.")] = None,
    config: ConfigFile = None,
) -> None:
    """Write all feeds as OPML: a folder for each first tag, the other tags as categories."""
    from connectors.sources.opml import Outline, write_opml

    rows = [row for row in _active(config) if row.url.startswith("http")]
    raw = write_opml([Outline(row.url, row.title or row.feed, row.tags, row.grade) for row in rows])
    if file is None:
        sys.stdout.buffer.write(raw)
        return
    file.write_bytes(raw)
    typer.echo(f"{len(rows)} feeds in {file}")


@feeds.command("check")
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
        known = {row.feed: row for row in _active(config)} if _needs_store(targets) else {}
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
            _print_inspection(found)
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
        for row in _active(path):
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


def _print_inspection(found: "Inspection") -> None:
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
