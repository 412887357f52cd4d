"""The sample stream through the real broker, pipeline, store and relay: the exact alerts and revisions that come out.

One partition, so that the revisions are exact. After a change that is meant to change them:
`TOCSIN_UPDATE_GOLDEN=1 pytest tests/integration/test_main_job.py`, then read the difference.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.samples.load import load_samples
from connectors.samples.stream import Stream
from pipeline.records import Alert, Article, Reject, codec, topics
from tests.chaos.history import check
from tests.support.rehearsal import START, make_article
from tests.support.stack import Stack, open_stack, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "alerts.json"
BAD = (b'{"no":"article"}', b"\x00\xff", b"")


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=1, model="tocsin_en") as opened:
        yield opened


def samples() -> list[Article]:
    return [make_article(publication) for publication in Stream(load_samples(), START).publications]


def told(alerts: list[Alert]) -> dict[str, list[str]]:
    """The life of each alert, in lines that a person can compare."""
    lives: dict[str, list[str]] = {}
    for alert in alerts:
        sources = ", ".join(sorted(f"{s.feed}:{s.verdict}" for s in alert.sources))
        where = alert.place.name if alert.place else None
        line = f"{alert.revision} {alert.change} {alert.severity} {alert.category} [{where}] {sources}"
        lives.setdefault(alert.alert_id, []).append(line)
    return lives


def test_sample_stream_gives_the_exact_alerts_and_a_replay_changes_nothing(stack: Stack) -> None:
    articles = samples()
    stack.publish(articles, raw=list(BAD))
    stack.start("worker", "pipeline", "run")
    stack.start("relay", "relay", "run")

    def is_settled() -> bool:
        stack.tend()
        due = len({article.version_id for article in articles}) + len(BAD)
        return (
            stack.count("SELECT count(*) FROM written") >= due
            and stack.count("SELECT count(*) FROM outbox") == 0
            and stack.lag() == 0
        )

    wait_until("the stream is settled", is_settled, 300)
    check(stack, articles)
    came = told(stack.alerts())
    if os.environ.get("TOCSIN_UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(json.dumps(came, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    assert came == json.loads(GOLDEN.read_text(encoding="utf-8"))

    rejects = [codec.decode(raw, Reject) for raw in stack.read_committed(topics.REJECTS)]
    assert {(r.step, r.offset) for r in rejects} == {("read", len(articles) + i) for i in range(len(BAD))}
    assert {r.payload for r in rejects} == set(BAD)

    before = len(stack.alerts())
    stack.publish(articles)  # every article again, as after a crash of a connector
    wait_until("the replay is read", lambda: stack.lag() == 0, 300)
    assert len(stack.alerts()) == before
    assert stack.count("SELECT count(*) FROM written") == len({a.version_id for a in articles}) + len(BAD)
