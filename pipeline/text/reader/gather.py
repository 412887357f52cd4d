"""From an article to its report and everything that the decisions look at: the one way, in training and in the stream."""

from dataclasses import dataclass

from pipeline.records import Claim, Event
from pipeline.text.events.muc4 import Incidents
from pipeline.text.events.reading import Reading
from pipeline.text.reader.looks import ROLE_SETS
from pipeline.text.reader.report import Report, make_report
from pipeline.text.reader.setting import Setting

Spans = set[tuple[int, int]]
_MUC4 = {
    "perpetrator": "muc-by",
    "organisation": "muc-by",
    "target": "muc-target",
    "victim": "muc-victim",
}


@dataclass(frozen=True)
class Gathered:
    """One article, ready for decisions."""

    report: Report
    setting: Setting
    roles: dict[str, Spans]  # what the rules and the MUC-4 models read, by role
    events: tuple[Event, ...]
    types: frozenset[str]


def gather_report(
    reading: Reading,
    events: tuple[Event, ...],
    claims: tuple[Claim, ...],
    incidents: Incidents | None,
    title: str | None = None,
) -> Gathered:
    """The report of a reading, with what rules and incident models have read; `events`: the likeliest main one first."""
    report = make_report(reading, claims, title)
    setting = Setting(report, incidents.tagged if incidents else {})
    roles: dict[str, Spans] = {name: set() for name in ROLE_SETS}
    for event in events[:1]:
        for name in ("perpetrators", "targets", "victims", "weapons"):
            roles[name] |= {(m.start, m.end) for m in getattr(event, name)}
    roles["claim-agents"] |= {(c.agent.start, c.agent.end) for c in report.counts if c.agent}
    for claim in claims:
        if claim.kind == "responsibility":
            roles["responsible"] |= {(m.start, m.end) for m in (claim.claimant, claim.agent) if m}
    for saids in reading.saids:
        roles["accused"] |= {(s.target.start, s.target.end) for s in saids if s.target}
    for event in events[1:]:
        roles["other-perpetrators"] |= {(m.start, m.end) for m in event.perpetrators}
        roles["other-victims"] |= {(m.start, m.end) for m in (*event.targets, *event.victims)}
    for filler in incidents.fillers if incidents else ():
        if filler.role in _MUC4:
            roles[_MUC4[filler.role]].add((filler.start, filler.end))
    return Gathered(report, setting, roles, events, incidents.types if incidents else frozenset())
