"""How every source ends a poll: failed, unchanged, or read; with the feed's next poll planned. Pure but for chance."""

import random
from datetime import datetime, timedelta

from msgspec.structs import replace

from connectors.sources.failures import Failed
from connectors.sources.fetch import Fetched, NotModified
from connectors.sources.moves import address, follow_move
from connectors.sources.schedule import Told, next_interval, next_wait
from connectors.sources.source import Feed, FeedState, Poll

_CHANCE = random.Random()  # noqa: S311 - jitter


def planned(feed: Feed, state: FeedState, told: Told, now: datetime) -> FeedState:
    """The state with its rhythm and next poll after what was `told`; `state.failures` counts this poll too."""
    interval_s = next_interval(state.interval_s, told, feed.pace)
    wait_s = next_wait(interval_s, state.failures, told, feed.pace, _CHANCE)
    return replace(state, interval_s=interval_s, polls=state.polls + 1, next_poll_at=now + timedelta(seconds=wait_s))


def failed(
    feed: Feed, state: FeedState, reason: str, message: str, now: datetime, *, retry_after_s: int | None = None
) -> Poll:
    """A poll that brought nothing, and why; a rate limit rests the host."""
    told = Told(outcome="failed", reason=reason, retry_after_s=retry_after_s)
    after = planned(feed, replace(state, failures=state.failures + 1), told, now)
    rest_s = (after.next_poll_at - now).total_seconds() if after.next_poll_at else 0.0
    return Poll(
        outcome="failed",
        reason=reason,
        message=message,
        state=after,
        host_rest_s=rest_s if reason == "rate-limited" else 0.0,
    )


def refused(feed: Feed, state: FeedState, failure: Failed, now: datetime) -> Poll:
    """The same for what the fetcher tells."""
    return failed(feed, state, failure.reason, failure.message, now, retry_after_s=failure.retry_after_s)


def unchanged(feed: Feed, state: FeedState, outcome: Fetched | NotModified, now: datetime) -> Poll:
    """A poll that found the document as it was."""
    # A 304 may carry a new validator (RFC 9111, 4.3.4); one that it leaves out stays.
    validators = replace(
        state.validators,
        etag=outcome.validators.etag or state.validators.etag,
        last_modified=outcome.validators.last_modified or state.validators.last_modified,
    )
    after = follow_move(
        replace(state, validators=validators, failures=0), feed.url, address(feed.url, state), outcome.moved_to, now
    )
    return Poll(
        outcome="not-modified",
        certificate_until=outcome.certificate_until,
        state=planned(feed, after, Told(outcome="not-modified", fresh_s=outcome.fresh_s), now),
    )
