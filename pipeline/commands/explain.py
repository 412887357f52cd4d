"""`tocsin explain`: why an article did, or did not, alert."""

from pathlib import Path
from typing import Annotated, cast

import msgspec
import typer
from rich.console import Console

from pipeline.commands.explain_pair import explain_pair
from pipeline.commands.highlight import highlight, legend
from pipeline.commands.options import ConfigFile, load_config, need_store
from pipeline.errors import UsageError
from pipeline.incidents.wording import clean
from pipeline.records import Article, Assessment, Findings, Indicator
from pipeline.records.codec import decode
from pipeline.records.identity import article_id
from pipeline.store.connection import Connection, connect
from pipeline.text.line import Level, account
from pipeline.text.scoring import DEFAULT, load_weights

FIND = """
SELECT record FROM articles WHERE version_id = %(id)s OR article_id = %(id)s OR article_id = %(link)s OR url = %(id)s
ORDER BY fetched
"""
FOUND = "SELECT story_id, verdict, findings, assessment FROM findings WHERE version_id = %s"
OUTCOME = "SELECT outcome, at FROM written WHERE version_id = %s"
INCIDENT = """
SELECT s.incident_id, s.reason, a.alert_id, a.revision, a.severity FROM incident_stories s
LEFT JOIN alerts a USING (incident_id) WHERE s.story_id = %s
"""
TOPICS = "SELECT topic, in_scope, since FROM alert_topics WHERE alert_id = %s ORDER BY topic"
WAITS = "SELECT rule, due, held_back FROM watch_pending WHERE alert_id = %s ORDER BY rule"
OF_ALERT = """
SELECT a.record FROM alerts JOIN incident_stories USING (incident_id) JOIN findings USING (story_id)
JOIN articles a USING (version_id) WHERE alert_id LIKE %s ORDER BY a.fetched
"""


def explain(
    what: Annotated[str, typer.Argument(help="An article's id, version or address, or an alert's id.")],
    other: Annotated[
        str | None, typer.Argument(help="A second article: tell why the two were, or were not, joined.")
    ] = None,
    config: ConfigFile = None,
    text: Annotated[
        bool, typer.Option("--text", help="The article's text too, with what was found in colour.")
    ] = False,
) -> None:
    """Tell what every step made of an article, or of all articles of an alert, and who was told; of two, why they were joined or not."""
    console = Console(highlight=False, markup=False)
    loaded = load_config(config)
    level = load_weights(Path(loaded.score.weights) if loaded.score.weights else None).level
    with connect(need_store(loaded), application="explain", autocommit=True) as connection:
        if other is not None:
            for line in explain_pair(connection, what, other):
                console.print(clean(line))
            return
        if what.startswith("alert:"):
            rows = connection.execute(OF_ALERT, (f"{what}%",)).fetchall()
        else:
            link = article_id(feed="", url=what) if "//" in what else what
            rows = connection.execute(FIND, {"id": what, "link": link}).fetchall()
        if not rows:
            raise UsageError(f"nothing is known of {what!r}: not fetched, or older than what is kept (store.keep_days)")
        for row in rows:
            article = decode(cast("bytes", row[0]), Article)
            for line in explain_version(connection, article, level):
                console.print(clean(line))
            if text:
                _print_text(console, connection, article)
            console.print()


def explain_version(connection: Connection, article: Article, level: Level = DEFAULT.level) -> list[str]:
    """What is known of one version, a line each. `level`: at which lines are stated."""
    lines = [
        f"article   {article.title or '(no title)'}",
        f"          {article.url or article.guid or ''}",
        f"          {article.article_id} {article.version_id}",
        f"fetch     from {article.feed} at {article.fetched:%Y-%m-%d %H:%M:%S} UTC, {len(article.text)} characters",
    ]
    outcome = connection.execute(OUTCOME, (article.version_id,)).fetchone()
    row = connection.execute(FOUND, (article.version_id,)).fetchone()
    if row is None:
        return [*lines, "          not finished yet, or rejected: see `tocsin rejects list`"]
    story, verdict, raw_findings, raw_assessment = row
    findings = msgspec.json.decode(cast("bytes", raw_findings), type=Findings)
    assessment = msgspec.json.decode(cast("bytes", raw_assessment), type=Assessment)
    lines.append(f"dedupe    {verdict}, {story}")
    lines += _found(article, findings)
    lines += _stated(findings, level)
    lines += _scored(article, assessment)
    incident = connection.execute(INCIDENT, (story,)).fetchone()
    if incident:
        lines.append(f"write     {incident[0]}: {incident[1]}")
        lines.append(
            f"          {incident[2]}, revision {incident[3]}, {incident[4]}" if incident[2] else "          no alert"
        )
        lines += _topics(connection, str(incident[2])) if incident[2] else []
    return [*lines, f"done      {outcome[0]} at {outcome[1]:%Y-%m-%d %H:%M:%S} UTC" if outcome else "done      not yet"]


def _topics(connection: Connection, alert_id: str) -> list[str]:
    """Which topics have the alert, beside the one that has all; and what waits for a rule's pace."""
    lines = ["publish   tocsin.alerts"]
    for topic, is_in_scope, since in connection.execute(TOPICS, (alert_id,)):
        scope = "" if is_in_scope else ", no longer in its scope"
        lines.append(f"          {topic} since {since:%Y-%m-%d %H:%M:%S} UTC{scope}")
    for rule, due, held in connection.execute(WAITS, (alert_id,)):
        lines.append(f"          watch rule {rule}: waits until {due:%Y-%m-%d %H:%M:%S} UTC, {held} held back")
    return lines


def _print_text(console: Console, connection: Connection, article: Article) -> None:
    row = connection.execute(FOUND, (article.version_id,)).fetchone()
    if row is not None:
        findings = msgspec.json.decode(cast("bytes", row[2]), type=Findings)
        assessment = msgspec.json.decode(cast("bytes", row[3]), type=Assessment)
        console.print(legend())
        console.print(highlight(article, findings, assessment))


def _found(article: Article, findings: Findings) -> list[str]:
    lines = [f"extract   language {findings.language}, {len(findings.entities)} entities, model {findings.model}"]
    for event in findings.events:
        quote = article.text[event.start : event.end]
        lines.append(
            f"          event {event.type} / {event.subtype}, {event.realis}: \N{LEFT DOUBLE QUOTATION MARK}{quote}\N{RIGHT DOUBLE QUOTATION MARK}"
        )
    for claim in findings.claims:
        said_by = f" says {claim.claimant.text}" if claim.claimant else ""
        lines.append(
            f"          claim {claim.kind} {claim.hedge or ''} {claim.low if claim.low is not None else ''} ({claim.realis}, {claim.stance}){said_by}: \N{LEFT DOUBLE QUOTATION MARK}{claim.text}\N{RIGHT DOUBLE QUOTATION MARK}"
        )
    lines += [
        f"          indicator {i.type} {i.text}: {i.verdict}, {i.reason}{_belongs(i)}" for i in findings.indicators
    ]
    return lines


def _stated(findings: Findings, level: Level) -> list[str]:
    """Of each element of the line, why it is stated or left out."""
    if not findings.reader:
        return ["line      none: no event was found that the reader could read, or it reads no such language"]
    if findings.line is None:
        return [f"line      none: worth an alert by {findings.worth or 0.0:.2f}, so it was read no further"]
    told = account(findings.line, level)
    return [f"{'line' if n == 0 else '':<10}{text}" for n, text in enumerate(told)]


def _belongs(indicator: Indicator) -> str:
    """Its role, what it belongs to, and when it was seen, in brackets."""
    facts = [f"as {indicator.role}"] if indicator.role else []
    facts += [f"{one.kind} {one.name}, by the {one.scope}" for one in indicator.related]
    facts += [f"first seen {indicator.first_seen}"] if indicator.first_seen else []
    facts += [f"last seen {indicator.last_seen}"] if indicator.last_seen else []
    return f" [{'; '.join(facts)}]" if facts else ""


def _scored(article: Article, assessment: Assessment) -> list[str]:
    if assessment.why_not:
        lines = [f"score     no alert: {assessment.why_not}"]
    else:
        lines = [f"score     {assessment.severity} ({assessment.score:.2f}), credibility {assessment.credibility:.2f}"]
    for reason in assessment.reasons:
        quote = article.text[reason.start : reason.end] if reason.start is not None else ""
        words = f": \N{LEFT DOUBLE QUOTATION MARK}{quote}\N{RIGHT DOUBLE QUOTATION MARK}" if quote else ""
        lines.append(f"          {reason.points:+.2f} {reason.rule}{words}")
    return lines
