"""Now, later or not; spikes; what goes when there is room; and that a back-test tells what the pace does."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import IncidentId
from pipeline.watch.backtest import Step, forecast, steps
from pipeline.watch.pace import View, Waiting, decide, next_digest, release
from pipeline.watch.rhythm import chance_of, expected, is_spike
from tests.support.cases import NOON, member, rule

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def when(body: str, view: View, change: str = "revised", now: datetime = NOON) -> str:
    return decide(rule(f'words = ["x"]\n{body}'), change, view, seen=now, now=now).when  # type: ignore[arg-type]


def test_a_new_alert_rings_at_once_and_an_end_passes_any_pace() -> None:
    assert when("", View(is_carried=False)) == "now"
    full = View(is_carried=True, sent=[NOON] * 3, alert_sent=NOON)
    assert when('cap = "3 in 1h"', full) == "later"
    for change in ("retracted", "closed", "merged"):
        assert when('cap = "3 in 1h"\ndeliver = "digest"', full, change) == "now"


def test_a_digest_waits_for_its_period() -> None:
    digest = rule('words = ["x"]\ndeliver = "digest"\nevery = "6h"')
    decision = decide(digest, "created", View(is_carried=False), seen=NOON, now=NOON + HOUR)
    assert (decision.when, decision.due) == ("later", NOON + 6 * HOUR)
    assert next_digest(digest, NOON) == NOON + 6 * HOUR


def test_a_cooldown_is_of_one_alert_and_a_cap_of_the_rule() -> None:
    paced = rule('words = ["x"]\ncooldown = "30m"\ncap = "2 in 1h"')
    minute = timedelta(minutes=1)
    view = View(is_carried=True, alert_sent=NOON - 10 * minute, sent=[NOON - 10 * minute])
    assert decide(paced, "revised", view, seen=NOON, now=NOON).due == NOON + 20 * minute
    other = View(is_carried=False, sent=[NOON - 10 * minute])
    assert decide(paced, "created", other, seen=NOON, now=NOON).when == "now"
    full = View(is_carried=False, sent=[NOON - 50 * minute, NOON - 10 * minute])
    assert decide(paced, "created", full, seen=NOON, now=NOON).due == NOON + 10 * minute


@pytest.mark.parametrize(("ages_h", "rang_h", "expected_when"), [
    ((3, 2, 0), None, "now"),
    ((30, 2, 0), None, "not"),
    ((3, 2, 1, 0), 1, "not"),
    ((3, 2, 1, 0), 25, "now"),
])  # fmt: skip
def test_a_threshold_rings_once(ages_h: Sequence[int], rang_h: int | None, expected_when: str) -> None:
    matched = sorted(NOON - age * HOUR for age in ages_h)
    rang = NOON - rang_h * HOUR if rang_h else None
    assert when('alerts = "3 in 24h"', View(is_carried=False, matched=matched, rang=rang)) == expected_when


def test_a_spike_is_judged_by_the_same_hours_of_other_days() -> None:
    # Four alerts every noon for four weeks, none else: four this noon are usual, four at midnight are not.
    noons = [NOON - day * DAY - k * timedelta(minutes=10) for day in range(28, -1, -1) for k in (3, 2, 1, 0)]
    assert is_spike(noons, NOON, HOUR)[0] is False
    assert expected(noons, NOON, HOUR) > 3
    midnight = NOON + 12 * HOUR
    at_midnight = [*noons, *[midnight - k * timedelta(minutes=5) for k in (3, 2, 1, 0)]]
    ok, count, usual = is_spike(at_midnight, midnight, HOUR)
    assert (ok, count) == (True, 4)
    assert usual < 0.2


def test_few_alerts_are_no_spike_however_quiet_it_was() -> None:
    assert is_spike([NOON - HOUR, NOON], NOON, DAY)[0] is False
    assert chance_of(0, 1.0) == 1.0
    assert chance_of(1, 1.0) == pytest.approx(1 - 2.718281828**-1)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=30),
    st.integers(1, 10),
    st.integers(0, 12),
)
def test_a_release_keeps_the_cap_and_loses_nobody_without_counting(
    who: list[tuple[bool, int, int]], cap: int, sent: int
) -> None:
    capped = rule(f'words = ["x"]\ncap = "{cap} in 1h"')
    waiting = [Waiting(f"alert:{n}", *one) for n, one in enumerate(who)]
    released = release(capped, waiting, [NOON - timedelta(minutes=5)] * sent, NOON)
    went = [alert for alert, _ in released.go]
    assert len(went) + min(sent, cap) <= max(cap, sent)
    assert sorted([*went, *released.wait, *released.counted]) == sorted(w.alert_id for w in waiting)
    held = {w.alert_id: w.held_back for w in waiting}
    assert sum(n for _, n in released.go) == sum(held[a] for a in went) + sum(1 + held[a] for a in released.counted)
    assert not {w.alert_id for w in waiting if w.is_carried} & set(released.counted)
    if released.wait:
        assert released.due is not None
        assert released.due > NOON


def step(minute: int, alert: int, severity: int = 2) -> Step:
    return Step(NOON + timedelta(minutes=minute), f"alert:{alert}", "created", severity, f"Alert {alert}", ("why",))


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 40)), max_size=120))
def test_whatever_comes_the_cap_holds_and_every_message_is_sent_or_counted(came: list[tuple[int, int]]) -> None:
    capped = rule('words = ["x"]\ncap = "5 in 1h"')
    told = forecast(capped, [step(m, a) for m, a in came], NOON, NOON + 20 * HOUR, 1)
    times = [bell.at for bell in told.bells]
    assert times == sorted(times)
    for at in times:
        assert sum(1 for other in times if at - HOUR < other <= at) <= 5
    assert len(told.bells) + told.held_back == len(came)


def test_a_flood_says_so() -> None:
    flood = forecast(rule('words = ["x"]\ncap = "500 in 1h"'), [step(n, n) for n in range(150)], NOON, NOON + DAY, 150)
    assert flood.flood is not None
    assert "150 alerts on 2026-03-01" in flood.flood
    cut = forecast(rule('words = ["x"]\ncap = "5 in 1h"'), [step(0, n) for n in range(50)], NOON, NOON + DAY, 50)
    assert cut.flood is not None
    assert "hold back" in cut.flood
    assert forecast(rule('words = ["x"]'), [step(n, n) for n in range(5)], NOON, NOON + DAY, 5).flood is None


def test_steps_grow_an_incident_report_by_report() -> None:
    members = [member(3, killed=30), member(1), member(2, severity=None, killed=None, text="A bomb.")]
    found = steps(rule('counts = ["killed >= 20"]'), IncidentId("inc:1"), members)
    assert [(s.change, s.why is not None) for s in found] == [
        ("created", False), ("corroborated", False), ("disputed", True)
    ]  # fmt: skip
