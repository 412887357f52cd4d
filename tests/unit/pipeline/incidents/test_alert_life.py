"""The life of an alert as a state machine: whatever reports come, change, go or stay away, its laws hold."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from pipeline.incidents.alerts import compose
from pipeline.incidents.changes import ENDED, close, revise
from pipeline.incidents.clustering import Shift
from pipeline.incidents.members import Member
from pipeline.incidents.routing import EVERY_REVISION, scopes
from pipeline.records import SEVERITIES, Alert, IncidentId, StoryId, VersionId
from pipeline.records.identity import alert_id
from pipeline.records.topics import ALERTS, ALERTS_CRITICAL
from pipeline.store.revisions import next_revision
from tests.support.cases import NOON, member

INCIDENT = IncidentId("inc:1")
severities = st.sampled_from([None, *SEVERITIES])
counts = st.one_of(st.none(), st.integers(1, 40))


class AlertLife(RuleBasedStateMachine):
    """Reports by number; after each step the alert is composed and revised as the write step does."""

    @initialize()
    def begin(self) -> None:
        self.members: dict[int, Member] = {}
        self.published: list[Alert] = []
        self.carried: set[str] = set()
        self.topic: list[Alert] = []  # what a subscriber of `tocsin.alerts.critical` sees
        self.clock = 0

    @property
    def latest(self) -> Alert | None:
        return self.published[-1] if self.published else None

    def publish(self, alert: Alert | None) -> None:
        if alert is None:
            return
        self.published.append(alert)
        for topic, is_in_scope in scopes(alert, self.carried).items():
            if topic not in EVERY_REVISION:
                self.carried.add(topic)
            if topic == ALERTS_CRITICAL:
                self.topic.append(replace(alert, in_scope=is_in_scope))

    def settle(self) -> None:
        self.publish(revise(self.latest, compose(INCIDENT, list(self.members.values()))))

    @rule(number=st.integers(1, 5), severity=severities, killed=counts, story=st.integers(1, 3))
    def report(self, number: int, severity: str | None, killed: int | None, story: int) -> None:
        """A report comes, or is corrected: its latest version counts."""
        self.clock += 1
        at = NOON + timedelta(minutes=self.clock)
        told = member(number, at=at, severity=severity, killed=killed, story=story)
        version = VersionId(f"ver:{number}.{self.clock}")  # a corrected report is another version of its article
        self.members[number] = replace(told, article=replace(told.article, version_id=version))
        self.settle()

    @rule()
    def nothing_new(self) -> None:
        before = len(self.published)
        latest = self.latest
        draft = compose(INCIDENT, list(self.members.values()))
        if latest is not None and latest.change == "closed":
            return  # only a report opens it again
        self.publish(revise(latest, draft))
        assert len(self.published) == before, "the same again is no revision"

    @precondition(lambda self: self.latest is not None)
    @rule()
    def stay_away(self) -> None:
        """Nobody tells it for days."""
        latest = self.latest
        assert latest is not None
        closed = close(latest, 7)
        assert (closed is None) == (latest.change in ENDED)
        self.publish(closed)
        if closed is not None:
            assert close(closed, 7) is None, "closed once"

    @precondition(lambda self: bool(self.members))
    @rule()
    def take_everything_back(self) -> None:
        self.clock += 1
        at = NOON + timedelta(minutes=self.clock)
        self.members = {n: member(n, at=at, severity=None, killed=None) for n in self.members}
        was_live = self.latest is not None and self.latest.change != "retracted"
        self.settle()
        if was_live:
            assert self.latest is not None
            assert (self.latest.change, self.latest.in_scope) == ("retracted", False)

    @invariant()
    def revisions_count_up_by_one_under_one_key(self) -> None:
        assert [a.revision for a in self.published] == list(range(1, len(self.published) + 1))
        assert len({a.alert_id for a in self.published}) <= 1

    @invariant()
    def only_the_first_is_created_and_every_other_says_what_changed(self) -> None:
        for number, alert in enumerate(self.published):
            assert (alert.change == "created") == (number == 0)
            assert alert.changes or number == 0

    @invariant()
    def an_alert_that_ended_goes_on_only_by_being_told_again(self) -> None:
        for before, after in zip(self.published, self.published[1:], strict=False):
            if before.change in ENDED and after.change not in ENDED:
                assert "told again" in after.changes

    @invariant()
    def the_latest_says_what_the_reports_say(self) -> None:
        draft = compose(INCIDENT, list(self.members.values()))
        latest = self.latest
        if latest is None or latest.change == "closed":
            return
        if draft is None:
            assert latest.change == "retracted"
        else:
            for name in ("severity", "disputed", "independent_sources"):
                assert getattr(latest, name) == getattr(draft, name)
            assert {(c.kind, c.low) for c in latest.claims} == {(c.kind, c.low) for c in draft.claims}
            assert {s.version_id for s in latest.sources} == {s.version_id for s in draft.sources}

    @invariant()
    def a_topic_that_carried_it_knows_whether_it_still_belongs(self) -> None:
        latest = self.latest
        if latest is None:
            return
        assert scopes(latest, self.carried)[ALERTS] == latest.in_scope
        if self.topic:
            last = self.topic[-1]
            assert last.revision == latest.revision, "no later revision is missing"
            assert last.in_scope == (latest.in_scope and latest.severity == "critical")


class IncidentLives(RuleBasedStateMachine):
    """Stories that move between incidents: alerts are merged, split, and come back."""

    @initialize()
    def begin(self) -> None:
        self.home: dict[int, IncidentId] = {}  # of each story, which has one report
        self.members: dict[int, Member] = {}
        self.published: dict[IncidentId, list[Alert]] = {}
        self.clock = 0

    def of(self, incident: IncidentId) -> list[Member]:
        return [self.members[story] for story, home in self.home.items() if home == incident]

    def settle(self, *incidents: IncidentId, shift: Shift | None = None) -> None:
        """As the write step does, for the incident at hand first and then those that gave or got stories."""
        for one in incidents:
            lives = self.published.setdefault(one, [])
            shifts = (shift,) if shift else ()
            alert = next_revision(one, lives[-1] if lives else None, self.of(one), (), shifts)
            if alert is not None:
                lives.append(alert)

    def move(self, kind: str, stories: list[int], source: IncidentId, target: IncidentId) -> None:
        moved = tuple(StoryId(f"story:{n}") for n in stories)
        self.home |= dict.fromkeys(stories, target)
        shift = Shift(kind=kind, came_from=source, went_to=target, moved=moved, stayed=(), reason="as the test has it")
        self.settle(target, source, shift=shift)

    @rule(story=st.integers(1, 6), severity=severities, killed=counts)
    def report(self, story: int, severity: str | None, killed: int | None) -> None:
        """A story's report comes, or is corrected."""
        self.clock += 1
        told = member(story, at=NOON + timedelta(minutes=self.clock), severity=severity, killed=killed)
        version = VersionId(f"ver:{story}.{self.clock}")
        self.members[story] = replace(told, article=replace(told.article, version_id=version))
        self.home.setdefault(story, IncidentId(f"inc:{story}"))
        self.settle(self.home[story])

    @precondition(lambda self: len(set(self.home.values())) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        """All stories of one incident go to another; its alert is closed and names it."""
        source, target = data.draw(st.permutations(sorted(set(self.home.values()))))[:2]
        had = self.published.get(source, [])
        self.move("merge", [n for n, home in self.home.items() if home == source], source, target)
        if had:
            last = had[-1]
            assert (last.change, last.in_scope, last.merged_into) == ("merged", False, alert_id(target))

    @precondition(lambda self: any(n > 1 for n in Counter(self.home.values()).values()))
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        """A story leaves its incident for the one it began, which may be one that was merged away."""
        crowded = [i for i, n in Counter(self.home.values()).items() if n > 1]
        source = data.draw(st.sampled_from(sorted(crowded)))
        leaving = [n for n, home in self.home.items() if home == source and IncidentId(f"inc:{n}") != source]
        story = data.draw(st.sampled_from(sorted(leaving)))
        target = IncidentId(f"inc:{story}")
        rings = self.members[story].assessment.severity is not None
        kind = "move" if self.of(target) else "split"
        self.move(kind, [story], source, target)
        if rings and kind == "split":
            back = self.published[target][-1]
            assert (back.change, back.in_scope, back.merged_into) == ("split", True, None)

    @invariant()
    def revisions_count_up_by_one_under_each_key(self) -> None:
        for incident, lives in self.published.items():
            assert [a.revision for a in lives] == list(range(1, len(lives) + 1))
            assert {a.alert_id for a in lives} <= {alert_id(incident)}
            assert all(a.changes for a in lives[1:])

    @invariant()
    def each_report_stands_in_the_one_alert_of_its_incident(self) -> None:
        live = {i: lives[-1] for i, lives in self.published.items() if lives and lives[-1].in_scope}
        told = [source.version_id for alert in live.values() for source in alert.sources]
        assert len(told) == len(set(told)), "no report is in two alerts"
        for incident in set(self.home.values()):
            members = self.of(incident)
            rings = any(m.assessment.severity is not None for m in members)
            assert (incident in live) == rings
            if rings:
                assert {s.version_id for s in live[incident].sources} == {m.article.version_id for m in members}
        assert set(live) <= set(self.home.values()), "an incident without stories has no alert in scope"

    @invariant()
    def who_follows_a_merged_alert_comes_to_where_its_stories_went(self) -> None:
        for lives in self.published.values():
            if lives and lives[-1].change == "merged":
                assert lives[-1].merged_into not in {None, lives[-1].alert_id}


LIFE = settings(
    max_examples=50,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a life takes minutes, and a raw one reads well
)
TestAlertLife = pytest.mark.slow(AlertLife.TestCase)
TestAlertLife.settings = LIFE
TestIncidentLives = pytest.mark.slow(IncidentLives.TestCase)
TestIncidentLives.settings = LIFE
