"""The checker's laws, each on a made-up history that breaks just that one; and schedule and content are functions of the seed."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from tests.chaos.check import check
from tests.chaos.feeds import Served
from tests.chaos.newsroom import Wording, write
from tests.chaos.records import Arrival, Committed, FeedCount, Happening, History, Outcome, Remembered, Told
from tests.chaos.schedule import FULL_S, PARTS, plan, summary
from tests.chaos.story import tell


def make_history() -> History:
    """Two articles, one of them edited, one alert with three revisions: nothing went wrong."""
    wordings = [
        Wording(0, 1, 1, 1.0, "report", "Blast", "Three killed."),
        Wording(1, 2, 1, 2.0, "reprint", "Blast", "Three killed."),
        Wording(0, 1, 2, 3.0, "edit", "Blast", "Four killed."),
    ]
    versions = ["ver:a", "ver:b", "ver:c"]
    arrivals = [
        Arrival(version, f"art:{w.entry}", w.url, w.title, w.text, 0, n, 100.0 + n)
        for n, (version, w) in enumerate(zip(versions, wordings, strict=True))
    ]
    sources = [("ver:a",), ("ver:a", "ver:b"), ("ver:c", "ver:b")]
    told = [Told("alert:x", n + 1, s, 2, 2 * n, 101.0 + n) for n, s in enumerate(sources)]
    return History(
        began=99.0,
        wordings=wordings,
        served=[Served(100.0, 0, (0,)), Served(101.0, 1, (1,)), Served(102.0, 0, (2,))],
        standing={0: [2], 1: [1]},
        arrivals=arrivals,
        outcomes={version: Outcome("alert", 103.0) for version in versions} | {"rej:1": Outcome("reject", 104.0)},
        told=told,
        latest={"alert:x": 3},
        stored={"alert:x": 3},
        alert_of=dict.fromkeys(versions, "alert:x"),
        rejects=["rej:1"],
        delivered=[("alert:x", 1), ("alert:x", 2), ("alert:x", 3)],
        remembered=[Remembered(w.outlet, v, 103.0) for v, w in zip(versions, wordings, strict=True)],
        feeds=[FeedCount(0, 2, 1, 1, 0), FeedCount(1, 1, 1, 1, 0)],
        committed=[Committed(100.0, 0, 1), Committed(101.0, 0, 3)],
        left={"lag": 0},
        happened=[Happening(100.5, "kill worker-0")],
    )


def test_a_good_history_breaks_no_law() -> None:
    assert check(make_history()) == []


def _drop_arrival(h: History) -> None:
    del h.arrivals[2], h.outcomes["ver:c"]


def _garble(h: History) -> None:
    h.arrivals[1] = replace(h.arrivals[1], text="Th ee killed.")


def _drop_outcome(h: History) -> None:
    del h.outcomes["ver:b"]


def _repeat(h: History) -> None:
    h.told.append(h.told[-1])


def _swap(h: History) -> None:
    h.told[0], h.told[1] = h.told[1], h.told[0]


def _drop_revision(h: History) -> None:
    del h.told[1]


def _stale_topic(h: History) -> None:
    h.stored["alert:x"] = 4


def _forget_edit(h: History) -> None:
    h.told[-1] = replace(h.told[-1], sources=("ver:a", "ver:b"))


def _no_alert(h: History) -> None:
    h.alert_of.clear()


def _repeat_reject(h: History) -> None:
    h.rejects.append("rej:1")


def _undelivered(h: History) -> None:
    del h.delivered[1]


def _delivered_in_disorder(h: History) -> None:
    h.delivered.reverse()


def _miscount(h: History) -> None:
    h.feeds[0] = replace(h.feeds[0], entries_last=2)


def _offset_goes_back(h: History) -> None:
    h.committed.append(Committed(102.0, 0, 2))


def _lag(h: History) -> None:
    h.left["lag"] = 5


def _crash(h: History) -> None:
    h.crashes.append("relay-0 ended with 1")


@pytest.mark.parametrize(
    ("break_it", "law"),
    [
        (_drop_arrival, "lost"),
        (_garble, "invented"),
        (_drop_outcome, "lost"),
        (_repeat, "repeated"),
        (_swap, "disorder"),
        (_drop_revision, "lost"),
        (_stale_topic, "lost"),
        (_forget_edit, "lost"),
        (_no_alert, "lost"),
        (_repeat_reject, "repeated"),
        (_undelivered, "undelivered"),
        (_delivered_in_disorder, "disorder"),
        (_miscount, "miscounted"),
        (_offset_goes_back, "disorder"),
        (_lag, "unsettled"),
        (_crash, "crashed"),
    ],
)
def test_each_law_is_held(break_it: Callable[[History], None], law: str) -> None:
    history = make_history()
    break_it(history)
    findings = check(history)
    assert law in {f.law for f in findings}
    assert findings[0].what in tell(history, findings[:1])


def test_the_story_tells_what_was_done_meanwhile() -> None:
    history = make_history()
    _drop_outcome(history)
    story = tell(history, check(history))
    assert story.splitlines()[0] == "lost: ver:b is on the topic and has no outcome"
    assert "+1.5 s        kill worker-0" in story
    assert "outlet 1 publishes 'Blast'" in story


def test_same_seed_same_run() -> None:
    assert plan(5, 120.0) == plan(5, 120.0) != plan(6, 120.0)
    assert write(5, per_s=5, seconds=20) == write(5, per_s=5, seconds=20) != write(6, per_s=5, seconds=20)


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_full_run_does_enough(seed: int) -> None:
    faults = plan(seed, FULL_S)
    done = summary(faults)
    assert len(faults) >= 30
    assert all(done[part]["kill"] >= 2 and done[part]["pause"] >= 2 for part in PARTS)
    assert all(5.0 <= f.seconds <= 60.0 for f in faults if f.kind == "pause")
    assert max(f.at_s + f.seconds for f in faults) <= FULL_S
    points = {f.detail for f in faults if f.kind == "fail-point"}
    assert points == {"linked", "writing", "written", "numbered", "flushed", "sent", "done"}
