"""The counts of a worker and a relay that ran add up, and agree with the store and the topics."""

import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.records import topics
from tests.support.stack import Stack, make_article, open_stack, wait_until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

BOMB = "A car bomb killed at least {} people at a market in Kabul on Monday, police said."


@pytest.fixture
def stack(kafka_bootstrap: str, postgres_url: str, tmp_path: Path) -> Iterator[Stack]:
    with open_stack(kafka_bootstrap, postgres_url, tmp_path, partitions=2) as opened:
        yield opened


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def scrape(port: int) -> dict[str, dict[tuple[str, ...], float]]:
    """Samples by name and label values."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def status(port: int, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return int(answer.status)


def test_counts_add_up(stack: Stack) -> None:
    alarming = [make_article(n, f"Bomb in Kabul ({n})", BOMB.format(10 + n)) for n in range(5)]
    quiet = [make_article(9, "Bakery opens", "A bakery opened in the old town on Monday, its owner said.")]
    stack.publish([*alarming, *quiet, alarming[0]], raw=[b"no article"])
    worker, relay = free_port(), free_port()
    stack.environment["TOCSIN_METRICS"] = f"127.0.0.1:{worker}"
    stack.start("worker", "pipeline", "run")
    stack.environment["TOCSIN_METRICS"] = f"127.0.0.1:{relay}"
    stack.start("relay", "relay", "run")
    wait_until(
        "everything is done",
        lambda: (
            stack.count("SELECT count(*) FROM written") == 7
            and stack.count("SELECT count(*) FROM outbox") == 0
            and stack.lag() == 0
        ),
    )
    assert status(worker, "/health/live") == status(worker, "/health/ready") == 200
    assert status(relay, "/health/ready") == 200

    seen = scrape(worker)
    read, linked, outcomes = (
        seen["tocsin_messages_read_total"],
        seen["tocsin_articles_linked_total"],
        seen["tocsin_articles_total"],
    )
    assert read == {("article",): 7, ("reject",): 1}
    assert sum(linked.values()) == read[("article",)]
    assert sum(outcomes.values()) == sum(read.values()) - linked[("known",)]
    stored = {(str(kind),): int(str(n)) for kind, n in stack.query("SELECT outcome, count(*) FROM written GROUP BY 1")}
    assert {kind: n for kind, n in outcomes.items() if n and kind != ("repeat",)} == stored
    revisions = sum(seen["tocsin_alert_revisions_total"].values())
    assert revisions == len(stack.alerts())
    assert seen["tocsin_alert_age_seconds_count"][("fetched",)] == revisions
    assert set(seen["tocsin_lag_messages"].values()) == {0}
    assert {step for (step,) in seen["tocsin_step_seconds_count"]} == {"dedupe", "extract", "score"}

    relayed = scrape(relay)["tocsin_relayed_messages_total"]
    assert relayed[(topics.ALERTS,)] == revisions
    assert relayed[(topics.REJECTS,)] == 1
