"""The source `rss`: RSS, RDF, Atom, JSON Feed and news sitemaps over HTTP.

    [sources.example]
    type = "rss"
    url = "https://example.org/feed.xml"     # or urls = [...], or opml = "feeds.opml", or opml = "default"
    tags = ["regional"]
    grade = "B"                              # Admiralty code, A (reliable) to F (can't be judged)
    owner = "Example Group"                  # feeds of one owner count as one source; without it the address tells
    full_text = true                         # fetch the article's page where the feed carries only a summary
    attachments = true                       # fetch the lists of indicators that articles link to (CSV, STIX, MISP)
    poll_s_min = 300
    poll_s_max = 21600
    allow = ["10.1.2.0/24", "intranet.example:8080"]   # what is not on the public internet
    include = ["attack*"]                    # only entries with these words; exclude = [...] for all but those
    username = "reader"                      # and password_file, or token_file, or header_files
    password_file = "/run/secrets/wire"

Delivery: at least once. A poll changes nothing but what it returns; a document that was read before, entry by entry, yields nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from connectors.feeds import find_default_list
from connectors.sources.articles import Known, Origin, harvest
from connectors.sources.attachments import fetch_attachments
from connectors.sources.credentials import Access
from connectors.sources.document import NotAFeedError, Page
from connectors.sources.drafts import SKIPPED_EMPTY, Reading
from connectors.sources.failures import Failed
from connectors.sources.fetch import NO_VALIDATORS, Fetched, NotModified, Outcome, without_user
from connectors.sources.gaps import missed_max
from connectors.sources.guard import Guard
from connectors.sources.moves import address, follow_move
from connectors.sources.opml import read_opml
from connectors.sources.pages import PAGES_MAX
from connectors.sources.polls import failed, planned, refused, unchanged
from connectors.sources.rules import Rules
from connectors.sources.schedule import Pace, Told
from connectors.sources.source import POLL_S_MAX, POLL_S_MIN, Feed, FeedState, Grade, Poll, Tools
from connectors.sources.urls import is_web_address
from connectors.sources.worker import TooCostlyError
from pipeline.config import masked
from pipeline.errors import ConfigError
from pipeline.records import Article
from pipeline.records.codec import MESSAGE_BYTES_MAX, encode
from pipeline.records.identity import canonical_link, digest, version_id

UNCONDITIONAL_EVERY = 50
"""One poll in so many goes without validators: servers keep an ETag although the feed changed (NewsBlur: 1 %)."""
DEFAULT_LIST = "default"
FEED_NAME_CHARS_MAX = 80
SUMMARY_CHARS_MAX = 1_500
"""A feed's text up to this length is a summary, and the page is fetched for it."""
PAGE_GAIN_CHARS_MIN = 200
"""By how much the page's text must be longer to be taken for the article."""
SKIPPED_TOO_LARGE = "too-large"


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
    attachments: bool = False
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
                raise ConfigError(f"sources.{self.name}: {masked(url)!r} is no http or https address")
            if without_user(url) != url:
                raise ConfigError(
                    f"sources.{self.name}: {masked(without_user(url))!r} has a name and password in it: use username and password_file"
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
        asked = tools.now()
        outcome: Outcome = await tools.getter.get(
            address(feed.url, state),
            validators=state.validators if is_conditional else NO_VALIDATORS,
            allow=self.config.allow,
            credentials=self._credentials,
        )
        match outcome:
            case Failed():
                return refused(feed, state, outcome, tools.now())
            case NotModified():
                return unchanged(feed, state, outcome, tools.now())
            case Fetched():
                return await self._read(feed, state, outcome, known, tools, asked)

    async def _read(
        self,
        feed: Feed,
        state: FeedState,
        fetched: Fetched,
        known: Callable[[], Awaitable[Known]],
        tools: Tools,
        asked: datetime,
    ) -> Poll:
        body_hash = hashlib.sha256(fetched.body).hexdigest()
        if body_hash == state.body_hash:  # the server knows no conditional GET, or lies about it
            return unchanged(feed, state, fetched, tools.now())
        try:
            reading = await tools.parser.read_feed(fetched.body, url=fetched.url, content_type=fetched.content_type)
        except NotAFeedError as error:
            return failed(feed, state, "not-a-feed", str(error), tools.now())
        except TooCostlyError as error:
            return failed(feed, state, "too-costly", str(error), tools.now())
        if reading.format == "sitemap-index":
            return failed(feed, state, "not-a-feed", 'an index of sitemaps: use type = "sitemap"', tools.now())
        reading = _without_bare_pages(reading)
        origin = Origin(feed=feed.name, tags=feed.tags, grade=feed.grade, owner=feed.owner, rules=self._rules)
        # As old as the question: after a pause an old wording must not look newer than what another connector got meanwhile.
        crop = harvest(reading, origin, await known(), asked)
        whole, pages_refused = crop.articles, Counter[str]()
        if self.config.full_text:
            whole, pages_refused = await self._with_pages(feed, crop.articles, tools)
        attached: tuple[Article, ...] = ()
        if self.config.attachments:
            attached, files_refused = await fetch_attachments(feed, whole, tools, self.config.allow)
            pages_refused.update({f"attachment-{reason}": count for reason, count in files_refused.items()})
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
            articles=(*articles, *(one for one in attached if len(encode(one)) <= MESSAGE_BYTES_MAX)),
            skipped=dict(skipped),
            pages_refused=dict(pages_refused),
            seen=crop.seen,
            warnings=reading.warnings,
            missed_max=missed_max(dates, unseen_for, state.rhythm.per_day) if is_gap else 0,
            body_bytes=None if fetched.is_delta else len(fetched.body),
            certificate_until=fetched.certificate_until,
            state=planned(feed, _with_document(feed, state, fetched, reading, body_hash, tools), told, tools.now()),
        )

    async def _with_pages(
        self, feed: Feed, articles: tuple[Article, ...], tools: Tools
    ) -> tuple[tuple[Article, ...], Counter[str]]:
        """The articles with the text of their pages, where the feed carried only a summary; and why some weren't taken."""
        whole: list[Article] = []
        refused_pages: Counter[str] = Counter()
        pages = 0
        for article in articles:
            if article.url is None or len(article.text) > SUMMARY_CHARS_MAX:
                whole.append(article)
                continue
            pages += 1
            page: Page | str = "beyond-limit"
            if pages <= PAGES_MAX:
                page = await tools.pages.read(
                    article.url,
                    tools.getter,
                    tools.parser,
                    tools.now(),
                    allow=self.config.allow,
                    is_spaced=feed.is_spaced,
                )
            if isinstance(page, str):
                refused_pages[page] += 1
            whole.append(article if isinstance(page, str) else with_page(article, page))
        return tuple(whole), refused_pages


def with_page(article: Article, page: Page) -> Article:
    """The article with its page's text; as it is when the page has no more to say."""
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


def _without_bare_pages(reading: Reading) -> Reading:
    """Without the pages of a sitemap that say nothing but their address: the source `sitemap` is for those."""
    drafts = tuple(draft for draft in reading.drafts if draft.text)
    if len(drafts) == len(reading.drafts):
        return reading
    skipped = Counter(reading.skipped)
    skipped[SKIPPED_EMPTY] += len(reading.drafts) - len(drafts)
    return replace(reading, drafts=drafts, skipped=dict(skipped))


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
