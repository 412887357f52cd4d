"""What a rule would have rung for: the stored incidents grown again, report by report, through the same matching and pace.

The clock is the articles' (`fetched`). Earlier versions of an article are not grown again, only its latest: a report that was
corrected counts with what it says now.
"""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from pipeline.incidents.alerts import compose
from pipeline.incidents.changes import revise
from pipeline.incidents.members import Member
from pipeline.incidents.wording import name_alert
from pipeline.records import SEVERITIES, Alert, Change, IncidentId
from pipeline.watch.compiled import CompiledRule
from pipeline.watch.match import Case, match
from pipeline.watch.pace import View, Waiting, decide, release

FLOOD_DAY = 100
"""Alerts on one day that nobody reads one by one: a rule that would ring more often floods."""
FLOOD_HELD_SHARE = 0.1
"""A rule whose cap would hold back more than this is cut, not paced."""


class Step(Struct, frozen=True):
    """One revision of one alert, as far as a rule is concerned."""

    at: datetime
    alert_id: str
    change: Change
    severity: int
    what: str
    why: tuple[str, ...] | None  # None: does not match


class Bell(Struct, frozen=True):
    """One message on the rule's topic."""

    at: datetime
    alert_id: str
    is_new: bool  # the first about its alert
    severity: str
    what: str
    why: tuple[str, ...]
    held_back: int = 0


class Forecast(Struct, frozen=True):
    """What a rule would have done over a time."""

    since: datetime
    until: datetime
    incidents: int  # looked at
    matched: int  # alerts that match
    bells: tuple[Bell, ...] = ()
    held_back: int = 0

    @property
    def new(self) -> tuple[Bell, ...]:
        """The first message about each alert."""
        return tuple(bell for bell in self.bells if bell.is_new)

    @property
    def per_day(self) -> float:
        """Alerts a day."""
        return len(self.new) / max(1.0, (self.until - self.since) / timedelta(days=1))

    @property
    def busiest_day(self) -> tuple[str, int]:
        """The day with most alerts, and how many; ("", 0) without any."""
        days = Counter(f"{bell.at:%Y-%m-%d}" for bell in self.new)
        return max(days.items(), key=lambda item: item[1], default=("", 0))

    @property
    def flood(self) -> str | None:
        """Why the rule would flood, in words; None when it would not."""
        day, count = self.busiest_day
        if count > FLOOD_DAY:
            return f"{count} alerts on {day}, more than {FLOOD_DAY} a day"
        total = len(self.bells) + self.held_back
        if self.held_back > FLOOD_HELD_SHARE * total:
            return f"its cap would hold back {self.held_back} of {total} messages"
        return None


def steps(rule: CompiledRule, incident: IncidentId, members: Sequence[Member]) -> list[Step]:
    """The life of one incident's alert, a step for each revision that its reports give in the order they were fetched."""
    ordered = sorted(members, key=lambda m: (m.article.fetched, m.article.version_id))
    found: list[Step] = []
    previous: Alert | None = None
    for count, member in enumerate(ordered, 1):
        alert = revise(previous, compose(incident, ordered[:count]))
        if alert is None:
            continue
        previous = alert
        why = match(rule, Case(alert, ordered[:count])) if alert.in_scope else None
        severity = SEVERITIES.index(alert.severity)
        found.append(Step(member.article.fetched, alert.alert_id, alert.change, severity, name_alert(alert), why))
    return found


def forecast(rule: CompiledRule, taken: Iterable[Step], since: datetime, until: datetime, incidents: int) -> Forecast:
    """The rule's topic, had it been there from `since` to `until`."""
    topic = _Topic(rule)
    ordered = sorted((s for s in taken if since <= s.at <= until), key=lambda s: (s.at, s.alert_id))
    for step in ordered:
        topic.release(step.at)
        topic.take(step)
    topic.release(until)
    left = sum(1 + waiting.held_back for waiting, _, _ in topic.waiting.values())
    held = sum(bell.held_back for bell in topic.bells) + left
    return Forecast(since, until, incidents, len(topic.matched_alerts), tuple(topic.bells), held)


class _Topic:
    """A rule's topic in memory: what the store keeps in its tables."""

    def __init__(self, rule: CompiledRule) -> None:
        self._rule = rule
        self.bells: list[Bell] = []
        self.matched_alerts: set[str] = set()
        self.waiting: dict[str, tuple[Waiting, datetime, Step]] = {}
        self._matched: list[datetime] = []
        self._sent: list[datetime] = []
        self._alert_sent: dict[str, datetime] = {}
        self._rang: datetime | None = None

    def take(self, step: Step) -> None:
        """One revision comes."""
        is_carried = step.alert_id in self._alert_sent
        if step.why is None and not is_carried:
            self.waiting.pop(step.alert_id, None)
            return
        if step.why is not None and step.alert_id not in self.matched_alerts:
            self.matched_alerts.add(step.alert_id)
            insort(self._matched, step.at)
        view = View(
            is_carried=is_carried,
            matched=self._matched,
            rang=self._rang,
            sent=self._sent,
            alert_sent=self._alert_sent.get(step.alert_id),
        )
        waiting = self.waiting.get(step.alert_id)
        if waiting is not None and not is_carried:
            view = View(is_carried=True, sent=self._sent)  # it rang already, and only waits
        decision = decide(self._rule, step.change, view, seen=step.at, now=step.at)
        if decision.when == "not":
            return
        if not is_carried and waiting is None:
            self._rang = step.at
        held = waiting[0].held_back + 1 if waiting else 0
        why = (*(step.why or ()), *decision.why)
        if decision.when == "now":
            self.waiting.pop(step.alert_id, None)
            self._send(step, why, held, step.at)
        else:
            due = waiting[1] if waiting else decision.due or step.at
            self.waiting[step.alert_id] = (Waiting(step.alert_id, is_carried, step.severity, held), due, step)

    def release(self, now: datetime) -> None:
        """Send what is due."""
        while ready := [entry for entry in self.waiting.values() if entry[1] <= now]:
            at = max(min(due for _, due, _ in ready), self._sent[-1] if self._sent else ready[0][1])
            ready = [entry for entry in ready if entry[1] <= at]
            released = release(self._rule, [waiting for waiting, _, _ in ready], self._sent, at)
            for alert_id, held in released.go:
                step = self.waiting.pop(alert_id)[2]
                self._send(step, step.why or (), held, at)
            for alert_id in released.counted:
                del self.waiting[alert_id]
            for alert_id in released.wait:
                waiting, _, step = self.waiting[alert_id]
                self.waiting[alert_id] = (waiting, released.due or at, step)

    def _send(self, step: Step, why: tuple[str, ...], held: int, at: datetime) -> None:
        is_new = step.alert_id not in self._alert_sent
        self.bells.append(Bell(at, step.alert_id, is_new, SEVERITIES[step.severity], step.what, why, held))
        self._alert_sent[step.alert_id] = at
        self._sent.append(at)
