"""`tocsin story`: what happened to a story and its incident, and the decisions that a person can take about them."""

from collections.abc import Callable
from typing import Annotated, cast

import typer
from rich.console import Console

from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.errors import UsageError
from pipeline.incidents.clustering import Shift
from pipeline.incidents.wording import clean, name_alert
from pipeline.records import Article, IncidentId, LinkVerdict, StoryId
from pipeline.records.codec import decode
from pipeline.records.identity import alert_id
from pipeline.store import articles, incidents, lookup
from pipeline.store import moves as shifts
from pipeline.store.connection import Connection, connect
from pipeline.store.moves import Recorded
from pipeline.store.session import Session
from pipeline.store.stories import recorded
from pipeline.text.dedupe.agency import agency_of
from pipeline.text.dedupe.changes import what_changed
from pipeline.text.dedupe.owners import owner_of
from pipeline.upkeep import merging as byhand

story = typer.Typer(no_args_is_help=True, help="Show, merge and split stories and incidents; undo it.")

STORIES = "SELECT story_id, reason FROM incident_stories WHERE incident_id = %s ORDER BY seen, story_id"
VERSIONS = """
SELECT a.record, f.verdict FROM findings f JOIN articles a USING (version_id) WHERE f.story_id = %s
ORDER BY a.fetched, a.version_id
"""

Named = Annotated[
    str, typer.Argument(help="An article's id or address, a story, an incident or an alert; ids may be cut.")
]
Why = Annotated[str, typer.Option("--why", help="The reason, for the record and the alert's revision.")]


@story.command()
def show(what: Named, config: ConfigFile = None) -> None:
    """Tell the story as it came: sources, reprints, revisions and what they changed, merges and splits."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    with connect(need_store(load_config(config)), application="story", autocommit=True) as connection:
        incident = lookup.find_incident(connection, what)
        if incident is None:
            found = [(lookup.find_story(connection, what), "in no incident: nothing in it is worth an alert")]
        else:
            for line in _head(connection, incident):
                console.print(clean(line))
            found = [(StoryId(str(s)), str(why)) for s, why in connection.execute(STORIES, (incident,)).fetchall()]
        for one, why in found:
            console.print()
            for line in timeline(connection, one, why):
                console.print(clean(line))
        if incident is not None:
            for change in shifts.of_incidents(connection, [incident]):
                console.print(clean(_say(change)))


@story.command()
def merge(one: Named, other: Named, why: Why = "", config: ConfigFile = None) -> None:
    """Make the incidents of two reports one; the later one's alert is closed and names the other."""

    def work(connection: Connection) -> tuple[int, Shift]:
        return byhand.merge(connection, _incident(connection, one), _incident(connection, other), why)

    _decide(config, work)


@story.command()
def split(
    what: Annotated[list[str], typer.Argument(help="Stories (or articles, addresses) to take out of their incident.")],
    why: Why = "",
    config: ConfigFile = None,
) -> None:
    """Take stories out of their incident, into one of their own with an alert of its own."""

    def work(connection: Connection) -> tuple[int, Shift]:
        return byhand.split(connection, [lookup.find_story(connection, name) for name in what], why)

    _decide(config, work)


@story.command()
def undo(
    change: Annotated[
        int | None, typer.Argument(help="The number of a change, as `show` tells it; else the latest by hand.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Undo a merge or a split, whoever made it."""
    _decide(config, lambda connection: byhand.undo(connection, change))


def _decide(config: ConfigFile, work: Callable[[Connection], tuple[int, Shift]]) -> None:
    session = Session(need_store(load_config(config)), "story")
    change, shift = session.transact(work)
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{shift.kind}, change {change}: {len(shift.moved)} stories went")
    console.print(f"  from {alert_id(shift.came_from)}")
    console.print(f"  to   {alert_id(shift.went_to)}")
    console.print(f"take it back with: tocsin story undo {change}")


def _incident(connection: Connection, what: str) -> IncidentId:
    found = lookup.find_incident(connection, what)
    if found is None:
        raise UsageError(f"{what} is in no incident: nothing in it is worth an alert")
    return found


def _head(connection: Connection, incident: IncidentId) -> list[str]:
    alert = incidents.read_alert(connection, incident)
    if alert is None:
        return [f"incident  {incident}, no alert"]
    return [
        f"alert     {name_alert(alert)}",
        f"          {alert.alert_id}, revision {alert.revision} ({alert.change}), {alert.severity}",
        f"incident  {incident}, {alert.independent_sources} independent of {len(alert.sources)} sources",
    ]


def timeline(connection: Connection, one: StoryId, why: str) -> list[str]:
    """The versions of a story in order, a few lines each."""
    lines = [f"story     {one}", f"          {why}"]
    for record, verdict in connection.execute(VERSIONS, (one,)).fetchall():
        article = decode(cast("bytes", record), Article)
        known = recorded(connection, article.version_id)
        reason = f", {known.reason}" if known and known.reason else ""
        lines.append(f"{article.fetched:%m-%d %H:%M}  {article.feed}: {article.title or '(no title)'}")
        lines.append(f"             {cast('LinkVerdict', verdict)}{reason}")
        agency = agency_of(article.text, article.authors)
        owner = owner_of(article.url, agency) if agency else article.owner or owner_of(article.url)
        said = [f"agency {agency}" if agency else "", f"owner {owner}" if owner else "", article.url or ""]
        lines.append("             " + ", ".join(part for part in said if part))
        former = articles.get(connection, known.of) if known and known.of and verdict == "revision" else None
        lines += [f"             {change}" for change in (what_changed(former, article) if former else ())]
    return lines


def _say(change: Recorded) -> str:
    undone = f" (undone by change {change.undone_by})" if change.undone_by else ""
    return (
        f"change {change.change}  {change.at:%m-%d %H:%M} {change.kind} by {change.by}{undone}: {len(change.moved)} stories "
        f"from {change.came_from} to {change.went_to}: {change.reason}"
    )
