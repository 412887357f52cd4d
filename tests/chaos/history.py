"""What must hold after the dust has settled, read from the topics and the store alone."""

from collections import defaultdict

from pipeline.records import Alert, Article, topics
from tests.support.stack import Stack


def check(stack: Stack, published: list[Article]) -> dict[str, list[int]]:
    """Every article processed, each alert revision once and in order; the revisions seen, by alert."""
    versions = {article.version_id for article in published}
    done = {str(row[0]) for row in stack.query("SELECT version_id FROM written")}
    assert versions <= done, f"lost: {len(versions - done)} of {len(versions)} articles were never written"
    seen = revisions(stack.alerts())
    for alert_id, numbers in seen.items():
        assert numbers == list(range(1, len(numbers) + 1)), f"{alert_id}: revisions {numbers}"
    stored = {str(a): int(str(n)) for a, n in stack.query("SELECT alert_id, revision FROM alerts")}
    assert {a: n[-1] for a, n in seen.items()} == stored, "the topic does not end where the store does"
    latest = {alert.alert_id: alert.revision for alert in stack.alerts(topics.ALERTS_LATEST)}
    assert latest == stored
    assert stack.count("SELECT count(*) FROM outbox") == 0
    assert stack.count("SELECT count(*) FROM attempts") == 0
    return seen


def revisions(alerts: list[Alert]) -> dict[str, list[int]]:
    """The revision numbers of each alert, in the order in which a subscriber sees them."""
    seen: dict[str, list[int]] = defaultdict(list)
    for alert in alerts:
        seen[alert.alert_id].append(alert.revision)
    return dict(seen)
