"""`tocsin entities`: what the analysis knows of groups, actors and malware, and what you add to it or take away."""

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipeline.commands.knowledge_log import FileLog, Log, StoreLog, knowledge_with
from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.errors import UsageError
from pipeline.incidents.wording import clean
from pipeline.text.knowledge import Alias, Knowledge, Subject
from pipeline.text.knowledge.attach import attach, key_of
from pipeline.text.knowledge.changes import Edge, KnowledgeChange
from pipeline.text.knowledge.lists import READERS

ENTRIES_MAX = 50
FILE_BYTES_MAX = 512 * 1024 * 1024
SURE, UNSURE = 0.9, 0.6
WINDOW_END = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")

entities = typer.Typer(no_args_is_help=True, help="What is known of groups, actors and malware; add to it, undo it.")
alias = typer.Typer(no_args_is_help=True, help="Add and remove names.")
entities.add_typer(alias, name="alias")

InFile = Annotated[
    Path | None,
    typer.Option("--file", help="Keep the changes in this file, for `tocsin extract --knowledge`; else in the store."),
]
console = Console(highlight=False, markup=False)


def open_log(config: Path | None, file: Path | None) -> Log:
    """Where the changes are kept."""
    return FileLog(file) if file is not None else StoreLog(need_store(load_config(config)))


def find_subject(knowledge: Knowledge, asked: str) -> Subject:
    """The subject of an id, or of a name that only one has. Raises `UsageError`."""
    if (exact := knowledge.subject(asked)) is not None:
        return exact
    key = key_of(asked)
    found = [s for s in knowledge.subjects() if any(key_of(a.name) == key for a in s.aliases)]
    if not found:
        raise UsageError(f"nothing is known under {asked!r}")
    if len(found) > 1:
        raise UsageError(f"{asked!r} is a name of {', '.join(s.id for s in found)}: say which id")
    return found[0]


@entities.command()
def show(
    asked: Annotated[str, typer.Argument(metavar="ID|NAME")], config: ConfigFile = None, file: InFile = None
) -> None:
    """Show a subject: its names, each with confidence and source, and its relations."""
    knowledge = knowledge_with(open_log(config, file).in_force())
    subject = find_subject(knowledge, asked)
    console.print(f"{subject.id}  {clean(subject.name)}")
    console.print(
        f"  {subject.label}, {subject.kind}" + (f", active in {' '.join(subject.area)}" if subject.area else "")
    )
    for words, other in (("branch of", subject.parent), ("split from", subject.splinter_of)):
        if other:
            console.print(f"  {words} {other}")
    branches = [s.id for s in knowledge.subjects() if s.parent == subject.id]
    if branches:
        console.print(f"  branches: {', '.join(branches)}")
    console.print(f"  source: {clean(subject.source)}")
    table = Table("name", "kind", "confidence", "", "source", box=None, pad_edge=False)
    for name in subject.aliases:
        window = f" {name.since or ''}..{name.until or ''}" if name.since or name.until else ""
        needs = "needs context" if name.needs_context else ""
        table.add_row(clean(name.name), name.kind + window, f"{name.confidence:g}", needs, clean(name.source or ""))
    console.print(table)


@entities.command()
def why(name: str, config: ConfigFile = None, file: InFile = None) -> None:
    """Tell what a name may mean, in the order in which it is believed, and what each meaning needs."""
    knowledge = knowledge_with(open_log(config, file).in_force())
    matches = [m for m in knowledge.find(f"x {name} y") if m.end - m.start >= len(name.strip()) - 1]
    if not matches:
        console.print(f"{name!r} is no name of anything known, written like this.")
        raise typer.Exit(1)
    for reading in matches[0].readings:
        needs = (
            "only where the article shows it: another name of it, a country of its area, words of its field"
            if reading.alias.needs_context
            else "wherever it is written so"
        )
        source = reading.alias.source or reading.subject.source
        console.print(f"{reading.subject.id}  {clean(reading.subject.name)}  {reading.alias.confidence:g}")
        console.print(f"  {needs}; source: {clean(source)}")


@entities.command("import")
def import_list(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(READERS)}.")],
    path: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    config: ConfigFile = None,
    file: InFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what it would bring.")] = False,
) -> None:
    """Take in a list that others publish, from your own copy: known bodies get its names, others become subjects.

    Import a newer copy the same way: what is known already changes nothing. `tocsin entities undo` takes an import back.
    """
    if kind not in READERS:
        raise UsageError(
            f"{kind!r} is no kind of list; known: " + "; ".join(f"{k}: {v[1]}" for k, v in READERS.items())
        )
    if path.stat().st_size > FILE_BYTES_MAX:
        raise UsageError(f"{path}: larger than {FILE_BYTES_MAX >> 20} MB")
    log = open_log(config, file)
    read = READERS[kind][0](path.read_bytes(), path.name)
    subjects = knowledge_with(log.in_force()).subjects()
    brought = attach(subjects, read.records, source=f"{kind}: {path.name}", prefix=kind)
    more = len(brought.change.subjects)
    note = f"{kind} {path.name}: {more} subjects, {brought.names} names for {brought.joined - brought.known} known ones"
    console.print(f"{len(read.records)} records: {brought.joined} are known bodies, {more} are new.")
    console.print(f"{brought.names} names are new for known bodies; {brought.known} records bring nothing.")
    for reason, count in read.skipped.items():
        console.print(f"Left out: {count} {reason}.")
    if not (more or brought.names):
        console.print("Nothing to do.")
    elif dry_run:
        console.print("Nothing was changed (--dry-run).")
    else:
        number = log.add(note, brought.change)
        console.print(f"Done, as change {number}. `tocsin entities undo {number}` takes it back.")


@entities.command("changes")
def list_changes(config: ConfigFile = None, file: InFile = None) -> None:
    """List what was changed, newest first."""
    table = Table("change", "at (UTC)", "what", "", box=None, pad_edge=False)
    for entry in open_log(config, file).entries(ENTRIES_MAX):
        undone = f"undone {entry.undone_at:%Y-%m-%d %H:%M}" if entry.undone_at else ""
        table.add_row(str(entry.id), f"{entry.made_at:%Y-%m-%d %H:%M}", clean(entry.note), undone)
    console.print(table)


@entities.command()
def undo(number: int, config: ConfigFile = None, file: InFile = None) -> None:
    """Take a change back, whatever came after it."""
    note = open_log(config, file).undo(number)
    if note is None:
        raise UsageError(f"there is no change {number} in force: `tocsin entities changes` lists them")
    console.print(f"Undone: {clean(note)}")


@alias.command("add")
def add_alias(
    asked: Annotated[str, typer.Argument(metavar="ID|NAME")],
    name: str,
    source: Annotated[str, typer.Option(help="Where it can be checked.")] = "own",
    window: Annotated[
        str, typer.Option(help="When it is or was used: SINCE..UNTIL, as in 2013-04..2014-06 or 2021..")
    ] = "..",
    needs_context: Annotated[bool, typer.Option("--needs-context", help="It also means other things.")] = False,
    config: ConfigFile = None,
    file: InFile = None,
) -> None:
    """Give a subject one more name."""
    if not key_of(name):
        raise UsageError(f"{name!r} has no letters in it")
    since, dots, until = window.partition("..")
    if not dots or not all(WINDOW_END.fullmatch(end) for end in (since, until) if end):
        raise UsageError(f"--window {window!r} is not of the form SINCE..UNTIL, as in 2013-04..2014-06 or 2021..")
    log = open_log(config, file)
    knowledge = knowledge_with(log.in_force())
    subject = find_subject(knowledge, asked)
    others = [
        s.id
        for s in knowledge.subjects()
        if s.id != subject.id and any(key_of(a.name) == key_of(name) for a in s.aliases)
    ]
    confidence = UNSURE if needs_context else SURE
    edge = Edge(
        subject.id,
        Alias(
            name,
            confidence=confidence,
            needs_context=needs_context,
            since=since or None,
            until=until or None,
            source=source,
        ),
    )
    number = log.add(
        f"{name} is a name of {subject.id}", KnowledgeChange(kind="alias-add", source=source, edges=(edge,))
    )
    console.print(f"Done, as change {number}: {clean(name)} is a name of {subject.id}.")
    if others and not needs_context:
        console.print(f"It is also a name of {', '.join(others)}: --needs-context lets the article decide.")


@alias.command("remove")
def remove_alias(
    asked: Annotated[str, typer.Argument(metavar="ID|NAME")],
    name: str,
    because: Annotated[str, typer.Option(help="Why, for whoever reads the list of changes.")] = "own",
    config: ConfigFile = None,
    file: InFile = None,
) -> None:
    """Take a name away from a subject; the subject and its other names stay."""
    log = open_log(config, file)
    subject = find_subject(knowledge_with(log.in_force()), asked)
    found = next((a for a in subject.aliases if a.name == name), None) or next(
        (a for a in subject.aliases if key_of(a.name) == key_of(name)), None
    )
    if found is None:
        raise UsageError(f"{name!r} is no name of {subject.id}: `tocsin entities show {subject.id}` lists them")
    change = KnowledgeChange(kind="alias-remove", source=because, hidden=(Edge(subject.id, found),))
    number = log.add(f"{found.name} is no name of {subject.id}: {because}", change)
    console.print(f"Done, as change {number}: {clean(found.name)} no longer means {subject.id}.")
