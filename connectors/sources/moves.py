"""A feed that moved: permanent redirects are followed at every poll, and adopted only after they have stood for days. Pure.

A hijacked host sends permanent redirects too, for an hour; and a publisher's mistake is undone the same day. So the new address is taken only
after many polls over several days led to it each time (Feedbin waits for 6 days), and it is given up again when it fails and the old one
works.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from connectors.sources.source import FeedState

POLLS_MIN = 10
"""Polls in a row that were led to the same place."""
DAYS_MIN = 6.0
"""From the first of them (Feedbin)."""
FAILURES_BACK = 3
"""After so many failures at the adopted address every other poll asks the old one."""


def address(url: str, state: FeedState) -> str:
    """Where to poll the feed that stands at `url` in the configuration."""
    if state.adopted_url is None:
        return url
    tries_old = state.failures >= FAILURES_BACK and state.failures % 2 == 1
    return url if tries_old else state.adopted_url


def follow_move(state: FeedState, url: str, asked: str, moved_to: str | None, now: datetime) -> FeedState:
    """The state after a poll that succeeded: `asked` was polled for the feed at `url`, and permanent redirects led it to `moved_to`."""
    if moved_to is None and asked == url and state.adopted_url is not None:  # the old address is back
        return replace(state, adopted_url=None, adopted_at=None, moved_to=None, moved_since=None, moved_polls=0)
    if moved_to is None or moved_to in (url, state.adopted_url):
        return replace(state, moved_to=None, moved_since=None, moved_polls=0)
    is_same = moved_to == state.moved_to
    since = state.moved_since if is_same and state.moved_since else now
    polls = state.moved_polls + 1 if is_same else 1
    if polls >= POLLS_MIN and now - since >= timedelta(days=DAYS_MIN):
        return replace(state, adopted_url=moved_to, adopted_at=now, moved_to=None, moved_since=None, moved_polls=0)
    return replace(state, moved_to=moved_to, moved_since=since, moved_polls=polls)
