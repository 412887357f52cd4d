"""A look at one address or document as a feed: what is in it, and everything that is wrong or odd about it, with advice."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from connectors.sources.charset import decode
from connectors.sources.credentials import NO_CREDENTIALS, Credentials
from connectors.sources.discover import FoundFeed, discover_feeds, refresh_target
from connectors.sources.document import NotAFeedError
from connectors.sources.drafts import Draft, Reading
from connectors.sources.failures import Failed
from connectors.sources.fetch import Fetched, NotModified, Outcome
from connectors.sources.health import CERTIFICATE_DAYS
from connectors.sources.rss import SUMMARY_CHARS_MAX
from connectors.sources.source import POLL_S_MAX, Tools
from connectors.sources.urls import is_web_address
from connectors.sources.worker import TooCostlyError

Level = Literal["wrong", "odd", "note"]

LARGE_BYTES = 1_000_000
STALE_DAYS = 30
FUTURE = timedelta(hours=26)
"""Further ahead than any time zone explains."""
TITLES_SHOWN = 3
NAMED_MAX = 6
"""Feeds asked of those that one page names."""
USUAL_PATHS = ("/feed", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/rss")
"""Where sites that name no feed on their page often have one all the same."""
FEED_MEDIA = ("xml", "rss", "atom", "json")

ADVICE = {
    "dns": "is the name right? does it resolve from here?",
    "connect": "the server refuses connections, or a firewall does",
    "tls": "the certificate is not valid for this name, has ended, or its issuer isn't trusted here",
    "timeout": "try again later; some servers hold unknown readers up",
    "blocked-address": "an intranet feed needs `allow = [\"host:port\"]` (--allow)",
    "too-large": "no feed is that large: is it the right address?",
    "bad-redirect": "the server sends readers in a circle, or from https to http",
    "challenge": "a bot wall: ask the publisher to let feed readers through; most do when asked",
    "gone": "the publisher says it is gone for good: look for its successor",
    "rate-limited": "asked too often, by us or by others from this address: wait",
    "too-costly": "the document is built to hurt parsers, or enormous",
    "bad-encoding": "what it sends is not what its Content-Encoding says",
}  # fmt: skip


class Finding(Struct, frozen=True):
    """One thing to know about a feed."""

    level: Level
    message: str


class Inspection(Struct, frozen=True, kw_only=True):
    """What a look showed. `is_feed` tells whether it can be polled."""

    url: str
    is_feed: bool
    title: str | None = None
    format: str | None = None
    language: str | None = None
    entries: int = 0
    articles: int = 0
    newest: datetime | None = None
    titles: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    feeds: tuple[FoundFeed, ...] = ()  # that a web page names
    wants_full_text: bool = False
    hub: str | None = None


async def inspect_url(
    url: str, tools: Tools, *, allow: tuple[str, ...] = (), credentials: Credentials = NO_CREDENTIALS
) -> Inspection:
    """Fetch and read, once."""
    outcome = await tools.getter.get(url, allow=allow, credentials=credentials)
    return await inspect(url, outcome, tools)


async def inspect(url: str, outcome: Outcome, tools: Tools) -> Inspection:
    """What came back from `url`, read."""
    match outcome:
        case Failed(reason=reason, message=message):
            advice = ADVICE.get(reason)
            words = f"{reason}: {message}" + (f" ({advice})" if advice else "")
            return Inspection(url=url, is_feed=False, findings=(Finding("wrong", words),))
        case NotModified():
            return Inspection(url=url, is_feed=False, findings=(Finding("wrong", "304 without having been asked"),))
        case Fetched():
            return await _read(url, outcome, tools)


async def ask_named(
    page: Inspection, tools: Tools, *, allow: tuple[str, ...] = ()
) -> tuple[Inspection, tuple[Inspection, ...]]:
    """A page that is no feed, with only those of the feeds it names that are ones, and these; each is asked, up to `NAMED_MAX`."""
    looks = [(one, await inspect_url(one.url, tools, allow=allow)) for one in page.feeds[:NAMED_MAX]]
    asked = {one.url for one, _ in looks}
    good = tuple(one for one, look in looks if look.is_feed)
    bad = tuple(
        Finding("note", f"names {one.url}, which is none: {look.findings[0].message}")
        for one, look in looks
        if not look.is_feed and look.findings
    )
    rest = tuple(one for one in page.feeds if one.url not in asked)
    return replace(page, feeds=good + rest, findings=page.findings + bad), tuple(
        look for _, look in looks if look.is_feed
    )


async def _read(url: str, fetched: Fetched, tools: Tools) -> Inspection:
    try:
        reading = await tools.parser.read_feed(fetched.body, url=fetched.url, content_type=fetched.content_type)
    except TooCostlyError as error:
        return Inspection(url=url, is_feed=False, findings=(Finding("wrong", f"too-costly: {error}"),))
    except NotAFeedError as error:
        html = decode(fetched.body, fetched.content_type).text
        led = [*fetched.feeds, refresh_target(html, fetched.url)]
        feeds = [FoundFeed(link, None, "xml") for link in led if link and is_web_address(link)]
        feeds += discover_feeds(html, fetched.url)
        found = Finding("wrong", f"not a feed: {error}")
        return Inspection(url=fetched.url, is_feed=False, findings=(found,), feeds=tuple(feeds))
    now = tools.now()
    dates = [d.published for d in reading.drafts if d.published]
    return Inspection(
        url=fetched.moved_to or url,
        is_feed=True,
        title=reading.title,
        format=reading.format,
        language=reading.language,
        entries=reading.entries,
        articles=len(reading.drafts),
        newest=max(dates, default=None),
        titles=tuple(d.title for d in reading.drafts if d.title)[:TITLES_SHOWN],
        findings=(*_of_answer(url, fetched, now), *_of_document(reading, now)),
        wants_full_text=_has_only_summaries(reading),
        hub=reading.hub or dict(fetched.links).get("hub"),
    )


def _of_answer(url: str, fetched: Fetched, now: datetime) -> Iterator[Finding]:
    """What the server's answer says."""
    if fetched.moved_to:
        yield Finding("odd", f"permanently moved: use {fetched.moved_to}")
    elif fetched.url != url:
        yield Finding("note", f"redirected to {fetched.url}, for now")
    if urlsplit(fetched.url).scheme == "http":
        yield Finding("odd", "http: anybody on the way can read and change it; try https")
    media = (fetched.content_type or "").split(";")[0].strip().lower()
    if not media:
        yield Finding("odd", "no Content-Type")
    elif not any(word in media for word in FEED_MEDIA):
        yield Finding("odd", f"served as {media}, which is no feed's type")
    if fetched.validators.etag is None and fetched.validators.last_modified is None and fetched.content_type:
        yield Finding("odd", "neither ETag nor Last-Modified: each poll fetches the whole document")
    if len(fetched.body) > LARGE_BYTES:
        yield Finding("odd", f"{len(fetched.body) / 1e6:.1f} MB: large for a feed")
    if fetched.fresh_s and fetched.fresh_s > POLL_S_MAX:
        yield Finding("note", f"the server asks to be left alone for {fetched.fresh_s / 3600:.0f} h after each poll")
    until = fetched.certificate_until
    if until and until - now < timedelta(days=CERTIFICATE_DAYS):
        yield Finding("odd", f"the certificate ends on {until:%Y-%m-%d}")


def _of_document(reading: Reading, now: datetime) -> Iterator[Finding]:
    """What the document says, and doesn't."""
    for warning in reading.warnings:
        yield Finding("odd", warning)
    for reason, count in reading.skipped.items():
        yield Finding("wrong", f"{count} entries skipped: {reason}")
    if not reading.entries:
        yield Finding("odd", "no entries, at present")
        return
    drafts = reading.drafts
    for what, is_missing in _FIELDS:
        if missing := sum(is_missing(draft) for draft in drafts):
            yield Finding("odd", f"{missing} of {len(drafts)} entries have no {what}")
    for what, values in (("guid", [d.guid for d in drafts]), ("link", [d.url for d in drafts])):
        repeated = sum(count for value, count in Counter(values).items() if value and count > 1)
        if repeated:
            yield Finding("wrong", f"{repeated} entries share their {what}; it identifies none of them")
    dates = [d.published for d in drafts if d.published]
    if future := sum(date - now > FUTURE for date in dates):
        yield Finding("wrong", f"{future} entries are dated in the future")
    if dates and now - max(dates) > timedelta(days=STALE_DAYS):
        yield Finding("odd", f"nothing since {max(dates):%Y-%m-%d}")
    if not reading.language and not any(d.language for d in drafts):
        yield Finding("note", "doesn't say its language; it is told from the texts")
    if _has_only_summaries(reading):
        yield Finding("note", "carries only summaries: `full_text = true` (--full-text) fetches the articles' pages")
    if reading.interval_s and reading.interval_s > POLL_S_MAX:
        yield Finding("note", f"asks to be polled every {reading.interval_s / 3600:.0f} h at most")
    if reading.hub:
        yield Finding("note", f"offers WebSub at {reading.hub}")


_FIELDS: tuple[tuple[str, Callable[[Draft], bool]], ...] = (
    ("guid", lambda draft: not draft.guid),
    ("link", lambda draft: not draft.url),
    ("date that can be read", lambda draft: draft.published is None),
    ("title", lambda draft: not draft.title),
)


def _has_only_summaries(reading: Reading) -> bool:
    lengths = sorted(len(draft.text) for draft in reading.drafts)
    return bool(lengths) and lengths[len(lengths) // 2] <= SUMMARY_CHARS_MAX and any(d.url for d in reading.drafts)


async def find_feed(
    url: str, tools: Tools, *, allow: tuple[str, ...] = (), credentials: Credentials = NO_CREDENTIALS
) -> tuple[Inspection, tuple[FoundFeed, ...]]:
    """The feed at `url`, or the best one that the page there names, or one where feeds usually stand; and the page's others."""
    first = await inspect_url(url, tools, allow=allow, credentials=credentials)
    if first.is_feed:
        return first, ()
    named, good = await ask_named(first, tools, allow=allow)
    if good:
        return good[0], tuple(feed for feed in named.feeds if feed.url != good[0].url)
    if not first.feeds and first.findings[0].message.startswith("not a feed"):
        for path in USUAL_PATHS:
            guess = await inspect_url(urljoin(first.url, path), tools, allow=allow)
            if guess.is_feed:
                return guess, ()
    return named, named.feeds
