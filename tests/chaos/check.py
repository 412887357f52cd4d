"""The checker: the guarantee as laws over a recorded history. Pure, so that it can be tried on histories that were made up.

Once Kafka has acknowledged an article, it is processed; each alert revision is seen once, in order per alert, by a
`read_committed` subscriber; each sink gets it at least once; nothing is dropped without a counted reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from tests.chaos.records import History, Told

Law = Literal["lost", "repeated", "disorder", "invented", "undelivered", "miscounted", "unsettled", "crashed"]


class Finding(Struct, frozen=True):
    """A broken law: about which wording (position in the run's list), version or alert, and in words."""

    law: Law
    what: str
    position: int | None = None
    version: str | None = None
    alert: str | None = None


class Words:
    """Which version on the topic is which wording of the newsroom: by address, title and text, and by nothing of ours."""

    def __init__(self, history: History) -> None:
        positions = {(w.url, w.title, w.text): n for n, w in enumerate(history.wordings)}
        self.position_of = {a.version: positions.get((a.url, a.title, a.text)) for a in history.arrivals}
        self.version_of = {n: version for version, n in self.position_of.items() if n is not None}


def check(history: History) -> list[Finding]:
    """Every broken law; none for a run that kept the promise."""
    words = Words(history)
    laws = (_entries, _arrivals, _outcomes, _alerts, _members, _rejects, _sinks, _counters, _offsets)
    found = [finding for law in laws for finding in law(history, words)]
    found += [Finding("unsettled", f"{count} {what} left at the end") for what, count in history.left.items() if count]
    found += [Finding("crashed", what) for what in history.crashes]
    return found


def _entries(history: History, words: Words) -> Iterator[Finding]:
    """What stands in a feed at the end, and what a connector says it has seen, is on the topic."""
    for position in (p for positions in history.standing.values() for p in positions):
        if position not in words.version_of:
            yield Finding("lost", f"{_name(history, position)} stands in its feed and is not on the topic", position)
    last = {(w.outlet, w.entry): n for n, w in enumerate(history.wordings)}
    served = {p for s in history.served for p in s.wordings}
    for position in sorted(set(last.values()) & served):
        if position not in words.version_of:
            yield Finding("lost", f"{_name(history, position)} was served and is not on the topic", position)
    on_topic = set(words.position_of)
    for seen in history.remembered:
        if seen.version not in on_topic:
            what = f"{seen.version} of outlet {seen.outlet} is noted as seen and is not on the topic"
            yield Finding("lost", what, version=seen.version)


def _arrivals(history: History, words: Words) -> Iterator[Finding]:
    """What is on the topic was published by somebody, and each version got an outcome."""
    for arrival in history.arrivals:
        if history.wordings and words.position_of[arrival.version] is None:
            yield Finding(
                "invented", f"{arrival.version} ({arrival.url}) was published by no outlet", version=arrival.version
            )
    for version in dict.fromkeys(a.version for a in history.arrivals):
        if version not in history.outcomes:
            position = words.position_of[version]
            yield Finding("lost", f"{version} is on the topic and has no outcome", position, version)


def _outcomes(history: History, words: Words) -> Iterator[Finding]:
    """Nothing has an outcome that is not on the topic; what is worth an alert has one."""
    for version, outcome in history.outcomes.items():
        if version.startswith("ver:") and version not in words.position_of:
            yield Finding("invented", f"{version} has an outcome and is not on the topic", version=version)
        if outcome.outcome == "alert" and version not in history.alert_of:
            yield Finding(
                "lost", f"{version} was worth an alert and belongs to none", words.position_of.get(version), version
            )


def _alerts(history: History, words: Words) -> Iterator[Finding]:
    """Each revision once, in order, and the topics end where the store does."""
    for alert, revisions in by_alert(history.told).items():
        numbers = [told.revision for told in revisions]
        counted = Counter(numbers)
        for number in (n for n, times in counted.items() if times > 1):
            yield Finding("repeated", f"{alert} revision {number} was told {counted[number]} times", alert=alert)
        if missing := set(range(1, max(numbers) + 1)) - set(numbers):
            yield Finding("lost", f"{alert}: revisions {sorted(missing)} were never told", alert=alert)
        if numbers != sorted(numbers) or len({told.partition for told in revisions}) > 1:
            yield Finding("disorder", f"{alert}: revisions came as {numbers}", alert=alert)
    ends = {alert: told[-1].revision for alert, told in by_alert(history.told).items()}
    for alert in sorted(history.stored.keys() | ends.keys() | history.latest.keys()):
        stored, told, latest = history.stored.get(alert), ends.get(alert), history.latest.get(alert)
        if not stored == told == latest:
            law: Law = "lost" if stored is not None and (told or 0) < stored else "repeated"
            what = f"{alert} stands at revision {stored} in the store, {told} on the topic, {latest} among the latest"
            yield Finding(law, what, alert=alert)


def _members(history: History, words: Words) -> Iterator[Finding]:
    """The last revision of an alert names the last edition of every article of its incident."""
    ends = {alert: set(told[-1].sources) for alert, told in by_alert(history.told).items()}
    last = {(w.outlet, w.entry): n for n, w in enumerate(history.wordings)}
    for position in last.values():
        version = words.version_of.get(position)
        alert = history.alert_of.get(version or "")
        if version and alert and version not in ends.get(alert, set()):
            yield Finding("lost", f"{alert} does not name {_name(history, position)}", position, version, alert)


def _rejects(history: History, words: Words) -> Iterator[Finding]:
    """What was rejected is on the rejects' topic, once."""
    for reject, times in Counter(history.rejects).items():
        if times > 1:
            yield Finding("repeated", f"{reject} was told {times} times", version=reject)
    rejected = sum(outcome.outcome == "reject" for outcome in history.outcomes.values())
    if rejected != len(set(history.rejects)):
        what = f"{rejected} rejects in the store, {len(set(history.rejects))} on their topic"
        yield Finding("lost" if rejected > len(set(history.rejects)) else "invented", what)


def _sinks(history: History, words: Words) -> Iterator[Finding]:
    """The sink has every revision, in order per alert. A repeat is allowed, and has its key; this sink keeps it out all the same."""
    first: dict[str, list[int]] = defaultdict(list)
    for (alert, revision), times in Counter(history.delivered).items():
        first[alert].append(revision)
        if times > 1:
            yield Finding(
                "repeated", f"{alert} revision {revision} stands {times} times in the sink's file", alert=alert
            )
    for alert, revisions in by_alert(history.told).items():
        delivered = first.get(alert, [])
        if missing := {told.revision for told in revisions} - set(delivered):
            yield Finding("undelivered", f"{alert}: the sink never got revisions {sorted(missing)}", alert=alert)
        if delivered != sorted(delivered):
            yield Finding("disorder", f"{alert}: the sink got revisions as {delivered}", alert=alert)


def _counters(history: History, words: Words) -> Iterator[Finding]:
    """The connectors' counters add up: entries are articles or counted skips, articles are wordings that are noted as seen."""
    seen = Counter(r.outlet for r in history.remembered)
    for feed in history.feeds:
        name = f"outlet {feed.outlet}"
        if feed.entries_last != feed.articles_last + feed.skipped_last:
            parts = f"{feed.articles_last} articles + {feed.skipped_last} skipped"
            yield Finding("miscounted", f"{name}: {feed.entries_last} entries are not {parts}")
        if feed.articles != seen[feed.outlet]:
            yield Finding("miscounted", f"{name}: {feed.articles} articles counted, {seen[feed.outlet]} noted as seen")
        if feed.outlet in history.standing and feed.entries_last != len(history.standing[feed.outlet]):
            served = len(history.standing[feed.outlet])
            yield Finding("miscounted", f"{name}: {feed.entries_last} entries counted, {served} in the document")


def _offsets(history: History, words: Words) -> Iterator[Finding]:
    """Committed offsets never go back."""
    at: dict[int, int] = {}
    for committed in history.committed:
        if committed.offset < at.get(committed.partition, 0):
            before = at[committed.partition]
            yield Finding(
                "disorder", f"partition {committed.partition}: offset {before} went back to {committed.offset}"
            )
        at[committed.partition] = committed.offset


def by_alert(told: list[Told]) -> dict[str, list[Told]]:
    """The revisions of each alert, in the order in which a subscriber sees them."""
    found: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        found[one.alert].append(one)
    return dict(found)


def _name(history: History, position: int) -> str:
    wording = history.wordings[position]
    return f"edition {wording.edition} of {wording.guid} (outlet {wording.outlet}, {wording.kind})"
