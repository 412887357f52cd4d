"""The source `sitemap`: sites without a feed, followed by their sitemap; the articles are read from the pages it lists.

    [sources.ministry]
    type = "sitemap"
    url = "https://example.org/sitemap.xml"    # a sitemap, or an index of them
    include = ["url:/news/"]
    days = 3                                   # older pages are no news

Each poll reads the sitemap (of an index the few that changed last) and fetches at most `pages.PAGES_MAX` pages that are new or have a new
time, one after the other, robots.txt obeyed. What isn't fetched in one poll is fetched in a later one. Pages without a time are new
when they appear: those of the first poll are not fetched.

Delivery: at least once, as for feeds. Edits: a page with a new time is read again.
"""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from connectors.sources.articles import SKIPPED_UNCHANGED, Known, Origin, Seen, guid_key, identify, make_article
from connectors.sources.credentials import Access, Credentials
from connectors.sources.document import NotAFeedError, Page
from connectors.sources.drafts import Draft, Reading
from connectors.sources.failures import Failed
from connectors.sources.fetch import NO_VALIDATORS, Fetched, NotModified
from connectors.sources.guard import Guard
from connectors.sources.moves import address
from connectors.sources.pages import PAGES_MAX
from connectors.sources.polls import failed, planned, refused, unchanged
from connectors.sources.rules import Rules
from connectors.sources.schedule import Pace, Told
from connectors.sources.source import POLL_S_MAX, POLL_S_MIN, Feed, FeedState, Grade, Poll, Tools
from connectors.sources.urls import is_web_address
from connectors.sources.worker import TooCostlyError
from pipeline.errors import ConfigError
from pipeline.records import Article, ArticleId
from pipeline.records.codec import MESSAGE_BYTES_MAX, encode
from pipeline.records.identity import version_id

SITEMAPS_MAX = 5
"""Of an index, the latest, read in one poll."""
DAYS = 3.0
SKIPPED_OLD = "old"
SKIPPED_LATER = "later"
SKIPPED_TOO_LARGE = "too-large"
FINAL = frozenset(
    {
        "robots",
        "consent",
        "paywall",
        "login",
        "challenge",
        "gone",
        "too-large",
        "too-costly",
        "empty",
        "blocked-address",
        "bad-url",
    }
)
"""Reasons for which a page is not asked for again until its time changes."""


class Config(Access, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The keys of a source of this type."""

    type: str = "sitemap"
    url: str
    days: float = DAYS
    tags: tuple[str, ...] = ()
    grade: Grade | None = None
    owner: str | None = None
    poll_s_min: float = POLL_S_MIN  # seconds
    poll_s_max: float = POLL_S_MAX  # seconds
    allow: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    enabled: bool = True


class _Plan(Struct):
    """What one poll is to do with the pages of a sitemap."""

    wanted: list[tuple[Draft, ArticleId, Seen]]
    seen: list[Seen]
    skipped: Counter[str]


class SitemapSource:
    """One sitemap."""

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.config = config
        self._guard = Guard(config.allow)
        self._rules = Rules(config.include, config.exclude)
        self._credentials: Credentials = config.credentials()
        if not 0 < config.poll_s_min <= config.poll_s_max or config.days <= 0:
            raise ConfigError(f"sources.{name}: poll_s_min must be above 0 and not above poll_s_max, and days above 0")
        if not is_web_address(config.url):
            raise ConfigError(f"sources.{name}: {config.url!r} is no http or https address")

    def feeds(self) -> Sequence[Feed]:
        """The sitemap is the one feed."""
        if not self.config.enabled:
            return ()
        feed = Feed(
            name=self.name,
            source=self.name,
            url=self.config.url,
            pace=Pace(self.config.poll_s_min, self.config.poll_s_max),
            tags=self.config.tags,
            grade=self.config.grade,
            owner=self.config.owner,
            is_spaced=not self._guard.allows_url(self.config.url),
        )
        return (feed,)

    async def poll(self, feed: Feed, state: FeedState, known: Callable[[], Awaitable[Known]], tools: Tools) -> Poll:
        """Read the sitemap, fetch what is new. Never raises for what a publisher does."""
        now = tools.now()
        outcome = await tools.getter.get(
            address(feed.url, state),
            validators=state.validators,
            allow=self.config.allow,
            credentials=self._credentials,
        )
        match outcome:
            case Failed():
                return refused(feed, state, outcome, now)
            case NotModified():
                return unchanged(feed, state, outcome, now)
        body_hash = hashlib.sha256(outcome.body).hexdigest()
        if body_hash == state.body_hash:
            return unchanged(feed, state, outcome, now)
        try:
            reading = await self._read(feed, outcome, tools)
        except NotAFeedError as error:
            return failed(feed, state, "not-a-feed", str(error), now)
        except TooCostlyError as error:
            return failed(feed, state, "too-costly", str(error), now)
        plan = self._plan(reading, feed, await known(), now)
        articles = await self._fetch_pages(plan, feed, tools)
        is_whole = SKIPPED_LATER not in plan.skipped
        told = Told(outcome="ok", entries=reading.entries, new=len(articles), fresh_s=outcome.fresh_s)
        after = replace(
            state,
            validators=outcome.validators if is_whole else NO_VALIDATORS,
            body_hash=body_hash if is_whole else None,
            failures=0,
        )
        return Poll(
            outcome="ok",
            entries=reading.entries,
            articles=tuple(articles),
            skipped=dict(plan.skipped),
            seen=tuple(plan.seen),
            warnings=reading.warnings,
            certificate_until=outcome.certificate_until,
            state=planned(feed, after, told, now),
        )

    async def _read(self, feed: Feed, fetched: Fetched, tools: Tools) -> Reading:
        """The pages listed; of an index those of its latest sitemaps. Raises `NotAFeedError`, `TooCostlyError`."""
        reading = await tools.parser.read_feed(fetched.body, url=fetched.url, content_type=fetched.content_type)
        if reading.format != "sitemap-index":
            return reading
        oldest = datetime.min.replace(tzinfo=tools.now().tzinfo)
        latest = sorted(reading.drafts, key=lambda d: d.updated or oldest, reverse=True)[:SITEMAPS_MAX]
        parts: list[Reading] = []
        warnings: list[str] = []
        for draft in latest:
            if draft.url is None:
                continue
            part = await tools.pages.fetch(
                draft.url, tools.getter, tools.now(), allow=self.config.allow, is_spaced=feed.is_spaced
            )
            if isinstance(part, str):
                warnings.append(f"{draft.url}: {part}")
                continue
            try:
                parts.append(await tools.parser.read_feed(part.body, url=part.url, content_type=part.content_type))
            except NotAFeedError as error:
                warnings.append(f"{draft.url}: {error}")
        if not parts:
            raise NotAFeedError("an index of sitemaps, none of which could be read: " + "; ".join(warnings)[:300])
        skipped: Counter[str] = Counter()
        for read in parts:
            skipped.update(read.skipped)
        return Reading(
            format="sitemap",
            entries=sum(part.entries for part in parts),
            drafts=tuple(draft for part in parts for draft in part.drafts),
            skipped=dict(skipped),
            warnings=tuple(warnings),
        )

    def _plan(self, reading: Reading, feed: Feed, known: Known, now: datetime) -> _Plan:
        """Which pages are to be fetched, the newest first, and why the others aren't."""
        plan = _Plan([], [], Counter(reading.skipped))
        met: set[str] = set()
        for draft, identity in zip(reading.drafts, identify(reading, feed.name, known), strict=True):
            moment = draft.published or draft.updated
            wording = version_id(identity, draft.title, str(draft.updated or draft.published or ""))
            seen = Seen(wording=wording, article_id=identity, guid=guid_key(draft.guid), title=draft.title)
            reason = self._refuse(draft, moment, known, now) if wording not in met else "repeated"
            if reason is None and wording in known.wordings:
                reason = SKIPPED_UNCHANGED
            met.add(wording)
            if reason is None:
                plan.wanted.append((draft, identity, seen))
                continue
            plan.skipped[reason] += 1
            if moment is None or reason == SKIPPED_UNCHANGED:
                plan.seen.append(seen)
        plan.wanted.sort(key=lambda one: one[0].published or one[0].updated or now, reverse=True)
        for _ in plan.wanted[PAGES_MAX:]:
            plan.skipped[SKIPPED_LATER] += 1
        del plan.wanted[PAGES_MAX:]
        return plan

    def _refuse(self, draft: Draft, moment: datetime | None, known: Known, now: datetime) -> str | None:
        if moment is None and not known.wordings:
            return SKIPPED_OLD  # no time, and there when we first looked
        if moment is not None and now - moment > timedelta(days=self.config.days):
            return SKIPPED_OLD
        return self._rules.refuse(draft)

    async def _fetch_pages(self, plan: _Plan, feed: Feed, tools: Tools) -> list[Article]:
        """The wanted pages as articles, oldest first; what can't be had is counted, and asked for again unless that is final."""
        origin = Origin(feed=feed.name, tags=feed.tags, grade=feed.grade, owner=feed.owner)
        articles: list[Article] = []
        for draft, identity, seen in reversed(plan.wanted):
            page = await tools.pages.read(
                draft.url or "",
                tools.getter,
                tools.parser,
                tools.now(),
                allow=self.config.allow,
                is_spaced=feed.is_spaced,
            )
            reason = page if isinstance(page, str) else None if page.text else "empty"
            if isinstance(page, Page) and page.text:
                article = make_article(_with_page(draft, page), identity, origin, tools.now(), full_text=True)
                reason = None if len(encode(article)) <= MESSAGE_BYTES_MAX else SKIPPED_TOO_LARGE
                if reason is None:
                    articles.append(article)
            if reason is None or reason in FINAL:
                plan.seen.append(seen)
            if reason is not None:
                plan.skipped[f"page-{reason}" if reason in FINAL else SKIPPED_LATER] += 1
        return articles


def _with_page(draft: Draft, page: Page) -> Draft:
    return replace(
        draft,
        title=draft.title or page.title,
        text=page.text,
        blocks=page.blocks,
        published=draft.published or page.published,
        authors=page.authors,
        language=draft.language or page.language,
    )
