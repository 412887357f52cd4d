"""What a poll says about its feed's health, and the events that begin and end because of it. Pure.

Failures alone say little: publishers fail for an hour and come back. So each trouble has a kind of its own, a condition begins only when it
is sure, and ends when a poll shows it is over. The silence alarm measures a feed by its own rhythm: it is silent when it brings nothing
for twice the longest it was ever silent before (a fading memory), and for several times its usual pause.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from connectors.sources.rhythm import Condition, Rhythm, count_shrunk, learn_arrival, learn_size
from connectors.sources.source import Feed, FeedState, Poll
from pipeline.records import Health, HealthKind, HealthState

FAILURES_TOLD = 3
"""In a row, before a failure that may pass is told."""
SILENCE_ARRIVALS_MIN = 8
SILENCE_KNOWN_DAYS_MIN = 8.0
"""A week with its weekend has to be known before silence means anything."""
SILENCE_LONGEST_FACTOR = 2.0
SILENCE_MEAN_FACTOR = 5.0
SILENCE_S_MIN = 12 * 3600
SHRUNK_SHARE = 0.25
"""A document below this share of its usual size is told as shrunk ..."""
SHRUNK_BYTES_MIN = 2_000
"""... where the usual one has at least so many bytes, ..."""
SHRUNK_TOLD = 2
"""... when it comes so often in a row, ..."""
SHRUNK_ACCEPTED = 20
"""... and taken for the new usual size after so many."""
CERTIFICATE_DAYS = 14
"""Told when it ends within so many days: those of 90 days are renewed a month before their end."""
PASSING: Mapping[str, HealthKind] = {"gone": "gone", "challenge": "challenge", "not-a-feed": "not-a-feed"}
"""Failures with a kind of their own, told at once; every other is `failing` after some."""


def judge(feed: Feed, before: FeedState, poll: Poll, now: datetime) -> tuple[Poll, tuple[Health, ...]]:
    """The poll with its state's rhythm and conditions brought up to date, and what is to be told on `tocsin.health`."""
    rhythm = _learn(before.rhythm, poll, now)
    found = _conditions(feed, before, poll, rhythm, now)
    conditions = {
        kind: Condition(since=before.conditions[kind].since if kind in before.conditions else now, message=message)
        for kind, message in found.items()
    }
    state = replace(poll.state, rhythm=rhythm, conditions=dict(conditions))
    events = [_event(feed, kind, "begun", found[kind], now) for kind in found if kind not in before.conditions]
    events += [
        _event(feed, kind, "ended", old.message, now) for kind, old in before.conditions.items() if kind not in found
    ]
    if poll.missed_max:
        events.append(_event(feed, "gap", "notice", f"gap: up to {poll.missed_max} entries may be missed", now))
    if state.adopted_url and state.adopted_url != before.adopted_url:
        events.append(_event(feed, "adopted", "notice", f"polled at {state.adopted_url} from now on", now))
    return replace(poll, state=state), tuple(events)


def silent_after_s(rhythm: Rhythm, now: datetime) -> float | None:
    """After how long without anything new this feed is silent, seconds; None while its rhythm isn't known."""
    if rhythm.arrivals < SILENCE_ARRIVALS_MIN or rhythm.first_new_at is None or rhythm.gap_mean_s is None:
        return None
    if now - rhythm.first_new_at < timedelta(days=SILENCE_KNOWN_DAYS_MIN):
        return None
    return max(
        rhythm.gap_longest_s * SILENCE_LONGEST_FACTOR, rhythm.gap_mean_s * SILENCE_MEAN_FACTOR, float(SILENCE_S_MIN)
    )


def _learn(rhythm: Rhythm, poll: Poll, now: datetime) -> Rhythm:
    if poll.articles:
        rhythm = learn_arrival(rhythm, len(poll.articles), now)
    if poll.body_bytes is None:
        return rhythm
    usual = rhythm.bytes_usual or 0.0
    is_small = usual >= SHRUNK_BYTES_MIN and poll.body_bytes < usual * SHRUNK_SHARE
    if not is_small:
        return learn_size(rhythm, poll.body_bytes)
    is_accepted = rhythm.shrunk >= SHRUNK_ACCEPTED
    return learn_size(replace(rhythm, bytes_usual=None), poll.body_bytes) if is_accepted else count_shrunk(rhythm)


def _conditions(feed: Feed, before: FeedState, poll: Poll, rhythm: Rhythm, now: datetime) -> dict[HealthKind, str]:
    """What is wrong with the feed now, in words by kind."""
    if poll.outcome == "failed":
        kept: dict[HealthKind, str] = {
            kind: before.conditions[kind].message
            for kind in ("silent", "shrunk", "certificate")
            if kind in before.conditions
        }  # a failed poll says nothing about these
        kind = PASSING.get(poll.reason or "")
        if kind or poll.state.failures >= FAILURES_TOLD:
            kept[kind or "failing"] = f"{poll.reason}: {poll.message}"
        return kept
    found: dict[HealthKind, str] = {}
    limit_s = silent_after_s(rhythm, now)
    if limit_s is not None and rhythm.last_new_at is not None:
        silent_s = (now - rhythm.last_new_at).total_seconds()
        if silent_s > limit_s:
            usual_h = (rhythm.gap_mean_s or 0.0) / 3600
            found["silent"] = (
                f"nothing new for {silent_s / 3600:.0f} h; it usually brings something every {usual_h:.1f} h"
            )
    if rhythm.shrunk >= SHRUNK_TOLD:
        found["shrunk"] = f"its document has less than a quarter of its usual {rhythm.bytes_usual or 0:.0f} bytes"
    until = poll.certificate_until
    if until is not None and until - now < timedelta(days=CERTIFICATE_DAYS):
        found["certificate"] = f"the server's certificate ends on {until:%Y-%m-%d}"
    if poll.state.moved_to and poll.state.moved_to != poll.state.adopted_url:
        found["moving"] = f"{feed.url} leads permanently to {poll.state.moved_to}"
    return found


def _event(feed: Feed, kind: HealthKind, state: HealthState, message: str, now: datetime) -> Health:
    return Health(feed=feed.name, source=feed.source, url=feed.url, kind=kind, state=state, message=message, at=now)
