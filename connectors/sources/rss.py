"""The source `rss`: RSS, RDF, Atom, JSON Feed and news sitemaps over HTTP.

    [sources.example]
    type = "rss"
    url = "https://example.org/feed.xml"     # or urls = [...], or opml = "feeds.opml", or opml = "default"
    tags = ["regional"]
    grade = "B"                              # Admiralty code, A (reliable) to F (can't be judged)
    owner = "Example Group"                  # feeds of one owner count as one source; without it the address tells
    full_text = true                         # fetch the article's page where the feed carries only a summary
    poll_s_min = 300
    poll_s_max = 21600
    allow = ["10.1.2.0/24", "intranet.example:8080"]   # what is not on the public internet
    include = ["attack*"]                    # only entries with these words; exclude = [...] for all but those
    username = "reader"                      # and password_file, or token_file, or header_files
    password_file = "/run/secrets/wire"

Delivery: at least once. A poll changes nothing but what it returns; a document that was read before, entry by entry, yields nothing.
"""

import asyncio
import hashlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from connectors.feeds import find_default_list
from connectors.sources.articles import Known, Origin, harvest
from connectors.sources.credentials import Access
from connectors.sources.document import NotAFeedError
from connectors.sources.drafts import Reading
from connectors.sources.fetch import ACCEPT_PAGE, NO_VALIDATORS, Failed, Fetched, NotModified, Outcome, without_user
from connectors.sources.gaps import missed_max
from connectors.sources.guard import Guard
from connectors.sources.moves import address, follow_move
from connectors.sources.opml import read_opml
from connectors.sources.rules import Rules
from connectors.sources.schedule import Pace, Told, next_interval, next_wait
from connectors.sources.source import Feed, FeedState, Poll, Tools
from connectors.sources.urls import is_web_address
from connectors.sources.worker import TooCostlyError
from pipeline.codec import MESSAGE_BYTES_MAX, encode
from pipeline.errors import ConfigError
from pipeline.identity import canonical_link, digest, version_id
from pipeline.records import Article

POLL_S_MIN = 300
"""Miniflux's shortest interval."""
POLL_S_MAX = 6 * 3600
UNCONDITIONAL_EVERY = 50
"""One poll in so many goes without validators: servers keep an ETag although the feed changed (NewsBlur: 1 %)."""
DEFAULT_LIST = "default"
FEED_NAME_CHARS_MAX = 80
PAGES_MAX = 50
"""Article pages fetched for one poll; later entries keep the feed's text."""
PAGE_GAP_S = 1.0
"""Between two pages of a host that is not the operator's own."""
SUMMARY_CHARS_MAX = 1_500
"""A feed's text up to this length is a summary, and the page is fetched for it."""
PAGE_GAIN_CHARS_MIN = 200
"""By how much the page's text must be longer to be taken for the article."""
SKIPPED_TOO_LARGE = "too-large"

_CHANCE = random.Random()  # noqa: S311 - jitter

Grade = Literal["A", "B", "C", "D", "E", "F"]


class Config(Access, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a source of this type."""

    type: str = "rss"
    url: str = ""
    urls: tuple[str, ...] = ()
    opml: str = ""  # path of an OPML file, or "default" for the shipped list; folders become tags
    tags: tuple[str, ...] = ()
    grade: Grade | None = None
    owner: str | None = None
    full_text: bool = False
    poll_s_min: float = POLL_S_MIN  # seconds
    poll_s_max: float = POLL_S_MAX  # seconds
    allow: tuple[str, ...] = ()  # networks, addresses, hosts, each with or without :port
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    enabled: bool = True


class RssSource:
    """Feeds that share a configuration."""

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.config = config
        self._guard = Guard(config.allow)
        self._rules = Rules(config.include, config.exclude)
        self._credentials = config.credentials()
        if not 0 < config.poll_s_min <= config.poll_s_max:
            raise ConfigError(f"sources.{name}: poll_s_min must be above 0 and not above poll_s_max")
        if not (config.url or config.urls or config.opml):
            raise ConfigError(f"sources.{name}: name a feed with url, urls or opml")

    def feeds(self) -> Sequence[Feed]:
        """One for each address; a source of one address gives its own name to its feed."""
        if not self.config.enabled:
            return ()
        listed: list[tuple[str, tuple[str, ...]]] = [
            (url, ()) for url in filter(None, (self.config.url, *self.config.urls))
        ]
        if self.config.opml:
            path = find_default_list() if self.config.opml == DEFAULT_LIST else Path(self.config.opml)
            listed += [(outline.url, outline.tags) for outline in read_opml(path)]
        is_single = len(listed) == 1 and bool(self.config.url)
        feeds: dict[str, Feed] = {}
        for url, tags in listed:
            if not is_web_address(url):
                raise ConfigError(f"sources.{self.name}: {url!r} is no http or https address")
            if without_user(url) != url:
                raise ConfigError(
                    f"sources.{self.name}: {without_user(url)!r} has a name and password in it: use username and password_file"
                )
            feed_name = self.name if is_single else f"{self.name}/{slug(url)}"
            feeds[feed_name] = Feed(
                name=feed_name,
                source=self.name,
                url=url,
                pace=Pace(self.config.poll_s_min, self.config.poll_s_max),
                tags=tuple(dict.fromkeys((*self.config.tags, *tags))),
                grade=self.config.grade,
                owner=self.config.owner,
                is_spaced=not self._guard.allows_url(url),
            )
        return tuple(feeds.values())

    async def poll(self, feed: Feed, state: FeedState, known: Callable[[], Awaitable[Known]], tools: Tools) -> Poll:
        """Fetch, read, and tell what is new. Never raises for what a publisher does."""
        is_conditional = (state.polls + 1) % UNCONDITIONAL_EVERY != 0
        outcome: Outcome = await tools.getter.get(
            address(feed.url, state),
            validators=state.validators if is_conditional else NO_VALIDATORS,
            allow=self.config.allow,
            credentials=self._credentials,
        )
        match outcome:
            case Failed():
                return self._failed(feed, state, outcome, tools)
            case NotModified():
                return self._unchanged(feed, state, outcome, tools)
            case Fetched():
                return await self._read(feed, state, outcome, known, tools)

    async def _read(
        self, feed: Feed, state: FeedState, fetched: Fetched, known: Callable[[], Awaitable[Known]], tools: Tools
    ) -> Poll:
        body_hash = hashlib.sha256(fetched.body).hexdigest()
        if body_hash == state.body_hash:  # the server knows no conditional GET, or lies about it
            return self._unchanged(feed, state, fetched, tools)
        try:
            reading = await tools.parser.read_feed(fetched.body, url=fetched.url, content_type=fetched.content_type)
        except NotAFeedError as error:
            return self._failed(feed, state, Failed(reason="not-a-feed", message=str(error)), tools)
        except TooCostlyError as error:
            return self._failed(feed, state, Failed(reason="too-costly", message=str(error)), tools)
        origin = Origin(feed=feed.name, tags=feed.tags, grade=feed.grade, owner=feed.owner, rules=self._rules)
        crop = harvest(reading, origin, await known(), tools.now())
        whole = await self._with_pages(feed, crop.articles, tools) if self.config.full_text else crop.articles
        articles = tuple(article for article in whole if len(encode(article)) <= MESSAGE_BYTES_MAX)
        skipped = Counter(crop.skipped)
        if too_large := len(whole) - len(articles):
            skipped[SKIPPED_TOO_LARGE] += too_large
        is_gap = crop.is_gap and not fetched.is_delta
        told = Told(
            outcome="ok",
            entries=reading.entries,
            new=len(articles),
            fresh_s=fetched.fresh_s,
            wish_s=reading.interval_s,
            is_gap=is_gap,
        )
        unseen_for = tools.now() - state.last_ok_at if state.last_ok_at else None
        dates = [draft.published for draft in reading.drafts]
        return Poll(
            outcome="ok",
            entries=reading.entries,
            articles=articles,
            skipped=dict(skipped),
            seen=crop.seen,
            warnings=reading.warnings,
            missed_max=missed_max(dates, unseen_for, state.rhythm.per_day) if is_gap else 0,
            body_bytes=None if fetched.is_delta else len(fetched.body),
            certificate_until=fetched.certificate_until,
            state=self._next(feed, _with_document(feed, state, fetched, reading, body_hash, tools), told, tools),
        )

    async def _with_pages(self, feed: Feed, articles: tuple[Article, ...], tools: Tools) -> tuple[Article, ...]:
        """The articles with the text of their pages, where the feed carried only a summary; one page after the other."""
        whole: list[Article] = []
        pages = 0
        for article in articles:
            if pages < PAGES_MAX and article.url and len(article.text) <= SUMMARY_CHARS_MAX:
                if pages and feed.is_spaced:
                    await asyncio.sleep(PAGE_GAP_S)
                pages += 1
                whole.append(await self._with_page(article, article.url, tools))
            else:
                whole.append(article)
        return tuple(whole)

    async def _with_page(self, article: Article, url: str, tools: Tools) -> Article:
        """The article with its page's text; as it is when the page can't be had, or has no more to say."""
        outcome = await tools.getter.get(url, allow=self.config.allow, accept=ACCEPT_PAGE)
        if not isinstance(outcome, Fetched):
            return article
        try:
            page = await tools.parser.extract_page(outcome.body, url=outcome.url, content_type=outcome.content_type)
        except TooCostlyError:
            return article
        if len(page.text) < len(article.text) + PAGE_GAIN_CHARS_MIN:
            return article
        return replace(
            article,
            version_id=version_id(article.article_id, article.title or page.title, page.text),
            title=article.title or page.title,
            text=page.text,
            blocks=page.blocks,
            language=article.language or page.language,
            published=article.published or page.published,
            authors=article.authors or page.authors,
            full_text=True,
        )

    def _unchanged(self, feed: Feed, state: FeedState, outcome: Fetched | NotModified, tools: Tools) -> Poll:
        told = Told(outcome="not-modified", fresh_s=outcome.fresh_s)
        # A 304 may carry a new validator (RFC 9111, 4.3.4); one that it leaves out stays.
        validators = replace(
            state.validators,
            etag=outcome.validators.etag or state.validators.etag,
            last_modified=outcome.validators.last_modified or state.validators.last_modified,
        )
        after = follow_move(
            replace(state, validators=validators, failures=0),
            feed.url,
            address(feed.url, state),
            outcome.moved_to,
            tools.now(),
        )
        return Poll(
            outcome="not-modified",
            certificate_until=outcome.certificate_until,
            state=self._next(feed, after, told, tools),
        )

    def _failed(self, feed: Feed, state: FeedState, failure: Failed, tools: Tools) -> Poll:
        told = Told(outcome="failed", reason=failure.reason, retry_after_s=failure.retry_after_s)
        after = self._next(feed, replace(state, failures=state.failures + 1), told, tools)
        rest_s = (after.next_poll_at - tools.now()).total_seconds() if after.next_poll_at else 0.0
        return Poll(
            outcome="failed",
            reason=failure.reason,
            message=failure.message,
            state=after,
            host_rest_s=rest_s if failure.reason == "rate-limited" else 0.0,
        )

    def _next(self, feed: Feed, state: FeedState, told: Told, tools: Tools) -> FeedState:
        interval_s = next_interval(state.interval_s, told, feed.pace)
        wait_s = next_wait(interval_s, state.failures, told, feed.pace, _CHANCE)
        return replace(
            state,
            interval_s=interval_s,
            polls=state.polls + 1,
            next_poll_at=tools.now() + timedelta(seconds=wait_s),
        )


def _with_document(
    feed: Feed, state: FeedState, fetched: Fetched, reading: Reading, body_hash: str, tools: Tools
) -> FeedState:
    links = dict(reversed(fetched.links))  # headers win over the document (WebSub, section 4)
    after = replace(
        state,
        validators=fetched.validators,
        body_hash=body_hash,
        title=reading.title or state.title,
        hub=links.get("hub") or reading.hub,
        hub_topic=links.get("self") or reading.self_url,
        failures=0,
    )
    return follow_move(after, feed.url, address(feed.url, state), fetched.moved_to, tools.now())


def slug(url: str) -> str:
    """A name for one of many feeds, readable and stable: `example.org-feed.xml`."""
    link = canonical_link(url)
    slug = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in link).strip("-")
    return slug if len(slug) <= FEED_NAME_CHARS_MAX else f"{slug[:FEED_NAME_CHARS_MAX]}-{digest(link)[:8]}"
