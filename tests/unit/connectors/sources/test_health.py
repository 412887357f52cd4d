"""What polls say about a feed's health: each trouble has its kind, begins when it is sure, and ends."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from connectors.sources.health import FAILURES_TOLD, SHRUNK_ACCEPTED, judge
from connectors.sources.schedule import Pace
from connectors.sources.source import Feed, FeedState, Poll
from pipeline.records import Article, Health
from pipeline.records.identity import article_id, version_id

START = datetime(2024, 5, 6, tzinfo=UTC)
FEED = Feed(name="wire", source="wire", url="https://wire.example/feed", pace=Pace(300, 21_600))


def article(n: int) -> Article:
    made = article_id(feed="wire", guid=str(n))
    return Article(article_id=made, version_id=version_id(made, "t", "x"), feed="wire", text="x", fetched=START)


class History:
    """Polls of one feed over invented time."""

    def __init__(self) -> None:
        self.state = FeedState()
        self.now = START
        self.told: list[tuple[str, str]] = []

    def poll(
        self, hours: float, *, new: int = 0, reason: str | None = None, size: int | None = None, **more: object
    ) -> tuple[Health, ...]:
        self.now += timedelta(hours=hours)
        failures = self.state.failures + 1 if reason else 0
        poll = Poll(
            outcome="failed" if reason else "ok",
            reason=reason,
            message=reason and "in words",
            articles=tuple(article(n) for n in range(new)),
            body_bytes=size,
            state=replace(self.state, failures=failures, **{k: v for k, v in more.items() if k.startswith("moved")}),
            **{k: v for k, v in more.items() if not k.startswith("moved")},  # type: ignore[arg-type]
        )
        judged, events = judge(FEED, self.state, poll, self.now)
        self.state = judged.state
        self.told += [(event.kind, event.state) for event in events]
        return events


def test_a_failure_that_may_pass_is_told_only_after_some_and_ends() -> None:
    history = History()
    for _ in range(FAILURES_TOLD - 1):
        assert history.poll(1, reason="timeout") == ()
    (begun,) = history.poll(1, reason="timeout")
    assert (begun.kind, begun.state, begun.message) == ("failing", "begun", "timeout: in words")
    assert history.poll(1, reason="dns") == ()  # the same trouble, in other words
    assert history.state.conditions["failing"].message == "dns: in words"
    assert history.state.conditions["failing"].since == begun.at
    (ended,) = history.poll(1)
    assert (ended.kind, ended.state) == ("failing", "ended")
    assert history.state.conditions == {}


@pytest.mark.parametrize("reason", ["gone", "challenge", "not-a-feed"])
def test_what_is_sure_is_told_at_once_by_its_own_kind(reason: str) -> None:
    history = History()
    history.poll(1, reason=reason)
    assert history.told == [(reason, "begun")]


def weeks_of_work(history: History, weeks: int = 3) -> None:
    """A feed that brings something every two hours on working days, from 6 to 18 h."""
    for day in range(7 * weeks):
        for hour in range(0, 24, 2):
            is_working = day % 7 < 5 and 6 <= hour <= 18
            history.poll(2, new=1 if is_working else 0)


def test_silence_is_measured_by_the_feeds_own_rhythm() -> None:
    history = History()
    weeks_of_work(history)
    rhythm = history.state.rhythm
    assert rhythm.gap_longest_s >= 2 * 24 * 3600  # weekends are part of it
    assert [kind for kind, _ in history.told if kind == "silent"] == []
    hours = 0.0
    while not any(kind == "silent" for kind, _ in history.told):
        history.poll(6)
        hours += 6
        assert hours < 21 * 24
    assert hours * 3600 > rhythm.gap_longest_s
    assert "nothing new for" in history.state.conditions["silent"].message
    history.poll(1, reason="timeout")
    assert "silent" in history.state.conditions  # a failure says nothing about it
    history.poll(1, new=1)
    assert history.told[-1] == ("silent", "ended")


def test_a_feed_nobody_knows_yet_is_never_silent() -> None:
    history = History()
    history.poll(1, new=20)
    for _ in range(100):
        history.poll(24)
    assert history.told == []


def test_a_document_far_smaller_than_usual_is_told_and_in_the_end_accepted() -> None:
    history = History()
    for _ in range(10):
        history.poll(1, size=40_000)
    history.poll(1, size=900)
    assert history.told == []  # once may be an accident
    history.poll(1, size=900)
    assert history.told == [("shrunk", "begun")]
    for _ in range(SHRUNK_ACCEPTED + 30):
        history.poll(1, size=900)
    assert history.told == [("shrunk", "begun"), ("shrunk", "ended")]


def test_certificate_gap_and_move() -> None:
    history = History()
    soon = START + timedelta(days=5)
    (event,) = history.poll(1, certificate_until=soon)
    assert (event.kind, "2024-05-11" in event.message) == ("certificate", True)
    (ended,) = history.poll(1, certificate_until=START + timedelta(days=80))
    assert (ended.kind, ended.state) == ("certificate", "ended")
    (gap,) = history.poll(1, missed_max=12)
    assert (gap.kind, gap.state, gap.message) == ("gap", "notice", "gap: up to 12 entries may be missed")
    history.poll(1, moved_to="https://new.example/f")
    assert history.told[-1] == ("moving", "begun")
