"""What a poll did, for the operator: counters, and a line in the log where something changed."""

import structlog

from connectors.sources.source import Feed, FeedState, Poll
from pipeline.process.metrics import ENTRIES, POLL_FAILURES, POLLS
from pipeline.records import Health

log = structlog.get_logger()


class Totals:
    """Of one process, since it began."""

    def __init__(self) -> None:
        self.polls = 0
        self.articles = 0
        self.failed = 0

    def told(self) -> dict[str, int]:
        """For the log."""
        return {"polls": self.polls, "articles": self.articles, "failed": self.failed}

    def tell(self, feed: Feed, before: FeedState, poll: Poll, health: tuple[Health, ...]) -> None:
        """Count the poll, and log what changed: one that brought nothing and failed no differently than before is nobody's news."""
        self.polls += 1
        self.articles += len(poll.articles)
        POLLS.labels(poll.outcome).inc()
        ENTRIES.labels("article").inc(len(poll.articles))
        for why, entries in poll.skipped.items():
            ENTRIES.labels(why).inc(entries)
        for event in health:
            tell = log.info if event.state == "ended" else log.warning
            tell("feed_health", feed=feed.name, kind=event.kind, state=event.state, message=event.message)
        if poll.outcome == "failed":
            self._tell_failure(feed, before, poll)
            return
        if before.failures:
            log.info("feed_recovered", feed=feed.name, failures=before.failures)
        if poll.entries is not None:
            tell = log.info if poll.articles else log.debug
            tell("polled", feed=feed.name, entries=poll.entries, articles=len(poll.articles), skipped=poll.skipped)
        if poll.pages_refused:
            log.info("pages_not_taken", feed=feed.name, **poll.pages_refused)
        for warning in poll.warnings:
            log.debug("feed_warning", feed=feed.name, warning=warning)

    def _tell_failure(self, feed: Feed, before: FeedState, poll: Poll) -> None:
        self.failed += 1
        POLL_FAILURES.labels(poll.reason).inc()
        tell = log.warning if before.failures == 0 else log.debug
        tell("feed_failing", feed=feed.name, reason=poll.reason, message=poll.message, failures=poll.state.failures)
