"""Incidents made by hand, for rules and alerts: invented reports with findings as the analysis would give them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.incidents.alerts import compose
from pipeline.incidents.changes import revise
from pipeline.incidents.members import Member
from pipeline.records import (
    Article,
    ArticleId,
    Assessment,
    Claim,
    Entity,
    Event,
    Findings,
    IncidentId,
    Indicator,
    Mention,
    Party,
    Place,
    StoryId,
    VersionId,
)
from pipeline.text.knowledge import default_knowledge
from pipeline.watch.compiled import CompiledRule, compile_rules
from pipeline.watch.match import Case
from pipeline.watch.rules import read_rules

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KABUL = Place("Kabul", 0, 5, "geo:1138958", "Kabul", "AF", 34.52813, 69.17233)
TEXT = "A car bomb killed people in the town, police said."


def member(number: int = 1, *, at: datetime | None = None, **given: Any) -> Member:
    """A report of a car bomb; `given` overrides parts of article, event, findings or assessment by name."""
    article = Article(
        article_id=ArticleId(f"art:{number}"),
        version_id=VersionId(f"ver:{number}"),
        feed=given.get("feed", f"feed-{number}"),
        title=given.get("title", f"Report {number}"),
        text=given.get("text", TEXT),
        tags=given.get("tags", ()),
        grade=given.get("grade"),
        fetched=at or NOON + timedelta(minutes=number),
    )
    actor: str | None = given.get("actor")
    event = Event(
        type=given.get("type", "Explosions/Remote violence"),
        subtype=given.get("subtype", "Suicide bomb"),
        place=given.get("place"),
        perpetrators=(Party("they", 0, 4, actor),) if actor else (),
        start=2,
        end=10,
    )
    killed: int | None = given.get("killed", 12)
    claims = (
        (Claim(kind="killed", low=killed, high=killed, text="killed people", start=11, end=24),)
        if killed is not None
        else ()
    )
    severity = given.get("severity", "high")
    return Member(
        article,
        StoryId(f"story:{given.get('story', number)}"),
        "new",
        Findings(
            language=given.get("language", "en"),
            entities=tuple(Entity("x", "GROUP", 0, 1, e) for e in given.get("entities", ())),
            indicators=tuple(
                Indicator(kind, value, value, 0, 1, verdict="malicious") for kind, value in given.get("indicators", ())
            ),
            events=(event,),
            claims=claims,
        ),
        Assessment(
            category=given.get("category", "conflict") if severity else None,
            severity=severity,
            score=0.5,
            credibility=0.5,
            why_not=None if severity else "no",
        ),
    )


def case(*members: Member) -> Case:
    """The alert of these reports, with them."""
    alert = revise(None, compose(IncidentId("inc:1"), members or (member(),)))
    assert alert is not None
    return Case(alert, members or (member(),))


def rule(body: str, name: str = "mine") -> CompiledRule:
    """A rule from the lines below its heading."""
    text = f"[watch.{name}]\n{body}\n"
    return compile_rules(read_rules(text, "rules.toml"), default_knowledge(), source="rules.toml", text=text).rules[0]


def claimed_by(claimant_id: str) -> Claim:
    """A claim of responsibility."""
    return Claim(
        kind="responsibility", stance="claims", claimant=Mention("they", 0, 4, claimant_id), text="", start=0, end=4
    )
