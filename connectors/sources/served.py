"""The feeds that a connector can poll: those of its configuration, and those that people added to the store's table."""

from typing import Any

import structlog

from connectors.registry import make_source
from connectors.sources.feedstore import Claimed
from connectors.sources.source import Feed, Source
from pipeline.errors import ConfigError

ADDED_KEPT_MAX = 20_000
"""Added feeds whose options are kept read, so that they are not read again at every poll."""
UNKNOWN_WAIT_S = 60.0
"""A feed that another connector's configuration has, and this one's not, is left to the other for so long."""
BAD_OPTIONS_WAIT_S = 300.0

log = structlog.get_logger()


class Served:
    """Finds the feed and the source of what was claimed."""

    def __init__(self) -> None:
        self.source_names: set[str] = set()
        self._configured: dict[str, tuple[Feed, Source]] = {}
        self._added: dict[str, tuple[dict[str, Any], Feed, Source]] = {}

    def __len__(self) -> int:
        return len(self._configured)

    def configure(self, sources: list[Source]) -> list[Feed]:
        """Make the feeds of these sources the configured ones; those that are new or changed."""
        feeds = {feed.name: (feed, source) for source in sources for feed in source.feeds()}
        fresh = [feed for n, (feed, _) in feeds.items() if n not in self._configured or self._configured[n][0] != feed]
        self._configured = feeds
        self.source_names = {feed.source for feed, _ in feeds.values()}
        return fresh

    def feeds(self) -> list[Feed]:
        """The configured ones."""
        return [feed for feed, _ in self._configured.values()]

    def find(self, claimed: Claimed) -> tuple[Feed, Source] | float:
        """The claimed feed with its source; when it can't be polled here, for how many seconds to give it back."""
        if claimed.options is None:
            return self._configured.get(claimed.feed, UNKNOWN_WAIT_S)
        kept = self._added.get(claimed.feed)
        if kept is None or kept[0] != claimed.options:
            try:
                source = make_source(claimed.feed, claimed.options)
                (feed,) = source.feeds()
            except (ConfigError, ValueError) as error:
                log.error("feed_refused", feed=claimed.feed, error=str(error))
                return BAD_OPTIONS_WAIT_S
            if len(self._added) >= ADDED_KEPT_MAX:
                self._added.clear()
            kept = self._added[claimed.feed] = claimed.options, feed, source
        return kept[1], kept[2]

    def allowed(self, name: str) -> tuple[str, ...]:
        """What the feed may reach beyond the public internet; its hub may stand there too."""
        if name in self._configured:
            source: Source | None = self._configured[name][1]
        else:
            source = self._added[name][2] if name in self._added else None
        return tuple(getattr(getattr(source, "config", None), "allow", ()))
