"""Replay: the stored articles once more through other weights, another model, other lists or other rules, aside.

Nothing is changed by looking: what would be new (+), gone (-) or different (~) is told, alert by alert. `apply` then writes what
was found in the articles, and each alert that differs becomes its next revision, in the same transactions, with the same
outbox, as if the articles had come now. With nothing changed the difference is empty.

An article that was worth no alert and now is joins an incident as a new report would.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pipeline.config import Config
from pipeline.incidents.alerts import compose
from pipeline.incidents.changes import revise
from pipeline.incidents.members import Member
from pipeline.incidents.wording import name_alert
from pipeline.records import Alert, Analysed, Findings, IncidentId, Linked, Scored, Severity
from pipeline.records.outcomes import to_json
from pipeline.store import changes, history, incidents, snapshots, watch
from pipeline.store.connection import WRITE_LOCK, Connection
from pipeline.store.current_knowledge import AREA, knowledge_in_force
from pipeline.store.joining import place
from pipeline.store.revisions import revise_alert
from pipeline.text.knowledge.changes import KnowledgeChange
from pipeline.text.scoring import Weights, assess, load_weights
from pipeline.watch.compiled import CompiledRules, compile_rules
from pipeline.watch.match import Case, match
from pipeline.watch.rules import decode_rules, encode_rules, read_rules

Sign = Literal["+", "-", "~"]
Progress = Callable[[int, int], None]
ENDED_QUIETLY = "closed"

REWRITE = "UPDATE findings SET findings = %s, assessment = %s WHERE version_id = %s"


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to replay, and with what; what is empty stays as it was."""

    since: datetime
    rules: str = ""  # TOML: these rules, new or changed; the others stay
    weights: str = ""  # path of a table of weights
    model: str = ""
    knowledge: str | None = None  # one more change of names (JSON); "": analyse again with those in force
    warnings: tuple[str, ...] | None = None  # as if these values were the marked ones
    only: tuple[str, ...] = ()  # read again only articles in whose text one of these stands, in any case
    apply: bool = False


class Line(Struct, frozen=True, kw_only=True):
    """One alert that differs; `rule`: on that watch rule's topic, else everywhere."""

    sign: Sign
    alert_id: str
    severity: Severity
    what: str
    changes: tuple[str, ...] = ()
    rule: str = ""


class Diff(Struct, frozen=True, kw_only=True):
    """What a replay changes, or changed."""

    since: datetime  # how far back it went
    incidents: int
    articles: int  # read again
    lines: tuple[Line, ...] = ()
    applied: bool = False


class Reader:
    """Reads a report again with what was asked for; says whether anything can differ at all."""

    def __init__(self, connection: Connection, asked: Asked, config: Config) -> None:
        self._only = tuple(word.casefold() for word in asked.only)
        self._weights: Weights = load_weights(Path(path) if (path := asked.weights or config.score.weights) else None)
        self._analyses = bool(asked.model or asked.knowledge is not None or asked.warnings is not None)
        self.differs = self._analyses or bool(asked.weights)
        self.count = 0
        if self._analyses:
            from pipeline.store.marked_warnings import warnings_in_force
            from pipeline.text.findings import Analyzer

            knowledge = knowledge_in_force(connection, with_change=_change(asked.knowledge))
            warnings = warnings_in_force(connection, asked.warnings)
            self._analyzer = Analyzer(asked.model or config.extract.model, knowledge=knowledge, warnings=warnings)

    def read(self, members: Sequence[Member]) -> list[Member]:
        """The reports as they would be now."""
        if not self.differs:
            return list(members)
        chosen = [m for m in members if self._is_meant(m)]
        found = self._analyse(chosen)
        self.count += len(chosen)
        again = {
            m.article.version_id: replace(m, findings=f, assessment=assess(m.article, f, weights=self._weights))
            for m, f in zip(chosen, found, strict=True)
        }
        return [again.get(m.article.version_id, m) for m in members]

    def _is_meant(self, member: Member) -> bool:
        text = f"{member.article.title or ''}\n{member.article.text}".casefold()
        return not self._only or any(word in text for word in self._only)

    def _analyse(self, members: Sequence[Member]) -> list[Findings]:
        if not self._analyses:
            return [m.findings for m in members]
        return self._analyzer.analyse([m.article for m in members])


def replay(connection: Connection, asked: Asked, config: Config, progress: Progress = lambda _, __: None) -> Diff:
    """What the replay changes; with `asked.apply`, after it has been changed. `connection` must be in autocommit mode."""
    reader = Reader(connection, asked, config)
    stored = snapshots.latest(connection, "watch")
    old = watch.build_rules(stored.content if stored else None, changes.in_force(connection, AREA))
    new = _rules(connection, asked) if asked.rules else None
    kept = history.oldest(connection)
    since = max(asked.since, kept) if kept else asked.since
    wanted = history.incidents_since(connection, since)
    late = _late(connection, reader, since) if reader.differs else {}
    lines: list[Line] = []
    known = set(wanted)
    every = [*wanted, *(i for i in late if i not in known)]
    for count, incident in enumerate(every, 1):
        before = incidents.members(connection, incident)
        again = [*reader.read(before), *late.get(incident, ())]
        previous = incidents.read_alert(connection, incident)
        draft = compose(incident, again)
        changed = _compare(previous, draft)
        lines += changed
        if new is not None and (alert := draft or previous):
            lines += _compare_rules(old, new, Case(_numbered(alert, previous), again))
        if asked.apply and (incident in late or any(m is not was for m, was in zip(again, before, strict=False))):
            _apply(connection, incident, again, late.get(incident, ()), differs=bool(changed))
        progress(count, len(every))
    if asked.apply and new is not None:
        _apply_rules(connection, new, [line for line in lines if line.rule])
    return Diff(since=since, incidents=len(wanted), articles=reader.count, lines=tuple(lines), applied=asked.apply)


def _change(content: str | None) -> KnowledgeChange | None:
    return msgspec.json.decode(content, type=KnowledgeChange) if content else None


def _compare(previous: Alert | None, draft: Alert | None) -> list[Line]:
    was_there = previous is not None and previous.change != "retracted"
    if previous is None or not was_there:
        return [_line("+", draft, ("was none",))] if draft else []
    if draft is None:
        return [] if previous.change == "merged" else [_line("-", previous, ("no report is worth it",))]
    base = replace(previous, change="revised") if previous.change == ENDED_QUIETLY else previous
    revision = revise(base, draft)
    return [_line("~", draft, revision.changes)] if revision else []


def _line(sign: Sign, alert: Alert, changes: tuple[str, ...], rule: str = "") -> Line:
    return Line(
        sign=sign, alert_id=alert.alert_id, severity=alert.severity, what=name_alert(alert), changes=changes, rule=rule
    )


def _compare_rules(old: CompiledRules, new: CompiledRules, case: Case) -> Iterable[Line]:
    """Which of the new rules' topics would have this alert, or not have it any more."""
    for rule in new.rules:
        before = old.named(rule.name)
        was, now = (match(r, case) if r and case.alert.in_scope else None for r in (before, rule))
        if was is None and now is not None:
            yield _line("+", case.alert, now, rule.name)
        elif was is not None and now is None:
            yield _line("-", case.alert, was, rule.name)


def _numbered(alert: Alert, previous: Alert | None) -> Alert:
    """A draft as it would stand after the alert's revisions."""
    return replace(alert, revision=previous.revision if previous else 1)


def _rules(connection: Connection, asked: Asked) -> CompiledRules:
    changed = read_rules(asked.rules, "the new rules")
    return compile_rules(changed, knowledge_in_force(connection), source="the new rules", text=asked.rules)


def _late(connection: Connection, reader: Reader, since: datetime) -> Mapping[IncidentId, list[Member]]:
    """Reports of stories without an incident that are worth an alert now, by the incident that they join or begin."""
    found: dict[IncidentId, list[Member]] = {}
    with connection.transaction(force_rollback=True):  # placed as the write step would, and nothing of it stays
        for member in reader.read(history.quiet_since(connection, since)):
            if (placed := place(connection, _scored(member))) is not None:
                found.setdefault(placed.incident, []).append(member)
    return found


def _scored(member: Member) -> Scored:
    linked = Linked(member.article, member.story, member.verdict)
    return Scored(Analysed(linked, member.findings), member.assessment)


def _apply(
    connection: Connection, incident: IncidentId, again: Sequence[Member], late: Sequence[Member], *, differs: bool
) -> None:
    """Write what was found, place who is late, and make the alert's next revision where a subscriber would see a difference."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
        for m in again:
            connection.execute(REWRITE, (to_json(m.findings), to_json(m.assessment), m.article.version_id))
        moved = [shift for m in late if (placed := place(connection, _scored(m))) for shift in placed.shifts]
        if differs or moved:
            revise_alert(connection, incident, ("replayed",), moved)


def _apply_rules(connection: Connection, new: CompiledRules, lines: Sequence[Line]) -> None:
    """Put the rules in force, and tell their topics of the alerts that match now, or do no more, at the rules' pace."""
    from datetime import UTC

    def edit(before: str | None) -> str:
        return encode_rules({**(decode_rules(before) if before else {}), **{r.name: r.rule for r in new.rules}})

    version = snapshots.change(connection, "watch", edit, "replayed")
    ready = CompiledRules(version, tuple(replace(rule, version=version) for rule in new.rules))
    for alert_id in dict.fromkeys(line.alert_id for line in lines):
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
            alert = incidents.alert_named(connection, alert_id)
            if alert is not None:
                members = incidents.members(connection, alert.incident)
                watch.deliver(connection, ready, alert, members, now=datetime.now(UTC))


def decode_asked(raw: str) -> Asked:
    """What a job asks for."""
    return msgspec.json.decode(raw, type=Asked)
