"""The shortest story of a broken law: what happened to the offending article or alert, and what was done to the system meanwhile."""

from tests.chaos.check import Finding, Words, by_alert
from tests.chaos.records import Happening, History

AROUND_S = 5.0
"""What was done so long before and after is told as well."""
LINES_MAX = 40


def tell(history: History, findings: list[Finding]) -> str:
    """The story of the finding that needs the fewest words."""
    stories = [(finding, _events(history, finding)) for finding in findings]
    finding, events = min(stories, key=lambda s: (not s[1], len(s[1])))
    lines = [f"{finding.law}: {finding.what}"]
    if events:
        first, last = events[0].at - AROUND_S, events[-1].at + AROUND_S
        told = [(h.at, f"        {h.what}") for h in history.happened if first <= h.at <= last]
        told += [(e.at, f"  {e.what}") for e in events]
        told.sort()
        lines += [f"{at - history.began:+8.1f} s{what}" for at, what in told[:LINES_MAX]]
        lines += [f"  … {len(told) - LINES_MAX} lines more"] if len(told) > LINES_MAX else []
    return "\n".join(lines)


def _events(history: History, finding: Finding) -> list[Happening]:
    """What is recorded about the finding's article and alert, in order of time."""
    words = Words(history)
    position, version = finding.position, finding.version
    if position is None and version is not None:
        position = words.position_of.get(version)
    if version is None and position is not None:
        version = words.version_of.get(position)
    events: list[Happening] = []
    if position is not None:
        wording = history.wordings[position]
        events.append(Happening(history.began + wording.at_s, f"outlet {wording.outlet} publishes {wording.title!r}"))
        served = [s.at for s in history.served if position in s.wordings]
        events += [Happening(at, "the feed is read for the first time with it") for at in served[:1]]
        events += [Happening(at, f"and for the last time, the {len(served)}th") for at in served[1:][-1:]]
    if version is not None:
        events += [
            Happening(r.at, f"a connector notes {version} as seen") for r in history.remembered if r.version == version
        ]
        for arrival in history.arrivals:
            if arrival.version == version:
                where = f"partition {arrival.partition}, offset {arrival.offset}"
                events.append(Happening(arrival.at, f"{version} is on the topic ({where})"))
        if outcome := history.outcomes.get(version):
            events.append(Happening(outcome.at, f"its outcome is written: {outcome.outcome}"))
    if finding.alert is not None:
        for told in by_alert(history.told).get(finding.alert, []):
            where = f"partition {told.partition}, offset {told.offset}"
            events.append(
                Happening(told.at, f"revision {told.revision} is on the topic ({where}, {len(told.sources)} sources)")
            )
            for source in told.sources[-1:]:
                if outcome := history.outcomes.get(source):
                    events.append(Happening(outcome.at, f"the outcome of its last source {source} is written"))
    return sorted(set(events), key=lambda e: e.at)
