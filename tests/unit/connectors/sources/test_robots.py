"""robots.txt as RFC 9309 reads it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from connectors.sources.credentials import NO_CREDENTIALS, Credentials
from connectors.sources.failures import Failed
from connectors.sources.fetch import NO_VALIDATORS, Fetched, Outcome, Validators
from connectors.sources.robots import BYTES_MAX, Robots, parse_robots

NOW = datetime(2024, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rules", "path", "is_allowed"),
    [
        ("User-agent: *\nDisallow: /private/", "/private/a", False),
        ("User-agent: *\nDisallow: /private/", "/private", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/1", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/sport/1", False),
        ("User-agent: *\nAllow: /page\nDisallow: /*.html", "/page.html", False),  # the longer one decides
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),  # as long: allowed
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", True),
        ("User-agent: *\nDisallow: /a*b*c", "/a-x-b-y-c-z", False),
        ("User-agent: *\nDisallow: /?print=", "/?print=1", False),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Tocsin/2.0\nAllow: /", "/a", True),  # our own group alone
        ("user-agent: x\nuser-agent: TOCSIN\ndisallow: /a", "/a", False),
        ("User-agent: tocsin\nDisallow: /a\nUser-agent: y\nDisallow: /\nUser-agent: tocsin\nDisallow: /b", "/b", False),
        ("User-agent: tocsin-news\nDisallow: /", "/a", True),
        ("\ufeffUser-agent: *\r\nDisallow: /x # why\r\n", "/x", False),
        ("User-agent: *\nDisallow: /caf%c3%a9", "/café", False),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe/x", False),
        ("Disallow: /", "/a", True),  # before any group
        ("<html>Not found</html>", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
    ],
)
def test_rules(rules: str, path: str, is_allowed: bool) -> None:
    assert parse_robots(rules.encode()).allows(f"https://n.example{path}") is is_allowed


def test_crawl_delay_is_capped() -> None:
    assert parse_robots(b"User-agent: *\nCrawl-delay: 2.5").delay_s == 2.5
    assert parse_robots(b"User-agent: *\nCrawl-delay: 86400").delay_s == 30.0
    assert parse_robots(b"User-agent: *\nCrawl-delay: soon").delay_s == 0.0


def test_a_hostile_file_costs_little() -> None:
    rules = parse_robots(
        b"User-agent: *\n" + b"Disallow: /*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b$\n" * 50_000 + b"x" * BYTES_MAX
    )
    begun = time.process_time()
    assert rules.allows("https://n.example/" + "a" * 2_000)
    assert time.process_time() - begun < 5


class Site:
    def __init__(self, answer: Outcome) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def get(
        self, url: str, *, validators: Validators = NO_VALIDATORS, allow: tuple[str, ...] = (), accept: str = "",
        credentials: Credentials = NO_CREDENTIALS,
    ) -> Outcome:  # fmt: skip
        self.asked.append(url)
        return self.answer


@pytest.mark.parametrize(
    ("answer", "is_allowed", "kept_h"),
    [
        (Fetched(url="", body=b"User-agent: *\nDisallow: /a"), False, 23),
        (Failed(reason="status", message="404", status=404), True, 23),
        (Failed(reason="status", message="403", status=403), True, 23),
        (Failed(reason="rate-limited", message="429", status=429), False, 0.9),
        (Failed(reason="status", message="500", status=500), False, 0.9),
        (Failed(reason="timeout", message="none"), False, 0.9),
    ],
)
def test_what_cannot_be_had_decides_as_the_rfc_says_and_is_kept(
    answer: Outcome, is_allowed: bool, kept_h: float
) -> None:
    site, robots = Site(answer), Robots()

    async def run() -> None:
        url = "https://n.example:8443/a?b"
        assert (await robots.rules(url, site, NOW)).allows(url) is is_allowed
        await robots.rules(url, site, NOW + timedelta(hours=kept_h))
        assert site.asked == ["https://n.example:8443/robots.txt"]
        await robots.rules(url, site, NOW + timedelta(hours=25))
        assert len(site.asked) == 2

    asyncio.run(run())
